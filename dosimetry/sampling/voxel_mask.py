"""Which voxels of a sum lie in a region: by the same solids that its DVH is made of."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from dosimetry.accumulation.alpha_beta import AlphaBetaMap
from dosimetry.accumulation.voxel_frame import VoxelFrame
from dosimetry.errors import GridError
from dosimetry.linear import mapped
from dosimetry.region import Region
from dosimetry.sampling.sampled_region import DrawnRegion, SampledRegion
from dosimetry.solid.readings import Reading

FloatArray = NDArray[np.float64]

_SAMPLES = 400_000
"""As many as a DVH takes: the raster is as fine as its."""
_SAME_HEIGHT_MM = 1e-6
_OUTSIDE_MM = -1e3
_MOST_KINDS = 256


def voxels_within(region: Region, frame: VoxelFrame) -> NDArray[np.bool_]:
    """Whether the centre of each voxel lies in a region.

    Parameters
    ----------
    region
        In the frame's patient coordinates.
    frame
        The voxels.

    Returns
    -------
    Shape (nk, nj, ni). Between the points of the region's raster its signed distance is interpolated.

    Raises
    ------
    EmptyStructureError
        If the region encloses no volume.
    """
    drawn = _drawn(region)
    inside = np.zeros(frame.shape, dtype=np.bool_)
    for k in range(frame.shape[0]):
        points = mapped(drawn.lattice.frame, frame.centres_mm(k).reshape(-1, 3))
        inside[k] = (_depth_mm(drawn, points) > 0).reshape(frame.shape[1:])
    return inside


def alpha_beta_of(
    frame: VoxelFrame, tissues: list[tuple[Region, float]], otherwise_gy: float
) -> AlphaBetaMap:
    """An alpha/beta for every voxel, from structures.

    Parameters
    ----------
    frame
        The voxels.
    tissues
        Regions with their alpha/beta in Gy; where two overlap the first one holds.
    otherwise_gy
        In no region.

    Raises
    ------
    DosimetryError
        If a region is empty, an alpha/beta is not above 0, or there are more than 255 of them.
    """
    if len(tissues) >= _MOST_KINDS:
        raise GridError(f"{len(tissues)} structures with an alpha/beta; at most {_MOST_KINDS - 1} are taken")
    labels = np.zeros(frame.shape, dtype=np.uint8)
    for number, (region, _) in reversed(list(enumerate(tissues, start=1))):
        labels[voxels_within(region, frame)] = number
    return AlphaBetaMap(labels, (otherwise_gy, *(ratio for _, ratio in tissues)))


def _drawn(region: Region) -> DrawnRegion:
    sampled = SampledRegion(region)
    return DrawnRegion(sampled, sampled.lattice(_SAMPLES))


def _depth_mm(drawn: DrawnRegion, points: FloatArray) -> FloatArray:
    """Signed distance to the surface at points (n, 3) in the lattice's frame; far outside it, a big one."""
    raster = drawn.lattice.raster
    u, v = (points[:, 0] - raster.u0_mm) / raster.step_mm, (points[:, 1] - raster.v0_mm) / raster.step_mm
    near = (u >= 0) & (u <= raster.nu - 1) & (v >= 0) & (v <= raster.nv - 1)
    depth = np.full(len(points), _OUTSIDE_MM)
    if not near.any():
        return depth
    heights = _heights_mm(points[near, 2], raster.step_mm)
    volume = np.maximum(drawn.distance(Reading()).at(heights), _OUTSIDE_MM)
    level = np.interp(points[near, 2], heights, np.arange(len(heights)))
    index = np.stack([level, v[near], u[near]])
    depth[near] = map_coordinates(volume, index, order=1, mode="nearest")
    return depth


def _heights_mm(w_mm: FloatArray, step_mm: float) -> FloatArray:
    """One height for points of one plane; for others as many as the raster is fine."""
    low, high = float(w_mm.min()), float(w_mm.max())
    if high - low < _SAME_HEIGHT_MM:
        return np.array([low])
    return np.linspace(low, high, int(np.ceil((high - low) / step_mm)) + 2)

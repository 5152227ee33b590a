"""The gamma index of one dose against another (Low 1998, doi 10.1118/1.598248; AAPM TG-218)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dosimetry.errors import GammaCriterionError
from dosimetry.gamma.gamma_shells import Shells, gamma_shells
from dosimetry.grid import DoseGrid
from dosimetry.kernels.gamma_search import gamma_search
from dosimetry.linear import mapped
from dosimetry.threads import for_each

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

EDGE_MM = 1e-3
"""So far past the outermost voxel centres still counts as on them: decimal strings carry at least this."""
PASS_ROUNDING = 1e-8
"""A gamma of exactly 1 may come out as much higher: files keep 32 bits of a dose, 16 digits of its scale."""
_LEAST_SEARCHED = 1.1
"""Up to this gamma is searched where the cap is lower: whether a voxel passes must not depend on the cap."""
_PIECE = 1024
"""Voxels that a thread takes at a time."""
_MOST_STRETCHES = 65_536


@dataclass(frozen=True)
class GammaCriteria:
    """What counts as near.

    Parameters
    ----------
    dose_percent
        Dose criterion, above 0 up to 100: percent of the reference maximum, or of the voxel's own dose.
    distance_mm
        Distance criterion, above 0 up to 100 mm.
    is_local
        Whether the dose criterion is percent of the voxel's own dose. Where that is 0 Gy, only 0 Gy meets it.
    cutoff_percent
        Voxels below this percent of the reference maximum are left out, 0 to 100.
    max_gamma
        Values are capped here, above 0 up to 10. What passes is decided before: no cap makes a voxel pass.

    Raises
    ------
    GammaCriterionError
        If one is out of its range.
    """

    dose_percent: float
    distance_mm: float
    is_local: bool = False
    cutoff_percent: float = 10.0
    max_gamma: float = 2.0

    def __post_init__(self) -> None:
        checks = (
            ("dose_percent", 0 < self.dose_percent <= 100, "a percentage above 0 up to 100"),
            ("distance_mm", 0 < self.distance_mm <= 100, "a length above 0 up to 100 mm"),
            ("cutoff_percent", 0 <= self.cutoff_percent <= 100, "a percentage from 0 to 100"),
            ("max_gamma", 0 < self.max_gamma <= 10, "a number above 0 up to 10"),
        )
        for name, is_met, expected in checks:
            if not is_met:
                raise GammaCriterionError(name, getattr(self, name), expected)


@dataclass(frozen=True, eq=False)
class GammaResult:
    """Gamma of the voxels of the reference dose that were evaluated.

    Parameters
    ----------
    voxels
        Shape (n,): flat indices into the reference dose, ascending.
    gamma
        Shape (n,): their gamma, capped.
    passed
        How many of them have a gamma of 1 or less.
    outside
        How many of them lie outside the outermost voxel centres of the evaluation dose.
    """

    voxels: IntArray
    gamma: FloatArray
    passed: int
    outside: int

    @property
    def points(self) -> int:
        """How many voxels were evaluated."""
        return len(self.voxels)

    @property
    def pass_rate_percent(self) -> float | None:
        """Share with a gamma of 1 or less; None without a voxel."""
        return 100.0 * self.passed / self.points if self.points else None

    @property
    def mean_gamma(self) -> float | None:
        """Mean over all evaluated voxels, capped ones included; None without a voxel."""
        return float(self.gamma.mean()) if self.points else None


def gamma_index(
    reference: DoseGrid, evaluation: DoseGrid, criteria: GammaCriteria, *, threads: int | None = None
) -> GammaResult:
    """Gamma of each voxel of a reference dose at or above the cutoff.

    The evaluation dose, interpolated trilinearly, is searched on spheres around each voxel in patient
    coordinates, a tenth of the distance criterion apart (Wendling 2007, doi 10.1118/1.2721657), as pymedphys
    0.41 does it. Outside the outermost voxel centres there is no dose to find; a voxel with none in reach
    gets the cap. A reference without dose has nothing to compare: no voxel is evaluated.

    Parameters
    ----------
    reference
        Its voxels are evaluated.
    evaluation
        Any other grid in the same patient coordinates. An only plane counts for its thickness.
    criteria
        What counts as near.
    threads
        How many to use; None: as many as there are processors. The result does not depend on it.
    """
    voxels = _voxels_from(reference, criteria.cutoff_percent)
    searched = max(criteria.max_gamma, _LEAST_SEARCHED)
    around = _Surroundings.of(reference, evaluation, gamma_shells(criteria.distance_mm, searched))
    criterion = _criterion(reference, criteria)
    gamma, pieces = np.empty(len(voxels)), -(-len(voxels) // _PIECE)
    outside = np.zeros(pieces, np.int64)

    def fill(piece: int) -> None:
        part = slice(piece * _PIECE, (piece + 1) * _PIECE)
        gamma[part], outside[piece] = gamma_search(
            voxels[part],
            reference.values_gy,
            around.place,
            around.steps,
            around.values,
            around.planes,
            around.first_plane,
            around.is_even,
            around.shifts,
            around.shells.starts,
            around.shells.radii,
            around.reach,
            around.slack,
            *criterion,
            searched,
        )

    for_each(fill, pieces, threads)
    passed = int(np.count_nonzero(gamma <= 1 + PASS_ROUNDING))
    return GammaResult(voxels, np.minimum(gamma, criteria.max_gamma), passed, int(outside.sum()))


def _voxels_from(reference: DoseGrid, cutoff_percent: float) -> IntArray:
    maximum_gy = reference.maximum_gy
    if maximum_gy == 0:
        return np.zeros(0, np.int64)
    cutoff_gy = cutoff_percent / 100 * maximum_gy
    voxels: IntArray = np.flatnonzero(reference.values_gy >= cutoff_gy).astype(np.int64, copy=False)
    return voxels


def _criterion(reference: DoseGrid, criteria: GammaCriteria) -> tuple[float, float]:
    """What a dose may differ by: Gy, and share of the voxel's own dose."""
    share = criteria.dose_percent / 100
    return (0.0, share) if criteria.is_local else (share * reference.maximum_gy, 0.0)


@dataclass(frozen=True, eq=False)
class _Surroundings:
    """The evaluation dose with its planes ascending, and what the kernel needs to find its way in it.

    `place` (nk, 3) are the evaluation coordinates of the first voxel of each reference plane, `steps` (2, 3)
    those of one row and one column on; `shifts` (3, m), `reach` and `slack` are the shells' points, the box
    of each and `EDGE_MM`, in evaluation coordinates; `first_plane` and `is_even` as in `gamma_search`.
    """

    values: FloatArray
    planes: FloatArray
    first_plane: IntArray
    is_even: bool
    place: FloatArray
    steps: FloatArray
    shells: Shells
    shifts: FloatArray
    reach: FloatArray
    slack: FloatArray

    @classmethod
    def of(cls, reference: DoseGrid, evaluation: DoseGrid, shells: Shells) -> "_Surroundings":
        values, planes = _ascending(evaluation)
        between = evaluation.patient_to_axes @ reference.index_to_patient_mm
        to_axes = evaluation.patient_to_axes[:3, :3].copy()
        shifts = mapped(to_axes, shells.points_mm)
        return cls(
            values=values,
            planes=planes,
            first_plane=_first_planes(planes),
            is_even=evaluation.plane_offsets_mm is None,
            place=between[:3, 3] + np.outer(reference.axis_coordinates[2], between[:3, 2]),
            steps=np.ascontiguousarray(between[:3, 1::-1].T),
            shells=shells,
            shifts=np.ascontiguousarray(shifts.T),
            reach=np.maximum.reduceat(np.abs(shifts), shells.starts[:-1]),
            slack=EDGE_MM * np.linalg.norm(to_axes, axis=1),
        )


def _ascending(grid: DoseGrid) -> tuple[FloatArray, FloatArray]:
    """Values and coordinates of planes, ascending; an only plane becomes two, where its thickness ends."""
    values, planes = grid.values_gy, grid.axis_coordinates[2].copy()
    if len(planes) == 1:
        half = 0.5 * grid.spacing_mm[2] / float(np.linalg.norm(grid.index_to_patient_mm[:3, 2]))
        values, planes = np.repeat(values, 2, axis=0), planes[0] + np.array([-half, half])
    elif planes[0] > planes[-1]:
        values, planes = np.ascontiguousarray(values[::-1]), planes[::-1].copy()
    values.flags.writeable = False  # as a grid's own are: the kernel is compiled for one kind alone
    return values, planes


def _first_planes(planes: FloatArray) -> IntArray:
    """For equal stretches as short as the least distance of planes: the plane at or below each lower end."""
    length = float(planes[-1] - planes[0])
    stretches = min(round(length / float(np.diff(planes).min())), _MOST_STRETCHES)
    ends = planes[0] + length * np.arange(stretches + 1) / stretches
    below: IntArray = np.searchsorted(planes, ends, side="right").astype(np.int64) - 1
    return np.clip(below, 0, len(planes) - 2)

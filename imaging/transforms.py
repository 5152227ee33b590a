"""Rigid registration of two CTs by mutual information (SimpleITK): to be reviewed, never accepted here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk  # noqa: N813 - the name of its own documentation

from imaging.dicom.ct_volume import CtVolume
from imaging.errors import ImagingError

FloatArray = npt.NDArray[np.float64]

_BODY_HU = -400
_LOWEST_HU, _HIGHEST_HU = -1000, 1500
"""Metal and the values outside the scanner's circle would take most bins of the histogram."""
_LEVELS_MM = (8.0, 4.0, 2.5)
_SAMPLES = (0.5, 0.2, 0.35)
"""Share of the voxels, at random places within them: on a grid, interpolation makes false maxima."""
_SEED = 20240311
_BINS = 40
_ITERATIONS = 200
_MARGIN_MM = 10.0
_LEAST_VOXELS = 8
"""Fewer along an axis, at the finest level, make no image to register."""
LEAST_OVERLAP = 0.25
"""Below this share of the smaller body in common, two images do not show the same part of a patient."""
LEAST_INFORMATION = 0.1
"""Mutual information (natural logarithm) below this: noise shares as much with noise."""


class RegistrationError(ImagingError):
    """Two images that cannot be registered; `reason` says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the CTs cannot be registered: {reason}")


@dataclass(frozen=True)
class RegistrationQuality:
    """How well two images fit, for the person who reviews the registration.

    Attributes
    ----------
    mutual_information, mutual_information_before
        Mattes' mutual information within the fixed body, natural logarithm, after and by coordinates alone
        (None where the images do not meet there).
    body_dice
        Overlap of the two bodies where both images reach: 1 is the same.
    overlap
        Share of the smaller body that both images show.
    consistency_mm
        Largest distance in the body's box by which the registration of the images the other way round, made
        on its own, fails to bring a point back. No proof of truth: both may err alike.
    """

    mutual_information: float
    mutual_information_before: float | None
    body_dice: float
    overlap: float
    consistency_mm: float


@dataclass(frozen=True, eq=False)
class ComputedRegistration:
    """A rigid map that nobody has looked at yet.

    Attributes
    ----------
    matrix
        4x4, mm: maps a point of the fixed image's frame of reference to the moving one's.
    rotation_degrees, shift_mm
        How far it turns, and how far it moves the middle of the fixed body.
    quality
        Figures for the reviewer.
    """

    matrix: FloatArray
    rotation_degrees: float
    shift_mm: float
    quality: RegistrationQuality

    @property
    def needs_review(self) -> bool:
        """A computed registration is never accepted by the program."""
        return True


def register_rigid(fixed: CtVolume, moving: CtVolume) -> ComputedRegistration:
    """Find the rigid map between two CTs of a patient.

    Parameters
    ----------
    fixed, moving
        The image in whose frame of reference the dose is summed, and the other plan's.

    Raises
    ------
    RegistrationError
        If an image shows no body, or the two share too little.

    Notes
    -----
    Mattes mutual information (doi 10.1109/TMI.2003.809072) on levels of 8, 4 and 2.5 mm, of clipped HU,
    within the fixed body; starts from equal coordinates, from the bodies' middles and from the images';
    the best at the coarsest level goes on. One thread and a fixed seed: the same images give the same map.
    """
    with _one_thread():
        return _registered(_Image.of(fixed, "fixed"), _Image.of(moving, "moving"))


@contextmanager
def _one_thread() -> Iterator[None]:
    """One thread for all of ITK: sums over threads would differ in their last digits from run to run."""
    before = sitk.ProcessObject.GetGlobalDefaultNumberOfThreads()
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    try:
        yield
    finally:
        sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(before)


def _registered(one: _Image, other: _Image) -> ComputedRegistration:
    found, back = _register(one, other), _register(other, one)
    overlap, dice = _common_bodies(one, other, found)
    if overlap < LEAST_OVERLAP:
        raise RegistrationError(
            f"they share {overlap:.0%} of the body; at least {LEAST_OVERLAP:.0%} is needed"
        )
    information = _information(one, other, found)
    if information is None or information < LEAST_INFORMATION:
        raise RegistrationError(
            f"their mutual information is {information or 0:.3g}; below {LEAST_INFORMATION} is no likeness"
        )
    before = _information(one, other, np.eye(4))
    quality = RegistrationQuality(information, before, dice, overlap, _roundtrip_mm(one, found, back))
    turn = np.arccos(np.clip((np.trace(found[:3, :3]) - 1) / 2, -1, 1))
    shift = float(np.linalg.norm(found[:3, :3] @ one.centre_mm + found[:3, 3] - one.centre_mm))
    return ComputedRegistration(found, float(np.degrees(turn)), shift, quality)


@dataclass(frozen=True, eq=False)
class _Image:
    """A CT at every level, with the mask of its body and that body's box and middle."""

    levels: tuple[Any, ...]
    mask: Any
    centre_mm: FloatArray
    corners_mm: FloatArray
    middle_mm: FloatArray

    @classmethod
    def of(cls, volume: CtVolume, name: str) -> _Image:
        whole = _as_itk(volume)
        clipped = sitk.Clamp(sitk.Cast(whole, sitk.sitkFloat32), sitk.sitkFloat32, _LOWEST_HU, _HIGHEST_HU)
        levels = tuple(_resampled(clipped, step_mm) for step_mm in _LEVELS_MM)
        if min(levels[-1].GetSize()) < _LEAST_VOXELS:
            raise RegistrationError(f"the {name} image is smaller than {_LEAST_VOXELS} voxels of 2.5 mm")
        body = _body(levels[1], name)
        points = _points_mm(body)
        centre, low, high = points.mean(axis=0), points.min(axis=0), points.max(axis=0)
        corners = np.stack(np.meshgrid(*zip(low, high, strict=True)), axis=-1).reshape(-1, 3)
        index_middle = [(size - 1) / 2 for size in whole.GetSize()]
        middle = np.array(whole.TransformContinuousIndexToPhysicalPoint(index_middle))
        return cls(levels, body, centre, corners, middle)


def _as_itk(volume: CtVolume) -> Any:
    image = sitk.GetImageFromArray(volume.hu)
    affine = volume.index_to_patient_mm
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    image.SetSpacing(spacing.tolist())
    image.SetDirection((affine[:3, :3] / spacing).ravel().tolist())
    image.SetOrigin(affine[:3, 3].tolist())
    return image


def _resampled(image: Any, step_mm: float) -> Any:
    """Smoothed and taken at about one step along each axis; never finer than the image itself."""
    old = np.array(image.GetSpacing())
    new = np.maximum(old, step_mm)
    size = np.maximum(np.floor((np.array(image.GetSize()) - 1) * old / new + 1e-6) + 1, 1).astype(int)
    sigma = np.where(new > old, new / 2.5, 1e-3 * old)
    smooth = sitk.DiscreteGaussian(image, (sigma**2).tolist(), 64, 0.01)
    return sitk.Resample(
        smooth,
        size.tolist(),
        sitk.Transform(),
        sitk.sitkLinear,
        image.GetOrigin(),
        new.tolist(),
        image.GetDirection(),
        float(_LOWEST_HU),
    )


def _body(image: Any, name: str) -> Any:
    """The largest thing denser than air, with the lungs, without the couch where it stands apart."""
    dense = sitk.BinaryMorphologicalOpening(image > _BODY_HU, [1, 1, 1])
    parts = sitk.RelabelComponent(sitk.ConnectedComponent(dense))
    body = sitk.JoinSeries([sitk.BinaryFillhole((parts == 1)[:, :, k]) for k in range(parts.GetSize()[2])])
    body.CopyInformation(parts)
    if not sitk.GetArrayViewFromImage(body).any():
        raise RegistrationError(f"the {name} image shows no body (nothing above {_BODY_HU} HU)")
    return body


def _points_mm(mask: Any) -> FloatArray:
    index = np.argwhere(sitk.GetArrayViewFromImage(mask))[:, ::-1].astype(np.float64)
    direction = np.array(mask.GetDirection()).reshape(3, 3) * np.array(mask.GetSpacing())
    points: FloatArray = np.einsum("nj,ij->ni", index, direction) + np.array(mask.GetOrigin())
    return points


def _register(fixed: _Image, moving: _Image) -> FloatArray:
    """The map from fixed to moving."""
    starts = [_shift(np.zeros(3)), _shift(moving.centre_mm - fixed.centre_mm)]
    starts.append(_shift(moving.middle_mm - fixed.middle_mm))
    found = [one for one in (_optimised(fixed, moving, start, 0) for start in starts) if one is not None]
    if not found:
        raise RegistrationError("they do not overlap from any start")
    best = max(found, key=lambda one: one[1])
    for level in range(1, len(_LEVELS_MM)):
        better = _optimised(fixed, moving, best[0], level)
        if better is None:
            raise RegistrationError("the search left the images' overlap")
        best = better
    return best[0]


def _optimised(
    fixed: _Image, moving: _Image, start: FloatArray, level: int
) -> tuple[FloatArray, float] | None:
    """The best map near a start at one level; None where the images do not meet."""
    transform = _as_transform(start, fixed.centre_mm)
    method = _method(fixed, level)
    steps = {"learningRate": _LEVELS_MM[level] / 2, "minStep": 1e-3, "numberOfIterations": _ITERATIONS}
    method.SetOptimizerAsRegularStepGradientDescent(**steps, gradientMagnitudeTolerance=1e-8)
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetInitialTransform(transform, inPlace=True)
    try:
        method.Execute(fixed.levels[level], moving.levels[level])
    except RuntimeError:  # ITK's word for no sample, or too few, within both images
        return None
    return _matrix(sitk.Euler3DTransform(transform)), -float(method.GetMetricValue())


def _information(fixed: _Image, moving: _Image, matrix: FloatArray) -> float | None:
    method = _method(fixed, len(_LEVELS_MM) - 1)
    method.SetInitialTransform(_as_transform(matrix, fixed.centre_mm))
    try:
        return -float(method.MetricEvaluate(fixed.levels[-1], moving.levels[-1]))
    except RuntimeError:  # no sample, or too few, within both images
        return None


def _method(fixed: _Image, level: int) -> Any:
    method = sitk.ImageRegistrationMethod()
    method.SetMetricAsMattesMutualInformation(_BINS)
    method.SetMetricFixedMask(sitk.BinaryDilate(fixed.mask, [round(_MARGIN_MM / _LEVELS_MM[1])] * 3))
    method.SetMetricSamplingStrategy(method.RANDOM)
    method.SetMetricSamplingPercentage(_SAMPLES[level], _SEED)
    method.SetInterpolator(sitk.sitkLinear)
    return method


def _as_transform(matrix: FloatArray, centre_mm: FloatArray) -> Any:
    transform = sitk.Euler3DTransform()
    transform.SetCenter(centre_mm.tolist())
    transform.SetMatrix(matrix[:3, :3].ravel().tolist(), 1e-6)
    transform.SetTranslation((matrix[:3, :3] @ centre_mm + matrix[:3, 3] - centre_mm).tolist())
    return transform


def _matrix(transform: Any) -> FloatArray:
    matrix = np.eye(4)
    matrix[:3, :3] = np.array(transform.GetMatrix()).reshape(3, 3)
    centre, translation = np.array(transform.GetCenter()), np.array(transform.GetTranslation())
    matrix[:3, 3] = centre + translation - matrix[:3, :3] @ centre
    return matrix


def _shift(shift_mm: FloatArray) -> FloatArray:
    matrix = np.eye(4)
    matrix[:3, 3] = shift_mm
    return matrix


def _common_bodies(fixed: _Image, moving: _Image, matrix: FloatArray) -> tuple[float, float]:
    """Share of the smaller body that both images show, and the Dice coefficient where both reach."""
    forth = _seen(fixed.mask, moving.mask, matrix)
    back = _seen(moving.mask, fixed.mask, np.linalg.inv(matrix).astype(np.float64))
    smaller = forth if forth[2] <= back[2] else back
    (seen, both, _), (seen_back, _, _) = forth, back
    cells = np.prod(fixed.mask.GetSpacing()), np.prod(moving.mask.GetSpacing())
    volume = seen * cells[0] + seen_back * cells[1]
    return smaller[0] / smaller[2], float(2 * both * cells[0] / volume) if volume else 0.0


def _seen(mask: Any, other: Any, matrix: FloatArray) -> tuple[int, int, int]:
    """Of a body's voxels, how many the other image reaches, how many lie in its body, and all."""
    points = np.einsum("nj,ij->ni", _points_mm(mask), matrix[:3, :3]) + matrix[:3, 3]
    direction = np.array(other.GetDirection()).reshape(3, 3) * np.array(other.GetSpacing())
    index = np.einsum("nj,ij->ni", points - np.array(other.GetOrigin()), np.linalg.inv(direction))
    nearest = np.rint(index).astype(np.int64)
    within = ((nearest >= 0) & (nearest < np.array(other.GetSize()))).all(axis=1)
    i, j, k = nearest[within].T
    return int(within.sum()), int(sitk.GetArrayViewFromImage(other)[k, j, i].sum()), len(points)


def _roundtrip_mm(fixed: _Image, forth: FloatArray, back: FloatArray) -> float:
    both = back @ forth
    moved = np.einsum("nj,ij->ni", fixed.corners_mm, both[:3, :3]) + both[:3, 3]
    return float(np.linalg.norm(moved - fixed.corners_mm, axis=1).max())

"""The sum of plans at a point: physical dose, or EQD2 with one alpha/beta."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dosimetry.errors import DosimetryError, FractionsMissingError, GridError
from dosimetry.fractionation import eqd2_gy, require_positive
from dosimetry.grid import DoseGrid
from dosimetry.kernels.trilinear import trilinear
from dosimetry.linear import mapped

FloatArray = NDArray[np.float64]


_TOUCH = 1e-3
"""Share of a voxel by which a point may pass the reach of the edge value: rounding of files and surfaces."""


def _identity() -> FloatArray:
    return np.eye(4)


@dataclass(frozen=True, eq=False)
class DoseLayer:
    """One plan's dose and its part in a sum.

    Parameters
    ----------
    grid
        The whole plan's planned dose.
    fractions
        Planned number of fractions of that dose; None where it is not known (then there is no EQD2).
    weight
        Share of the planned dose that counts: fractions given by this plan (or delivered), divided by
        its planned fractions.
    region_to_dose_mm
        Shape (4, 4): maps a point of the structures' frame of reference to the dose's, mm.

    Raises
    ------
    DoseError, GridError
        If fractions or weight are not positive, or the transform is not an invertible affine.
    """

    grid: DoseGrid
    fractions: float | None
    weight: float = 1.0
    region_to_dose_mm: FloatArray = field(default_factory=_identity)

    def __post_init__(self) -> None:
        require_positive("weight of a plan in the sum", self.weight)
        if self.fractions is not None:
            require_positive("number of fractions", self.fractions)
        matrix = np.array(self.region_to_dose_mm, dtype=np.float64)
        if matrix.shape != (4, 4) or not np.isfinite(matrix).all() or np.linalg.det(matrix) == 0:
            raise GridError("region_to_dose_mm is not a finite invertible 4 x 4 matrix")
        object.__setattr__(self, "region_to_dose_mm", matrix)

    @property
    def placement(self) -> Hashable:
        """Which grid, and where: equal for layers that differ in weight and fractions only."""
        return id(self.grid), self.region_to_dose_mm.tobytes()


@dataclass(frozen=True, eq=False)
class Dose:
    """The dose of one plan or of several, physical or in EQD2.

    Per point and layer D = weight x interpolated plan dose, d = interpolated plan dose / fractions (the
    planned dose per fraction, whatever was delivered); EQD2 = D (d + alpha/beta) / (2 + alpha/beta).
    Convert, then sum.

    Parameters
    ----------
    layers
        At least one.
    alpha_beta_gy
        None: physical dose.

    Raises
    ------
    FractionsMissingError
        If alpha/beta is given and a layer has no number of fractions.
    DosimetryError
        If there is no layer.
    """

    layers: tuple[DoseLayer, ...]
    alpha_beta_gy: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        if not self.layers:
            raise DosimetryError("a dose needs at least one plan")
        if self.alpha_beta_gy is None:
            return
        require_positive("alpha/beta in Gy", self.alpha_beta_gy)
        for index, layer in enumerate(self.layers):
            if layer.fractions is None:
                raise FractionsMissingError(index)


@dataclass(frozen=True, eq=False)
class PointDose:
    """Dose at n points, with what lies outside the grids.

    Parameters
    ----------
    low_gy, high_gy
        Shape (n,): with an uncovered plan's dose at 0 and at the highest dose on the face that is crossed.
    uncovered
        Shape (n,): further than half a voxel outside the outermost voxel centres of some plan's grid.
    covered_by_none
        Shape (n,): uncovered in every plan.
    beyond_mm
        Shape (n,): how far past the outermost voxel centres of some plan's grid, 0 within.
    """

    low_gy: FloatArray
    high_gy: FloatArray
    uncovered: NDArray[np.bool_]
    covered_by_none: NDArray[np.bool_]
    beyond_mm: FloatArray


class PointDoses:
    """Reads doses at points, each plan's grid once however many sums it is part of.

    Parameters
    ----------
    points_mm
        Shape (n, 3).
    frame
        Shape (3, 3): rows are the unit vectors, in patient axes, that the points' coordinates refer to.
    """

    def __init__(self, points_mm: FloatArray, frame: FloatArray) -> None:
        self._points_mm = np.ascontiguousarray(points_mm)
        self._frame = frame
        self._plans: dict[Hashable, _PlanAtPoints] = {}

    def of(self, dose: Dose) -> PointDose:
        """The dose at all points."""
        plans = [self._plan(layer) for layer in dose.layers]
        uncovered, nowhere, beyond = plans[0].uncovered, plans[0].uncovered, plans[0].beyond_mm
        for plan in plans[1:]:
            uncovered, nowhere = uncovered | plan.uncovered, nowhere & plan.uncovered
            beyond = np.maximum(beyond, plan.beyond_mm)
        low = self._sum(dose, [plan.low_gy for plan in plans])
        high = self._sum(dose, [plan.high_gy for plan in plans]) if uncovered.any() else low
        return PointDose(low, high, uncovered, nowhere, beyond)

    def _sum(self, dose: Dose, plans_gy: Sequence[FloatArray]) -> FloatArray:
        total = np.zeros(len(self._points_mm))
        for layer, plan_gy in zip(dose.layers, plans_gy, strict=True):
            total += _contribution(layer, plan_gy, dose.alpha_beta_gy)
        return total

    def _plan(self, layer: DoseLayer) -> "_PlanAtPoints":
        if layer.placement not in self._plans:
            found = _PreparedLayer.of(layer, self._frame).at(self._points_mm)
            self._plans[layer.placement] = _PlanAtPoints(*found)
        return self._plans[layer.placement]


def extreme_points_mm(layer: DoseLayer, frame: FloatArray) -> FloatArray:
    """Voxel centres where a plan's dose may be extreme, in a frame (3, 3), shape (n, 3), mm."""
    return _PreparedLayer.of(layer, frame).extreme_points_mm()


def _contribution(layer: DoseLayer, plan_gy: FloatArray, alpha_beta_gy: float | None) -> FloatArray:
    if alpha_beta_gy is None:
        return layer.weight * plan_gy
    assert layer.fractions is not None  # noqa: S101 - checked when the dose was made
    return layer.weight * eqd2_gy(plan_gy, layer.fractions, alpha_beta_gy)


@dataclass(frozen=True, eq=False)
class _PlanAtPoints:
    """A whole plan's dose at points, as the kernel gives it."""

    low_gy: FloatArray
    high_gy: FloatArray
    uncovered: NDArray[np.bool_]
    beyond_mm: FloatArray


@dataclass(frozen=True, eq=False)
class _PreparedLayer:
    """A layer's grid as the kernel wants it."""

    grid: DoseGrid
    affine: FloatArray
    planes: FloatArray
    direction: float
    reach: FloatArray
    faces: FloatArray
    unit: FloatArray

    @classmethod
    def of(cls, layer: DoseLayer, frame: FloatArray) -> "_PreparedLayer":
        grid = layer.grid
        to_patient = np.eye(4)
        to_patient[:3, :3] = frame.T
        affine = (grid.patient_to_axes @ layer.region_to_dose_mm @ to_patient)[:3]
        planes = grid.axis_coordinates[2]
        direction = -1.0 if len(planes) > 1 and planes[1] < planes[0] else 1.0
        affine, planes = affine * np.array([[1.0], [1.0], [direction]]), planes * direction
        unit = np.linalg.norm(grid.index_to_patient_mm[:3, :3], axis=0)
        reach = np.array([[0.5, 0.5], [0.5, 0.5], _plane_reach(grid, planes, unit[2])])
        return cls(grid, affine, planes, direction, reach + _TOUCH, _face_maxima(grid), unit)

    def at(self, points_mm: FloatArray) -> tuple[FloatArray, FloatArray, NDArray[np.bool_], FloatArray]:
        return trilinear(
            points_mm, self.affine, self.grid.values_gy, self.planes, self.reach, self.faces, self.unit
        )

    def extreme_points_mm(self) -> FloatArray:
        """Voxel centres where the dose may be extreme."""
        nodes = self.grid.extreme_nodes[:, ::-1].astype(np.float64)
        nodes[:, 2] = self.grid.axis_coordinates[2][self.grid.extreme_nodes[:, 0]] * self.direction
        return mapped(np.linalg.inv(self.affine[:, :3]).astype(np.float64), nodes - self.affine[:, 3])


def _plane_reach(grid: DoseGrid, planes: FloatArray, unit_mm: float) -> tuple[float, float]:
    """Half a plane distance past the first and the last plane, in coordinates along k."""
    if len(planes) == 1:
        assert grid.plane_thickness_mm is not None  # noqa: S101 - checked at construction
        half = grid.plane_thickness_mm / 2 / unit_mm
        return half, half
    return float(planes[1] - planes[0]) / 2, float(planes[-1] - planes[-2]) / 2


def _face_maxima(grid: DoseGrid) -> FloatArray:
    """Highest dose on the first and last face along i, j and the (ascending) planes, shape (3, 2), Gy."""
    values, planes = grid.values_gy, grid.axis_coordinates[2]
    bottom, top = (0, -1) if len(planes) == 1 or planes[0] < planes[-1] else (-1, 0)
    faces = [
        (values[:, :, 0], values[:, :, -1]),
        (values[:, 0], values[:, -1]),
        (values[bottom], values[top]),
    ]
    return np.array([[float(first.max()), float(last.max())] for first, last in faces])

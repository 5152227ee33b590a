"""The sum of plans at a point: physical dose, or EQD2 with one alpha/beta."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from dosimetry.accumulation.deformation import Deformation
from dosimetry.accumulation.placed_grid import PlacedGrid
from dosimetry.errors import DosimetryError, FractionsMissingError, GridError
from dosimetry.fractionation import eqd2_gy, require_positive
from dosimetry.grid import DoseGrid
from dosimetry.linear import mapped

FloatArray = NDArray[np.float64]


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
    deformation
        A field that the point then goes through; None: no deformation.

    Raises
    ------
    DoseError, GridError
        If fractions or weight are not positive, or the transform is not an invertible affine.
    """

    grid: DoseGrid
    fractions: float | None
    weight: float = 1.0
    region_to_dose_mm: FloatArray = field(default_factory=_identity)
    deformation: Deformation | None = None

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
        return id(self.grid), self.region_to_dose_mm.tobytes(), id(self.deformation)


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
        parts = [
            _contribution(layer, plan_gy, dose.alpha_beta_gy)
            for layer, plan_gy in zip(dose.layers, plans_gy, strict=True)
        ]
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total

    def _plan(self, layer: DoseLayer) -> "_PlanAtPoints":
        if layer.placement not in self._plans:
            self._plans[layer.placement] = _at_points(layer, self._frame, self._points_mm)
        return self._plans[layer.placement]


_KNOWN: WeakKeyDictionary[DoseGrid, tuple[Hashable, Deformation | None, FloatArray]] = WeakKeyDictionary()


def extreme_points_mm(layer: DoseLayer, frame: FloatArray) -> FloatArray:
    """Voxel centres where a plan's dose may be extreme, in a frame (3, 3), shape (n, 3), mm.

    Of a deformed plan, those that its field is found to bring there (`Deformation.sources`). Found once for a
    plan and a frame, as long as it is asked for no other: the structures of a set share theirs.
    """
    key = (frame.tobytes(), layer.region_to_dose_mm.tobytes(), id(layer.deformation))
    known = _KNOWN.get(layer.grid)
    if known is None or known[0] != key or known[1] is not layer.deformation:
        known = key, layer.deformation, _extreme_points_mm(layer, frame)
        _KNOWN[layer.grid] = known
    return known[2]


def _extreme_points_mm(layer: DoseLayer, frame: FloatArray) -> FloatArray:
    to_dose = _from_frame(layer, frame)
    if layer.deformation is None:
        return PlacedGrid.of(layer.grid, to_dose).extreme_points_mm()
    nodes_mm = PlacedGrid.of(layer.grid, np.eye(4)).extreme_points_mm()
    back = np.linalg.inv(to_dose).astype(np.float64)
    return mapped(back[:3, :3], layer.deformation.sources(nodes_mm)) + back[:3, 3]


def _at_points(layer: DoseLayer, frame: FloatArray, points_mm: FloatArray) -> "_PlanAtPoints":
    """A whole plan's dose; where a deformation is not defined, it is not covered."""
    to_dose = _from_frame(layer, frame)
    if layer.deformation is None:
        return _PlanAtPoints(*PlacedGrid.of(layer.grid, to_dose).at(points_mm))
    placed = PlacedGrid.of(layer.grid, np.eye(4))
    moved, known = layer.deformation.mapped(mapped(to_dose[:3, :3], points_mm) + to_dose[:3, 3])
    moved[~known] = placed.grid.index_to_patient_mm[:3, 3]
    low, high, uncovered, beyond = placed.at(np.ascontiguousarray(moved))
    low[~known], high[~known], uncovered[~known] = 0.0, placed.faces.max(), True
    return _PlanAtPoints(low, high, uncovered, beyond)


def _from_frame(layer: DoseLayer, frame: FloatArray) -> FloatArray:
    to_patient = np.eye(4)
    to_patient[:3, :3] = frame.T
    return layer.region_to_dose_mm @ to_patient


def _contribution(layer: DoseLayer, plan_gy: FloatArray, alpha_beta_gy: float | None) -> FloatArray:
    if alpha_beta_gy is None:
        return plan_gy if layer.weight == 1 else layer.weight * plan_gy
    assert layer.fractions is not None  # noqa: S101 - checked when the dose was made
    return layer.weight * eqd2_gy(plan_gy, layer.fractions, alpha_beta_gy)


@dataclass(frozen=True, eq=False)
class _PlanAtPoints:
    """A whole plan's dose at points, as the kernel gives it."""

    low_gy: FloatArray
    high_gy: FloatArray
    uncovered: NDArray[np.bool_]
    beyond_mm: FloatArray

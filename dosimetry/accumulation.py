"""The sum of plans at a point: physical dose, or EQD2 with one alpha/beta."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dosimetry.errors import DosimetryError, FractionsMissingError, GridError
from dosimetry.fractionation import require_positive
from dosimetry.grid import DoseGrid

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
        Share of the planned dose that counts: fractions given by this plan (or delivered) / planned fractions.
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


@dataclass(frozen=True, eq=False)
class Dose:
    """The dose of one plan or of several, physical or in EQD2.

    Per point and layer D = weight x interpolated plan dose, d = interpolated plan dose / fractions (the planned dose
    per fraction, whatever was delivered); EQD2 = D (d + alpha/beta) / (2 + alpha/beta). Convert, then sum.

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

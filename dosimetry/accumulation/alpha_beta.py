"""Which alpha/beta holds in which voxel, and what it makes of a plan's dose."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray

from dosimetry.accumulation.point_sum import DoseLayer
from dosimetry.errors import DosimetryError, GridError
from dosimetry.fractionation import require_positive


@dataclass(frozen=True, eq=False)
class AlphaBetaMap:
    """An alpha/beta for every voxel, from a few kinds of tissue.

    Parameters
    ----------
    labels
        Shape (nk, nj, ni), uint8: which of `alpha_beta_gy` holds.
    alpha_beta_gy
        Each above 0, Gy; at most 256.

    Raises
    ------
    DoseError
        If an alpha/beta is not a finite number above 0.
    GridError
        If a label names none of them.
    """

    labels: NDArray[np.uint8]
    alpha_beta_gy: tuple[float, ...]

    def __post_init__(self) -> None:
        labels = np.ascontiguousarray(self.labels)
        if labels.ndim != 3 or labels.dtype != np.uint8 or 0 in labels.shape:
            raise GridError(
                f"alpha/beta labels have shape {labels.shape} and type {labels.dtype}; expected uint8"
            )
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "alpha_beta_gy", tuple(self.alpha_beta_gy))
        for value in self.alpha_beta_gy:
            require_positive("alpha/beta in Gy", value)
        if int(labels.max()) >= len(self.alpha_beta_gy):
            raise GridError(f"a voxel has label {int(labels.max())} of {len(self.alpha_beta_gy)} alpha/beta")


@dataclass(frozen=True, eq=False)
class Coefficients:
    """A plan's part in a sum as a polynomial in its interpolated dose: D (linear + square D).

    Parameters
    ----------
    linear, square
        Shape (n,): for each label. Physical: weight and 0. EQD2: weight (alpha/beta) / (2 + alpha/beta) and
        weight / (fractions (2 + alpha/beta)), which is D (d + alpha/beta) / (2 + alpha/beta).
    """

    linear: NDArray[np.floating]
    square: NDArray[np.floating]

    @classmethod
    def of(
        cls, layer: DoseLayer, alpha_beta: AlphaBetaMap | float | None, dtype: DTypeLike = np.float64
    ) -> "Coefficients":
        """Those of one plan.

        Raises
        ------
        DoseError
            If alpha/beta is not a finite number above 0.
        DosimetryError
            If alpha/beta is given and the plan has no number of fractions.
        """
        if alpha_beta is None:
            return cls(np.array([layer.weight], dtype=dtype), np.zeros(1, dtype=dtype))
        if layer.fractions is None:
            raise DosimetryError("EQD2 needs the plan's number of fractions")
        values = alpha_beta.alpha_beta_gy if isinstance(alpha_beta, AlphaBetaMap) else (alpha_beta,)
        for value in values:
            require_positive("alpha/beta in Gy", value)
        ratio = np.array(values, dtype=np.float64)
        linear = layer.weight * ratio / (2.0 + ratio)
        square = layer.weight / (layer.fractions * (2.0 + ratio))
        return cls(linear.astype(dtype), square.astype(dtype))

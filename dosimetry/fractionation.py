"""Biologically effective dose and the equivalent dose in 2 Gy fractions (linear-quadratic model)."""

import math
from typing import overload

import numpy as np
from numpy.typing import NDArray

from dosimetry.errors import DoseError

FloatArray = NDArray[np.float64]


@overload
def bed_gy(dose_gy: float, fractions: float, alpha_beta_gy: float) -> float: ...
@overload
def bed_gy(dose_gy: FloatArray, fractions: float, alpha_beta_gy: float) -> FloatArray: ...
def bed_gy(dose_gy: float | FloatArray, fractions: float, alpha_beta_gy: float) -> float | FloatArray:
    """Biologically effective dose of a total dose given in equal fractions.

    Parameters
    ----------
    dose_gy
        Total dose, scalar or any shape, Gy.
    fractions
        Number of fractions, above 0.
    alpha_beta_gy
        alpha/beta of the tissue, above 0, Gy.

    Returns
    -------
    BED = D (1 + d / (alpha/beta)) with d = D / fractions, Gy, in the shape of `dose_gy`.

    Raises
    ------
    DoseError
        If fractions or alpha/beta are not finite and above 0.

    Notes
    -----
    Fowler 1989, doi 10.1259/0007-1285-62-740-679, eq. 5.
    """
    require_positive("number of fractions", fractions)
    require_positive("alpha/beta in Gy", alpha_beta_gy)
    return dose_gy * (1.0 + dose_gy / fractions / alpha_beta_gy)


@overload
def eqd2_gy(dose_gy: float, fractions: float, alpha_beta_gy: float) -> float: ...
@overload
def eqd2_gy(dose_gy: FloatArray, fractions: float, alpha_beta_gy: float) -> FloatArray: ...
def eqd2_gy(dose_gy: float | FloatArray, fractions: float, alpha_beta_gy: float) -> float | FloatArray:
    """Equivalent dose in 2 Gy fractions of a total dose given in equal fractions.

    Parameters
    ----------
    dose_gy
        Total dose, scalar or any shape, Gy.
    fractions
        Number of fractions, above 0.
    alpha_beta_gy
        alpha/beta of the tissue, above 0, Gy.

    Returns
    -------
    EQD2 = D (d + alpha/beta) / (2 + alpha/beta) with d = D / fractions, Gy, in the shape of `dose_gy`.

    Raises
    ------
    DoseError
        If fractions or alpha/beta are not finite and above 0.

    Notes
    -----
    Withers 1983; Joiner & van der Kogel, Basic Clinical Radiobiology, 5th ed., eq. 10.4.
    """
    require_positive("number of fractions", fractions)
    require_positive("alpha/beta in Gy", alpha_beta_gy)
    return dose_gy * ((dose_gy / fractions + alpha_beta_gy) / (2.0 + alpha_beta_gy))


def require_positive(quantity: str, value: float) -> None:
    """Refuse a quantity that is not finite and above zero.

    Raises
    ------
    DoseError
        If it is not.
    """
    if not (math.isfinite(value) and value > 0):
        raise DoseError(quantity, value, "a finite number above 0")

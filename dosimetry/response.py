"""Models of response to dose: generalised EUD, pneumonitis (logistic, Lyman), dose to immune cells (EDIC)."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dosimetry.errors import DoseError
from dosimetry.fractionation import require_positive

FloatArray = NDArray[np.float64]

QUANTEC_INTERCEPT = 3.87
QUANTEC_PER_GY = 0.126
"""Marks 2010, doi 10.1016/j.ijrobp.2009.06.091: logistic fit of symptomatic pneumonitis to mean lung dose."""


@dataclass(frozen=True)
class Lyman:
    """A Lyman-Kutcher-Burman model: volume parameter n, slope m, dose of 50 % complication in Gy."""

    n: float
    m: float
    td50_gy: float


SEPPENWOOLDE = Lyman(n=1.0, m=0.37, td50_gy=30.8)
"""Pneumonitis, Seppenwoolde 2003, doi 10.1016/s0360-3016(02)03986-x: n = 1, so the gEUD is the mean dose."""


@dataclass(frozen=True)
class CourseDose:
    """Mean doses of one course in physical dose, and its number of fractions.

    Attributes
    ----------
    integral_gy_cc
        Integral total dose: mean dose of the body times its volume.
    """

    mean_lung_gy: float
    mean_heart_gy: float
    mean_liver_gy: float
    integral_gy_cc: float
    fractions: int


def geud_gy(dose_gy: FloatArray, volume: FloatArray, n: float) -> float:
    """Generalised equivalent uniform dose, (sum v_i D_i^(1/n))^n.

    Parameters
    ----------
    dose_gy
        shape (k,): dose of each part of the structure, finite and 0 or more, Gy.
    volume
        shape (k,): its volume in any unit, 0 or more, not all 0.
    n
        Volume parameter, above 0: 1 gives the mean, towards 0 the maximum.

    Raises
    ------
    DoseError
        If doses, volumes or n cannot be.

    Notes
    -----
    Niemierko 1999 (Med Phys 26, 1100), with a = 1/n. Powers are taken of D / Dmax: no overflow for small n.
    """
    require_positive("volume parameter n", n)
    _require_doses_and_volumes(dose_gy, volume)
    largest_gy = float(dose_gy[volume > 0].max())
    if largest_gy == 0:
        return 0.0
    share = volume / volume.sum()
    relative = np.minimum(dose_gy, largest_gy) / largest_gy
    mean_power = float(np.sum(share * relative ** (1 / n)))
    return float(largest_gy * mean_power**n)


def quantec_pneumonitis(mean_lung_gy: float) -> float:
    """Probability of symptomatic pneumonitis by mean lung dose, 1 / (1 + exp(3.87 - 0.126 MLD)).

    Raises
    ------
    DoseError
        If the dose is negative or not finite.

    Notes
    -----
    QUANTEC: Marks 2010, doi 10.1016/j.ijrobp.2009.06.091.
    """
    _require_dose("mean lung dose", mean_lung_gy)
    return 1.0 / (1.0 + math.exp(QUANTEC_INTERCEPT - QUANTEC_PER_GY * mean_lung_gy))


def lyman_probability(uniform_gy: float, model: Lyman) -> float:
    """Probability of a complication, Phi((gEUD - TD50) / (m TD50)).

    Parameters
    ----------
    uniform_gy
        Generalised EUD with the model's own n, Gy.

    Raises
    ------
    DoseError
        If the dose or a parameter cannot be.

    Notes
    -----
    Lyman 1985 (Radiat Res 104, S13) with the reduction of Kutcher and Burman 1989.
    """
    _require_dose("gEUD", uniform_gy)
    require_positive("m", model.m)
    require_positive("TD50 in Gy", model.td50_gy)
    t = (uniform_gy - model.td50_gy) / (model.m * model.td50_gy)
    return 0.5 * math.erfc(-t / math.sqrt(2.0))


def immune_cell_dose_gy(course: CourseDose) -> float:
    """Effective dose to circulating immune cells (EDIC) of one course, Gy; courses are added.

    0.12 MLD + 0.08 MHD + 0.15 * 0.85 sqrt(n/45) * mean liver dose
    + (0.45 + 0.35 * 0.85 sqrt(n/45)) * ITD / 62000.

    Raises
    ------
    DoseError
        If a dose or the number of fractions cannot be.

    Notes
    -----
    Xu 2020, doi 10.1016/j.radonc.2020.02.015; 62,000 cc is a body of 62 kg.
    """
    require_positive("number of fractions", course.fractions)
    for name, value in (
        ("mean lung dose", course.mean_lung_gy),
        ("mean heart dose", course.mean_heart_gy),
        ("mean liver dose", course.mean_liver_gy),
        ("integral dose", course.integral_gy_cc),
    ):
        _require_dose(name, value)
    mixed = 0.85 * math.sqrt(course.fractions / 45)
    return (
        0.12 * course.mean_lung_gy
        + 0.08 * course.mean_heart_gy
        + 0.15 * mixed * course.mean_liver_gy
        + (0.45 + 0.35 * mixed) * course.integral_gy_cc / 62_000
    )


def _require_doses_and_volumes(dose_gy: FloatArray, volume: FloatArray) -> None:
    if dose_gy.ndim != 1 or dose_gy.shape != volume.shape or dose_gy.size == 0:
        raise DoseError("number of doses of a gEUD", dose_gy.size, "one volume for each of one or more")
    for name, values in (("dose in Gy", dose_gy), ("volume", volume)):
        wrong = values[~(np.isfinite(values) & (values >= 0))]
        if wrong.size:
            raise DoseError(f"{name} of a gEUD", float(wrong[0]), "a finite number of 0 or more")
    if volume.sum() <= 0:
        raise DoseError("volume of a gEUD", float(volume.sum()), "more than 0")


def _require_dose(name: str, value_gy: float) -> None:
    if not (math.isfinite(value_gy) and value_gy >= 0):
        raise DoseError(f"{name} in Gy", value_gy, "a finite number of 0 or more")

"""What the models say of a subject's dose: pneumonitis by QUANTEC and Lyman, dose to immune cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from dosimetry.response import (
    SEPPENWOOLDE,
    CourseDose,
    immune_cell_dose_gy,
    lyman_probability,
    quantec_pneumonitis,
)
from trial_core.domain.criteria import ScopeKind
from trial_core.domain.dose_metrics import DoseMetric

LUNGS, HEART, LIVER, BODY = "Lungs", "Heart", "Liver", "BODY"
MEAN, V20, INTEGRAL = "Mean[Gy]", "V20Gy[%]", "Integral[Gy cc]"
LATE_ALPHA_BETA_GY = 3.0
QUANTEC, LYMAN, EDIC = "NTCP pneumonitis, QUANTEC", "NTCP pneumonitis, LKB Seppenwoolde", "EDIC[Gy]"
_MODELS: tuple[tuple[str, Callable[[float], float]], ...] = (
    (QUANTEC, quantec_pneumonitis),
    (LYMAN, lambda mean_gy: lyman_probability(mean_gy, SEPPENWOOLDE)),  # n = 1: the gEUD is the mean
)
_EDIC_NEEDS = ((LUNGS, MEAN), (HEART, MEAN), (LIVER, MEAN), (BODY, INTEGRAL))


_CURVE_TO_GY = 40


def pneumonitis_curves() -> dict[str, tuple[tuple[float, float], ...]]:
    """Give each model's probability of pneumonitis by mean dose of both lungs in Gy, for a figure."""
    doses = [half / 2 for half in range(2 * _CURVE_TO_GY + 1)]
    return {name: tuple((dose, model(dose)) for dose in doses) for name, model in _MODELS}


def is_late_sum(metric: DoseMetric) -> bool:
    """Whether it is of the EQD2(3) sum, on which pneumonitis is predicted."""
    return metric.scope_kind is ScopeKind.SUM_EQD2 and metric.alpha_beta_gy == LATE_ALPHA_BETA_GY


def is_sum(metric: DoseMetric) -> bool:
    """Whether it is of the EQD2(3) sum or of the physical one beside it."""
    return is_late_sum(metric) or metric.scope_kind is ScopeKind.SUM_PHYSICAL


def predictions(metrics: Sequence[DoseMetric]) -> tuple[DoseMetric, ...]:
    """The models' figures as metrics of their own; without the dose they need, no value and the reason."""
    if not metrics:
        return ()
    return (*_pneumonitis(metrics), _immune_cells(metrics))


def _pneumonitis(metrics: Iterable[DoseMetric]) -> Iterable[DoseMetric]:
    for metric in metrics:
        if is_sum(metric) and (metric.structure, metric.metric) == (LUNGS, MEAN):
            for name, model in _MODELS:
                value = None if metric.value is None else model(metric.value)
                yield replace(metric, metric=name, unit="probability", value=value)


def _immune_cells(metrics: Sequence[DoseMetric]) -> DoseMetric:
    """EDIC of each course in physical dose with its own fractions, added."""
    of_plans = [metric for metric in metrics if metric.scope_kind is ScopeKind.PLAN]
    names = sorted({_name(metric) for metric in of_plans})
    courses = {name: _course([each for each in of_plans if _name(each) == name]) for name in names}
    missing = [f"{name} lacks {course}" for name, course in courses.items() if isinstance(course, str)]
    if not courses:
        missing.append("no plan was checked")
    known = [course for _, course in courses.items() if isinstance(course, CourseDose)]
    return DoseMetric(
        scope_kind=ScopeKind.SUM_PHYSICAL,
        scope="all courses, each in physical dose",
        structure="circulating immune cells",
        metric=EDIC,
        unit="Gy",
        value=None if missing else sum(immune_cell_dose_gy(course) for course in known),
        reason="; ".join(missing),
    )


def _name(metric: DoseMetric) -> str:
    """The course that a plan belongs to: plans of one regimen share its fractions."""
    return metric.regimen or f"plan {metric.plan}"


def _course(metrics: Sequence[DoseMetric]) -> CourseDose | str:
    """The doses of one course, its plans together, or what is missing of them, in words."""
    plans = sorted({metric.plan for metric in metrics})
    parts = [_needed([metric for metric in metrics if metric.plan == plan]) for plan in plans]
    missing = [need for part in parts for need, value in part.items() if value is None]
    if missing:
        return ", ".join(dict.fromkeys(missing))
    lungs, heart, liver, body, fractions = (sum(part[need] or 0.0 for part in parts) for need in parts[0])
    return CourseDose(
        mean_lung_gy=lungs,
        mean_heart_gy=heart,
        mean_liver_gy=liver,
        integral_gy_cc=body,
        fractions=int(fractions),
    )


def _needed(metrics: Sequence[DoseMetric]) -> dict[str, float | None]:
    """What EDIC needs of one plan, in words and in order; None is missing."""
    values = {(each.structure, each.metric): each.value for each in metrics}
    needed = {
        f"{metric} of {structure}": values.get((structure, metric)) for structure, metric in _EDIC_NEEDS
    }
    return {**needed, "its number of fractions": next((each.fractions for each in metrics), None)}

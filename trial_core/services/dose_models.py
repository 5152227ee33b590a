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
    courses = sorted({metric.plan for metric in metrics if metric.scope_kind is ScopeKind.PLAN})
    missing, total_gy = [], 0.0
    for plan in courses:
        course = _course([each for each in metrics if each.plan == plan])
        if isinstance(course, CourseDose):
            total_gy += immune_cell_dose_gy(course)
        else:
            missing.append(f"plan {plan} lacks {course}")
    if not courses:
        missing.append("no plan was checked")
    return DoseMetric(
        scope_kind=ScopeKind.SUM_PHYSICAL,
        scope="all courses, each in physical dose",
        structure="circulating immune cells",
        metric=EDIC,
        unit="Gy",
        value=None if missing else total_gy,
        reason="; ".join(missing),
    )


def _course(metrics: Sequence[DoseMetric]) -> CourseDose | str:
    """The doses of one course, or what is missing of them, in words."""
    values = {(each.structure, each.metric): each.value for each in metrics if each.value is not None}
    fractions = next((each.planned_fractions for each in metrics if each.planned_fractions), None)
    missing = [
        f"{metric} of {structure}" for structure, metric in _EDIC_NEEDS if (structure, metric) not in values
    ]
    if fractions is None:
        missing.append("its number of fractions")
    if missing or fractions is None:
        return ", ".join(missing)
    lungs, heart, liver, body = (values[need] for need in _EDIC_NEEDS)
    return CourseDose(
        mean_lung_gy=lungs,
        mean_heart_gy=heart,
        mean_liver_gy=liver,
        integral_gy_cc=body,
        fractions=fractions,
    )

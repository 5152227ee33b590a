"""Why a subject has no dose value: by design, not evaluable and not yet checked are three things."""

from __future__ import annotations

from enum import StrEnum

from trial_core.domain.clinical_record import ClinicalRecord
from trial_core.domain.dose_metrics import DoseMetric


class DoseState(StrEnum):
    """What stands behind a dose cell."""

    EVALUATED = "evaluated"
    NOT_EVALUABLE = "not evaluable"
    BY_DESIGN = "no radiotherapy by design"
    AGAINST_PROTOCOL = "radiotherapy against protocol, dose not known"
    NOT_CHECKED = "no verified plan check"


def dose_state(record: ClinicalRecord, metric: DoseMetric | None) -> DoseState:
    """Say what stands behind a subject's metric; None: there is no such metric in its plan check."""
    if not record.subject.has_radiotherapy and metric is None:
        return DoseState.AGAINST_PROTOCOL if record.fraction_days else DoseState.BY_DESIGN
    if metric is None:
        return DoseState.NOT_CHECKED
    return DoseState.NOT_EVALUABLE if metric.value is None else DoseState.EVALUATED

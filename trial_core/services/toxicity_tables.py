"""The table of worst grades by arm, from subjects' records: today's or those of a data cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from trial_core.domain.clinical_record import ClinicalRecord
from trial_core.domain.conduct import ToxicityRules
from trial_core.domain.populations import Population, arm_as_treated, members
from trial_core.domain.subject_outcome import population_facts
from trial_core.domain.toxicity import AdverseEvent, Treatment
from trial_core.domain.toxicity_table import SubjectAtRisk, ToxicityTable, worst_grade_table


def toxicity_table(
    records: Iterable[ClinicalRecord], rules: ToxicityRules, *, related_to: Treatment | None = None
) -> ToxicityTable:
    """The emergent worst grades of the safety population, by what each subject was treated with."""
    chosen = tuple(records)
    return worst_grade_table(
        [event for record in chosen for event in _events(record)],
        tuple(_at_risk(chosen)),
        related_to=related_to,
        window_days=rules.window_days,
    )


def _events(record: ClinicalRecord) -> Iterator[AdverseEvent]:
    for event in record.events:
        yield replace(event, subject=record.subject.label)


def _at_risk(records: Iterable[ClinicalRecord]) -> Iterator[SubjectAtRisk]:
    for record in records:
        facts = population_facts(record)
        if facts is not None and members([facts], Population.SAFETY):
            yield SubjectAtRisk(
                code=record.subject.label, arm=arm_as_treated(facts), exposure=record.exposure
            )

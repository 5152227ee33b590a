"""Where the safety rule stands: the grade 5 events of the run-in and their adjudications, as on record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Connection

from trial_core.db.form_content import from_plain
from trial_core.db.repositories import forms, subjects
from trial_core.db.repositories.forms import FormVersion
from trial_core.domain.clinical_forms import ClinicalForm
from trial_core.domain.safety_rule import Adjudication, DeathEvent, SafetyCount, count_deaths, death_event
from trial_core.domain.subject import Phase
from trial_core.domain.subject_forms import EventAdjudication, SubjectForm
from trial_core.domain.toxicity import AdverseEvent


def safety_count(connection: Connection, *, limit: int) -> SafetyCount:
    """Count the run-in's subjects with a grade 5 event that counts, as the record has it now."""
    return count_deaths(run_in_deaths(connection), limit=limit)


def run_in_deaths(connection: Connection) -> tuple[DeathEvent, ...]:
    """Give every grade 5 event of a run-in subject with its adjudications."""
    run_in = dict(subjects.of_phase(connection, Phase.IIA))
    decided = _adjudications(connection)
    found = []
    for form in forms.standing_of_some(connection, ClinicalForm.ADVERSE_EVENT, run_in):
        event = replace(adverse_event(form), subject=run_in[form.subject_id].label)
        found.append(death_event(event, decided.get(_version(form), ())))
    return tuple(event for event in found if event is not None)


def adverse_event(form: FormVersion) -> AdverseEvent:
    """Read an adverse event; its id is the one it stands under."""
    return replace(from_plain(form.content, AdverseEvent), id=form.occasion)


def _adjudications(connection: Connection) -> Mapping[tuple[str, str], tuple[Adjudication, ...]]:
    # Decided was one version of the event. Once the event is corrected, it is open again.
    found: dict[tuple[str, str], list[Adjudication]] = defaultdict(list)
    for form in forms.standing_of_all(connection, SubjectForm.ADJUDICATION):
        content = from_plain(form.content, EventAdjudication)
        found[content.event_id, content.event_sha256].append(
            Adjudication(
                adjudicator=form.entered_by,
                number=form.version,
                related=content.related,
                reason=content.reason,
            )
        )
    return {version: tuple(each) for version, each in found.items()}


def _version(form: FormVersion) -> tuple[str, str]:
    return form.occasion, form.content_sha256

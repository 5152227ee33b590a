"""Each kind of form of the demo study through the service that takes it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trial_core.domain.clinical_forms import BaselineForm, Contact, Death
from trial_core.domain.ctcae import DISEASE_PROGRESSION, HIGHEST_GRADE
from trial_core.domain.delivery_forms import TypedFraction
from trial_core.domain.leaving import Leaving
from trial_core.domain.pfs_history import Therapy
from trial_core.domain.readings import Visit
from trial_core.domain.study_state import StudyState
from trial_core.domain.systemic import Cycle
from trial_core.enrolment_errors import FormRefused
from trial_core.services import cycles, delivery, follow_up, safety, study, toxicity, withdrawal
from trial_core.services.conduct_of import conduct_of
from workers.demo.toxicities import is_found_related

if TYPE_CHECKING:
    from trial_core.db.session import Database
    from trial_core.domain.access import Actor
    from trial_core.domain.protocol import Protocol
    from trial_core.domain.toxicity import AdverseEvent
    from workers.demo.histories import Form


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Where the forms of one subject are entered, and who judges its death, with what they sign by."""

    db: Database
    protocol: Protocol
    staff: Actor
    adjudicators: tuple[tuple[Actor, str], ...]
    code: str


def enter_form(desk: Desk, form: Form) -> None:
    """Enter a form; the same one again changes nothing."""
    services = (desk.db, conduct_of(desk.protocol), desk.staff)
    match form:
        case BaselineForm():
            follow_up.enter_baseline(*services, code=desk.code, baseline=form)
        case Visit():
            follow_up.enter_visit(*services, code=desk.code, visit=form)
        case Therapy():
            follow_up.enter_therapy(*services, code=desk.code, therapy=form)
        case Contact():
            follow_up.enter_contact(*services, code=desk.code, contact=form)
        case Death():
            follow_up.enter_death(*services, code=desk.code, death=form)
        case Cycle():
            cycles.enter_cycle(*services, code=desk.code, cycle=form)
        case TypedFraction():
            delivery.enter_fraction(*services, code=desk.code, fraction=form)
        case Leaving():
            _leave(desk, form)
        case _:
            _record(desk, form)


def _leave(desk: Desk, leaving: Leaving) -> None:
    with suppress(FormRefused):  # an earlier start was cut off after this step
        withdrawal.leave(desk.db, desk.staff, code=desk.code, leaving=leaving)


def _record(desk: Desk, event: AdverseEvent) -> None:
    recorded = toxicity.record_event(desk.db, desk.protocol, desk.staff, code=desk.code, event=event)
    if event.serious:
        with suppress(FormRefused):  # an earlier start was cut off after this step
            safety.report_serious_event(
                desk.db,
                desk.staff,
                code=desk.code,
                event_id=recorded.occasion,
                aware_at=recorded.entered_at,
                words=f"synthetic: {event.term}, grade {event.worst_grade}",
            )
    if event.worst_grade == HIGHEST_GRADE and event.term != DISEASE_PROGRESSION:
        _adjudicate(desk, event, recorded.occasion)


def _adjudicate(desk: Desk, event: AdverseEvent, event_id: str) -> None:
    """Let both adjudicators judge a death; a hold that it caused is lifted once it no longer counts."""
    related = is_found_related(event)
    agrees = "agrees" if related is event.is_related else "disagrees"
    for adjudicator, password in desk.adjudicators:
        safety.adjudicate(
            desk.db,
            adjudicator,
            event_id=event_id,
            related=related,
            reason=f"synthetic: {agrees} with the site's attribution",
            protocol=desk.protocol,
            password=password,
        )
    if study.study_now(desk.db).state is StudyState.HELD:
        adjudicator, password = desk.adjudicators[0]
        study.lift_the_hold(
            desk.db,
            adjudicator,
            password=password,
            protocol=desk.protocol,
            reason=f"synthetic: two adjudicators found the {event.term.lower()} not related to treatment",
        )

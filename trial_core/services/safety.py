"""Safety: the rule that holds the study, serious reports with their clock, and the adjudication of deaths."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from trial_core.db.form_content import from_plain
from trial_core.db.repositories import forms as form_rows
from trial_core.db.repositories import study, subjects
from trial_core.db.repositories.forms import FormVersion
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.clinical_forms import ClinicalForm
from trial_core.domain.ctcae import HIGHEST_GRADE
from trial_core.domain.protocol import Protocol
from trial_core.domain.serious_events import ReportClock, SeriousReport, report_problem
from trial_core.domain.signing import Meaning
from trial_core.domain.study_state import Study, after_safety_count
from trial_core.domain.subject_forms import EventAdjudication, SeriousEventReport, SubjectForm
from trial_core.domain.toxicity import AdverseEvent
from trial_core.enrolment_errors import FormRefused
from trial_core.follow_up_errors import UnknownEvent
from trial_core.services import forms, milestones, signatures
from trial_core.services.authorise import (
    reach_of,
    refuse_own_work,
    require,
    subject_at_site,
    subject_in_reach,
)
from trial_core.services.conduct_of import deaths_that_hold
from trial_core.services.readable import require_readable
from trial_core.services.safety_facts import adverse_event, safety_count
from trial_core.services.study_log import change_state

_AE = ClinicalForm.ADVERSE_EVENT


@dataclass(frozen=True, kw_only=True)
class SeriousEvent:
    """A serious event, its reports, and where the 24-hour clock stands."""

    subject: str
    event: AdverseEvent
    report: SeriousReport
    clock: ReportClock


def apply_safety_rule(connection: Connection, db: Database, actor: Actor, protocol: Protocol) -> Study:
    """Count anew and hold or terminate the study if the rule says so, in the transaction of the change.

    Whoever writes an adverse event or an adjudication calls this before the commit.
    """
    now = study.current(connection)
    after = after_safety_count(now, safety_count(connection, limit=deaths_that_hold(protocol)))
    change_state(connection, db, actor, before=now, after=after)
    return after


def report_serious_event(
    db: Database, actor: Actor, *, code: str, event_id: str, aware_at: datetime, words: str
) -> FormVersion:
    """Report a serious event for the first time: it stops the clock that runs from `aware_at`.

    Parameters
    ----------
    aware_at
        When somebody at the site first knew of it, with its zone.
    words
        What happened, without anything that names a person.

    Raises
    ------
    NotAuthorised, UnknownSubject, UnknownEvent, FormRefused
    """
    require(actor, Permission.REPORT_SAFETY)
    require_readable("words", words)
    with db.transaction() as connection:
        subject_id, _ = subject_at_site(connection, actor, code)
        form = milestones.standing_form(connection, subject_id, _AE, event_id)
        if form is None:
            raise UnknownEvent(event_id)
        _check_first_report(connection, form, aware_at=aware_at, now=db.now())
        report = SeriousEventReport(event_id=event_id, aware_at=aware_at, words=words.strip())
        return _enter_report(connection, db, actor, subject_id=subject_id, number=1, report=report)


def report_follow_up(db: Database, actor: Actor, *, code: str, event_id: str, words: str) -> FormVersion:
    """Report what is new of a serious event that was reported before.

    Raises
    ------
    NotAuthorised, UnknownSubject, UnknownEvent, FormRefused
    """
    require(actor, Permission.REPORT_SAFETY)
    require_readable("words", words)
    with db.transaction() as connection:
        subject_id, _ = subject_at_site(connection, actor, code)
        reports = _reports(connection, subject_id, event_id)
        if not reports:
            raise UnknownEvent(event_id)
        if not words.strip():
            raise FormRefused("follow-up report", "it is empty. Say what is new.")
        first = from_plain(reports[0].content, SeriousEventReport)
        # The number is part of the place: of two reports at once, each keeps its own.
        return _enter_report(
            connection,
            db,
            actor,
            subject_id=subject_id,
            number=len(reports) + 1,
            report=replace(first, words=words.strip()),
        )


def serious_events(db: Database, actor: Actor) -> tuple[SeriousEvent, ...]:
    """List the serious events in the actor's reach with their clocks, overdue or not.

    Raises
    ------
    NotAuthorised
    """
    require(actor, Permission.SEE_SUBJECTS)
    reach = reach_of(actor)
    with db.read() as connection:
        marked = [form for form in _events(connection, reach) if form.content["serious"]]
        known = subjects.by_ids(connection, {form.subject_id for form in marked})
        seen = {key: subject for key, subject in known.items() if reach in (None, subject.site_code)}
        reports = _by_event(form_rows.standing_of_some(connection, SubjectForm.SERIOUS_REPORT, seen))
        found = [
            _serious(
                seen[form.subject_id].label,
                adverse_event(form),
                reports.get((form.subject_id, form.occasion), ()),
                known_at=_known_at(connection, form),
                now=db.now(),
            )
            for form in marked
            if form.subject_id in seen
        ]
    return tuple(sorted(found, key=lambda each: (each.report.due_at, each.event.id)))


def _events(connection: Connection, reach: str | None) -> tuple[FormVersion, ...]:
    if reach is None:
        return form_rows.standing_of_all(connection, _AE)
    return form_rows.standing_of_some(connection, _AE, subjects.ids_of_site(connection, reach))


def serious_event_of(db: Database, actor: Actor, *, code: str, event_id: str) -> SeriousEvent | None:
    """Give the reports and the clock of one event of a subject; None where it is not marked as serious.

    Raises
    ------
    NotAuthorised, UnknownSubject, SubjectAtSeveralSites, UnknownEvent
    """
    require(actor, Permission.SEE_SUBJECTS)
    with db.read() as connection:
        subject_id, subject = subject_in_reach(connection, actor, code)
        form = milestones.standing_form(connection, subject_id, _AE, event_id)
        if form is None:
            raise UnknownEvent(event_id)
        event = adverse_event(form)
        reports = _reports(connection, subject_id, event_id)
        known_at = _known_at(connection, form)
    if not event.serious:
        return None
    return _serious(subject.label, event, reports, known_at=known_at, now=db.now())


def adjudicate(
    db: Database,
    actor: Actor,
    *,
    event_id: str,
    related: bool,
    reason: str,
    protocol: Protocol,
    password: str,
) -> Study:
    """Decide whether a grade 5 event, as it stands now, is related to treatment, and sign it; two have to.

    Raises
    ------
    NotAuthorised, UnknownEvent, OwnWork, FormRefused, TextUnusable, SignInRefused, AccountLocked
    """
    require(actor, Permission.ADJUDICATE)
    require_readable("reason", reason)
    signatures.confirm_password(db, actor, password=password)
    with db.transaction() as connection:
        form = _event_form(connection, event_id)
        if not reason.strip():
            raise FormRefused("adjudication", "it has no reason. Say what it rests on.")
        if adverse_event(form).worst_grade < HIGHEST_GRADE:
            raise FormRefused("adjudication", "the event is not of grade 5. Only those are adjudicated.")
        _refuse_own_event(connection, actor, form)
        decided = _decide(connection, db, actor, form, related=related, reason=reason.strip())
        signatures.sign_form(connection, db, actor, decided, meaning=Meaning.ADJUDICATED)
        return apply_safety_rule(connection, db, actor, protocol)


def _check_first_report(
    connection: Connection, form: FormVersion, *, aware_at: datetime, now: datetime
) -> None:
    if not adverse_event(form).serious:
        raise FormRefused("serious event report", "the event is not marked as serious. Correct the event.")
    if _reports(connection, form.subject_id, form.occasion):
        raise FormRefused(
            "serious event report", "it is reported already. Report what is new as a follow-up."
        )
    report = SeriousReport(event_id=form.occasion, aware_at=aware_at, reported_at=(now,))
    problem = report_problem(report, now, entered_at=_known_at(connection, form))
    if problem is not None:
        raise FormRefused("serious event report", problem)


def _enter_report(
    connection: Connection,
    db: Database,
    actor: Actor,
    *,
    subject_id: str,
    number: int,
    report: SeriousEventReport,
) -> FormVersion:
    return forms.enter(
        connection,
        db,
        actor,
        subject_id=subject_id,
        kind=SubjectForm.SERIOUS_REPORT,
        occasion=f"{report.event_id}/{number}",
        content=report,
    )


def _reports(connection: Connection, subject_id: str, event_id: str) -> tuple[FormVersion, ...]:
    forms = form_rows.standing(connection, subject_id=subject_id, kind=SubjectForm.SERIOUS_REPORT)
    return _by_event(forms).get((subject_id, event_id), ())


def _by_event(reports: Iterable[FormVersion]) -> dict[tuple[str, str], tuple[FormVersion, ...]]:
    """Give the reports by subject and event, the oldest first."""
    found: dict[tuple[str, str], tuple[FormVersion, ...]] = {}
    for form in sorted(reports, key=lambda each: each.entered_at):
        key = (form.subject_id, form.occasion.partition("/")[0])
        found[key] = (*found.get(key, ()), form)
    return found


def _known_at(connection: Connection, form: FormVersion) -> datetime:
    """When the event was first entered as serious, however often it was corrected: the site knew by then."""
    if form.version == 1:
        return form.entered_at
    versions = form_rows.history(
        connection, subject_id=form.subject_id, kind=form.kind, occasion=form.occasion
    )
    return min((each.entered_at for each in versions if each.content["serious"]), default=form.entered_at)


def _serious(
    subject: str, event: AdverseEvent, reports: Sequence[FormVersion], *, known_at: datetime, now: datetime
) -> SeriousEvent:
    said = [from_plain(reports[0].content, SeriousEventReport).aware_at] if reports else []
    reported = tuple(each.entered_at for each in reports)
    report = SeriousReport(event_id=event.id, aware_at=min([known_at, *said]), reported_at=reported)
    return SeriousEvent(subject=subject, event=event, report=report, clock=report.clock(now))


def _event_form(connection: Connection, event_id: str) -> FormVersion:
    for form in form_rows.standing_of_all(connection, _AE):
        if form.occasion == event_id:
            return form
    raise UnknownEvent(event_id)


def _refuse_own_event(connection: Connection, actor: Actor, form: FormVersion) -> None:
    versions = form_rows.history(
        connection, subject_id=form.subject_id, kind=form.kind, occasion=form.occasion
    )
    own = actor.login in {version.entered_by for version in versions}
    site_code = subjects.by_id(connection, form.subject_id).site_code
    refuse_own_work(actor, site_code=site_code, submitted_by=actor.user_id if own else None)


def _decide(
    connection: Connection, db: Database, actor: Actor, event: FormVersion, *, related: bool, reason: str
) -> FormVersion:
    occasion = f"{event.occasion}/{actor.user_id}"
    before = milestones.standing_form(connection, event.subject_id, SubjectForm.ADJUDICATION, occasion)
    return forms.enter(
        connection,
        db,
        actor,
        subject_id=event.subject_id,
        kind=SubjectForm.ADJUDICATION,
        occasion=occasion,
        content=EventAdjudication(
            event_id=event.occasion, event_sha256=event.content_sha256, related=related, reason=reason
        ),
        reason=reason if before else None,
        seen_version=before.version if before else None,
    )

"""What a subject's record comes to: responses, PFS, survival, open queries; and answers to queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from trial_core.db.repositories.forms import FormVersion, standing
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.clinical_forms import ClinicalForm, QueryAnswer
from trial_core.domain.clinical_record import ClinicalRecord
from trial_core.domain.conduct import Conduct
from trial_core.domain.leaving import follow_up_exit
from trial_core.domain.subject_forms import SubjectForm
from trial_core.domain.subject_outcome import OpenQuery, SubjectOutcome, derive_outcome
from trial_core.domain.visit_plan import ScheduledVisit, visit_plan
from trial_core.follow_up_errors import TextUnusable, UnknownQuery
from trial_core.services import delivery_reading
from trial_core.services.authorise import require, subject_at_site, subject_in_reach
from trial_core.services.clinical_entry import Place, put
from trial_core.services.clinical_reading import standing_record
from trial_core.services.readable import LONGEST_TEXT


@dataclass(frozen=True, kw_only=True)
class ClinicalView:
    """A subject's clinical page: its record, what is derived from it, and the versions of its forms.

    Attributes
    ----------
    visits
        The scheduled ones, up to the next one ahead; none before the clock's start.
    forms
        Those that stand, but adjudications, which `form_history` shows to whom they may be shown.
    """

    record: ClinicalRecord
    outcome: SubjectOutcome
    visits: tuple[ScheduledVisit, ...]
    forms: tuple[FormVersion, ...]


def clinical_view(db: Database, conduct: Conduct, actor: Actor, *, code: str) -> ClinicalView:
    """Give a subject's clinical record with everything derived from it today.

    Raises
    ------
    NotAuthorised, UnknownSubject, SubjectAtSeveralSites, FormUnreadable
    """
    require(actor, Permission.SEE_SUBJECTS)
    with db.read() as connection:
        subject_id, _subject = subject_in_reach(connection, actor, code)
        return view_of(connection, conduct, subject_id, today=db.today())


def view_of(connection: Connection, conduct: Conduct, subject_id: str, *, today: date) -> ClinicalView:
    """Derive a subject's clinical view within a transaction of another use case."""
    record = standing_record(connection, subject_id)
    return ClinicalView(
        record=record,
        outcome=derive_outcome(record, conduct, today=today),
        visits=_visits(record, conduct, today),
        forms=tuple(each for each in standing(connection, subject_id=subject_id) if not _is_decision(each)),
    )


def _is_decision(form: FormVersion) -> bool:
    return form.kind == SubjectForm.ADJUDICATION


def open_queries(db: Database, conduct: Conduct, actor: Actor, *, code: str) -> tuple[OpenQuery, ...]:
    """List what is unclear of a subject and not answered: in its record, and in its radiotherapy.

    Raises
    ------
    NotAuthorised, UnknownSubject, SubjectAtSeveralSites, FormUnreadable
    """
    require(actor, Permission.SEE_SUBJECTS)
    with db.read() as connection:
        subject_id, _subject = subject_in_reach(connection, actor, code)
        return _open_queries(connection, conduct, subject_id, today=db.today())


def answer_query(
    db: Database, conduct: Conduct, actor: Actor, *, code: str, key: str, answer: str
) -> FormVersion:
    """Answer an open query in words; it counts as answered while the record gives the same query.

    Raises
    ------
    NotAuthorised, UnknownSubject, UnknownQuery, TextUnusable
    """
    require(actor, Permission.ENTER_CLINICAL)
    if not answer.strip():
        raise TextUnusable("answer", LONGEST_TEXT)
    with db.read() as connection:
        subject_id, _subject = subject_at_site(connection, actor, code)
        found = _open_queries(connection, conduct, subject_id, today=db.today())
    query = next((each.query for each in found if each.key == key), None)
    if query is None:
        raise UnknownQuery(key)
    content = QueryAnswer(code=query.code, about=query.about, message=query.message, answer=answer)
    place = Place(code=code, kind=ClinicalForm.QUERY_ANSWER, occasion=key, reason=answer)
    return put(db, conduct, actor, place, content)


def _open_queries(
    connection: Connection, conduct: Conduct, subject_id: str, *, today: date
) -> tuple[OpenQuery, ...]:
    record = derive_outcome(standing_record(connection, subject_id), conduct, today=today)
    treatment = delivery_reading.view_of(connection, conduct, subject_id, today=today)
    return (*record.open_queries, *treatment.open_queries)


def _visits(record: ClinicalRecord, conduct: Conduct, today: date) -> tuple[ScheduledVisit, ...]:
    started, left = record.subject.start, follow_up_exit(record.leavings)
    if started is None:
        return ()
    ends = [on for on in (record.died_on, None if left is None else left.on) if on is not None]
    return visit_plan(
        conduct.pfs.schedule, record.visits, start=started[0], today=today, until=min(ends, default=None)
    )

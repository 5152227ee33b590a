"""One subject's course at one moment: its record, what derives from it, delivery, and the time line."""

from __future__ import annotations

from dataclasses import dataclass

from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.conduct import Conduct
from trial_core.domain.time_line import time_line
from trial_core.domain.time_line_entries import TimeLine
from trial_core.services import delivery_reading, milestones, outcomes
from trial_core.services.authorise import require, subject_in_reach
from trial_core.services.delivery_reading import DeliveryView
from trial_core.services.outcomes import ClinicalView


@dataclass(frozen=True, kw_only=True)
class SubjectCourse:
    """What the page of a subject shows of its course; all three of one moment."""

    clinical: ClinicalView
    delivery: DeliveryView
    time_line: TimeLine


def subject_course(db: Database, conduct: Conduct, actor: Actor, *, code: str) -> SubjectCourse:
    """Give a subject's course as it stands today.

    Raises
    ------
    NotAuthorised, UnknownSubject, SubjectAtSeveralSites, FormUnreadable
    """
    require(actor, Permission.SEE_SUBJECTS)
    today = db.today()
    with db.read() as connection:
        subject_id, _subject = subject_in_reach(connection, actor, code)
        clinical = outcomes.view_of(connection, conduct, subject_id, today=today)
        given = delivery_reading.view_of(connection, conduct, subject_id, today=today)
        consents = milestones.consents(connection, subject_id)
    line = time_line(
        clinical.record,
        consents=consents,
        courses=given.courses,
        fractions=given.fractions,
        responses=clinical.outcome.responses,
        calendar=conduct.delivery,
        today=today,
    )
    return SubjectCourse(clinical=clinical, delivery=given, time_line=line)

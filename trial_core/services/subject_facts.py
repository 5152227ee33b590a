"""Who a subject is in the trial: phase, arm, and the day on which it was randomised."""

from __future__ import annotations

from sqlalchemy import Connection

from trial_core.db.repositories import follow_up, subjects
from trial_core.db.session import day_of
from trial_core.domain.clinical_record import SubjectFacts


def facts_of(connection: Connection, subject_id: str) -> SubjectFacts:
    """Give a subject's facts as its rows have them; the day of enrolment is in its forms."""
    subject = subjects.by_id(connection, subject_id)
    randomised_at = follow_up.randomised_at(connection, subject_id)
    return SubjectFacts(
        code=subject.code,
        site=subject.site_code,
        phase=subject.phase,
        arm=subject.arm,
        randomised_on=None if randomised_at is None else day_of(connection, randomised_at),
    )

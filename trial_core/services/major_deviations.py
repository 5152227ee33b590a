"""Major deviations of a subject's radiotherapy, in words: they take it out of the per-protocol population."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import Connection

from trial_core.domain.conduct import Conduct
from trial_core.domain.delivery import DeviationClass
from trial_core.domain.delivery_deviations import DeliveryDeviationKind
from trial_core.services.delivery_reading import DeliveryView, view_of


def major_deviations(
    connection: Connection, conduct: Conduct, subject_id: str, *, today: date
) -> tuple[str, ...]:
    """Give them as of a day: treatment that the protocol does not allow, and doses far from the prescription.

    Assumed: every treatment without an accepted plan, and any in an arm without radiotherapy, is major; of
    the dose the class of the protocol decides.
    """
    return tuple(sorted(set(_words(view_of(connection, conduct, subject_id, today=today), today))))


def _words(view: DeliveryView, today: date) -> Iterator[str]:
    for listed in view.deviations:
        first_on = listed.deviation.first_on
        if first_on is None or first_on <= today:
            yield listed.deviation.kind.value
    if any(each.started_on is None or each.started_on <= today for each in view.against_arm):
        yield DeliveryDeviationKind.ARM_WITHOUT_RADIOTHERAPY.value
    for course in view.courses:
        over = course.last_on is None or course.last_on <= today
        if over and course.deviation is DeviationClass.MAJOR:
            regimen = course.course.regimen
            yield f"{regimen}: delivered dose is {course.difference_percent:+.1f} % off the prescription"

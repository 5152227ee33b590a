"""Plans of the demo's subjects in the demo's own days: submitted, judged, and what was delivered on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from trial_core.domain.delivery_forms import TypedFraction
from trial_core.domain.plan import SubmissionState
from trial_core.protocols.reader import read_protocol
from trial_core.services import delivery
from trial_core.services.conduct_of import conduct_of
from workers.demo.calendar import FIRST_IIB_SUBJECT_ON, RECORDS_ON, working_day, working_days
from workers.demo.courses import DemoCourse, Part, bring_on_course, own_submission
from workers.demo.histories import known_until
from workers.demo.subjects import CHECKED_SUBJECT, RESUBMITTED_SUBJECT, DemoSubject, Fate
from workers.scratch import scratch_folder

if TYPE_CHECKING:
    from trial_core.domain.access import Actor
    from trial_core.domain.delivery import DeliverySummary
    from workers.demo.reviewing import ReviewBoard
    from workers.workplace import Tell, Workplace

SCRATCH = "demo-scratch"
MOST_OF_IIB = 2
"""Subjects of phase IIb whose plans are checked: each check takes seconds of the first start."""
_RESUBMITTED_SEED = 2
_FIRST_SEED_OF_IIB = 3
_SEED_OF_WAITING = 9

Step = Callable[[], None]


@dataclass
class DemoPlans:
    """What becomes of the plans of those demo subjects who have any.

    Attributes
    ----------
    course_folder, patient_id
        The synthetic course of the first subject, and the PatientID in it.
    """

    workplace: Workplace
    board: ReviewBoard
    course_folder: Path
    patient_id: str
    tell: Tell | None = None
    _of_iib: list[str] = field(default_factory=list)
    _waiting: str | None = None

    def steps(self, subject: DemoSubject, *, start: date, radiotherapy: bool) -> Iterator[tuple[date, Step]]:
        """Give the steps of one subject with their days; none where its plans are not part of the demo."""
        if subject.code == CHECKED_SUBJECT:
            yield from self._of_checked(subject)
        elif subject.code == RESUBMITTED_SUBJECT:
            yield from self._of_resubmitted(subject)
        elif subject.fate is Fate.IN_TREATMENT:
            yield from self._of_late(subject, start) if radiotherapy else ()
        elif radiotherapy and start >= FIRST_IIB_SUBJECT_ON and not subject.typed_fractions:
            yield from self._of_arm_a(subject, start)

    def _of_checked(self, subject: DemoSubject) -> Iterator[tuple[date, Step]]:
        first = partial(self._first, subject)
        on = subject.screened_on
        yield working_day(on + timedelta(days=2)), partial(first, number=1, part=Part.PLANS)
        yield working_day(on + timedelta(days=4)), partial(self._judge, subject, number=1)
        yield RECORDS_ON, partial(first, number=2, part=Part.RECORDS)
        yield from self._rest_typed(subject, on)

    def _of_resubmitted(self, subject: DemoSubject) -> Iterator[tuple[date, Step]]:
        send = partial(self._written, subject, seed=_RESUBMITTED_SEED)
        judge = partial(self._judge, subject)
        days = list(working_days(subject.screened_on + timedelta(days=1), 4))
        yield days[0], partial(send, number=1, part=Part.PLANS, faulty=True)
        yield days[1], partial(judge, number=1)
        yield days[2], partial(send, number=2, part=Part.PLANS)
        yield days[3], partial(judge, number=2)
        yield RECORDS_ON, partial(send, number=3, part=Part.RECORDS)
        yield from self._rest_typed(subject, subject.screened_on)

    def _of_arm_a(self, subject: DemoSubject, start: date) -> Iterator[tuple[date, Step]]:
        if subject.code not in self._of_iib:
            if len(self._of_iib) == MOST_OF_IIB:
                return
            self._of_iib.append(subject.code)
        seed = _FIRST_SEED_OF_IIB + self._of_iib.index(subject.code)
        send = partial(self._written, subject, seed=seed, number=1, part=Part.PLANS)
        yield working_day(start + timedelta(days=4)), send
        yield working_day(start + timedelta(days=7)), partial(self._judge, subject, number=1)
        yield from self._rest_typed(subject, start)

    def _of_late(self, subject: DemoSubject, start: date) -> Iterator[tuple[date, Step]]:
        """Give the plan of the first of them, on which nobody has decided; the others have none yet."""
        if self._waiting in (None, subject.code):
            self._waiting = subject.code
            send = partial(self._written, subject, seed=_SEED_OF_WAITING, number=1, part=Part.PLANS)
            yield working_day(start + timedelta(days=4)), send

    def _rest_typed(self, subject: DemoSubject, start: date) -> Iterator[tuple[date, Step]]:
        until = known_until(subject, start=start)
        typed = partial(self._type_rest, subject, start=start, until=until)
        yield min(start + timedelta(days=70), until), typed

    def _first(self, subject: DemoSubject, *, number: int, part: Part) -> None:
        course = DemoCourse(subject.code, self.patient_id, number, part)
        bring_on_course(self.workplace, self._staff(subject), course, self.course_folder, self.tell)

    def _written(
        self, subject: DemoSubject, *, seed: int, number: int, part: Part, faulty: bool = False
    ) -> None:
        course = DemoCourse(subject.code, f"SYN-{seed:04d}", number, part)
        own = own_submission(self.workplace.db, self._staff(subject), course)
        if own is not None and own.state is SubmissionState.CHECKED:
            return
        with self._small_course(seed, faulty=faulty) as folder:
            bring_on_course(self.workplace, self._staff(subject), course, folder)

    @contextmanager
    def _small_course(self, seed: int, *, faulty: bool) -> Iterator[Path]:
        from imaging.synthetic.course import CourseSize, write_course  # noqa: PLC0415 - at the first run alone
        from imaging.synthetic.faults import Fault  # noqa: PLC0415

        with scratch_folder(self.workplace.settings.data_folder / SCRATCH) as scratch:
            faults = [Fault.VIOLATED_LIMIT] if faulty else []
            write_course(scratch / "course", seed=seed, size=CourseSize.SMALL, faults=faults)
            yield scratch / "course"

    def _judge(self, subject: DemoSubject, *, number: int) -> None:
        """Let a set be judged, where it has come so far."""
        course = DemoCourse(subject.code, "", number)
        own = own_submission(self.workplace.db, self._staff(subject), course)
        if own is not None and own.state is SubmissionState.CHECKED:
            self.board.judge(own.submission_id)

    def _type_rest(self, subject: DemoSubject, *, start: date, until: date) -> None:
        """Type in the fractions of which there is no machine record, LDRT first, one a working day."""
        db, staff, conduct = self.workplace.db, self._staff(subject), conduct_of(read_protocol())
        view = delivery.delivery_view(db, conduct, staff, code=subject.code)
        given = {(each.plan, each.fraction) for each in view.fractions}
        first = working_day(start + timedelta(days=14))
        for course in sorted(view.courses, key=lambda each: each.course.fractions):
            for fraction in _to_type(course, given, first, until):
                delivery.enter_fraction(db, conduct, staff, code=subject.code, fraction=fraction)
            first += timedelta(days=7)

    def _staff(self, subject: DemoSubject) -> Actor:
        return self.board.cast.staff(subject.site)


def _to_type(
    course: DeliverySummary, given: set[tuple[str, int]], first: date, until: date
) -> Iterator[TypedFraction]:
    plan = course.course.plans[0]
    left = [each for each in range(1, course.course.fractions + 1) if (plan, each) not in given]
    after = first if course.last_on is None else course.last_on + timedelta(days=1)
    for number, on in zip(left, working_days(after, len(left)), strict=True):
        if on <= until:
            yield TypedFraction(plan=plan, fraction=number, on=on)

"""Adverse events: what can be entered, what emerged under treatment, and the table of worst grades."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial_core.domain.serious_events import ReportClock, SeriousReport, report_problem
from trial_core.domain.toxicity import (
    AdverseEvent,
    Attribution,
    Exposure,
    GradeFrom,
    Outcome,
    Treatment,
    emergent_grade,
    event_problems,
)
from trial_core.domain.toxicity_table import SubjectAtRisk, worst_grade_table
from trial_core.protocols.ctcae_csv import shipped_terms

D = date(2026, 3, 1)
TERMS = shipped_terms()
TREATED = Exposure(first_on=D, last_on=D + timedelta(days=40))


def _event(
    *grades: tuple[int, int], subject: str = "S1", term: str = "Pneumonitis", **more: object
) -> AdverseEvent:
    """An event by (days after the first treatment, grade)."""
    event = AdverseEvent(
        id=f"{subject} {term}",
        subject=subject,
        version="5.0",
        term=term,
        grades=tuple(GradeFrom(on=D + timedelta(days=day), grade=grade) for day, grade in grades),
    )
    return replace(event, **more)  # type: ignore[arg-type]


def _fields(event: AdverseEvent, died_on: date | None = None) -> list[str]:
    return [problem.field for problem in event_problems(event, TERMS, died_on=died_on)]


def test_event_problems__lets_a_plain_event_pass() -> None:
    assert not event_problems(_event((3, 1), (10, 3), (20, 2), ended_on=D + timedelta(days=30)), TERMS)


@pytest.mark.parametrize(
    ("event", "died_after", "expected"),
    [
        (_event(), None, ["grades"]),
        (
            _event((3, 5), term="Neutrophil count decreased", outcome=Outcome.FATAL, serious=True),
            3,
            ["grades"],
        ),
        (_event((3, 2), term="Febrile neutropenia"), None, ["grades"]),
        (_event((3, 6)), None, ["grades"]),
        (_event((3, 0)), None, ["grades"]),
        (_event((3, 2), term="No such thing"), None, ["term"]),
        (_event((3, 2), version="4.0"), None, ["term"]),
        (_event((3, 2), (3, 3)), None, ["grades"]),
        (_event((3, 2), (9, 3), ended_on=D + timedelta(days=8)), None, ["end"]),
        (_event((9, 2)), 8, ["grades"]),
        (_event((3, 2), baseline_grade=5), None, ["baseline grade"]),
        (_event((3, 4), term="Sepsis", baseline_grade=1), None, ["baseline grade"]),
        (_event((3, 3), outcome=Outcome.FATAL), None, ["outcome"]),
        (_event((3, 5), serious=True), 3, ["outcome"]),
        (_event((3, 5), outcome=Outcome.FATAL), 3, ["serious"]),
        (_event((3, 5), outcome=Outcome.FATAL, serious=True), None, ["grades"]),
        (_event((3, 5), outcome=Outcome.FATAL, serious=True), 4, ["grades"]),
        (_event((3, 5), (4, 4), outcome=Outcome.FATAL, serious=True), 4, ["grades", "grades"]),
        (_event((3, 5), outcome=Outcome.FATAL, serious=True), 3, []),
        (_event((3, 5), term="Death NOS", outcome=Outcome.FATAL, serious=True), 3, []),
        (_event((3, 5), term="sepsis", outcome=Outcome.FATAL, serious=True), 3, []),
    ],
)
def test_event_problems__names_the_field_of_what_cannot_be(
    event: AdverseEvent, died_after: int | None, expected: list[str]
) -> None:
    died_on = None if died_after is None else D + timedelta(days=died_after)
    assert _fields(event, died_on) == expected


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (_event((0, 1)), 1),  # on the first day of treatment
        (_event((-1, 1)), None),  # before it
        (_event((-1, 1), (5, 2)), 2),  # worse under treatment
        (_event((-1, 2), (5, 1)), None),  # better
        (_event((-1, 2), (5, 2)), None),  # as before
        (_event((5, 2), baseline_grade=2), None),  # not worse than baseline
        (_event((5, 2), (9, 3), baseline_grade=2), 3),
        (_event((130, 2)), 2),  # 40 + 90 is the last day of the window
        (_event((131, 2)), None),
        (_event((5, 1), (131, 4)), 1),  # the grade after the window is not counted
    ],
)
def test_emergent_grade__is_worse_than_baseline_from_first_treatment_to_last_and_window(
    event: AdverseEvent, expected: int | None
) -> None:
    assert emergent_grade(event, TREATED) == expected


def test_emergent_grade__has_no_end_while_treatment_goes_on_and_none_without_treatment() -> None:
    late = _event((900, 3))
    assert emergent_grade(late, Exposure(first_on=D)) == 3
    assert emergent_grade(late, Exposure(first_on=None)) is None


def test_attribution__is_assessed_when_all_four_are_or_one_is_related() -> None:
    none = dict.fromkeys(Treatment, Attribution.NONE)
    assert not _event((3, 2)).is_assessed
    assert _event((3, 2), attribution=none).is_assessed
    assert not _event((3, 2), attribution=none).is_related
    assert not _event((3, 2), attribution={Treatment.PD1: Attribution.UNLIKELY}).is_assessed
    one = _event((3, 2), attribution={Treatment.PD1: Attribution.POSSIBLE})
    assert one.is_assessed
    assert one.is_related


SUBJECTS = [
    SubjectAtRisk(code="S1", arm="A", exposure=TREATED),
    SubjectAtRisk(code="S2", arm="A", exposure=TREATED),
    SubjectAtRisk(code="S3", arm="B", exposure=TREATED),
]


def test_worst_grade_table__counts_each_subject_once_at_its_worst() -> None:
    events = [
        _event((3, 1), (9, 3)),
        _event((20, 2)),
        _event((4, 2), subject="S2"),
        _event((4, 5), subject="S9"),
    ]
    table = worst_grade_table(events, SUBJECTS)
    in_a, in_b = table.rows
    assert (in_a.arm, in_a.subjects, in_a.with_grade) == ("A", 2, (0, 1, 1, 0, 0))
    assert in_a.worst_of == (("S1", 3), ("S2", 2))
    assert (in_b.arm, in_b.subjects, in_b.with_grade) == ("B", 1, (0, 0, 0, 0, 0))
    assert [in_a.at_least(grade) for grade in (1, 2, 3, 4)] == [2, 2, 1, 0]
    assert table.poolable


def test_worst_grade_table__never_adds_two_versions() -> None:
    events = [
        _event((3, 3), term="Neutrophil count decreased"),
        _event((3, 2), subject="S2", term="Neutrophil count decreased", version="6.0"),
    ]
    table = worst_grade_table(events, SUBJECTS)
    assert not table.poolable
    assert table.versions == ("5.0", "6.0")
    assert [(row.version, row.with_grade) for row in table.rows if row.arm == "A"] == [
        ("5.0", (0, 0, 1, 0, 0)),
        ("6.0", (0, 1, 0, 0, 0)),
    ]


def test_worst_grade_table__of_one_treatment_takes_what_may_be_due_to_it() -> None:
    due = _event((3, 3), attribution={Treatment.CFRT: Attribution.POSSIBLE})
    other = _event((3, 4), subject="S2", attribution={Treatment.CFRT: Attribution.UNLIKELY})
    table = worst_grade_table([due, other], SUBJECTS, related_to=Treatment.CFRT)
    assert table.rows[0].worst_of == (("S1", 3),)


def test_worst_grade_table__can_take_what_was_there_before() -> None:
    assert not worst_grade_table([_event((-5, 3))], SUBJECTS).rows
    assert worst_grade_table([_event((-5, 3))], SUBJECTS, emergent_only=False).rows[0].at_least(3) == 1


@given(
    st.lists(
        st.tuples(st.sampled_from(["S1", "S2", "S3"]), st.integers(-5, 150), st.integers(1, 5)), max_size=12
    )
)
def test_worst_grade_table__does_not_depend_on_order_and_never_exceeds_the_subjects(
    found: list[tuple[str, int, int]],
) -> None:
    events = [_event((day, grade), subject=subject) for subject, day, grade in found]
    table = worst_grade_table(events, SUBJECTS)
    assert worst_grade_table(list(reversed(events)), SUBJECTS) == table
    assert all(sum(row.with_grade) <= row.subjects for row in table.rows)


NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reported_after_hours", "expected"),
    [
        ([], ReportClock.OVERDUE),
        ([24], ReportClock.ON_TIME),
        ([25], ReportClock.LATE),
        ([30, 3], ReportClock.ON_TIME),
    ],
)
def test_report_clock__ends_24_hours_after_awareness(
    reported_after_hours: list[int], expected: ReportClock
) -> None:
    aware = NOW - timedelta(hours=40)
    times = tuple(aware + timedelta(hours=hours) for hours in reported_after_hours)
    report = SeriousReport(event_id="e", aware_at=aware, reported_at=times)
    assert report.clock(NOW) is expected
    assert report.clock(aware) is (ReportClock.RUNNING if not times else expected)
    assert report_problem(report, NOW) is None


def test_report_problem__refuses_times_that_cannot_be() -> None:
    report = SeriousReport(event_id="e", aware_at=NOW)
    assert "zone" in str(report_problem(replace(report, aware_at=datetime(2026, 3, 1)), NOW))  # noqa: DTZ001
    assert "future" in str(report_problem(replace(report, aware_at=NOW + timedelta(hours=1)), NOW))
    early = replace(report, reported_at=(NOW - timedelta(hours=1),))
    assert "before" in str(report_problem(early, NOW))


def test_other_specify__says_what_it_was_and_no_other_term_does() -> None:
    other = "Cardiac disorders - Other, specify"
    (problem,) = event_problems(_event((3, 2), term=other), TERMS)
    assert (problem.field, problem.action) == ("specified", "Write the event in your own words.")
    assert event_problems(_event((3, 2), term=other, specified="takotsubo"), TERMS) == ()
    (problem,) = event_problems(_event((3, 2), specified="cough"), TERMS)
    assert problem.field == "specified"

"""The safety rule and the study's states: counted subjects, holds, termination, the opening of IIb."""

import itertools
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial_core.domain.safety_rule import Adjudication, DeathEvent, SafetyCount, count_deaths, death_event
from trial_core.domain.study_state import (
    OpeningFacts,
    RunInSubject,
    StepRefused,
    Study,
    StudyAction,
    StudyState,
    after_safety_count,
    allows,
    close_recruitment,
    close_run_in,
    lift_hold,
    missing_for_iib,
    open_iib,
    require,
)
from trial_core.domain.toxicity import AdverseEvent, Attribution, GradeFrom, Treatment

UNRELATED = {**dict.fromkeys(Treatment, Attribution.NONE), Treatment.LDRT: Attribution.UNLIKELY}
RELATED = {**UNRELATED, Treatment.CFRT: Attribution.POSSIBLE}


def _death(subject: str, attribution: object = None, *said: tuple[str, bool], **more: object) -> DeathEvent:
    event = DeathEvent(
        id=f"death of {subject}",
        subject=subject,
        term="Pneumonitis",
        attribution=attribution or {},  # type: ignore[arg-type]
        adjudications=tuple(
            Adjudication(adjudicator=who, number=number, related=related)
            for number, (who, related) in enumerate(said)
        ),
    )
    return replace(event, **more)  # type: ignore[arg-type]


def _count(*events: DeathEvent) -> SafetyCount:
    return count_deaths(events, limit=2)


YES, NO = ("Ann", True), ("Ann", False)


@pytest.mark.parametrize(
    ("event", "counts", "settled"),
    [
        (_death("S1"), True, None),  # not assessed
        (_death("S1", {Treatment.LDRT: Attribution.NONE}), True, None),  # assessed for one of four
        (_death("S1", {Treatment.LDRT: Attribution.POSSIBLE}), True, None),
        (_death("S1", {**UNRELATED, Treatment.PD1: Attribution.DEFINITE}), True, None),
        (_death("S1", {**UNRELATED, Treatment.CHEMOTHERAPY: Attribution.PROBABLE}), True, None),
        (_death("S1", UNRELATED), False, None),  # unlikely is not related
        (_death("S1", RELATED, term="Disease progression"), False, None),
        (_death("S1", None, term="disease progression "), False, None),
        (_death("S1", RELATED, NO), True, None),  # one adjudicator is not two
        (_death("S1", RELATED, NO, NO), True, None),  # the same person twice is one
        (_death("S1", RELATED, NO, ("Bob", False)), False, False),
        (_death("S1", UNRELATED, YES, ("Bob", True)), True, True),
        (_death("S1", UNRELATED, YES, ("Bob", False)), False, None),  # they disagree: the site's word stands
        (_death("S1", None, YES, ("Bob", False)), True, None),  # they disagree, and the site has not said
        (_death("S1", RELATED, YES, ("Bob", False), ("Cem", False)), False, False),
        (_death("S1", RELATED, YES, ("Bob", False), NO), False, False),  # Ann changed her mind
        (_death("S1", UNRELATED, YES, ("Bob", True), ("Cem", False), ("Dan", False)), False, None),  # 2 to 2
    ],
)
def test_death__counts_by_adjudication_then_by_attribution_and_while_not_assessed(
    event: DeathEvent, counts: bool, settled: bool | None
) -> None:
    assert (event.counts, event.settled) == (counts, settled)


def test_count_deaths__counts_subjects_and_not_events() -> None:
    twice = _count(_death("S1", RELATED), _death("S1", RELATED, id="another"))
    assert (twice.counted, twice.holds) == (("S1",), False)
    assert _count(_death("S2", RELATED), _death("S1")).counted == ("S1", "S2")
    assert _count(_death("S1"), _death("S2", None, term="Disease progression")).counted == ("S1",)


def test_second_counted_subject__holds_the_study_from_any_state() -> None:
    safety = _count(_death("S1", RELATED), _death("S2"))
    for state in (StudyState.RUN_IN, StudyState.OBSERVATION, StudyState.IIB, StudyState.CLOSED):
        study = after_safety_count(Study(state=state), safety)
        assert (study.state, study.before_hold) == (StudyState.HELD, state)
        assert "S1, S2" in study.reason
        assert after_safety_count(study, safety) == study
    assert after_safety_count(Study(), _count(_death("S1", RELATED))) == Study()


def test_two_adjudicated_subjects__terminate_for_good() -> None:
    held = Study(state=StudyState.HELD, before_hold=StudyState.IIB)
    both = [YES, ("Bob", True)]
    settled = _count(_death("S1", RELATED, *both), _death("S2", RELATED, *both))
    study = after_safety_count(held, settled)
    assert study.state is StudyState.TERMINATED
    assert after_safety_count(study, _count()) == study
    with pytest.raises(StepRefused):
        lift_hold(study, _count(), "a mistake")
    half = _count(_death("S1", RELATED, *both), _death("S2", RELATED))
    assert after_safety_count(held, half) == held


def test_hold__is_lifted_with_a_reason_only_when_fewer_than_two_remain() -> None:
    held = Study(state=StudyState.HELD, before_hold=StudyState.IIB, reason="two")
    first, no = _death("S1", RELATED, YES, ("Bob", True)), [NO, ("Bob", False)]
    two, one = _count(first, _death("S2")), _count(first, _death("S2", RELATED, *no))
    with pytest.raises(StepRefused, match="2 subjects count: S1, S2"):
        lift_hold(held, two, "reason")
    with pytest.raises(StepRefused, match="not adjudicated: death of S2"):
        lift_hold(held, _count(first, _death("S2", UNRELATED)), "the site changed its word")
    with pytest.raises(StepRefused, match="give the reason"):
        lift_hold(held, one, " ")
    with pytest.raises(StepRefused, match="it is not held"):
        lift_hold(Study(), one, "reason")
    assert after_safety_count(held, one) == held  # not by itself
    assert lift_hold(held, one, "S2 died of progression") == Study(
        state=StudyState.IIB, reason="S2 died of progression"
    )


A = StudyAction
ALLOWED = {
    StudyState.RUN_IN: {A.ENROL_RUN_IN, A.SUBMIT_PLAN, A.FOLLOW_UP, A.ENTER_SAFETY},
    StudyState.OBSERVATION: {A.SUBMIT_PLAN, A.FOLLOW_UP, A.ENTER_SAFETY},
    StudyState.IIB: {A.ENROL_IIB, A.RANDOMISE, A.SUBMIT_PLAN, A.FOLLOW_UP, A.ENTER_SAFETY},
    StudyState.CLOSED: {A.SUBMIT_PLAN, A.FOLLOW_UP, A.ENTER_SAFETY},
    StudyState.HELD: {A.SUBMIT_PLAN, A.FOLLOW_UP, A.ENTER_SAFETY},
    StudyState.TERMINATED: {A.FOLLOW_UP, A.ENTER_SAFETY},
}


@pytest.mark.parametrize(("state", "action"), list(itertools.product(StudyState, StudyAction)))
def test_state__allows_what_the_table_says(state: StudyState, action: StudyAction) -> None:
    before = StudyState.IIB if state is StudyState.HELD else None
    study = Study(state=state, before_hold=before, reason="why")
    assert allows(study, action) is (action in ALLOWED[state])
    if action not in ALLOWED[state]:
        with pytest.raises(StepRefused, match=f"cannot {action.value}: why"):
            require(study, action)
    else:
        require(study, action)


TODAY = date(2026, 6, 1)
READY = OpeningFacts(
    today=TODAY,
    run_in=(
        RunInSubject(code="S1", observed_from=TODAY - timedelta(days=90)),
        RunInSubject(code="S2", observed_from=TODAY - timedelta(days=10), died_on=TODAY),
    ),
    run_in_size=2,
    window_days=90,
    safety=_count(_death("S2", UNRELATED, ("Ann", False), ("Bob", False))),
    toxicity_statement_signed=True,
)
OBSERVING = Study(state=StudyState.OBSERVATION)


def test_iib__opens_when_every_condition_is_met() -> None:
    assert missing_for_iib(OBSERVING, READY) == ()
    assert open_iib(OBSERVING, READY) == Study(state=StudyState.IIB)


@pytest.mark.parametrize(
    ("study", "facts", "missing"),
    [
        (Study(), READY, "it must be observation"),
        (Study(state=StudyState.HELD, before_hold=StudyState.OBSERVATION), READY, "it must be observation"),
        (OBSERVING, replace(READY, run_in_size=3), "the run-in has 2 of 3 subjects"),
        (OBSERVING, replace(READY, today=TODAY - timedelta(days=1)), "S1, S2 have not completed"),
        (OBSERVING, replace(READY, window_days=91), "S1 have not completed the observation of 91 days"),
        (
            OBSERVING,
            replace(READY, run_in=(RunInSubject(code="S1", observed_from=None), READY.run_in[1])),
            "S1 have not completed",
        ),
        (OBSERVING, replace(READY, safety=_count(_death("S1"), _death("S2"))), "count: S1, S2"),
        (OBSERVING, replace(READY, safety=_count(_death("S1", UNRELATED))), "not adjudicated: death of S1"),
        (OBSERVING, replace(READY, safety=_count()), "S2 died, but no grade 5 event says of what"),
        (OBSERVING, replace(READY, toxicity_statement_signed=False), "no valid signature"),
    ],
)
def test_iib__does_not_open_while_a_condition_is_missing(
    study: Study, facts: OpeningFacts, missing: str
) -> None:
    assert any(missing in each for each in missing_for_iib(study, facts))
    with pytest.raises(StepRefused, match="cannot open phase IIb"):
        open_iib(study, facts)


def test_iib__lists_all_that_is_missing() -> None:
    facts = replace(
        READY,
        run_in_size=3,
        window_days=91,
        safety=_count(_death("S1"), _death("S2")),
        toxicity_statement_signed=False,
    )
    assert len(missing_for_iib(Study(), facts)) == 6


def test_death_event__is_an_adverse_event_of_grade_5() -> None:
    event = AdverseEvent(
        id="e", subject="S1", version="5.0", term="Sepsis", grades=(GradeFrom(on=TODAY, grade=5),)
    )
    found = death_event(event)
    assert found is not None
    assert (found.id, found.subject, found.term, found.counts) == ("e", "S1", "Sepsis", True)
    assert death_event(replace(event, grades=(GradeFrom(on=TODAY, grade=4),))) is None


def test_run_in__closes_at_its_configured_size_only() -> None:
    assert close_run_in(Study(), enrolled=25, run_in_size=25).state is StudyState.OBSERVATION
    for enrolled in (24, 26):
        with pytest.raises(StepRefused, match=f"{enrolled} of 25"):
            close_run_in(Study(), enrolled=enrolled, run_in_size=25)
    with pytest.raises(StepRefused, match="must be recruiting run-in"):
        close_run_in(Study(state=StudyState.IIB), enrolled=25, run_in_size=25)


def test_recruitment__closes_from_iib_only() -> None:
    assert close_recruitment(Study(state=StudyState.IIB)).state is StudyState.CLOSED
    with pytest.raises(StepRefused, match="must be IIb"):
        close_recruitment(Study())


def test_study__a_held_one_and_no_other_knows_where_it_came_from() -> None:
    with pytest.raises(ValueError, match="held"):
        Study(state=StudyState.HELD)
    with pytest.raises(ValueError, match="held"):
        Study(state=StudyState.IIB, before_hold=StudyState.RUN_IN)


events = st.lists(
    st.builds(
        lambda subject, attribution, said: _death(subject, attribution, *said),
        st.sampled_from(["S1", "S2", "S3"]),
        st.sampled_from([None, RELATED, UNRELATED]),
        st.lists(st.tuples(st.sampled_from(["Ann", "Bob", "Cem"]), st.booleans()), max_size=4),
    ),
    max_size=5,
)


@given(st.lists(events, max_size=6))
def test_any_course__a_terminated_study_stays_so_and_a_held_one_enrols_nobody(
    course: list[list[DeathEvent]],
) -> None:
    study = Study(state=StudyState.IIB)
    for counted in course:
        safety = _count(*counted)
        after = after_safety_count(study, safety)
        assert count_deaths(reversed(counted), limit=2) == safety
        if study.state is StudyState.TERMINATED:
            assert after == study
        if safety.holds:
            assert not allows(after, StudyAction.RANDOMISE)
            assert not allows(after, StudyAction.ENROL_IIB)
        assert set(safety.settled) <= set(safety.counted)
        study = after

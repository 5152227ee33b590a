"""The trial at a glance: accrual, plans that wait, the study's history, deaths judged independently."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.trial_core.clinic import Clinic, a_visit
from tests.trial_core.enrolling import PASSWORD
from tests.trial_core.record import (
    ADJUDICATOR,
    INVESTIGATOR,
    MONITOR,
    OFFICE,
    ONCOLOGIST,
    OTHER_ADJUDICATOR,
    OTHER_ONCOLOGIST,
    STATISTICIAN,
    Record,
)
from tests.trial_core.services.test_study import RELATED, TRIAL, UNRELATED, RunIn
from trial_core.db.repositories.forms import FormVersion
from trial_core.domain.access import Actor
from trial_core.domain.pfs_history import Therapy, TherapyKind
from trial_core.domain.signing import Meaning
from trial_core.domain.subject import Arm, Phase
from trial_core.domain.subject_forms import SubjectForm
from trial_core.errors import NotAuthorised, SignInRefused
from trial_core.follow_up_errors import UnknownForm
from trial_core.services import (
    accrual,
    deaths,
    everybody,
    follow_up,
    form_history,
    outcomes,
    plans_waiting,
    study,
    study_history,
)
from trial_core.services.conduct_of import conduct_of
from trial_core.services.plans_waiting import PlanWait


@pytest.fixture
def run_in(record: Record) -> RunIn:
    return RunIn(record)


def test_accrual__counts_everybody_and_names_the_sites_in_reach(run_in: RunIn) -> None:
    of_all = accrual.accrual(run_in.db, MONITOR, protocol=TRIAL)
    of_one = accrual.accrual(run_in.db, ONCOLOGIST, protocol=TRIAL)
    assert [each.site for each in of_all.sites] == ["S1", "S2"]
    assert [each.site for each in of_one.sites] == ["S1"]
    assert of_one.sites[0].enrolled == {Phase.IIA: 2, Phase.IIB: 0}
    assert of_one.phases == of_all.phases
    assert [(each.phase, each.planned, len(each.enrolled_on)) for each in of_all.phases] == [
        (Phase.IIA, 3, 3),
        (Phase.IIB, None, 0),
    ]


def test_plans_waiting__names_who_has_none_and_when_it_is_overdue(run_in: RunIn) -> None:
    waiting = plans_waiting.plans_waiting(run_in.db, ONCOLOGIST)
    assert [(each.code, each.waits_for) for each in waiting] == [
        ("S1-001", PlanWait.SUBMISSION),
        ("S1-002", PlanWait.SUBMISSION),
    ]
    assert not any(each.overdue for each in waiting)
    run_in.record.clock.advance(days=plans_waiting.SUBMIT_WITHIN_DAYS)
    assert not any(each.overdue for each in plans_waiting.plans_waiting(run_in.db, MONITOR))
    run_in.record.clock.advance(days=1)
    assert all(each.overdue for each in plans_waiting.plans_waiting(run_in.db, MONITOR))


def test_plans_waiting__leaves_out_who_died_and_who_gets_no_radiotherapy(record: Record) -> None:
    clinic = Clinic(record)
    clinic.enrol("S1-001")
    clinic.enrol("S1-002")
    clinic.enrol("S1-003", Arm.B)
    clinic.death("S1-001", 100)
    assert [each.code for each in plans_waiting.plans_waiting(record.db, ONCOLOGIST)] == ["S1-002"]


def test_history__tells_every_change_with_who_and_why(run_in: RunIn) -> None:
    for code in ("S1-001", "S2-001"):
        run_in.dies(code, RELATED)
    (step,) = study_history.study_history(run_in.db, MONITOR)
    assert (step.from_state.value, step.to_state.value, step.by) == ("recruiting run-in", "held", "onc2")
    assert "S1:S1-001" in step.reason
    with pytest.raises(NotAuthorised):
        study_history.study_history(run_in.db, INVESTIGATOR)


def test_step__with_a_password_is_signed_and_with_a_wrong_one_does_not_happen(run_in: RunIn) -> None:
    with pytest.raises(SignInRefused):
        study.close_the_run_in(run_in.db, STATISTICIAN, protocol=TRIAL, password="another one")
    assert study_history.study_history(run_in.db, MONITOR) == ()
    study.close_the_run_in(run_in.db, STATISTICIAN, protocol=TRIAL, password=PASSWORD)
    (step,) = study_history.study_history(run_in.db, MONITOR)
    (signed,) = step.signatures
    assert signed.valid
    assert (signed.signature.login, signed.signature.meaning) == ("stat", Meaning.STUDY_STEP.value)


def test_adjudicator__sees_the_others_decision_only_after_the_own_one(run_in: RunIn) -> None:
    event_id = run_in.dies("S1-001", UNRELATED)
    run_in.adjudicate(event_id, related=True)
    (blind,) = deaths.deaths_to_judge(run_in.db, OTHER_ADJUDICATOR)
    assert (blind.shown, blind.own, blind.decided, blind.waits) == ((), None, 1, True)
    (own,) = deaths.deaths_to_judge(run_in.db, ADJUDICATOR)
    assert own.own is not None
    assert [each.related for each in own.shown] == [True]
    run_in.adjudicate(event_id, related=False, who=OTHER_ADJUDICATOR)
    (after,) = deaths.deaths_to_judge(run_in.db, OTHER_ADJUDICATOR)
    assert sorted(each.related for each in after.shown) == [False, True]
    assert after.waits


def test_adjudicator__finds_the_others_decision_among_the_forms_only_after_the_own_one(run_in: RunIn) -> None:
    event_id = run_in.dies("S1-001", UNRELATED)
    run_in.adjudicate(event_id, related=True)

    def decisions(who: Actor) -> list[FormVersion]:
        found = form_history.newest_forms(run_in.db, who, code="S1-001")
        return [each for each in found if each.kind == SubjectForm.ADJUDICATION]

    (theirs,) = decisions(ADJUDICATOR)
    assert decisions(OTHER_ADJUDICATOR) == []
    view = outcomes.clinical_view(run_in.db, conduct_of(TRIAL), OTHER_ADJUDICATOR, code="S1-001")
    assert SubjectForm.ADJUDICATION not in {each.kind for each in view.forms}
    with pytest.raises(UnknownForm):
        form_history.form_history(run_in.db, OTHER_ADJUDICATOR, code="S1-001", form_id=theirs.id)
    assert decisions(MONITOR) == [theirs]
    run_in.adjudicate(event_id, related=False, who=OTHER_ADJUDICATOR)
    assert len(decisions(OTHER_ADJUDICATOR)) == 2
    told = form_history.form_history(run_in.db, OTHER_ADJUDICATOR, code="S1-001", form_id=theirs.id)
    assert told == (theirs,)


def test_adjudicator__of_the_subjects_hospital_is_told_that_somebody_else_decides(run_in: RunIn) -> None:
    run_in.dies("S1-001", UNRELATED)
    (listed,) = deaths.deaths_to_judge(run_in.db, replace(ADJUDICATOR, site_code="S1"))
    assert listed.own_site
    (other,) = deaths.deaths_to_judge(run_in.db, ADJUDICATOR)
    assert not other.own_site


def test_glance__follows_the_record_at_once_and_keeps_sites_apart(record: Record) -> None:
    clinic = Clinic(record)
    clinic.enrol("S1-001")
    clinic.enrol("S2-001", actor=OTHER_ONCOLOGIST)

    def open_queries() -> dict[str, int]:
        found = everybody.subjects_at_a_glance(record.db, MONITOR, protocol=TRIAL)
        return {each.code: len(each.open_queries) for each in found}

    before = open_queries()
    therapy = Therapy(label="second line", kind=TherapyKind.SYSTEMIC, started_on=None, per_protocol=False)
    follow_up.enter_therapy(record.db, clinic.conduct, ONCOLOGIST, code="S1-001", therapy=therapy)
    assert open_queries()["S1-001"] > before["S1-001"]
    assert open_queries()["S2-001"] == before["S2-001"]
    own = everybody.subjects_at_a_glance(record.db, OTHER_ONCOLOGIST, protocol=TRIAL)
    assert [each.code for each in own] == ["S2-001"]
    with pytest.raises(NotAuthorised):
        everybody.subjects_at_a_glance(record.db, OFFICE, protocol=TRIAL)


def test_populations__of_everybody_have_their_reasons(record: Record) -> None:
    clinic = Clinic(record)
    clinic.enrol("S1-001")
    clinic.visit("S1-001", a_visit(43, 25.0))
    (found,) = everybody.populations_of_everybody(record.db, STATISTICIAN, protocol=TRIAL)
    members = {each.population.value: each.member for each in found.memberships}
    assert members == {"run-in": True, "intention to treat": False, "safety": False, "per protocol": False}
    assert all(each.reasons for each in found.memberships)

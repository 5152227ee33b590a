"""Leaving the trial, the populations that follow from the record, and the safety rule in figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.trial_core import enrolling
from tests.trial_core.record import INVESTIGATOR, MONITOR, ONCOLOGIST, STAFF, Record
from trial_core.domain.clinical_forms import Death
from trial_core.domain.eligibility import Answer
from trial_core.domain.leaving import EndOfTreatmentReason, Leaving, LeavingKind
from trial_core.domain.pfs_history import Therapy, TherapyKind
from trial_core.domain.populations import Membership, Population
from trial_core.domain.subject import Arm, SubjectStatus
from trial_core.enrolment_errors import FormRefused
from trial_core.errors import NotAuthorised
from trial_core.services import follow_up, safety_figures, screening, subjects, withdrawal
from trial_core.services.conduct_of import conduct_of
from trial_core.services.delivery import delivery_view
from trial_core.services.populations import populations_of

TRIAL = enrolling.SHORT
CODE = "S1-001"


def _populations(record: Record, code: str = CODE) -> dict[Population, Membership]:
    found = populations_of(record.db, MONITOR, code=code, protocol=TRIAL)
    return {each.population: each for each in found}


def _members(record: Record, code: str = CODE) -> set[str]:
    return {each.population.value for each in _populations(record, code).values() if each.member}


def test_populations__follow_from_phase_arm_and_treatment(record: Record) -> None:
    record.open_iib()
    record.allocate(Arm.B)
    assert _members(record, "S1-000") == {"run-in", "safety"}
    enrolling.screen(record.db, ONCOLOGIST, INVESTIGATOR, "S1-002", TRIAL)
    assert _populations(record, "S1-002") == {}
    record.randomise(CODE)
    assert _members(record) == {"intention to treat"}
    assert "received no study treatment" in _populations(record)[Population.PER_PROTOCOL].reasons
    enrolling.treat(record.db, ONCOLOGIST, CODE, record.clock().date())
    assert _members(record) == {"intention to treat", "safety", "per protocol"}


@pytest.mark.parametrize(("to_tumour", "against"), [(True, True), (False, False)])
def test_populations__radiotherapy_to_a_tumour_in_arm_b_is_a_deviation_however_it_was_entered(
    record: Record, to_tumour: bool, against: bool
) -> None:
    record.open_iib()
    record.allocate(Arm.B)
    record.randomise(CODE)
    today = record.clock().date()
    enrolling.treat(record.db, ONCOLOGIST, CODE, today)
    therapy = Therapy(
        label="SBRT", kind=TherapyKind.RADIOTHERAPY, started_on=today, per_protocol=False, to_tumour=to_tumour
    )
    follow_up.enter_therapy(record.db, conduct_of(TRIAL), STAFF, code=CODE, therapy=therapy)
    per_protocol = _populations(record)[Population.PER_PROTOCOL]
    assert per_protocol.member is not against
    if against:
        assert per_protocol.reasons == ("major deviation: radiotherapy in an arm without it",)
    listed = delivery_view(record.db, conduct_of(TRIAL), STAFF, code=CODE).against_arm
    assert [each.label for each in listed] == ["SBRT"] * against


def test_populations__name_the_criterion_that_proved_violated(record: Record) -> None:
    record.open_iib()
    record.allocate(Arm.B)
    record.randomise(CODE)
    enrolling.treat(record.db, ONCOLOGIST, CODE, record.clock().date())
    answers = [
        replace(each, answer=Answer.YES) if each.question == "autoimmune disease" else each
        for each in enrolling.good_answers(TRIAL)
    ]
    screening.enter_eligibility(
        record.db, STAFF, code=CODE, protocol=TRIAL, answers=answers, reason="old letter", seen_version=1
    )
    assert _members(record) == {"intention to treat", "safety"}
    assert _populations(record)[Population.PER_PROTOCOL].reasons == (
        "eligibility violated: autoimmune disease",
    )


def test_withdrawal_of_data_use__takes_the_subject_out_of_every_population(record: Record) -> None:
    record.enrol(CODE)
    enrolling.treat(record.db, ONCOLOGIST, CODE, record.clock().date())
    record.leave(CODE, LeavingKind.WITHDRAWAL_OF_DATA_USE)
    assert _members(record) == set()
    page = subjects.subject_record(record.db, STAFF, code=CODE)
    assert page.subject.status is SubjectStatus.WITHDRAWN
    kind = LeavingKind.WITHDRAWAL_OF_DATA_USE
    withdrawal.take_leaving_back(record.db, STAFF, code=CODE, kind=kind, reason="another subject's")
    assert _members(record) == {"run-in", "safety"}
    assert subjects.subject_record(record.db, STAFF, code=CODE).subject.status is SubjectStatus.ENROLLED


def test_leaving__ends_only_what_it_says(record: Record) -> None:
    record.enrol(CODE)
    record.leave(CODE, LeavingKind.WITHDRAWAL_FROM_FOLLOW_UP)
    assert subjects.subject_record(record.db, STAFF, code=CODE).plan_refusal is None
    record.leave(CODE, LeavingKind.WITHDRAWAL_FROM_TREATMENT)
    page = subjects.subject_record(record.db, STAFF, code=CODE)
    assert "study treatment is over" in str(page.plan_refusal)
    assert page.subject.status is SubjectStatus.ENROLLED


def test_leaving__is_refused_twice_without_reason_before_enrolment_and_after_death(record: Record) -> None:
    today = record.clock().date()
    end = Leaving(kind=LeavingKind.END_OF_TREATMENT, on=today, reason=EndOfTreatmentReason.TOXICITY)
    subjects.create_subject(record.db, STAFF, code="S1-002")
    with pytest.raises(FormRefused, match="not enrolled on that day"):
        withdrawal.leave(record.db, STAFF, code="S1-002", leaving=end)
    record.enrol(CODE)
    with pytest.raises(FormRefused, match="needs its reason"):
        withdrawal.leave(record.db, STAFF, code=CODE, leaving=replace(end, reason=None))
    withdrawal.leave(record.db, STAFF, code=CODE, leaving=end)
    with pytest.raises(FormRefused, match="there already"):
        withdrawal.leave(record.db, STAFF, code=CODE, leaving=end)
    death = Death(on=today)
    follow_up.enter_death(record.db, conduct_of(TRIAL), ONCOLOGIST, code=CODE, death=death)
    record.clock.advance(days=2)
    lost = Leaving(kind=LeavingKind.LOST_TO_FOLLOW_UP, on=today + timedelta(days=1))
    with pytest.raises(FormRefused, match="died on"):
        withdrawal.leave(record.db, STAFF, code=CODE, leaving=lost)


def test_safety_rule__is_there_in_figures(record: Record) -> None:
    full = enrolling.protocol_of()
    figures = safety_figures.safety_figures(record.db, MONITOR, protocol=full)
    assert (figures.run_in_size, figures.stop_at, figures.limits) == (25, 2, None)
    # 1 - 0.9^25 - 25 * 0.1 * 0.9^24
    assert dict(figures.stops)[0.10] == pytest.approx(0.7287940935, abs=1e-9)
    record.enrol(CODE)
    seen = safety_figures.safety_figures(record.db, MONITOR, protocol=full)
    assert seen.limits is not None
    assert (seen.counted, seen.enrolled, seen.limits.lower) == (0, 1, 0.0)
    assert seen.limits.upper == pytest.approx(0.975, abs=1e-9)  # 1 - 0.025^(1/1)
    with pytest.raises(NotAuthorised):
        safety_figures.safety_figures(record.db, STAFF, protocol=full)

"""Follow-up through the services: what is entered is derived from, what cannot be is refused."""

from __future__ import annotations

import pytest

from tests.trial_core import enrolling
from tests.trial_core.clinic import BASELINE, Clinic, a_visit, day
from tests.trial_core.record import ONCOLOGIST, OTHER_ONCOLOGIST, STAFF, STATISTICIAN, Record
from trial_core.domain.clinical_forms import ClinicalForm, ClinicalProgression
from trial_core.domain.consent import Consent
from trial_core.domain.pfs import PfsReason, PfsVariant
from trial_core.domain.queries import QueryCode
from trial_core.domain.response import OverallResponse, SetByHand
from trial_core.errors import FormChangedMeanwhile, NotAuthorised, UnknownSubject
from trial_core.follow_up_errors import EntryImpossible, NotEnrolled
from trial_core.services import follow_up, outcomes, screening, subjects


@pytest.fixture
def clinic(record: Record) -> Clinic:
    return Clinic(record)


def test_a_progression__is_derived_from_the_readings_and_dates_pfs(clinic: Clinic) -> None:
    code = clinic.enrol()
    clinic.visit(code, a_visit(43, 25.0))
    clinic.visit(code, a_visit(85, 40.0))
    outcome = outcomes.clinical_view(clinic.db, clinic.conduct, STAFF, code=code).outcome
    assert [each.overall for each in outcome.responses] == [OverallResponse.SD, OverallResponse.PD]
    pfs = outcome.pfs_of(PfsVariant.PRIMARY)
    assert pfs is not None
    assert (pfs.days, pfs.event, pfs.reason) == (85, True, PfsReason.PROGRESSION)


def test_a_visit_before_the_start__is_refused_and_says_so(clinic: Clinic) -> None:
    code = clinic.enrol()
    with pytest.raises(EntryImpossible, match="visit day -3: 2026-01-01 lies before the start, 2026-01-05"):
        clinic.visit(code, a_visit(-3, 40.0))


def test_a_visit_after_death__is_refused_whichever_came_first(clinic: Clinic) -> None:
    code = clinic.enrol()
    clinic.visit(code, a_visit(43, 25.0))
    with pytest.raises(EntryImpossible, match="lies after the death of"):
        clinic.death(code, 40)
    clinic.death(code, 60)
    with pytest.raises(EntryImpossible, match="lies after the death of"):
        clinic.visit(code, a_visit(85, 25.0))


def test_a_consent__whose_date_is_corrected_to_after_the_enrolment_is_a_query(clinic: Clinic) -> None:
    code = clinic.enrol()
    assert outcomes.open_queries(clinic.db, clinic.conduct, STAFF, code=code) == ()
    consent = Consent(on=day(10), version=enrolling.CONSENT_VERSION)
    screening.enter_consent(
        clinic.db, STAFF, code=code, consent=consent, reason="as on the paper", seen_version=1
    )
    (found,) = outcomes.open_queries(clinic.db, clinic.conduct, STAFF, code=code)
    assert (found.query.code, found.query.about) == (QueryCode.NO_CONSENT, "enrolment of 2026-01-05")
    assert found.query.message == "the first consent is of 2026-01-14, after the enrolment"


def test_a_visit_of_nobody_enrolled__is_refused(clinic: Clinic) -> None:
    subjects.create_subject(clinic.db, STAFF, code="S1-009")
    with pytest.raises(NotEnrolled):
        clinic.visit("S1-009", a_visit(43, 25.0), STAFF)


def test_the_same_visit_twice__is_one_version_and_another_one_is_refused(clinic: Clinic) -> None:
    code = clinic.enrol()
    clinic.visit(code, a_visit(43, 25.0))
    clinic.visit(code, a_visit(43, 25.0))
    with pytest.raises(FormChangedMeanwhile):
        clinic.visit(code, a_visit(43, 26.0))
    view = outcomes.clinical_view(clinic.db, clinic.conduct, STAFF, code=code)
    assert [form.version for form in view.forms if form.kind == ClinicalForm.VISIT] == [1]


def test_a_response_by_hand__stands_beside_the_derived_one_and_needs_its_visit(clinic: Clinic) -> None:
    code = clinic.enrol()
    by_hand = SetByHand(visit="day 43", response=OverallResponse.PD, reason="effusion proved malignant")
    with pytest.raises(EntryImpossible, match="there is no such visit"):
        follow_up.set_response(clinic.db, clinic.conduct, ONCOLOGIST, code=code, response=by_hand)
    clinic.visit(code, a_visit(43, 25.0))
    follow_up.set_response(clinic.db, clinic.conduct, ONCOLOGIST, code=code, response=by_hand)
    (response,) = outcomes.clinical_view(clinic.db, clinic.conduct, STAFF, code=code).outcome.responses
    assert (response.derived, response.overall) == (OverallResponse.SD, OverallResponse.PD)


def test_a_response_by_hand__is_a_physicians(clinic: Clinic) -> None:
    code = clinic.enrol()
    clinic.visit(code, a_visit(43, 25.0))
    by_hand = SetByHand(visit="day 43", response=OverallResponse.PD, reason="x")
    with pytest.raises(NotAuthorised):
        follow_up.set_response(clinic.db, clinic.conduct, STAFF, code=code, response=by_hand)


def test_another_sites_subject__does_not_exist(clinic: Clinic) -> None:
    code = clinic.enrol()
    with pytest.raises(UnknownSubject):
        clinic.visit(code, a_visit(43, 25.0), OTHER_ONCOLOGIST)
    with pytest.raises(UnknownSubject):
        outcomes.clinical_view(clinic.db, clinic.conduct, OTHER_ONCOLOGIST, code=code)


def test_a_statistician__enters_nothing(clinic: Clinic) -> None:
    code = clinic.enrol()
    with pytest.raises(NotAuthorised):
        follow_up.enter_baseline(clinic.db, clinic.conduct, STATISTICIAN, code=code, baseline=BASELINE)


def test_clinical_progression__is_a_query_that_a_person_answers(clinic: Clinic) -> None:
    code = clinic.enrol()
    clinic.visit(code, a_visit(43, 25.0))
    progression = ClinicalProgression(on=day(60), words="dysphagia worse")
    follow_up.enter_clinical_progression(clinic.db, clinic.conduct, STAFF, code=code, progression=progression)
    (query,) = outcomes.clinical_view(clinic.db, clinic.conduct, STAFF, code=code).outcome.open_queries
    outcomes.answer_query(
        clinic.db, clinic.conduct, STAFF, code=code, key=query.key, answer="no imaging was made"
    )
    outcome = outcomes.clinical_view(clinic.db, clinic.conduct, STAFF, code=code).outcome
    assert (len(outcome.queries), outcome.open_queries) == (1, ())

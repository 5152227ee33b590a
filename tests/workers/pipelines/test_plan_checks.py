"""Plan checks one by one: each plan answers for itself."""

from __future__ import annotations

from dataclasses import replace

from imaging.findings import FindingCode, warning
from tests.workers.pipelines.checked import SCR, SET
from tests.workers.pipelines.courses import cfrt, course, ldrt, with_plan
from trial_core.domain.report import CheckStatus, CheckWeight
from workers.pipelines.plan_checks import check_plan
from workers.pipelines.prepared_plans import prepare_plans


def test_patient_position__that_differs_from_the_ct_is_a_variation_of_that_plan_alone() -> None:
    given = course(ldrt(SET), with_plan(cfrt(SET), patient_positions=("HFP",)))
    file = given.plans[1].plan.file
    differs = warning(FindingCode.PATIENT_POSITION_MISMATCH, "The plan is HFP, the CT HFS.", file=file)
    given = replace(given, findings=(differs,))
    plans, _ = prepare_plans(given, SCR)
    found = {
        plan.label: check
        for plan in plans
        for check in check_plan(plan, given, SCR)
        if check.id == "patient position"
    }
    assert (found["LDRT"].status, found["LDRT"].found) == (CheckStatus.PASSED, "HFS")
    assert (found["CFRT"].status, found["CFRT"].weight) == (CheckStatus.FAILED, CheckWeight.VARIATION)
    assert found["CFRT"].message == differs.message

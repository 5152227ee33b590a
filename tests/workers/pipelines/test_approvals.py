"""Approval of plans and structure sets: a rejected one is a warning, an unapproved one a note."""

from pathlib import Path

import pytest

from imaging.findings import FindingCode, Severity
from tests.imaging.reading import read_datasets
from tests.imaging.small_course import contours
from tests.support.dicom_builders import dose_dataset, plan_content, plan_dataset, structure_dataset
from workers.pipelines.approvals import approval_findings

CODES = {
    "REJECTED": [(FindingCode.APPROVAL_REJECTED, Severity.WARNING)],
    "UNAPPROVED": [(FindingCode.APPROVAL_MISSING, Severity.INFO)],
    "APPROVED": [],
    "": [],
}


@pytest.mark.parametrize("status", CODES)
@pytest.mark.parametrize("of_the_plan", [True, False])
def test_approval__that_is_not_given_is_said_of_its_file(
    tmp_path: Path, status: str, *, of_the_plan: bool
) -> None:
    structures = structure_dataset(contours())
    structures.ApprovalStatus = "APPROVED" if of_the_plan else status
    plan = plan_dataset(plan_content(approval=status if of_the_plan else "APPROVED"))
    course = read_datasets(tmp_path, structures, plan, dose_dataset())
    found = approval_findings(course)
    assert [(each.code, each.severity) for each in found] == CODES[status]
    own = course.plans[0].plan.file if of_the_plan else course.structure_sets[0].file
    assert {each.file for each in found} <= {own}

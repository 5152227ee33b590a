"""Structures that the protocol requires and nobody drew: one finding for each structure set."""

from __future__ import annotations

from imaging.findings import FindingCode
from tests.workers.pipelines.checked import asking, said
from tests.workers.pipelines.courses import SMALL_ANATOMY, cfrt, course, ldrt, structure_set
from workers.pipelines.plan_check import check_course

LEAN = asking("PTV_Primary", "PTV_Metastasis", "Heart", "Lungs", "Liver")


def test_check_course__names_every_missing_structure_in_one_finding() -> None:
    drawn = {name: box for name, box in SMALL_ANATOMY.items() if name not in ("Heart", "Lung_L")}
    given = structure_set(drawn)
    (found,) = said(check_course(course(ldrt(given), cfrt(given)), LEAN), FindingCode.STRUCTURE_MISSING)
    assert found["severity"] == "error"
    assert found["file"] == "set.dcm"
    assert found["message"] == (
        "The structure set lacks what the protocol requires: Lungs (not contoured: Lung_L (only 'Lung_R' is "
        "there), or an ROI 'Lungs'); Heart (no ROI is named Heart or an alias)"
    )


def test_check_course__misses_no_organ_where_only_another_regimen_is_planned() -> None:
    bare = structure_set({name: SMALL_ANATOMY[name] for name in ("BODY", "PTV_Met1")}, uid="bare")
    whole = structure_set()
    assert not said(check_course(course(ldrt(bare), cfrt(whole)), LEAN), FindingCode.STRUCTURE_MISSING)


def test_check_course__an_empty_roi_is_not_said_to_be_missing() -> None:
    given = structure_set({**SMALL_ANATOMY, "Heart": None})
    assert not said(check_course(course(ldrt(given), cfrt(given)), LEAN), FindingCode.STRUCTURE_MISSING)

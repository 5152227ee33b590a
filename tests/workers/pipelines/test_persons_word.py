"""What a person explained or accepted counts for exactly that, and the report says whose word it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from imaging.course import Course, read_course
from imaging.dicom.registration import SpatialRegistration
from imaging.findings import FindingCode
from imaging.intake import take_in
from tests.imaging.test_transforms import body, grid, moved
from tests.integration.test_accumulate_registrations import ct_of
from tests.support.dicom_builders import write
from tests.workers.pipelines.checked import PHYSICAL, SCR, SET, asking, plan_of, rows, said
from tests.workers.pipelines.courses import FRAME, OTHER_FRAME, cfrt, course, ldrt, structure_set
from trial_core.domain.criteria import Verdict
from trial_core.domain.persons_word import AcceptedWord, WordKind
from trial_core.domain.report import CourseReport, OpenItem
from trial_core.domain.report_json import report_from_json, report_to_json
from workers.pipelines.plan_check import check_course

HEARTS = asking("Heart", "PTV_Primary")
SHIFT = np.array([[1, 0, 0, 2.0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])


def word_on(item: OpenItem) -> AcceptedWord:
    return AcceptedWord(item=item.key, by="rev-phy", words="looked at it")


def only_item(report: CourseReport) -> OpenItem:
    (item,) = report.open_items
    return item


def test_an_implausible_dose__is_judged_once_a_person_explained_it() -> None:
    given = course(ldrt(SET), cfrt(SET, dose_gy=35.0))
    doubtful = check_course(given, HEARTS)
    item = only_item(doubtful)
    assert (item.kind, item.plan_key, item.said_by) == (WordKind.DOSE, "plan-2", "")
    assert doubtful.verdict is Verdict.NOT_EVALUABLE
    report = check_course(given, HEARTS, accepted=[word_on(item)])
    assert plan_of(report, "CFRT").verdict is Verdict.UNACCEPTABLE_DEVIATION  # 35 of 50.4 Gy: D95%
    assert not plan_of(report, "CFRT").targets[0].plausible
    assert all(row.value is not None for row in report.results if row.structure == "Heart")
    assert (only_item(report).said_by, only_item(report).key) == ("rev-phy", item.key)
    (finding,) = said(report, FindingCode.DOSE_IMPLAUSIBLE)
    assert finding["severity"] == "warning"
    assert "rev-phy explained: looked at it" in (finding["message"] or "")
    assert report_from_json(report_to_json(report)) == report


def test_an_explanation__counts_for_no_other_dose_and_no_other_plan() -> None:
    item = only_item(check_course(course(ldrt(SET), cfrt(SET, dose_gy=35.0)), HEARTS))
    for given in (
        course(ldrt(SET), cfrt(SET, dose_gy=35.0001)),
        course(ldrt(SET, dose_gy=5.0), cfrt(SET)),
    ):
        report = check_course(given, HEARTS, accepted=[word_on(item)])
        assert report.verdict is Verdict.NOT_EVALUABLE
        assert only_item(report).said == ""


def test_a_dose_that_is_not_known__cannot_be_explained_away() -> None:
    without_target = structure_set({"BODY": (0.0, 0.0, 0.0, 50.0)}, uid="bare")
    given = course(ldrt(SET), replace(cfrt(SET), structure_set=without_target))
    report = check_course(given, HEARTS)
    assert plan_of(report, "CFRT").verdict is Verdict.NOT_EVALUABLE
    assert report.open_items == ()


def _in_two_frames() -> Course:
    return course(ldrt(structure_set(uid="other set", frame=OTHER_FRAME)), cfrt(SET))


def test_a_registration_of_the_files__needs_review_until_somebody_accepted_it() -> None:
    linking = SpatialRegistration(
        from_frame=FRAME, to_frame=OTHER_FRAME, matrix=SHIFT, sop_instance_uid="r", file="reg.dcm"
    )
    given = replace(_in_two_frames(), registrations=(linking,))
    report = check_course(given, HEARTS)
    item = only_item(report)
    assert item.kind is WordKind.REGISTRATION
    assert all(each.evaluable and each.needs_review for each in report.sums)
    accepted = check_course(given, HEARTS, accepted=[word_on(item)])
    assert not any(each.needs_review for each in accepted.sums)
    assert any("rev-phy accepted it" in (each["message"] or "") for each in accepted.findings)
    other = replace(linking, matrix=SHIFT + np.array([[0, 0, 0, 1.0], *np.zeros((3, 4))]))
    moved_on = check_course(replace(given, registrations=(other,)), HEARTS, accepted=[word_on(item)])
    assert all(each.needs_review for each in moved_on.sums)


@pytest.fixture(scope="module")
def with_two_cts(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The other image shows the same body 30 mm to the side and 12 mm higher."""
    folder: Path = tmp_path_factory.mktemp("cts")
    steps, shape = grid((5, 5, 5), (-110, -80, -100)), (40, 32, 44)
    shift = moved((0, 0, 0), (30.0, 0.0, 12.0))
    cts = ct_of(body(steps, shape, np.eye(4), 1), "one", FRAME)
    write(folder / "in", *cts, *ct_of(body(steps, shape, shift, 2), "other", OTHER_FRAME))
    (folder / "scratch").mkdir()
    read = read_course(take_in([folder / "in"], folder / "scratch"))
    return replace(_in_two_frames(), ct_series=read.ct_series)


def test_a_computed_registration__is_offered_with_its_figures_and_used_once_accepted(
    with_two_cts: Course,
) -> None:
    report = check_course(with_two_cts, HEARTS)
    item = only_item(report)
    assert "mutual information" in item.words
    assert "moved by 32." in item.words  # 30 and 12 mm: 32.3 mm
    assert not any(each.evaluable for each in report.sums)
    assert "a computed one needs review" in report.sums[0].reason
    assert report.verdict is Verdict.NOT_EVALUABLE
    accepted = check_course(with_two_cts, HEARTS, accepted=[word_on(item)])
    assert all(each.evaluable and not each.needs_review for each in accepted.sums)
    layers = accepted.sums[0].layers
    assert sum(layer.placed_by.startswith("computed registration") for layer in layers) == 1
    assert all(row.value is not None for row in rows(accepted, "Heart", PHYSICAL))


def test_without_a_ct__nothing_is_computed_and_the_reason_says_so() -> None:
    report = check_course(_in_two_frames(), SCR)
    assert report.open_items == ()
    assert "do not both have a CT" in report.sums[0].reason

"""A registration is not believed where what both structure sets draw does not meet: wrong way or scans."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from imaging.course import Course
from imaging.dicom.registration import SpatialRegistration
from imaging.dicom.rt_structure import StructureSet
from imaging.findings import FindingCode
from tests.workers.pipelines.checked import PHYSICAL, SET, asking, codes, rows
from tests.workers.pipelines.courses import (
    FRAME,
    OTHER_FRAME,
    SMALL_ANATOMY,
    Box,
    cfrt,
    course,
    ldrt,
    structure_set,
)
from trial_core.domain.criteria import Verdict
from trial_core.domain.persons_word import AcceptedWord
from trial_core.domain.protocol import Provenance, SumRule
from workers.pipelines.plan_check import check_course
from workers.pipelines.registration_agreement import agreement
from workers.pipelines.registration_sense import contradiction

HEARTS = asking("Heart", "PTV_Primary", "PTV_Metastasis")
BODIES = ("BODY", "External")
LIMITS = SumRule(
    structures_from="CFRT",
    provenance=Provenance(assumed=True, source=""),
    surfaces_within_mm=4.0,
    aside_within_mm=8.0,
)
TARGETS = {name: box for name, box in SMALL_ANATOMY.items() if name.startswith(("PTV", "GTV"))}


def to_the_side(mm: float) -> np.ndarray:
    matrix = np.eye(4)
    matrix[0, 3] = mm
    return matrix


def doubt(matrix: np.ndarray, here: dict[str, Box | None], there: dict[str, Box | None]) -> str:
    sets = structure_set(here), structure_set(there, uid="other", frame=OTHER_FRAME)
    return contradiction(matrix, sets, FRAME, OTHER_FRAME)


def moved(boxes: dict[str, Box], mm: float) -> dict[str, Box | None]:
    return {name: (x + mm, y, z, half) for name, (x, y, z, half) in boxes.items()}


@pytest.mark.parametrize("mm", [-80.0, -4.0, 40.0, 4000.0])
def test_sense__of_a_right_registration_and_of_its_inverse(mm: float) -> None:
    anatomy = dict(SMALL_ANATOMY)
    assert doubt(to_the_side(mm), moved(anatomy, 0), moved(anatomy, mm)) == ""
    wrong_way = doubt(to_the_side(-mm), moved(anatomy, 0), moved(anatomy, mm))
    assert bool(wrong_way) == (abs(mm) > 10)


def test_sense__is_not_told_by_targets_nor_by_a_body_that_is_cut_off() -> None:
    """Two plans aim at different places under one name, and two scans show different parts of a body."""
    there = {**moved(TARGETS, 300.0)}
    assert doubt(np.eye(4), moved(TARGETS, 0), there) == ""
    assert doubt(np.eye(4), {"Heart": SMALL_ANATOMY["Heart"]}, {"Liver": (0.0, 0.0, 0.0, 9.0)}) == ""


def with_external(names: dict[str, Box | None], uid: str, frame: str) -> StructureSet:
    """Bodies are called by their type: their names are those of two systems."""
    drawn = structure_set(names, uid=uid, frame=frame)
    rois = (replace(roi, interpreted_type="EXTERNAL" if roi.name in BODIES else "PTV") for roi in drawn.rois)
    return replace(drawn, rois=tuple(rois))


@pytest.mark.parametrize(("mm", "believed"), [(0.0, True), (30.0, False), (4000.0, False)])
def test_sense__bodies_stand_for_the_anatomy_where_nothing_else_is_drawn_on_both_sides(
    mm: float, believed: bool
) -> None:
    """A plan for one metastasis has often a target and a body alone; 4 m away the course was green."""
    ours = with_external({"BODY": (0.0, 0.0, 0.0, 40.0)}, "one", FRAME)
    theirs = with_external({"External": (0.0, 0.0, 0.0, 40.0), "PTV": (9.0, 0.0, 0.0, 3.0)}, "o", OTHER_FRAME)
    ways = to_the_side(mm), (ours, theirs), FRAME, OTHER_FRAME
    doubts = contradiction(*ways), agreement(*ways).exceeds(LIMITS)
    assert any(doubts) is not believed


def test_sense__bodies_do_not_count_beside_organs() -> None:
    ours = with_external({"BODY": (0.0, 0.0, 0.0, 40.0)}, "one", FRAME)
    theirs = with_external({"BODY": (25.0, 0.0, 0.0, 40.0)}, "other", OTHER_FRAME)
    organ = structure_set({"Heart": SMALL_ANATOMY["Heart"]}).rois
    ours, theirs = (replace(each, rois=each.rois + organ) for each in (ours, theirs))
    assert agreement(np.eye(4), (ours, theirs), FRAME, OTHER_FRAME).distances_mm == {"Heart": 0.0}


def test_sense__one_organ_that_lies_elsewhere_does_not_outweigh_the_others() -> None:
    there = {**moved(dict(SMALL_ANATOMY), 0), "Heart": (300.0, 0.0, 0.0, 12.0)}
    assert doubt(np.eye(4), moved(dict(SMALL_ANATOMY), 0), there) == ""


def linked(matrix: np.ndarray) -> Course:
    link = SpatialRegistration(
        from_frame=FRAME, to_frame=OTHER_FRAME, matrix=matrix, sop_instance_uid="r", file="reg.dcm"
    )
    away = structure_set(uid="other set", frame=OTHER_FRAME)
    given = course(ldrt(away), cfrt(SET), registrations=[link])
    return replace(given, structure_sets=(SET, away))


def test_check_course__with_a_registration_that_makes_no_sense_is_not_green() -> None:
    """Its organs lay outside the other plan's grid, and the dose on that grid's face stood for that plan."""
    assert check_course(linked(np.eye(4)), HEARTS).verdict is Verdict.PER_PROTOCOL
    report = check_course(linked(to_the_side(4000.0)), HEARTS)
    assert report.verdict is Verdict.NOT_EVALUABLE
    assert FindingCode.SUM_WITHOUT_REGISTRATION in codes(report)
    assert "does not bring together" in rows(report, "Heart", PHYSICAL)[0].reason


def test_check_course__a_person_may_accept_it_all_the_same() -> None:
    (item,) = check_course(linked(to_the_side(60.0)), HEARTS).open_items
    word = AcceptedWord(item=item.key, by="rev-phy", words="the sets are drawn on two isocentres")
    report = check_course(linked(to_the_side(60.0)), HEARTS, accepted=[word])
    assert all(each.evaluable for each in report.sums)


def _linked_to_a_set_of_its_target(mm: float) -> Course:
    """The other set draws its metastasis alone: neither an organ nor a body to measure a registration by."""
    given = linked(to_the_side(mm))
    bare = structure_set({"PTV_Met1": SMALL_ANATOMY["PTV_Met1"]}, uid="other set", frame=OTHER_FRAME)
    return replace(given, structure_sets=(SET, bare), plans=(ldrt(bare), given.plans[1]))


@pytest.mark.parametrize("mm", [0.0, 40.0, 4000.0])
def test_check_course__a_registration_that_nothing_measures_is_not_used_until_a_person_accepts_it(
    mm: float,
) -> None:
    """It was used, whatever it said, with "needs review" and the exit code of a green course."""
    report = check_course(_linked_to_a_set_of_its_target(mm), HEARTS)
    assert report.verdict is Verdict.NOT_EVALUABLE
    assert not any(each.evaluable for each in report.sums)
    (row,) = rows(report, "Heart", PHYSICAL)[:1]
    assert row.value is None
    assert "nothing is drawn on both sides under one name to measure it by" in row.reason
    (unplaced,) = (each for each in report.findings if each["code"] == "sum-without-registration")
    assert "accept it" in (unplaced["action"] or "")
    (item,) = report.open_items
    word = AcceptedWord(item=item.key, by="rev-phy", words="compared on the bones")
    accepted = check_course(_linked_to_a_set_of_its_target(mm), HEARTS, accepted=[word])
    assert all(each.evaluable and not each.needs_review for each in accepted.sums)

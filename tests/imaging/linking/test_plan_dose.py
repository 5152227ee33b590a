"""The dose of a plan: PLAN is never added to BEAM; beams are summed when each is there exactly once."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from imaging.course import Course, LinkedPlan
from imaging.dicom.rt_dose import DoseSummation
from imaging.findings import FindingCode, Severity
from imaging.synthetic.rt_dose import DoseLabel
from tests.imaging.reading import codes, read_datasets
from tests.support.dicom_builders import (
    PLAN,
    STRUCTURES,
    dose_array,
    dose_dataset,
    plan_content,
    plan_dataset,
    structure_dataset,
)

Floats = npt.NDArray[np.float64]
SQUARE = [[[-10, -10, 0], [10, -10, 0], [10, 10, 0], [-10, 10, 0]]]


def slope(x: Floats, y: Floats, z: Floats) -> Floats:
    dose: Floats = 20.0 + 0.1 * x + 0.2 * y + 0.3 * z
    return dose


def beam_dose(number: int, gy: float = 1.0, *, uid: str | None = None, **geometry: object) -> Dataset:
    label = DoseLabel(summation_type="BEAM", beam_number=number, plan_uid=PLAN, structure_set_uid=STRUCTURES)
    array = dose_array(lambda x, y, z: gy * slope(x, y, z), **geometry)  # type: ignore[arg-type]
    return dose_dataset(array, label=label, uid=uid or f"1.2.826.9.{number}")


def whole_dose(gy: float = 1.0, *, uid: str = "1.2.826.8.1") -> Dataset:
    return dose_dataset(dose_array(lambda x, y, z: gy * slope(x, y, z)), uid=uid)


def read(folder: Path, *doses: Dataset, beams: int = 3) -> tuple[LinkedPlan, Course]:
    plan = plan_dataset(plan_content(beams=beams))
    course = read_datasets(folder, structure_dataset({"PTV": SQUARE}), plan, *doses)
    return course.plans[0], course


def course_codes(course: Course) -> set[FindingCode]:
    return set(codes(course.findings))


def used(course: Course) -> list[bool]:
    return [file.used for file in course.files if file.kind == "dose"]


def test_beams__each_there_once_are_summed(tmp_path: Path) -> None:
    plan, course = read(tmp_path, beam_dose(1, 0.5), beam_dose(2, 0.3), beam_dose(3, 0.2))
    assert plan.dose is not None
    assert plan.dose.summation is DoseSummation.BEAM
    assert len(plan.dose.sop_instance_uids) == 3
    points = plan.dose.grid.voxel_centres_mm()
    np.testing.assert_allclose(
        plan.dose.grid.values_gy, slope(points[..., 0], points[..., 1], points[..., 2]), atol=1e-3
    )
    assert FindingCode.DOSE_BEAMS_SUMMED in course_codes(course)
    assert used(course) == [True] * 3


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(present=st.lists(st.sampled_from([1, 2, 3]), max_size=5))
def test_beams__make_a_plan_dose_only_when_each_is_there_exactly_once(
    tmp_path_factory: pytest.TempPathFactory, present: list[int]
) -> None:
    doses = [beam_dose(number, uid=f"1.2.826.7.{index}") for index, number in enumerate(present)]
    plan, _ = read(tmp_path_factory.mktemp("beams"), *doses)
    assert (plan.dose is not None) == (sorted(present) == [1, 2, 3])
    assert (plan.why_no_dose is None) == (plan.dose is not None)


@pytest.mark.parametrize(
    ("numbers", "code"),
    [
        ((1, 2), FindingCode.DOSE_BEAM_MISSING),
        ((1, 2, 3, 3), FindingCode.DOSE_BEAM_TWICE),
        ((1, 2, 3, 4), FindingCode.DOSE_BEAM_UNKNOWN),
        ((), FindingCode.PLAN_WITHOUT_DOSE),
    ],
)
def test_beams__that_do_not_make_a_whole_are_said(
    tmp_path: Path, numbers: tuple[int, ...], code: FindingCode
) -> None:
    doses = [beam_dose(number, uid=f"1.2.826.7.{index}") for index, number in enumerate(numbers)]
    plan, course = read(tmp_path, *doses)
    assert plan.dose is None
    assert plan.why_no_dose
    assert code in course_codes(course)
    assert used(course) == [False] * len(numbers)


def claims(dataset: Dataset, *numbers: int) -> Dataset:
    """Let a BEAM dose claim other beams than it was made for."""
    group = dataset.ReferencedRTPlanSequence[0].ReferencedFractionGroupSequence[0]
    first = group.ReferencedBeamSequence[0]
    group.ReferencedBeamSequence = [_numbered(first, number) for number in numbers]
    return dataset


def _numbered(item: Dataset, number: int) -> Dataset:
    copy = Dataset()
    copy.update(item)
    copy.ReferencedBeamNumber = number
    return copy


def test_dose__that_claims_several_beams_makes_the_plan_dose_unclear(tmp_path: Path) -> None:
    plan, course = read(tmp_path, claims(beam_dose(1), 1, 2), beam_dose(3))
    assert plan.dose is None
    assert FindingCode.DOSE_BEAM_UNCLEAR in course_codes(course)


def test_dose__that_is_all_zero_and_claims_all_beams_is_not_added(tmp_path: Path) -> None:
    zero = claims(beam_dose(1, uid="1.2.826.7.9"), 1, 2, 3)
    zero.PixelData = bytes(len(zero.PixelData))
    plan, course = read(tmp_path, beam_dose(1), beam_dose(2), beam_dose(3), zero)
    assert plan.dose is not None
    assert len(plan.dose.sop_instance_uids) == 3
    assert FindingCode.DOSE_ALL_ZERO in course_codes(course)
    assert sorted(used(course)) == [False, True, True, True]


def test_beams__on_different_grids_are_not_summed(tmp_path: Path) -> None:
    shifted = beam_dose(2, origin_mm=(-29.0, -25.0, -6.0))
    plan, course = read(tmp_path, beam_dose(1), shifted, beam_dose(3))
    assert plan.dose is None
    assert FindingCode.DOSE_GRIDS_DIFFER in course_codes(course)


def test_set_up_beams__need_no_dose(tmp_path: Path) -> None:
    plan_file = plan_dataset(plan_content(beams=3))
    plan_file.BeamSequence[2].TreatmentDeliveryType = "SETUP"
    course = read_datasets(tmp_path, plan_file, beam_dose(1), beam_dose(2))
    assert course.plans[0].dose is not None


def test_plan_dose__is_used_and_beams_are_not_added(tmp_path: Path) -> None:
    beams = [beam_dose(1, 0.5), beam_dose(2, 0.3), beam_dose(3, 0.2)]
    plan, course = read(tmp_path, whole_dose(), *beams)
    alone, _ = read(tmp_path / "alone", whole_dose())
    assert plan.dose is not None
    assert alone.dose is not None
    assert plan.dose.summation is DoseSummation.PLAN
    np.testing.assert_array_equal(plan.dose.grid.values_gy, alone.dose.grid.values_gy)
    assert FindingCode.DOSE_NOT_ADDED in course_codes(course)
    assert FindingCode.DOSE_PLAN_DIFFERS_FROM_BEAMS not in course_codes(course)


@pytest.mark.parametrize(
    ("last", "severity", "is_doubted"),
    [(0.18, Severity.WARNING, False), (0.16, Severity.WARNING, True), (0.24, Severity.WARNING, True)],
)
def test_plan_dose__that_differs_from_its_beams_is_said_and_doubted_beyond_three_percent(
    tmp_path: Path, last: float, severity: Severity, is_doubted: bool
) -> None:
    plan, course = read(tmp_path, whole_dose(), beam_dose(1, 0.5), beam_dose(2, 0.3), beam_dose(3, last))
    assert plan.dose is not None
    assert plan.dose.summation is DoseSummation.PLAN
    code = FindingCode.DOSE_PLAN_DIFFERS_FROM_BEAMS
    assert [each.severity for each in course.findings if each.code is code] == [severity]
    assert bool(plan.dose_doubt) == is_doubted


@pytest.mark.parametrize(("share", "is_doubted"), [(0.5, False), (1.02, False), (1.04, True)])
def test_plan_dose__beside_some_beams_is_used_and_doubted_where_they_exceed_it(
    tmp_path: Path, share: float, is_doubted: bool
) -> None:
    plan, course = read(tmp_path, whole_dose(), beam_dose(1, share))
    assert plan.dose is not None
    assert FindingCode.DOSE_BEAM_MISSING not in course_codes(course)
    assert (FindingCode.DOSE_PLAN_DIFFERS_FROM_BEAMS in course_codes(course)) == is_doubted
    assert bool(plan.dose_doubt) == is_doubted


FINER: dict[str, Any] = {
    "origin_mm": (-31.0, -26.0, -6.0),
    "pixel_spacing_mm": (2.0, 2.5),
    "shape": (5, 26, 30),
}


@pytest.mark.parametrize(("last", "is_doubted"), [(0.2, False), (0.18, False), (0.16, True), (0.24, True)])
def test_plan_dose__is_compared_with_beams_on_another_grid(
    tmp_path: Path, last: float, is_doubted: bool
) -> None:
    beams = [beam_dose(number, share, **FINER) for number, share in ((1, 0.5), (2, 0.3), (3, last))]
    plan, course = read(tmp_path, whole_dose(), *beams)
    assert plan.dose is not None
    assert plan.dose.summation is DoseSummation.PLAN
    assert bool(plan.dose_doubt) == is_doubted
    said = FindingCode.DOSE_NOT_ADDED if last == 0.2 else FindingCode.DOSE_PLAN_DIFFERS_FROM_BEAMS
    assert said in course_codes(course)


def test_plan_dose__beside_beams_that_do_not_cover_it_is_said_not_to_be_compared(tmp_path: Path) -> None:
    elsewhere = [beam_dose(number, 9.0, origin_mm=(60.0, 60.0, 40.0)) for number in (1, 2, 3)]
    plan, course = read(tmp_path, whole_dose(), *elsewhere)
    assert plan.dose_doubt is None
    assert [each.message for each in course.findings if each.code is FindingCode.DOSE_NOT_ADDED] == [
        "BEAM doses, incomplete or elsewhere, lie beside the PLAN dose; they were not compared."
    ]


def test_plan_doses__that_differ_are_both_refused(tmp_path: Path) -> None:
    plan, course = read(tmp_path, whole_dose(), whole_dose(1.1, uid="1.2.826.8.2"))
    assert plan.dose is None
    assert FindingCode.DOSE_PLAN_TWICE in course_codes(course)


def test_plan_doses__that_are_equal_are_used_once(tmp_path: Path) -> None:
    plan, course = read(tmp_path, whole_dose(), whole_dose(uid="1.2.826.8.2"))
    assert plan.dose is not None
    assert len(plan.dose.files) == 1
    assert FindingCode.DOSE_PLAN_TWICE in course_codes(course)


def test_plans__with_one_dose_are_the_same_plan_twice(tmp_path: Path) -> None:
    second = dose_dataset(
        dose_array(slope),
        uid="1.2.826.8.2",
        label=DoseLabel(plan_uid="1.2.826.6.2", structure_set_uid=STRUCTURES),
    )
    course = read_datasets(tmp_path, plan_dataset(), whole_dose(), plan_dataset(uid="1.2.826.6.2"), second)
    assert len(course.plans) == 2
    assert FindingCode.PLAN_TWICE in course_codes(course)


def test_dose__that_calls_itself_the_plans_elsewhere_leaves_the_plan_without_one(tmp_path: Path) -> None:
    other = dose_dataset(7.0, uid="1.2.826.8.9", frame_uid="1.2.826.2.2")
    course = read_datasets(tmp_path, plan_dataset(), whole_dose(), other)
    (linked,) = course.plans
    assert linked.dose is None
    assert "calls itself the plan's as well" in (linked.why_no_dose or "")
    assert FindingCode.DOSE_PLAN_TWICE in codes(course.findings)


def test_dose__that_names_several_plans_is_told_beside_the_one_that_is_used(tmp_path: Path) -> None:
    shared = dose_dataset(7.0, uid="1.2.826.8.9")
    (reference,) = shared.ReferencedRTPlanSequence
    another = deepcopy(reference)
    another.ReferencedSOPInstanceUID = "1.2.826.3.3"
    shared.ReferencedRTPlanSequence.append(another)
    (linked,) = read_datasets(tmp_path, plan_dataset(), whole_dose(), shared).plans
    assert linked.dose is not None
    (words,) = linked.doses_refused
    assert words.endswith("names several plans")


def _of_group(dataset: Dataset, number: int) -> Dataset:
    (plan,) = dataset.ReferencedRTPlanSequence
    plan.ReferencedFractionGroupSequence[0].ReferencedFractionGroupNumber = number
    return dataset


def test_beam_dose__of_a_fraction_group_that_the_plan_lacks_counts_for_nothing_and_is_said(
    tmp_path: Path,
) -> None:
    doses = [_of_group(beam_dose(1, 0.5), 7), beam_dose(2, 0.3), beam_dose(3, 0.2)]
    plan, course = read(tmp_path / "alone", *doses)
    assert plan.dose is None
    assert {FindingCode.DOSE_FRACTION_GROUP_UNKNOWN, FindingCode.DOSE_BEAM_MISSING} <= course_codes(course)
    (words,) = plan.doses_refused
    assert words.endswith("names fraction group 7, which the plan lacks")
    beside, course = read(tmp_path / "beside", whole_dose(), *doses)
    assert beside.dose is not None
    assert beside.dose.summation is DoseSummation.PLAN
    assert FindingCode.DOSE_FRACTION_GROUP_UNKNOWN in course_codes(course)


def test_beam_dose__in_a_fraction_group_that_does_not_deliver_the_beam_is_not_the_plans(
    tmp_path: Path,
) -> None:
    plan = plan_dataset(plan_content(beams=2))
    (group,) = plan.FractionGroupSequence
    second = deepcopy(group)
    second.FractionGroupNumber = 2
    first_beam, second_beam = group.ReferencedBeamSequence
    group.ReferencedBeamSequence, second.ReferencedBeamSequence = [first_beam], [second_beam]
    group.NumberOfBeams = second.NumberOfBeams = 1
    plan.FractionGroupSequence.append(second)
    structures = structure_dataset({"PTV": SQUARE})
    right = beam_dose(1), _of_group(beam_dose(2), 2)
    (linked,) = read_datasets(tmp_path / "right", structures, plan, *right).plans
    assert linked.dose is not None
    (linked,) = read_datasets(tmp_path / "wrong", structures, plan, beam_dose(1), beam_dose(2)).plans
    assert linked.dose is None
    (words,) = linked.doses_refused
    assert words.endswith("names beam 2 in fraction group 1, which does not deliver it")

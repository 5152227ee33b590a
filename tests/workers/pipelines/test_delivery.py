"""Treatment records become delivered fractions; what does not add up is said."""

from dataclasses import replace
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from imaging.course import Course
from imaging.dicom.rt_record import TreatmentRecord
from imaging.findings import Finding, FindingCode
from imaging.synthetic.rt_record import Delivery
from tests.imaging.reading import read_datasets
from tests.imaging.small_course import found
from tests.support.dicom_builders import (
    PLAN,
    dose_dataset,
    plan_content,
    plan_dataset,
    record_dataset,
)
from tests.workers.pipelines.checked import SCR, SET
from tests.workers.pipelines.courses import course, dose, linked, plan, target
from trial_core.domain.delivered_fractions import DeliveredFraction, DeliverySource
from workers.pipelines.delivery import delivery_of, fractions_given
from workers.pipelines.prepared_plans import prepare_plans


def _read(folder: Path, *records: Dataset, beams: int = 1, fractions: int = 5) -> Course:
    plan = plan_dataset(plan_content(fractions=fractions, beams=beams))
    return read_datasets(folder, plan, dose_dataset(), *records)


def _given(course: Course) -> tuple[list[tuple[int, bool]], list[Finding]]:
    given, findings = fractions_given(course)
    return [(each.fraction, each.partial) for each in given[PLAN]], findings


def _record(*deliveries: Delivery) -> list[Dataset]:
    return [record_dataset(0, delivery=one) for one in deliveries]


def _written_anew(record: Dataset) -> Dataset:
    record.SOPInstanceUID = record.file_meta.MediaStorageSOPInstanceUID = "1.2.826.1.1"
    return record


def test_records__become_delivered_fractions_each_once(tmp_path: Path) -> None:
    partial = Delivery(2, "20240302", delivered_share=0.4, termination="MACHINE")
    rest = Delivery(2, "20240303", delivered_share=0.6, delivery_type="CONTINUATION")
    stopped = Delivery(3, "20240304", delivered_share=0.5, termination="OPERATOR")
    setup = Delivery(4, "20240305", delivery_type="SETUP")
    course = _read(tmp_path, record_dataset(1), *_record(partial, rest, stopped, setup))
    assert _given(course)[0] == [(1, False), (2, False), (3, True)]


def test_records__of_partial_or_surplus_fractions_are_said(tmp_path: Path) -> None:
    stopped = Delivery(6, "20240306", delivered_share=0.5, termination="OPERATOR")
    _, findings = _given(_read(tmp_path, record_dataset(1), *_record(stopped)))
    codes = {finding.code for finding in findings}
    assert codes == {FindingCode.RECORD_PARTIAL, FindingCode.RECORD_CONTRADICTORY}


def test_fraction__that_ended_before_the_first_meterset_was_not_delivered(tmp_path: Path) -> None:
    nothing = [Delivery(n, f"2024030{n}", delivered_share=0.0, termination="MACHINE") for n in (2, 3)]
    later = Delivery(3, "20240304", delivery_type="CONTINUATION")
    course = _read(tmp_path, record_dataset(1), *_record(*nothing, later))
    assert _given(course)[0] == [(1, False), (3, False)]


def test_records__of_one_fraction_handed_over_twice_change_nothing(tmp_path: Path) -> None:
    course = _read(tmp_path, record_dataset(1), _written_anew(record_dataset(1)))
    assert len(course.records) == 2
    assert _given(course) == ([(1, False)], [])


def test_fraction__without_one_of_the_plans_beams_is_partial(tmp_path: Path) -> None:
    course = _read(tmp_path, record_dataset(1, content=plan_content(beams=1)), beams=2)
    assert _given(course)[0] == [(1, True)]


def test_record__of_a_beam_that_the_plan_lacks_is_said_with_its_number(tmp_path: Path) -> None:
    record = record_dataset(1)
    record.TreatmentSessionBeamSequence[0].ReferencedBeamNumber = 7
    course = _read(tmp_path, record)
    given, (finding,) = _given(course)
    assert given == []
    assert finding.code is FindingCode.RECORD_CONTRADICTORY
    assert finding.file == course.plans[0].plan.file
    assert finding.message == (
        "Fraction 1: beam 7 is none of the plan's; what was given with it counts for nothing, and no beam of "
        "the plan was delivered."
    )


def test_continuations__of_one_record_that_say_the_same_are_as_many(tmp_path: Path) -> None:
    first = Delivery(1, "20240301", delivered_share=0.4, termination="MACHINE")
    rest = Delivery(1, "20240301", time="090000", delivered_share=0.3, delivery_type="CONTINUATION")
    broken, twice = _record(first, rest)
    twice.TreatmentSessionBeamSequence = [*twice.TreatmentSessionBeamSequence] * 2
    assert _given(_read(tmp_path, broken, twice)) == ([(1, False)], [])


def test_continuations__of_equal_metersets_at_two_times_are_two(tmp_path: Path) -> None:
    first = Delivery(1, "20240301", delivered_share=0.4, termination="MACHINE")
    morning, noon = (
        Delivery(1, "20240302", time=time, delivered_share=0.3, delivery_type="CONTINUATION")
        for time in ("090000", "120000")
    )
    both = [*_record(first, morning), _written_anew(*_record(noon))]
    assert _given(_read(tmp_path / "two", *both)) == ([(1, False)], [])
    again = [*_record(first, morning), _written_anew(*_record(morning))]
    assert _given(_read(tmp_path / "once", *again))[0] == [(1, True)]


def test_fraction__recorded_on_two_days_is_said_with_the_plans_file(tmp_path: Path) -> None:
    course = _read(tmp_path, *_record(Delivery(1, "20240301"), Delivery(1, "20240304")))
    given, (finding,) = _given(course)
    assert given == [(1, False)]
    assert finding.code is FindingCode.RECORD_CONTRADICTORY
    assert finding.file == course.plans[0].plan.file
    assert finding.message.startswith("Fraction 1: was recorded as treatment on 2024-03-01 and 2024-03-04")


def test_record__of_an_absent_plan_is_said(tmp_path: Path) -> None:
    course = read_datasets(tmp_path, record_dataset(1))
    assert FindingCode.REFERENCE_ABSENT in found(course)
    assert fractions_given(course) == ({}, [])


@pytest.mark.parametrize(
    ("fractions", "stated_gy", "expected_gy"),
    [(28, 50.4, 21.6), (30, 60.0, 24.0), (25, 50.0, 24.0), (28, None, 21.6), (25, None, None)],
)
def test_delivered_dose__is_that_of_the_plan_not_of_the_protocol(
    fractions: int, stated_gy: float | None, expected_gy: float | None
) -> None:
    rt_plan = plan("CFRT", fractions, [target(2, stated_gy)])
    given = course(linked(rt_plan, dose(4.0), SET))
    (prepared,), _ = prepare_plans(given, SCR)
    record = TreatmentRecord("r.dcm", "r", rt_plan.sop_instance_uid, None, None, 1, ())
    days = [
        DeliveredFraction(
            plan=rt_plan.sop_instance_uid,
            fraction=number,
            on=None,
            partial=False,
            share=None,
            source=DeliverySource.DICOM,
        )
        for number in range(1, 13)
    ]
    fact = delivery_of(prepared, replace(given, records=(record,)), {rt_plan.sop_instance_uid: days})
    assert fact is not None
    assert fact.delivered_gy == (None if expected_gy is None else pytest.approx(expected_gy))

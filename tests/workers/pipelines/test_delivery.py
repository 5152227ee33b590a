"""Treatment records become delivered fractions; what does not add up is said."""

from pathlib import Path

from imaging.findings import FindingCode
from imaging.synthetic.rt_record import Delivery
from tests.imaging.reading import read_datasets
from tests.imaging.small_course import found
from tests.support.dicom_builders import (
    dose_dataset,
    plan_content,
    plan_dataset,
    record_dataset,
)


def test_records__become_delivered_fractions_each_once(tmp_path: Path) -> None:
    partial = Delivery(2, "20240302", delivered_share=0.4, termination="MACHINE")
    rest = Delivery(2, "20240303", delivered_share=0.6, delivery_type="CONTINUATION")
    stopped = Delivery(3, "20240304", delivered_share=0.5, termination="OPERATOR")
    setup = Delivery(4, "20240305", delivery_type="SETUP")
    records = [
        record_dataset(1),
        *(record_dataset(0, delivery=one) for one in (partial, rest, stopped, setup)),
    ]
    course = read_datasets(tmp_path, plan_dataset(), dose_dataset(), *records)
    assert [(one.number, one.is_partial) for one in course.plans[0].delivered] == [
        (1, False),
        (2, False),
        (3, True),
    ]


def test_records__of_partial_or_surplus_fractions_are_said(tmp_path: Path) -> None:
    stopped = Delivery(6, "20240306", delivered_share=0.5, termination="OPERATOR")
    records = [record_dataset(1), record_dataset(6, delivery=stopped)]
    course = read_datasets(tmp_path, plan_dataset(plan_content(fractions=5)), dose_dataset(), *records)
    assert found(course) >= {FindingCode.RECORD_PARTIAL, FindingCode.RECORD_CONTRADICTORY}


def test_fraction__that_ended_before_the_first_meterset_was_not_delivered(tmp_path: Path) -> None:
    nothing = [Delivery(n, f"2024030{n}", delivered_share=0.0, termination="MACHINE") for n in (2, 3)]
    later = Delivery(3, "20240304", delivery_type="CONTINUATION")
    records = [record_dataset(1), *(record_dataset(0, delivery=one) for one in (*nothing, later))]
    course = read_datasets(tmp_path, plan_dataset(), dose_dataset(), *records)
    assert [(one.number, one.is_partial) for one in course.plans[0].delivered] == [(1, False), (3, False)]


def test_records__of_one_fraction_handed_over_twice_change_nothing(tmp_path: Path) -> None:
    again = record_dataset(1)
    again.SOPInstanceUID = again.file_meta.MediaStorageSOPInstanceUID = "1.2.826.1.1"
    course = read_datasets(tmp_path, plan_dataset(), record_dataset(1), again)
    assert len(course.records) == 2
    assert [one.number for one in course.plans[0].delivered] == [1]


def test_record__of_an_absent_plan_is_said(tmp_path: Path) -> None:
    course = read_datasets(tmp_path, record_dataset(1))
    assert FindingCode.REFERENCE_ABSENT in found(course)

"""A treatment record tells what was delivered; images and unknown kinds count for nothing."""

from datetime import date, time
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from imaging.dicom.rt_record import TreatmentRecord, read_treatment_record
from imaging.findings import Finding, FindingCode
from imaging.synthetic.rt_record import Delivery
from tests.imaging.reading import codes, open_file, parse_dataset
from tests.support.dicom_builders import PLAN, plan_content, record_dataset


def read(dataset: Dataset, folder: Path) -> tuple[TreatmentRecord, list[Finding]]:
    record, findings = parse_dataset(dataset, folder)
    assert isinstance(record, TreatmentRecord)
    return record, findings


def test_record__tells_plan_date_fraction_and_beams(tmp_path: Path) -> None:
    record, findings = read(record_dataset(3, content=plan_content(beams=2)), tmp_path)
    assert (record.plan_uid, record.treatment_date) == (PLAN, date(2024, 3, 3))
    assert record.treatment_time == time(10, 15)
    assert [(beam.number, beam.fraction, beam.counts) for beam in record.beams] == [
        (1, 3, True),
        (2, 3, True),
    ]
    assert findings == []


def test_record__without_a_beam_is_said(tmp_path: Path) -> None:
    dataset = record_dataset(3)
    dataset.TreatmentSessionBeamSequence = []
    record, findings = read(dataset, tmp_path)
    assert record.beams == ()
    assert codes(findings) == [FindingCode.RECORD_CONTRADICTORY]


def test_beam__tells_its_metersets_and_its_end(tmp_path: Path) -> None:
    delivery = Delivery(1, "20240301", delivered_share=0.6, termination="MACHINE")
    record, _ = read(record_dataset(1, delivery=delivery), tmp_path)
    beam = record.beams[0]
    assert beam.termination == "MACHINE"
    assert beam.delivered_meterset == pytest.approx(0.6 * (beam.specified_meterset or 0))


@pytest.mark.parametrize(
    ("text", "read_as"), [("1015", time(10, 15)), ("101500.5", time(10, 15, 0, 500000)), ("", None)]
)
def test_time__of_a_record_is_read_as_it_was_written(tmp_path: Path, text: str, read_as: time | None) -> None:
    record, findings = read(record_dataset(1, delivery=Delivery(1, "20240301", time=text)), tmp_path)
    assert record.treatment_time == read_as
    assert findings == []


@pytest.mark.parametrize(
    ("kind", "counts", "expected"),
    [
        ("TREATMENT", True, []),
        ("CONTINUATION", True, []),
        ("SETUP", False, [FindingCode.RECORD_NOT_TREATMENT]),
        ("OPEN_PORTFILM", False, [FindingCode.RECORD_NOT_TREATMENT]),
        ("TRMT_PORTFILM", False, [FindingCode.RECORD_NOT_TREATMENT]),
        ("REHEARSAL", False, [FindingCode.RECORD_DELIVERY_TYPE_UNKNOWN]),
        ("", False, [FindingCode.RECORD_DELIVERY_TYPE_UNKNOWN]),
    ],
)
def test_delivery_type__decides_what_counts(
    tmp_path: Path, kind: str, counts: bool, expected: list[FindingCode]
) -> None:
    record, findings = read(record_dataset(1, delivery=Delivery(1, "20240301", delivery_type=kind)), tmp_path)
    assert [beam.counts for beam in record.beams] == [counts]
    assert codes(findings) == expected


def test_beam__without_fraction_number_is_said(tmp_path: Path) -> None:
    dataset = record_dataset(1)
    del dataset.TreatmentSessionBeamSequence[0].CurrentFractionNumber
    record, findings = read(dataset, tmp_path)
    assert record.beams[0].fraction is None
    assert codes(findings) == [FindingCode.RECORD_FRACTION_MISSING]


@pytest.mark.parametrize("number", [0, -1])
def test_beam__of_no_fraction_that_can_be_is_said(tmp_path: Path, number: int) -> None:
    dataset = record_dataset(1)
    dataset.TreatmentSessionBeamSequence[0].CurrentFractionNumber = number
    record, findings = read(dataset, tmp_path)
    assert record.beams[0].fraction is None
    assert codes(findings) == [FindingCode.RECORD_FRACTION_MISSING]


def test_record__without_any_meterset_is_said(tmp_path: Path) -> None:
    delivery = Delivery(1, "20240301", delivered_share=0.0, termination="MACHINE")
    _, findings = read(record_dataset(1, delivery=delivery), tmp_path)
    assert codes(findings) == [FindingCode.RECORD_PARTIAL]


def test_date__that_is_none_is_said(tmp_path: Path) -> None:
    path = tmp_path / "object.dcm"
    dataset = record_dataset(1)
    dataset.TreatmentDate = "20240301"
    dataset.save_as(path, enforce_file_format=True)
    path.write_bytes(path.read_bytes().replace(b"20240301", b"20241399"))
    file = open_file(path)
    assert read_treatment_record(file).treatment_date is None
    assert codes(file.findings) == [FindingCode.ELEMENT_INVALID]

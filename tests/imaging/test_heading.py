"""The head of an arriving object: the few elements that are wanted, whatever lengths the rest claims."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pynetdicom.dsutils import encode

from imaging.dicom.heading import HeadUnreadable, read_heading
from imaging.dicom.sop_classes import SopClass


def _plan() -> Dataset:
    plan = Dataset()
    plan.SpecificCharacterSet = "GB18030"
    plan.SOPClassUID, plan.SOPInstanceUID = SopClass.RT_PLAN.value, "1.2.3"
    plan.StudyDate, plan.RTPlanDate, plan.RTPlanLabel = "20240101", "20240203", "Boost"
    plan.PatientName, plan.PatientID, plan.PatientBirthDate = "王^小东", "P1", "19500131"
    plan.StudyInstanceUID = "1.2"
    plan.add_new(0x00091001, "UN", b"x" * 5_000_000)
    inner = Dataset()
    inner.PatientID = "another"
    plan.ReferencedStudySequence = Sequence([inner])
    return plan


def _written(dataset: Dataset, folder: Path, *, is_explicit: bool) -> Path:
    encoded = encode(dataset, is_implicit_vr=not is_explicit, is_little_endian=True)
    assert encoded is not None
    path = folder / "object"
    path.write_bytes(b"head" + encoded)
    return path


@pytest.mark.parametrize("is_explicit", [True, False])
def test_heading__says_what_and_whose_an_object_is(tmp_path: Path, is_explicit: bool) -> None:
    path = _written(_plan(), tmp_path, is_explicit=is_explicit)
    found = read_heading(path, 4, is_explicit=is_explicit, is_plan=True)
    assert (found.sop_class_uid, found.sop_instance_uid, found.modality) == (
        SopClass.RT_PLAN,
        "1.2.3",
        "RTPLAN",
    )
    assert (found.plan_label, found.dated, found.study_instance_uid) == ("Boost", "2024-02-03", "1.2")
    read = found.identity
    assert (read.patient_id, read.name, read.birth_date) == ("P1", "王^小东", "19500131")
    assert "P1" not in repr(found)


def test_heading__of_an_object_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "object"
    path.write_bytes(b"head" + struct.pack("<HHI", 0x0010, 0x0020, 4_000_000_000) + b"abcd")
    with pytest.raises(HeadUnreadable):
        read_heading(path, 4, is_explicit=False, is_plan=False)


def test_heading__of_zeros_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "object"
    path.write_bytes(b"\0" * 5_000_000)
    assert not read_heading(path, 4, is_explicit=False, is_plan=False).sop_class_uid

"""A file is DICOM, whole and of sane structure, or the finding says which of these it is not."""

import resource
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
)

from imaging.dicom.rt_dose import RtDose, read_rt_dose
from imaging.dicom.rt_plan import RtPlan
from imaging.findings import FindingCode, Severity
from imaging.synthetic.header import write_object
from tests.imaging.reading import codes, open_dataset, open_file, parse_dataset, refusal
from tests.support import hostile
from tests.support.dicom_builders import dose_array, dose_dataset, plan_dataset


def binary(path: Path) -> Path:
    path.write_bytes(bytes(range(256)) * 10)
    return path


def empty(path: Path) -> Path:
    path.touch()
    return path


def preamble_alone(path: Path) -> Path:
    path.write_bytes(bytes(128) + b"DICM")
    return path


def without_sop_class(path: Path) -> Path:
    dataset = plan_dataset()
    write_object(path, dataset)
    uid = str(dataset.SOPClassUID).encode()
    data = path.read_bytes()
    path.write_bytes(data.replace(uid, b"\0" * len(uid)))
    return path


def without_sop_instance(path: Path) -> Path:
    dataset = plan_dataset()
    write_object(path, dataset)
    uid = str(dataset.SOPInstanceUID).encode()
    path.write_bytes(path.read_bytes().replace(uid, b"\0" * len(uid)))
    return path


def of_unknown_syntax(path: Path) -> Path:
    write_object(path, plan_dataset())
    path.write_bytes(path.read_bytes().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.9.9.9\0", 1))
    return path


def with_absurd_length(path: Path) -> Path:
    """A plan whose label claims four gigabytes less two."""
    write_object(path, plan_dataset())
    with path.open("ab") as file:
        file.write(b"\xfe\x7f\x10\x10OB\0\0\xfe\xff\xff\xff" + b"x" * 10)
    return path


def with_item_beyond_its_sequence(path: Path) -> Path:
    write_object(path, plan_dataset())
    with path.open("ab") as file:
        file.write(b"\xfe\x7f\x10\x10SQ\0\0\x0a\0\0\0" + b"\xfe\xff\x00\xe0\x40\0\0\0" + bytes(80))
    return path


def with_stray_delimiter(path: Path) -> Path:
    write_object(path, plan_dataset())
    with path.open("ab") as file:
        file.write(b"\xfe\xff\x0d\xe0\0\0\0\0")
    return path


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (empty, FindingCode.FILE_EMPTY),
        (hostile.text_named_dcm, FindingCode.NOT_DICOM),
        (binary, FindingCode.NOT_DICOM),
        (hostile.without_prefix, FindingCode.DICOM_PREFIX_MISSING),
        (preamble_alone, FindingCode.DICOM_TRUNCATED),
        (hostile.truncated, FindingCode.DICOM_TRUNCATED),
        (without_sop_class, FindingCode.SOP_CLASS_MISSING),
        (without_sop_instance, FindingCode.SOP_INSTANCE_MISSING),
        (of_unknown_syntax, FindingCode.TRANSFER_SYNTAX_UNSUPPORTED),
        (with_absurd_length, FindingCode.DICOM_TRUNCATED),
        (with_item_beyond_its_sequence, FindingCode.DICOM_CORRUPT),
        (with_stray_delimiter, FindingCode.DICOM_CORRUPT),
        (hostile.nested_sequences, FindingCode.DICOM_TOO_DEEP),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_read_part10__refuses(tmp_path: Path, make: Callable[[Path], Path], code: FindingCode) -> None:
    finding = refusal(make(tmp_path / "bad.dcm"))
    assert finding.code is code
    assert finding.file == "bad.dcm"
    assert finding.message
    assert finding.action


def test_read_part10__tells_a_text_file_from_a_binary_one(tmp_path: Path) -> None:
    assert "text file" in refusal(hostile.text_named_dcm(tmp_path / "a.dcm")).message
    assert "text file" not in refusal(binary(tmp_path / "b.dcm")).message
    assert refusal(tmp_path / "a.dcm").severity is Severity.WARNING


@pytest.mark.parametrize("keep", [0.05, 0.2, 0.4, 0.6, 0.8, 0.999])
def test_read_part10__finds_a_file_cut_short_anywhere(tmp_path: Path, keep: float) -> None:
    assert refusal(hostile.truncated(tmp_path / "a.dcm", keep=keep)).code in (
        FindingCode.DICOM_TRUNCATED,
        FindingCode.NOT_DICOM,
        FindingCode.DICOM_PREFIX_MISSING,
    )


def test_read_part10__inflates_a_deflated_dataset(tmp_path: Path) -> None:
    dataset = plan_dataset()
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    plan, _ = parse_dataset(dataset, tmp_path)
    assert isinstance(plan, RtPlan)
    assert plan.label == "PLAN"


def test_read_part10__stops_a_deflated_bomb_in_bounded_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imaging.dicom.part10.MAX_DEFLATED_DATASET_BYTES", 1 << 24)
    bomb = hostile.deflated_bomb(tmp_path / "bomb.dcm")
    assert bomb.stat().st_size < 1 << 20
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refusal(bomb).code is FindingCode.DICOM_TOO_LARGE
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1 << 16  # KiB


def test_read_part10__finds_a_deflated_dataset_cut_short_or_broken(tmp_path: Path) -> None:
    dataset = plan_dataset()
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    path = write_object(tmp_path / "a.dcm", dataset)
    data = path.read_bytes()
    path.write_bytes(data[:-200])
    assert refusal(path).code is FindingCode.DICOM_TRUNCATED
    path.write_bytes(data[:-200] + b"\xff" * 200)
    assert refusal(path).code in (FindingCode.DICOM_CORRUPT, FindingCode.DICOM_TRUNCATED)


def _as(dataset: Dataset, syntax: str) -> Dataset:
    dataset.file_meta.TransferSyntaxUID = syntax
    return dataset


def test_read_part10__reads_implicit_as_explicit(tmp_path: Path) -> None:
    explicit, _ = parse_dataset(plan_dataset(), tmp_path)
    implicit, _ = parse_dataset(_as(plan_dataset(), ImplicitVRLittleEndian), tmp_path)
    assert explicit == implicit


def test_read_part10__reads_big_endian_pixels(tmp_path: Path) -> None:
    little, _ = parse_dataset(_sloping_dose(), tmp_path)
    dataset = _as(_sloping_dose(), ExplicitVRBigEndian)
    dataset.PixelData = _swapped(dataset.PixelData, dataset.BitsAllocated // 8)
    dataset.save_as(tmp_path / "big.dcm", implicit_vr=False, little_endian=False, enforce_file_format=True)
    file = open_file(tmp_path / "big.dcm")
    assert not file.is_little_endian
    big = read_rt_dose(file)
    assert isinstance(little, RtDose)
    np.testing.assert_array_equal(big.grid.values_gy, little.grid.values_gy)


def _sloping_dose() -> Dataset:
    return dose_dataset(dose_array(lambda x, y, z: 10 + 0.01 * x + 0.02 * y + 0.03 * z))


def _swapped(data: bytes, size: int) -> bytes:
    return b"".join(data[at : at + size][::-1] for at in range(0, len(data), size))


def test_read_part10__sees_compressed_pixels_without_decoding_them(tmp_path: Path) -> None:
    dataset = dose_dataset()
    dataset.file_meta.TransferSyntaxUID = JPEG2000Lossless
    dataset.PixelData = encapsulate([b"no image at all "])
    dataset["PixelData"].is_undefined_length = True
    file = open_dataset(dataset, tmp_path)
    assert file.is_compressed
    assert refusal(tmp_path / "object.dcm").code is FindingCode.DOSE_PIXELS_UNUSABLE


def test_read_part10__tolerates_trailing_zeros(tmp_path: Path) -> None:
    path = write_object(tmp_path / "a.dcm", plan_dataset())
    whole = open_file(path).item.dataset
    path.write_bytes(path.read_bytes() + bytes(300))
    assert open_file(path).item.dataset == whole


def test_read_part10__says_that_the_meta_group_contradicts_the_dataset(tmp_path: Path) -> None:
    path = write_object(tmp_path / "a.dcm", plan_dataset())
    uid = str(plan_dataset().SOPInstanceUID).encode()
    other = uid[:-1] + (b"1" if uid[-1:] != b"1" else b"2")
    path.write_bytes(path.read_bytes().replace(uid, other, 1))
    file = open_file(path)
    assert file.sop_instance_uid == plan_dataset().SOPInstanceUID
    assert codes(file.findings) == [FindingCode.META_CONTRADICTS_DATASET]


def test_parse__trusts_the_sop_class_and_reports_the_modality(tmp_path: Path) -> None:
    dataset = plan_dataset()
    dataset.Modality = "RTDOSE"
    plan, findings = parse_dataset(dataset, tmp_path)
    assert isinstance(plan, RtPlan)
    assert codes(findings) == [FindingCode.MODALITY_CONTRADICTS_SOP_CLASS]

"""The walk over a dataset's structure agrees with pydicom on sound files and never runs wild on others."""

import mmap
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.sequence import Sequence

from imaging.dicom import layout
from imaging.dicom.layout import (
    Encoding,
    LayoutError,
    TooDeepError,
    TooManyElementsError,
    TruncatedError,
    lay_out,
)
from tests.support.dicom_builders import dose_dataset, plan_dataset, structure_dataset

EXPLICIT = Encoding(is_explicit=True, is_little_endian=True)
IMPLICIT = Encoding(is_explicit=False, is_little_endian=True)
BIG = Encoding(is_explicit=True, is_little_endian=False)


def encoded(dataset: Dataset, encoding: Encoding) -> bytes:
    buffer = DicomBytesIO()
    buffer.is_implicit_VR = not encoding.is_explicit
    buffer.is_little_endian = encoding.is_little_endian
    body = Dataset({element.tag: element for element in dataset})
    write_dataset(buffer, body)
    return bytes(buffer.getvalue())


@pytest.mark.parametrize("encoding", [EXPLICIT, IMPLICIT, BIG], ids=["explicit", "implicit", "big"])
@pytest.mark.parametrize("undefined", [False, True])
def test_lay_out__reaches_the_end_of_a_sound_dataset(encoding: Encoding, undefined: bool) -> None:
    dataset = plan_dataset()
    for element in dataset.iterall():
        if element.VR == "SQ":
            element.is_undefined_length = undefined
            for item in element.value:
                item.is_undefined_length_sequence_item = undefined
    data = encoded(dataset, encoding)
    found = lay_out(data, 0, encoding)
    assert (found.end, found.pixels, found.is_encapsulated) == (len(data), None, False)


@pytest.mark.parametrize("encoding", [EXPLICIT, IMPLICIT], ids=["explicit", "implicit"])
def test_lay_out__finds_the_pixels(encoding: Encoding) -> None:
    dataset = dose_dataset()
    data = encoded(dataset, encoding)
    found = lay_out(data, 0, encoding)
    assert found.pixels is not None
    at, length = found.pixels
    assert data[at : at + length] == dataset.PixelData
    assert found.end < at


@pytest.mark.parametrize("encoding", [EXPLICIT, IMPLICIT], ids=["explicit", "implicit"])
def test_lay_out__finds_every_cut(encoding: Encoding) -> None:
    """Cutting between two top-level elements leaves a whole dataset; cutting anywhere else is found."""
    data = encoded(structure_dataset({"A": [[[0, 0, 0], [1, 0, 0], [0, 1, 0]]]}), encoding)
    unnoticed = 0
    for cut in range(1, len(data)):
        try:
            lay_out(data[:cut], 0, encoding)
        except LayoutError:
            continue
        unnoticed += 1
    assert unnoticed < 40


def test_lay_out__distinguishes_a_cut_file_from_a_damaged_one() -> None:
    data = encoded(plan_dataset(), EXPLICIT)
    with pytest.raises(TruncatedError):
        lay_out(data[:-1], 0, EXPLICIT)


def test_lay_out__counts_elements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "MAX_ELEMENTS", 20)
    with pytest.raises(TooManyElementsError):
        lay_out(encoded(plan_dataset(), EXPLICIT), 0, EXPLICIT)


def test_lay_out__walks_unknown_sequences_as_implicit() -> None:
    """A sequence sent as UN of undefined length holds implicit elements (PS3.5 6.2.2, CP-246)."""
    inner = b"\x08\x00\x60\x00\x02\0\0\0CT"
    item = b"\xfe\xff\x00\xe0" + len(inner).to_bytes(4, "little") + inner
    data = b"\x09\x00\x10\x10UN\0\0\xff\xff\xff\xff" + item + b"\xfe\xff\xdd\xe0\0\0\0\0"
    assert lay_out(data, 0, EXPLICIT).end == len(data)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400), st.sampled_from([EXPLICIT, IMPLICIT, BIG]))
def test_lay_out__accepts_or_refuses_any_bytes(data: bytes, encoding: Encoding) -> None:
    with suppress(LayoutError):
        assert 0 <= lay_out(data, 0, encoding).end <= len(data)


def test_lay_out__walks_deep_but_allowed_nesting() -> None:
    data = encoded(_nested(layout.MAX_SEQUENCE_DEPTH), EXPLICIT)
    assert lay_out(data, 0, EXPLICIT).end == len(data)


def test_lay_out__refuses_deeper_nesting() -> None:
    with pytest.raises(TooDeepError):
        lay_out(encoded(_nested(layout.MAX_SEQUENCE_DEPTH + 1), EXPLICIT), 0, EXPLICIT)


def _nested(depth: int) -> Dataset:
    dataset = Dataset()
    for _ in range(depth):
        outer = Dataset()
        outer.BeamSequence = Sequence([dataset])
        dataset = outer
    return dataset


def test_lay_out__walks_a_mapped_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(encoded(plan_dataset(), EXPLICIT))
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    assert lay_out(mapped, 0, EXPLICIT).end == path.stat().st_size

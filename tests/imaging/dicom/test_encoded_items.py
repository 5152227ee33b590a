"""Items read as they stand in the file give what pydicom gives, however the sequence is encoded."""

from io import BytesIO
from itertools import product

import pytest
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_dataset
from pydicom.sequence import Sequence

from imaging.dicom.elements import Item
from imaging.dicom.encoded_items import EncodedItem, encoded_items

KEYWORDS = ("ContourGeometricType", "NumberOfContourPoints", "ContourData", "ContourSlabThickness")
ENCODINGS = list(product((False, True), (False, True), (False, True)))


def _contour(number: int) -> Dataset:
    image, contour = Dataset(), Dataset()
    image.ReferencedSOPInstanceUID = f"1.2.{number}"
    contour.ContourImageSequence = Sequence([image])
    contour.ContourGeometricType = "CLOSED_PLANAR"
    contour.NumberOfContourPoints = 2
    contour.ContourData = [number, 0, 0, 1, 1, 2.5]
    return contour


def _entry(*, is_explicit: bool, is_little_endian: bool, is_open: bool) -> Item:
    """An entry with three contours, written and read again."""
    entry = Dataset()
    entry.ReferencedROINumber = 7
    entry.ContourSequence = Sequence([_contour(number) for number in range(3)])
    entry["ContourSequence"].is_undefined_length = is_open
    file = DicomBytesIO()
    file.is_implicit_VR, file.is_little_endian = not is_explicit, is_little_endian
    write_dataset(file, entry)
    return Item(read_dataset(BytesIO(file.getvalue()), not is_explicit, is_little_endian), "a file", [])


@pytest.mark.parametrize(("is_explicit", "is_little_endian", "is_open"), ENCODINGS)
def test_encoded_items__hold_what_pydicom_reads(
    is_explicit: bool, is_little_endian: bool, is_open: bool
) -> None:
    encoding = {"is_explicit": is_explicit, "is_little_endian": is_little_endian, "is_open": is_open}
    found, expected = encoded_items(_entry(**encoding), "ContourSequence"), _entry(**encoding)
    decoded = expected.items("ContourSequence")
    assert all(isinstance(one, EncodedItem) for one in found) is not is_open
    for one, other in zip(found, decoded, strict=True):
        assert [one.raw(keyword) for keyword in KEYWORDS] == [other.raw(keyword) for keyword in KEYWORDS]
        assert one.code("ContourGeometricType") == "CLOSED_PLANAR"
        assert one.integer("NumberOfContourPoints") == 2
        assert one.numbers("ContourData") == other.numbers("ContourData")
        image, same = one.first("ContourImageSequence"), other.first("ContourImageSequence")
        assert image is not None
        assert same is not None
        assert image.uid("ReferencedSOPInstanceUID") == same.uid("ReferencedSOPInstanceUID")


def test_encoded_items__of_a_sequence_that_is_empty_absent_or_decoded_already() -> None:
    entry = _entry(is_explicit=True, is_little_endian=True, is_open=False)
    assert encoded_items(entry, "ContourImageSequence") == ()
    decoded = entry.items("ContourSequence")
    again = encoded_items(entry, "ContourSequence")
    assert [one.dataset for one in again] == [one.dataset for one in decoded]
    entry.dataset.ContourSequence = Sequence([])
    assert encoded_items(entry, "ContourSequence") == ()


def test_encoded_item__whose_inner_sequence_is_open_is_left_to_pydicom() -> None:
    entry = Dataset()
    contour = _contour(0)
    contour["ContourImageSequence"].is_undefined_length = True
    entry.ContourSequence = Sequence([contour])
    file = DicomBytesIO()
    file.is_implicit_VR, file.is_little_endian = True, True
    write_dataset(file, entry)
    holder = Item(read_dataset(BytesIO(file.getvalue()), True, True), "a file", [])
    (found,) = encoded_items(holder, "ContourSequence")
    assert isinstance(found, EncodedItem)
    assert (found.raw("ContourData") or b"").split(b"\\")[-1].strip() == b"2.5"
    assert found.items("ContourImageSequence")

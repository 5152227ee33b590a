"""Real sets of files that are checked in a quarter of a second, for thousands of jobs."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pydicom
from pydicom.dataset import Dataset

from tests.workers.installation import small_cfrt_files

STRUCTURES = frozenset({"Heart", "SpinalCord", "GTVp", "CTVp", "PTVp"})
_DOSE, _STRUCTURES, _RECORDS = "RD.CFRT.dcm", "RS.planning.dcm", "records/"


def thin_courses(count: int) -> tuple[dict[str, bytes], ...]:
    """Make sets of one patient, each with other treatment records: five structures, no CT, a coarse dose.

    The same set twice would be a duplicate, and one patient of two subjects is blocked.
    """
    whole = small_cfrt_files()
    plan = {name: data for name, data in whole.items() if not name.startswith(("CT", _RECORDS))}
    plan[_DOSE], plan[_STRUCTURES] = _coarse_dose(whole[_DOSE]), _few_structures(whole[_STRUCTURES])
    records = sorted(name for name in whole if name.startswith(_RECORDS))
    assert count <= 2 ** len(records)
    return tuple({**plan, **_of(whole, _chosen(records, number))} for number in range(count))


def _chosen(names: list[str], number: int) -> list[str]:
    """Choose those whose place is a one in the number's binary digits."""
    return [name for place, name in enumerate(names) if number >> place & 1]


def _of(files: Mapping[str, bytes], names: list[str]) -> dict[str, bytes]:
    return {name: files[name] for name in names}


def _coarse_dose(data: bytes) -> bytes:
    dose = pydicom.dcmread(io.BytesIO(data))
    every_second = dose.pixel_array[::2, ::2, ::2].copy()
    dose.NumberOfFrames, dose.Rows, dose.Columns = every_second.shape
    dose.PixelSpacing = [2 * float(each) for each in dose.PixelSpacing]
    dose.GridFrameOffsetVector = list(dose.GridFrameOffsetVector)[::2]
    dose.PixelData = every_second.tobytes()
    return _bytes_of(dose)


def _few_structures(data: bytes) -> bytes:
    found = pydicom.dcmread(io.BytesIO(data))
    kept = {each.ROINumber for each in found.StructureSetROISequence if each.ROIName in STRUCTURES}
    found.StructureSetROISequence = [one for one in found.StructureSetROISequence if one.ROINumber in kept]
    for name in ("ROIContourSequence", "RTROIObservationsSequence"):
        setattr(found, name, [one for one in found[name] if one.ReferencedROINumber in kept])
    return _bytes_of(found)


def _bytes_of(dataset: Dataset) -> bytes:
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()

"""Summed doses out: a grid of Gray becomes an RT Dose of several plans (PS3.3 A.18, C.8.8.3)."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.sequence import Sequence as DicomSequence
from pydicom.uid import UID, ExplicitVRLittleEndian, RTDoseStorage, RTPlanStorage, SpatialRegistrationStorage
from pydicom.valuerep import format_number_as_ds

from dosimetry.accumulation.voxel_frame import VoxelFrame
from imaging.dicom.elements import quiet_pydicom
from imaging.dicom.geometry import DIRECTION_TOLERANCE
from imaging.errors import ImagingError

_IMPLEMENTATION_UID = "2.25.145018421904573806155071839203211804081"
_GRID_FRAME_OFFSET_VECTOR = 0x3004000C
_LARGEST_STORED = {16: 2**16 - 1, 32: 2**31 - 1}
"""Of 32 bits half the range: a reader that takes them as signed reads the same dose."""
_SCALING_DIGITS = 9
_PATIENT_AND_STUDY = (
    *("SpecificCharacterSet", "PatientName", "PatientID", "PatientBirthDate", "PatientSex"),
    *("StudyInstanceUID", "StudyDate", "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName"),
    *("StudyDescription", "PositionReferenceIndicator"),
)
"""What the sum takes over from its base plan: whose it is, and the study it belongs to."""
_LONGEST_TITLE, _LONGEST_COMMENT = 64, 10240
"""Of VR LO and LT (PS3.5 6.2)."""


class DoseExportError(ImagingError):
    """A sum that cannot be written as RT Dose; `reason` says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the sum cannot be written as RTDOSE: {reason}")


class DoseKind(StrEnum):
    """DoseType (PS3.3 C.8.8.3): of a sum of doses, and of a sum of EQD2."""

    PHYSICAL = "PHYSICAL"
    EFFECTIVE = "EFFECTIVE"


class SpatialTransform(StrEnum):
    """Spatial Transform of Dose (3004,0005): what was done to bring the doses together."""

    NONE = "NONE"
    RIGID = "RIGID"
    NON_RIGID = "NON_RIGID"


@dataclass(frozen=True, eq=False)
class SummedDose:
    """A sum of plans and what an RT Dose says of it.

    Attributes
    ----------
    values_gy, frame
        The doses, shape (nk, nj, ni), not negative, and where they lie.
    kind
        Physical, or EQD2.
    plan_uids
        SOP Instance UIDs of all plans in it.
    frame_of_reference_uid
        That of the base plan.
    title, comment
        What a person should know, in 64 letters and at length: alpha/beta, weights, what is not covered.
    transform, registration_uids
        How doses of other frames of reference were brought here, and by which registration objects.
    input_hashes
        SHA-256 of every file that the sum was made from: the UIDs follow from them and from the sum.
    """

    values_gy: npt.NDArray[np.floating]
    frame: VoxelFrame
    kind: DoseKind
    plan_uids: tuple[str, ...]
    frame_of_reference_uid: str
    title: str
    comment: str
    input_hashes: tuple[str, ...]
    transform: SpatialTransform = SpatialTransform.NONE
    registration_uids: tuple[str, ...] = ()


def summed_dose_dataset(dose: SummedDose, base_plan: Dataset, *, bits: int = 32) -> Dataset:
    """Make the RT Dose of a sum.

    Parameters
    ----------
    dose
        The sum.
    base_plan
        The plan in whose frame of reference it lies: patient and study are taken over from it.
    bits
        32: doses are rounded to 3e-10 of the highest one; 16, for systems that read no others: to 8e-6.

    Raises
    ------
    DoseExportError
        If it holds no dose, or its axes are not at right angles.
    """
    dataset = Dataset()
    with quiet_pydicom():
        _describe_origin(dataset, base_plan)
        _set_dose(dataset, dose)
        planes = _set_geometry(dataset, dose.frame)
        _set_pixels(dataset, np.asarray(dose.values_gy)[planes], bits)
        _set_identity(dataset, dose)
    return dataset


def as_part10(dataset: Dataset) -> bytes:
    """The bytes of a DICOM file; the same for the same dataset."""
    buffer = io.BytesIO()
    with quiet_pydicom():
        dcmwrite(buffer, dataset, enforce_file_format=True)
    return buffer.getvalue()


def _describe_origin(dataset: Dataset, base_plan: Dataset) -> None:
    for keyword in _PATIENT_AND_STUDY:
        if keyword in base_plan:
            setattr(dataset, keyword, base_plan[keyword].value)
        elif keyword not in ("SpecificCharacterSet", "StudyDescription"):
            setattr(dataset, keyword, None)
    if not dataset.StudyInstanceUID:
        raise DoseExportError("its base plan names no study (StudyInstanceUID)")
    dataset.Modality = "RTDOSE"
    dataset.SeriesNumber, dataset.OperatorsName, dataset.InstanceNumber = 1, None, 1
    dataset.Manufacturer, dataset.ManufacturerModelName = "Dosegate", "Dose accumulation"


def _set_dose(dataset: Dataset, dose: SummedDose) -> None:
    dataset.FrameOfReferenceUID = dose.frame_of_reference_uid
    dataset.DoseUnits, dataset.DoseType = "GY", dose.kind.value
    dataset.DoseSummationType = "MULTI_PLAN"
    dataset.DoseComment = dataset.SeriesDescription = dose.title[:_LONGEST_TITLE]
    dataset.ImageComments = dose.comment[:_LONGEST_COMMENT]
    dataset.SpatialTransformOfDose = dose.transform.value
    if dose.transform is not SpatialTransform.NONE:
        dataset.ReferencedSpatialRegistrationSequence = _references(
            SpatialRegistrationStorage, dose.registration_uids
        )
    dataset.ReferencedRTPlanSequence = _references(RTPlanStorage, dose.plan_uids)


def _references(sop_class_uid: str, uids: Iterable[str]) -> DicomSequence:
    items = []
    for uid in uids:
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class_uid, uid
        items.append(item)
    return DicomSequence(items)


def _set_geometry(dataset: Dataset, frame: VoxelFrame) -> slice:
    """Write where the planes lie; returns the order in which they ascend along row x column."""
    affine = frame.index_to_patient_mm
    lengths = np.linalg.norm(affine[:3, :3], axis=0)
    row, column, across = (affine[:3, :3] / lengths).T
    normal = np.cross(row, column)
    if max(abs(row @ column), 1 - abs(normal @ across)) > DIRECTION_TOLERANCE:
        raise DoseExportError("its axes are not at right angles")
    offsets = frame.plane_coordinates * lengths[2] * np.sign(normal @ across)
    planes = slice(None) if len(offsets) == 1 or offsets[0] < offsets[-1] else slice(None, None, -1)
    first = frame.plane_coordinates[planes][0]
    offsets = offsets[planes] - offsets[planes][0]
    dataset.ImagePositionPatient = _decimals(affine[:3, 2] * first + affine[:3, 3])
    dataset.ImageOrientationPatient = _decimals([*row, *column])
    dataset.PixelSpacing = _decimals([lengths[1], lengths[0]])
    dataset.SliceThickness = _decimal(_thickness_mm(frame, offsets))
    dataset.NumberOfFrames = len(offsets)
    dataset.FrameIncrementPointer = _GRID_FRAME_OFFSET_VECTOR
    dataset.GridFrameOffsetVector = _decimals(offsets)
    return planes


def _thickness_mm(frame: VoxelFrame, offsets: npt.NDArray[np.float64]) -> float:
    if len(offsets) > 1:
        return float(np.median(np.diff(offsets)))
    assert frame.plane_thickness_mm is not None  # noqa: S101 - checked at construction
    return frame.plane_thickness_mm


def _set_pixels(dataset: Dataset, values_gy: npt.NDArray[np.floating], bits: int) -> None:
    highest, lowest = float(values_gy.max()), float(values_gy.min())
    if not (np.isfinite(highest) and lowest >= 0):
        raise DoseExportError("a dose is negative or not a number")
    if highest == 0:
        raise DoseExportError("every voxel is 0 Gy: the plans do not reach its grid")
    scaling = _scaling(highest, bits)
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.Rows, dataset.Columns = values_gy.shape[1:]
    dataset.BitsAllocated = dataset.BitsStored = bits
    dataset.HighBit, dataset.PixelRepresentation = bits - 1, 0
    dataset.DoseGridScaling = scaling
    stored = np.empty(values_gy.shape, dtype=f"<u{bits // 8}")
    for plane, doses in zip(stored, values_gy, strict=True):
        np.rint(doses / float(scaling), out=plane, casting="unsafe")
    dataset.PixelData = stored.tobytes()


def _scaling(highest_gy: float, bits: int) -> str:
    """A number of few digits with which the highest dose just fits."""
    return _decimal(float(f"{highest_gy / _LARGEST_STORED[bits] * (1 + 10.0**-8):.{_SCALING_DIGITS}e}"))


def _set_identity(dataset: Dataset, dose: SummedDose) -> None:
    """UIDs of everything that the object says: the same inputs and sum always give the same ones."""
    dataset.SOPClassUID = RTDoseStorage
    digest = hashlib.sha256("\n".join(sorted(dose.input_hashes)).encode())
    digest.update(dataset.to_json(bulk_data_threshold=1 << 62).encode())
    identity = digest.digest()
    dataset.SeriesInstanceUID, dataset.SOPInstanceUID = _uid(identity, "series"), _uid(identity, "object")
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\x00\x01"
    meta.MediaStorageSOPClassUID = UID(RTDoseStorage)
    meta.MediaStorageSOPInstanceUID = UID(dataset.SOPInstanceUID)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID(_IMPLEMENTATION_UID)
    meta.ImplementationVersionName = "DOSEGATE"
    dataset.file_meta = meta


def _uid(identity: bytes, role: str) -> str:
    """A UID under 2.25 from a hash; bits of version and variant as a name-based UUID has them (PS3.5 B.2)."""
    value = int.from_bytes(hashlib.sha256(identity + role.encode()).digest()[:16])
    value = value & ~(0xF << 76) | 5 << 76
    value = value & ~(0x3 << 62) | 2 << 62
    return f"2.25.{value}"


def _decimal(value: float) -> str:
    return str(format_number_as_ds(float(value)))


def _decimals(values: Sequence[float] | npt.NDArray[np.float64]) -> list[str]:
    return [_decimal(float(value) + 0.0) for value in values]

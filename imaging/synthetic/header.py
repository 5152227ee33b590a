"""What every synthetic object shares: SOP common, patient, study, series and equipment modules."""

from collections.abc import Iterable
from pathlib import Path

from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import UID, ExplicitVRLittleEndian
from pydicom.valuerep import format_number_as_ds

from imaging.synthetic.identity import Study

IMPLEMENTATION_UID = "2.25.145018421904573806155071839203211804081"
MANUFACTURER = "Dosegate"


def new_object(
    study: Study, sop_class_uid: str, sop_instance_uid: str, *, modality: str, series: object
) -> Dataset:
    """Return a dataset with the modules that every object of a course has.

    Parameters
    ----------
    study
        Patient, study and date.
    sop_class_uid, sop_instance_uid
        What the object is and which one.
    modality
        DICOM modality, such as ``RTDOSE``.
    series
        The series' role: objects of one role share a Series Instance UID.
    """
    dataset = Dataset()
    dataset.file_meta = file_meta(sop_class_uid, sop_instance_uid)
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = sop_class_uid
    dataset.SOPInstanceUID = sop_instance_uid
    _describe_patient(dataset, study)
    _describe_study(dataset, study)
    dataset.Modality = modality
    dataset.SeriesInstanceUID = study.uids.uid("series", series)
    dataset.SeriesNumber = 1
    dataset.OperatorsName = None
    dataset.Manufacturer = MANUFACTURER
    dataset.ManufacturerModelName = "Synthetic course"
    dataset.DeviceSerialNumber = "0"
    dataset.SoftwareVersions = "1"
    return dataset


def file_meta(sop_class_uid: str, sop_instance_uid: str) -> FileMetaDataset:
    """Return the Part 10 header; it names no library version, so that files stay the same (PS3.10 7.1)."""
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\x00\x01"
    meta.MediaStorageSOPClassUID = UID(sop_class_uid)
    meta.MediaStorageSOPInstanceUID = UID(sop_instance_uid)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID(IMPLEMENTATION_UID)
    meta.ImplementationVersionName = "DOSEGATE"
    return meta


def write_object(path: Path, dataset: Dataset) -> Path:
    """Write one object as a Part 10 file and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    dcmwrite(path, dataset, enforce_file_format=True)
    return path


def reference(sop_class_uid: str, sop_instance_uid: str) -> Dataset:
    """Return a Referenced SOP item (PS3.3 table 10-11)."""
    item = Dataset()
    item.ReferencedSOPClassUID = sop_class_uid
    item.ReferencedSOPInstanceUID = sop_instance_uid
    return item


def items(*datasets: Dataset) -> Sequence:
    """Return a DICOM sequence of the given items."""
    return Sequence(datasets)


def decimal(value: float) -> str:
    """Return a number as a decimal string of at most 16 characters (PS3.5 6.2)."""
    return str(format_number_as_ds(float(value)))


def decimals(values: Iterable[float]) -> list[str]:
    """Return numbers as decimal strings."""
    return [decimal(value) for value in values]


def set_raw_decimals(dataset: Dataset, keyword_tag: int, text: str) -> None:
    """Put decimal strings, already joined by backslashes, into an element without parsing each of them."""
    data = text.encode("ascii")
    data += b" " * (len(data) % 2)
    tag = Tag(keyword_tag)
    dataset[tag] = RawDataElement(tag, "DS", len(data), data, 0, False, True)


def _describe_patient(dataset: Dataset, study: Study) -> None:
    dataset.PatientName = study.patient.name
    dataset.PatientID = study.patient.patient_id
    dataset.PatientBirthDate = study.patient.birth_date
    dataset.PatientSex = study.patient.sex


def _describe_study(dataset: Dataset, study: Study) -> None:
    dataset.StudyInstanceUID = study.study_uid
    dataset.StudyDate = study.date
    dataset.StudyTime = study.time
    dataset.StudyID = "1"
    dataset.AccessionNumber = ""
    dataset.ReferringPhysicianName = None

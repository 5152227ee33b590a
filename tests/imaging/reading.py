"""Reading single datasets in tests: write them, take them in, read them."""

from pathlib import Path

from pydicom.dataset import Dataset

from imaging.course import Course, read_course
from imaging.dicom.elements import quiet_pydicom
from imaging.dicom.part10 import DicomFile, read_part10
from imaging.errors import RefusedError
from imaging.findings import Finding, FindingCode
from imaging.intake import take_in
from imaging.linking.objects import Parsed, parse
from imaging.received import received_file
from imaging.synthetic.header import write_object
from tests.support.dicom_builders import write


def open_dataset(dataset: Dataset, folder: Path) -> DicomFile:
    """Write a dataset and open it as intake would."""
    return open_file(write_object(folder / "object.dcm", dataset))


def open_file(path: Path) -> DicomFile:
    """Open one file as intake would."""
    with quiet_pydicom():
        return read_part10(received_file(path, path.name))


def parse_dataset(dataset: Dataset, folder: Path) -> tuple[Parsed, list[Finding]]:
    """Write a dataset and read its object; RefusedError passes through."""
    file = open_dataset(dataset, folder)
    with quiet_pydicom():
        return parse(file), file.findings


def refusal(path: Path) -> Finding:
    """Give the finding that a file is refused with."""
    try:
        file = open_file(path)
        with quiet_pydicom():
            parse(file)
    except RefusedError as refused:
        return refused.finding
    raise AssertionError(f"{path.name} was read")


def read_datasets(folder: Path, *datasets: Dataset) -> Course:
    """Write datasets and read them as a course."""
    write(folder / "course", *datasets)
    return read_folder(folder / "course")


def read_folder(folder: Path) -> Course:
    """Read a folder as a course."""
    scratch = folder.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    return read_course(take_in([folder], scratch))


def codes(findings: tuple[Finding, ...] | list[Finding]) -> list[FindingCode]:
    """Give the codes of findings, in their order."""
    return [finding.code for finding in findings]

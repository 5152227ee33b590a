"""A file that cannot be read and may be a plan, a dose or contours leaves the course without a verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from imaging.findings import Severity
from imaging.linked import Course, FileKind
from imaging.synthetic.header import write_object
from tests.imaging.reading import read_folder
from tests.support import hostile
from tests.support.dicom_builders import (
    ct_datasets,
    dose_dataset,
    plan_dataset,
    structure_dataset,
)
from tests.workers.pipelines.checked import SET, asking
from tests.workers.pipelines.courses import cfrt, course, ldrt
from trial_core.domain.criteria import Verdict
from trial_core.domain.report import CourseReport
from workers.pipelines.plan_check import check_course
from workers.pipelines.unread_files import unread_files

Writer = Callable[[Path], object]


def _cut(dataset: Dataset) -> Writer:
    def write(path: Path) -> None:
        whole = write_object(path, dataset).read_bytes()
        path.write_bytes(whole[: len(whole) // 2])

    return write


def _dose(**elements: str) -> Writer:
    dataset = dose_dataset(7.0)
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return lambda path: write_object(path, dataset)


MAY_BE_OF_THE_COURSE: dict[str, Writer] = {
    "plan cut short": _cut(plan_dataset()),
    "dose cut short": _cut(dose_dataset(7.0)),
    "contours cut short": _cut(structure_dataset({"Heart": []})),
    "dose without scaling": hostile.dose_without_scaling,
    "without prefix": hostile.without_prefix,
    "empty": lambda path: path.touch(),
    "zeros": lambda path: path.write_bytes(bytes(5000)),
    "broken archive": hostile.broken_zip,
}
IS_NOT: dict[str, Writer] = {
    "text": hostile.text_named_dcm,
    "CT cut short": _cut(ct_datasets(z_mm=(0.0,))[0]),
    "percent dose": _dose(DoseUnits="RELATIVE"),
    "biological dose": _dose(DoseType="EFFECTIVE"),
    "dose of one fraction": _dose(DoseSummationType="FRACTION"),
    "empty folder": lambda path: path.mkdir(),
}


def _read(path: Path, write: Writer) -> Course:
    path.parent.mkdir()
    write(path)
    return read_folder(path)


def _beside_a_whole_course(read: Course) -> CourseReport:
    whole = course(ldrt(SET), cfrt(SET))
    return check_course(
        replace(whole, files=read.files, findings=read.findings), asking("PTV_Primary", "PTV_Metastasis")
    )


@pytest.mark.parametrize("kind", MAY_BE_OF_THE_COURSE)
def test_unread_file__that_may_be_of_the_course_leaves_it_not_evaluable(tmp_path: Path, kind: str) -> None:
    read = _read(tmp_path / "in" / "more.dcm", MAY_BE_OF_THE_COURSE[kind])
    report = _beside_a_whole_course(read)
    assert {each.verdict for each in report.plans} == {Verdict.PER_PROTOCOL}
    assert report.verdict is Verdict.NOT_EVALUABLE
    assert "'more.dcm' could not be read or used and may hold a plan" in report.reasons[0]
    assert not any(each.evaluable for each in report.sums)


@pytest.mark.parametrize("kind", IS_NOT)
def test_unread_file__that_is_no_plan_dose_or_contours_is_set_aside_with_a_finding(
    tmp_path: Path, kind: str
) -> None:
    read = _read(tmp_path / "in" / "more.dcm", IS_NOT[kind])
    assert read.findings
    assert unread_files(read) == []
    assert _beside_a_whole_course(read).verdict is Verdict.PER_PROTOCOL


def test_unread_file__says_what_it_claims_to_be(tmp_path: Path) -> None:
    (file,) = _read(tmp_path / "in" / "more.dcm", MAY_BE_OF_THE_COURSE["dose cut short"]).files
    assert (file.kind, file.claims) == (FileKind.UNREADABLE, FileKind.DOSE)


def test_unread_archive__is_named_itself_not_its_bad_entry(tmp_path: Path) -> None:
    read = _read(tmp_path / "in" / "more.zip", hostile.zip_climbing_out)
    assert unread_files(read) == ["more.zip"]


def test_unread_files__of_a_large_set_are_named_in_part(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(5):
        (tmp_path / "in" / f"{number}.dcm").touch()
    read = read_folder(tmp_path / "in")
    assert {each.severity for each in read.findings} == {Severity.ERROR}
    assert _beside_a_whole_course(read).reasons[0].startswith("'0.dcm', '1.dcm', '2.dcm' and 2 more could")

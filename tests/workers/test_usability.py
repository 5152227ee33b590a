"""What is said of an input that cannot be judged as a whole."""

from __future__ import annotations

from pathlib import Path

from imaging.findings import FindingCode
from tests.support.dicom_builders import another_patient, plan_dataset, write
from trial_core.domain.report import CourseReport
from trial_core.protocols.reader import read_protocol
from workers.pipelines.plan_check import check_paths
from workers.usability import findings_of_refusal, why_unusable


def _checked(folder: Path) -> CourseReport:
    scratch = folder / "scratch"
    scratch.mkdir()
    return check_paths([folder / "given"], read_protocol(), scratch)


def test_refusal__of_a_text_alone_says_that_there_is_no_plan(tmp_path: Path) -> None:
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "notes.txt").write_text("this is no DICOM file")
    report = _checked(tmp_path)
    first, second = findings_of_refusal(report)
    assert (first["code"], first["message"]) == ("plan-missing", "There is no treatment plan to judge.")
    assert "RTPLAN" in (first["action"] or "")
    assert (second["code"], second["file"]) == ("not-dicom", "notes.txt")
    assert why_unusable(report) == f"{first['message']} {first['action']}"


def test_refusal__of_two_patients_says_that_alone(tmp_path: Path) -> None:
    plans = [plan_dataset(uid="1.2.3.1"), plan_dataset(uid="1.2.3.2", study=another_patient())]
    write(tmp_path / "given", *plans)
    report = _checked(tmp_path)
    assert {row.reason for row in report.results} == {"the files belong to more than one patient"}
    codes = [finding["code"] for finding in findings_of_refusal(report)]
    assert FindingCode.PATIENT_MISMATCH in codes
    assert FindingCode.PLAN_MISSING not in codes

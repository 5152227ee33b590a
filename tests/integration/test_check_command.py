"""`dosegate check` on synthetic courses: the three exit statuses, the JSON, the table and the HTML."""

from __future__ import annotations

import os
import signal
import subprocess
import zipfile
from pathlib import Path

import pytest
from pypdf import PdfReader

from imaging.synthetic.faults import Fault
from imaging.synthetic.identity import Patient
from tests.cli.command import DOSEGATE, SHARED_DATA, dosegate, dosegate_here, only_json
from tests.support.dicom_builders import another_patient, plan_dataset, write
from tests.support.small_course import write_small_course


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("course") / "files"
    write_small_course(folder)
    return folder


def _pack(course: Path, archive: Path) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for path in course.rglob("*.dcm"):
            file.write(path, path.relative_to(course))


@pytest.fixture(scope="module")
def checked(course: Path) -> subprocess.CompletedProcess[str]:
    return dosegate("check", course, "--json", "-")


def test_check__of_a_course_without_fault_exits_0(checked: subprocess.CompletedProcess[str]) -> None:
    assert checked.returncode == 0, checked.stdout[:2000] + checked.stderr
    report = only_json(checked)
    assert report["verdict"] in ("per protocol", "acceptable variation")
    assert report["protocol"]["id"] == "SCR-ESCC-01"
    assert len(report["plans"]) == 2
    assert all(row["value"] is not None for row in report["results"])


def test_check__tells_its_stages_on_standard_error(checked: subprocess.CompletedProcess[str]) -> None:
    stages = [line for line in checked.stderr.splitlines() if line.endswith(" ...")]
    assert stages == ["taking in ...", "reading ...", "measuring ...", "judging ..."]


def test_check__of_a_zip_writes_table_html_pdf_and_the_same_report(
    course: Path, checked: subprocess.CompletedProcess[str], tmp_path: Path
) -> None:
    archive = tmp_path / "course.zip"
    _pack(course, archive)
    json_file, html_file, pdf_file = (tmp_path / f"report.{kind}" for kind in ("json", "html", "pdf"))
    done = dosegate(
        "check", archive, "--json", json_file, "--html", html_file, "--pdf", pdf_file,
        environment={"NUMBA_NUM_THREADS": "1", "PYTHONHASHSEED": "7"},
    )  # fmt: skip
    assert done.returncode == 0
    assert "per protocol" in done.stdout
    assert "SpinalCord" in done.stdout
    assert "\x1b" not in done.stdout
    assert html_file.read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "course.zip", "report.html", "report.json", "report.pdf",
    ]  # fmt: skip
    assert "Verdict of the course" in PdfReader(pdf_file).pages[0].extract_text()
    again = only_json(subprocess.CompletedProcess([], 0, json_file.read_text(encoding="utf-8"), ""))
    assert again["results"] == only_json(checked)["results"]


def test_check__of_a_violated_limit_exits_1(tmp_path: Path) -> None:
    write_small_course(tmp_path / "course", faults=[Fault.VIOLATED_LIMIT])
    done = dosegate_here("check", tmp_path / "course", "--json", "-")
    assert done.returncode == 1, done.stderr
    assert only_json(done)["verdict"] == "unacceptable deviation"


def test_check__of_what_cannot_be_evaluated_exits_1(course: Path) -> None:
    done = dosegate_here("check", course / "RP.CFRT.dcm", course / "RS.planning.dcm", "--json", "-")
    assert done.returncode == 1, done.stderr
    assert only_json(done)["verdict"] == "not evaluable"


def test_check__of_two_patients_exits_2_and_names_neither(tmp_path: Path) -> None:
    write(tmp_path, plan_dataset(uid="1.2.3.1"), plan_dataset(uid="1.2.3.2", study=another_patient()))
    done = dosegate_here("check", tmp_path, "--json", "-")
    assert done.returncode == 2
    document = only_json(done)
    assert "more than one patient" in document["error"]
    assert "patient-mismatch" in [finding["code"] for finding in document["findings"]]
    for patient in (another_patient().patient, Patient()):
        assert patient.name.split("^")[0] not in done.stdout + done.stderr


@pytest.mark.parametrize("content", [None, b"this is no DICOM file"])
def test_check__of_nothing_usable_exits_2_with_findings(content: bytes | None, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    if content is not None:
        (folder / "plan.dcm").write_bytes(content)
    done = dosegate_here("check", folder, "--json", "-")
    assert done.returncode == 2
    assert only_json(done)["findings"]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("sign", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_check__that_is_stopped_leaves_nothing_behind(
    course: Path, tmp_path: Path, sign: signal.Signals, status: int
) -> None:
    scratch, archive, html = tmp_path / "scratch", tmp_path / "course.zip", tmp_path / "report.html"
    scratch.mkdir()
    _pack(course, archive)
    environment = {**os.environ, "TMPDIR": str(scratch)}
    command = [str(DOSEGATE), "check", str(archive), "--html", str(html)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        while "reading" not in process.stderr.readline():
            assert process.poll() is None
        assert list(scratch.iterdir())
        process.send_signal(sign)
        assert process.wait(30) == status
    assert not list(scratch.iterdir())
    assert not html.exists()


@pytest.mark.skipif(not SHARED_DATA.is_dir(), reason="../shared/data is not here")
@pytest.mark.parametrize("name", ["feet_first", "brachy", "mislabelled", "rtkit_samples"])
def test_check__reads_every_real_set_without_a_traceback(name: str) -> None:
    done = dosegate_here("check", SHARED_DATA / name, "--json", "-")
    assert done.returncode in (1, 2)
    assert only_json(done)["findings"]
    assert "fault of the program" not in done.stderr

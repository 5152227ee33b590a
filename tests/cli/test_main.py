"""The command as a process: quick, pure on standard output, and clear about what it cannot use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.main import main
from imaging.synthetic.faults import Fault
from tests.cli.command import DOSEGATE, ROOT, dosegate, only_json
from trial_core.system_errors import RecordBusy

HEAVY = (
    "dash",
    "flask",
    "celery",
    "kombu",
    "sqlalchemy",
    "numpy",
    "numba",
    "pydicom",
    "plotly",
    "matplotlib",
)
NOT_FOR_METRICS = (
    "dash",
    "flask",
    "celery",
    "kombu",
    "sqlalchemy",
    "alembic",
    "plotly",
    "matplotlib",
    "waitress",
    "web",
)


def _modules_after(arguments: list[str]) -> set[str]:
    code = (
        "import sys\nfrom cli.main import main\n"
        f"status = main({arguments!r})\n"
        "print('MODULES', *{name.split('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stderr.rpartition("MODULES")[2].split())


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["check", "--help"], ["metrics", "--help"], ["demo", "--help"], ["serve", "--help"]],
)
def test_help__imports_nothing_heavy(arguments: list[str]) -> None:
    assert not _modules_after(arguments) & set(HEAVY)


def test_metrics__imports_no_web_queue_or_database(tmp_path: Path) -> None:
    (tmp_path / "note.dcm").write_text("not DICOM")
    modules = _modules_after(["metrics", str(tmp_path), "--metric", "Mean[Gy]"])
    assert "pydicom" in modules
    assert not modules & set(NOT_FOR_METRICS)


def test_check__imports_no_web_queue_or_database(tmp_path: Path) -> None:
    (tmp_path / "note.dcm").write_text("not DICOM")
    modules = _modules_after(["check", str(tmp_path), "--json", "-"])
    assert "pydicom" in modules
    assert not modules & set(NOT_FOR_METRICS)


def test_demo__imports_no_web_queue_database_or_kernels(tmp_path: Path) -> None:
    modules = _modules_after(["demo", str(tmp_path / "course"), "--small"])
    assert not modules & {*NOT_FOR_METRICS, "numba"}


def test_worker__imports_no_web() -> None:
    code = "import sys, workers.worker_process; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    modules = {name.split(".")[0] for name in done.stdout.split()}
    assert not modules & {"dash", "flask", "web", "waitress"}


def test_no_subcommand__shows_the_overview_and_is_an_error() -> None:
    done = dosegate()
    assert done.returncode == 2
    assert "check" in done.stdout


def test_help__names_every_subcommand() -> None:
    done = dosegate("--help")
    assert done.returncode == 0
    for name in ("check", "metrics", "serve", "worker", "demo"):
        assert f"  {name} " in done.stdout


def test_version__is_that_of_the_package() -> None:
    assert dosegate("--version").stdout.startswith("dosegate 0.")


def test_unknown_subcommand__is_refused_with_the_choice() -> None:
    done = dosegate("chek", "folder")
    assert done.returncode == 2
    assert "'chek'" in done.stderr
    assert "check, metrics" in done.stderr


WRONG = [
    (["metrics", "{folder}", "--metric", "D95%[Gx]"], "character", "metric-invalid"),
    (
        ["metrics", "{folder}", "--metric", "Mean[Gy]", "--prescription", "0"],
        "above 0",
        "prescription-invalid",
    ),
    (
        ["metrics", "{folder}", "--metric", "Mean[Gy]", "--prescription", "x"],
        "number",
        "prescription-invalid",
    ),
    (["metrics", "{folder}/absent", "--metric", "Mean[Gy]"], "no such file", "path-missing"),
    (["metrics", "{folder}"], "--metric", "argument-invalid"),
    (["metrics", "{folder}", "--metric", "Mean[Gy]", "--nonsense"], "--nonsense", "argument-invalid"),
    (["metrics", "{folder}", "--metric", "Mean[Gy]"], "no dose", "dose-missing"),
    (["check", "{folder}/absent"], "no such file", "path-missing"),
    (["check", "{folder}", "--protocol", "none"], "none", "protocol-unknown"),
    (["check", "{folder}", "--protocol", "{folder}/note.txt"], "protocol", "protocol-invalid"),
    (["check", "{folder}", "--html", "{folder}"], "is a folder", "output-not-writable"),
    (["check", "{folder}", "--html", "{folder}/none/report.html"], "does not exist", "output-not-writable"),
    (["check", "{folder}", "--pdf", "{folder}"], "is a folder", "output-not-writable"),
    (["check", "{folder}", "--pdf", "{folder}/note.txt"], "note.txt", "output-not-writable"),
    (["check", "{folder}"], "no treatment plan", "input-unusable"),
    (["check"], "PATH is missing", "argument-invalid"),
]
KEYS = ["code", "severity", "file", "element", "structure", "message", "action"]


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    WRONG,
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_refusal__is_one_json_document_whose_findings_hold_it_with_a_code(
    arguments: list[str], said: str, code: str, tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_text("a note, no DICOM and no protocol")
    given = [argument.replace("{folder}", str(tmp_path)) for argument in arguments]
    done = dosegate(*given, "--json", "-")
    assert done.returncode == 2
    document = only_json(done)
    assert said.lower() in document["error"].lower()
    assert document.get("structures") == ({} if given[0] == "metrics" else document.get("structures"))
    assert ("structures" in document) or given[0] == "check"
    own = next(finding for finding in document["findings"] if finding["code"] == code)
    assert list(own) == KEYS
    assert own["severity"] == "error"
    assert own["message"] in document["error"]
    assert said.lower() in done.stderr.lower()
    assert "Traceback" not in done.stderr


def test_refusal__replaces_an_older_result_in_the_json_file(tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    result.write_text('{"structures": {"Heart": {}}}')
    done = dosegate("metrics", tmp_path / "absent", "--metric", "Mean[Gy]", "--json", result)
    assert done.returncode == 2
    document = json.loads(result.read_text())
    assert document["structures"] == {}
    assert [finding["code"] for finding in document["findings"]] == ["path-missing"]
    assert done.stdout == ""


def test_json_file__that_cannot_be_written_is_refused_before_the_work(tmp_path: Path) -> None:
    done = dosegate("check", tmp_path, "--json", tmp_path / "none" / "report.json")
    assert done.returncode == 2
    assert "--json" in done.stderr
    assert "does not exist" in done.stderr


def test_broken_pipe__ends_quietly() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        [DOSEGATE, "--help"], stdout=write_end, stderr=subprocess.PIPE, text=True, check=False, timeout=60
    )
    os.close(write_end)
    assert (done.returncode, done.stderr) == (141, "")


def test_demo__refuses_a_folder_that_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = dosegate("demo", tmp_path, "--small")
    assert done.returncode == 2
    assert "not empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_demo__help_says_what_each_fault_does() -> None:
    lines = dosegate("demo", "--help").stdout.splitlines()
    for fault in Fault:
        assert any(line.split(maxsplit=1) == [fault.value, fault.effect] for line in lines)


def test_demo__answers_an_unknown_fault_with_all_it_knows(tmp_path: Path) -> None:
    done = dosegate("demo", tmp_path / "new", "--small", "--fault", "violated-limit", "nonsense")
    assert done.returncode == 2
    assert "nonsense" in done.stderr
    for fault in Fault:
        assert f"  {fault.value} " in done.stderr
        assert fault.effect in done.stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("wrong", [["--json"], ["course", "--bogus", "--json"], ["/nowhere", "--html"]])
def test_check__never_replaces_a_file_that_is_no_earlier_result(tmp_path: Path, wrong: list[str]) -> None:
    plan = tmp_path / "plan.dcm"
    plan.write_bytes(b"\0" * 128 + b"DICM a patient's plan")
    done = dosegate("check", *wrong, plan)
    assert done.returncode == 2
    assert plan.read_bytes().endswith(b"a patient's plan")


def test_metrics__may_replace_an_earlier_result(tmp_path: Path) -> None:
    earlier = tmp_path / "metrics.json"
    earlier.write_text('{"structures": {"Heart": 1}}')
    assert dosegate("metrics", "/nowhere", "--metric", "Mean[Gy]", "--json", earlier).returncode == 2
    assert json.loads(earlier.read_text())["structures"] == {}


def _nobody_reads(target: str) -> int:
    """A descriptor that takes nothing."""
    if target != "closed pipe":
        return os.open(target, os.O_WRONLY)
    reading, writing = os.pipe()
    os.close(reading)
    return writing


@pytest.mark.parametrize("target", ["/dev/full", "closed pipe"])
def test_a_refusal_that_nobody_reads__is_never_status_1(target: str) -> None:
    output = _nobody_reads(target)
    done = subprocess.run(
        [DOSEGATE, "check", "/nowhere", "--json", "-"],
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(output)
    assert done.returncode in (2, 141)
    assert "Traceback" not in done.stderr


def test_json__given_twice_is_refused_in_words_and_goes_nowhere(tmp_path: Path) -> None:
    first = tmp_path / "a.json"
    done = dosegate("check", tmp_path, "--json", first, "--json", "-")
    assert done.returncode == 2
    assert "--json was given twice" in done.stderr
    assert (done.stdout, first.exists()) == ("", False)


def test_main__tells_a_record_that_another_program_holds_as_no_fault(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def hold(_arguments: object) -> int:
        raise RecordBusy

    monkeypatch.setattr("cli.verify_audit.run", hold)
    assert main(["verify-audit"]) == 2
    said = capsys.readouterr().err
    assert "held by another program" in said
    assert "fault of the program" not in said

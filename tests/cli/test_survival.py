"""`dosegate survival` as a process: its keys, its table, its refusals."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import ROOT, SHARED_DATA, dosegate, dosegate_here, only_json

LUNG = SHARED_DATA.parent / "reference" / "survival" / "lung.csv"
COLUMNS = ("--duration", "t", "--event", "e", "--group", "g")
ROWS = """t,e,g,s
10,1,B,x
20,1,A,x
30,0,B,y
40,1,A,y
50,1,B,x
60,0,A,
70,1,B,y
80,1,A,x
"""


def _modules_after(*arguments: str) -> set[str]:
    code = f"import sys; from cli.main import main; main({list(arguments)!r})"
    code += "; print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stderr.split()}


def test_help__imports_nothing_heavy() -> None:
    assert not _modules_after("survival", "--help") & {"numpy", "scipy", "pandas", "lifelines"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text(ROWS)
    return path


def _document(*arguments: str | Path) -> dict[str, Any]:
    done = dosegate_here("survival", *arguments, "--json", "-")
    assert done.returncode == 0, done.stderr
    return only_json(done)


def test_analysis__imports_no_web_database_or_kernels(file: Path) -> None:
    modules = _modules_after("survival", str(file), *COLUMNS, "--json", "-")
    assert "lifelines" in modules
    assert not modules & {"web", "dash", "flask", "celery", "sqlalchemy", "numba", "pydicom"}


def test_keys__are_those_that_were_promised(file: Path) -> None:
    found = _document(file, *COLUMNS, "--strata", "s", "--at", "30", "60")
    assert (found["n"], found["events"]) == (8, 6)
    assert {"n", "events", "median", "median_lower", "median_upper"} <= set(found["groups"]["A"])
    for name, size in (("logrank", 8), ("stratified_logrank", 7)):
        assert {"n", "chi2", "p"} <= set(found[name])
        assert found[name]["n"] == size
    for name, size in (("cox", 8), ("stratified_cox", 7)):
        assert {"n", "reference", "hazard_ratio", "lower", "upper", "coef", "se", "p"} <= set(found[name])
        assert (found[name]["n"], found[name]["reference"]) == (size, "A")
    assert found["rmst"]["tau"] == 70
    assert set(found["rmst"]["groups"]["B"]) == {"value", "se"}
    assert set(found["rmst"]["difference"]) == {"value", "se", "lower", "upper", "p"}
    assert [each["at"] for each in found["landmarks"]] == [30, 60]
    assert [each["code"] for each in found["findings"]] == ["stratum-missing"]


def test_reference__turns_ratio_and_difference_over(file: Path) -> None:
    here = _document(file, *COLUMNS)
    there = _document("--reference", "B", file, *COLUMNS)
    assert here["cox"]["coef"] == pytest.approx(-there["cox"]["coef"])
    assert here["rmst"]["difference"]["value"] == -there["rmst"]["difference"]["value"]
    assert there["cox"]["reference"] == "B"
    assert here["stratified_cox"] is None
    assert here["stratified_logrank"] is None


def test_groups_sorted_as_text__are_said_to_be(tmp_path: Path) -> None:
    path = tmp_path / "doses.csv"
    path.write_text("t,e,g\n1,1,9\n2,1,10\n3,1,9\n4,1,10\n")
    found = _document(path, *COLUMNS)
    assert found["cox"]["reference"] == "10"
    assert [each["code"] for each in found["findings"]] == ["reference-by-text"]


def test_what_was_done_with_rows__is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("t,e,g\n0.3,1,A\n0.30000000000000004,1,B\n3,1,A\n4,1,NA\n5,0,B\n")
    found = _document(path, *COLUMNS)
    assert found["n"] == 4
    said = {each["code"]: each["message"] for each in found["findings"]}
    assert {"group-missing", "times-joined"} <= set(said)
    assert "line 5" in said["group-missing"]


def test_table__says_not_reached_and_what_its_limits_are(file: Path) -> None:
    done = dosegate("survival", file, *COLUMNS, "--strata", "s", "--at", "30", "99")
    assert done.returncode == 0
    for text in ("NR", "log-log", "Wald", "8 subjects, 6 events", "stratified log-rank", "against 'A'"):
        assert text in done.stdout
    assert "1 of 8 rows lack a stratum" in done.stderr
    assert "nan" not in done.stdout.lower()


def test_result__is_the_same_every_time(file: Path) -> None:
    first, second = (dosegate("survival", file, *COLUMNS, "--json", "-").stdout for _ in range(2))
    assert first == second


def test_json_file__holds_the_result_or_the_refusal(file: Path, tmp_path: Path) -> None:
    target = tmp_path / "result.json"
    assert dosegate("survival", file, *COLUMNS, "--json", target).returncode == 0
    assert json.loads(target.read_text())["n"] == 8
    refused = dosegate("survival", tmp_path / "none.csv", *COLUMNS, "--json", target)
    assert refused.returncode == 2
    assert "no such file" in json.loads(target.read_text())["error"].lower()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--reference", "C"], "Its groups are 'A', 'B'"),
        (["--tau", "0"], "nothing to average"),
        (["--tau", "-5"], "0 or more"),
        (["--at", "x"], "not a number of days"),
        (["--strata", "q"], "no column 'q'"),
        (["--strata", "g"], "named twice"),
    ],
)
def test_wrong_argument__is_refused_in_words(file: Path, arguments: list[str], said: str) -> None:
    done = dosegate_here("survival", file, *COLUMNS, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


@pytest.mark.skipif(not LUNG.exists(), reason="the shared reference data are not beside the repository")
def test_lung__is_read_as_r_reads_it() -> None:
    columns = ("--duration", "time", "--event", "ev", "--group", "g", "--strata", "st", "--tau", "365")
    found = _document(LUNG, *columns)
    assert found["groups"]["2"]["median"] == 426
    assert found["cox"]["hazard_ratio"] == pytest.approx(0.5880028186, rel=1e-6)
    assert found["stratified_logrank"]["chi2"] == pytest.approx(10.79505963, rel=1e-6)
    assert found["stratified_cox"]["n"] == 227

"""Where nothing more can be written, and what is told of a path that is not there."""

from __future__ import annotations

import errno
import json
import os
import subprocess
from pathlib import Path

import pytest

from cli.main import main
from tests.cli.command import DOSEGATE, dosegate
from tests.support.dicom_builders import dose_dataset, structure_dataset, write
from tests.support.phantoms import box_mm


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("more", [["--json", "-"], []])
def test_result__that_standard_output_does_not_take_is_refused_in_words(
    tmp_path: Path, more: list[str]
) -> None:
    write(tmp_path, structure_dataset({"PTV": box_mm((-3.0, 0.0, 3.0))}), dose_dataset())
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [DOSEGATE, "metrics", tmp_path, "--metric", "Mean[Gy]", *more],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert "Standard output could not be written (No space left on device)" in done.stderr
    assert "fault of the program" not in done.stderr


def test_full_disk__is_said_in_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(_arguments: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("cli.check.run", no_room)  # a disk cannot be filled in a test
    assert main(["check", "/nowhere", "--json", "-"]) == 2
    shown = capsys.readouterr()
    assert json.loads(shown.out)["findings"][0]["code"] == "disk-full"
    assert "no room left on a disk" in shown.err
    assert "fault of the program" not in shown.err


@pytest.mark.parametrize("command", [["check"], ["metrics", "--metric", "Mean[Gy]"]])
def test_missing_path__is_told_once(command: list[str]) -> None:
    done = dosegate(command[0], "/nowhere/x", *command[1:])
    assert done.stderr.count("There is no such file or folder") == 1


def test_html_that_cannot_be_written__leaves_no_older_result_in_the_json_file(tmp_path: Path) -> None:
    earlier, html = tmp_path / "report.json", tmp_path / "absent" / "report.html"
    earlier.write_text('{"verdict": "per protocol"}')
    done = dosegate("check", tmp_path, "--json", earlier, "--html", html)
    assert done.returncode == 2
    assert "--html" in json.loads(earlier.read_text())["error"]
    assert "verdict" not in json.loads(earlier.read_text())

"""Files appear whole or not at all, and JSON never holds NaN."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cli.errors import CommandError
from cli.output import check_writable, to_json, write_whole
from tests.cli.command import dosegate
from tests.support.dicom_builders import dose_dataset, structure_dataset, write
from tests.support.phantoms import box_mm


def test_write_whole__replaces_a_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    target.write_text("{old}")
    write_whole(target, b"new", "--json")
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]
    assert target.read_bytes() == b"new"


def test_write_whole__gives_the_permissions_of_an_ordinary_file(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        write_whole(tmp_path / "report.json", b"new", "--json")
    finally:
        os.umask(mask)
    assert (tmp_path / "report.json").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("option", "earlier"),
    [("--json", b'\n{"verdict": 1}'), ("--html", b"<!doctype html>"), ("--pdf", b"%PDF-1.7\n")],
)
def test_check_writable__an_earlier_result_may_be_replaced_and_one_of_another_kind_not(
    tmp_path: Path, option: str, earlier: bytes
) -> None:
    """A second `check --pdf` to the same file was refused: one letter was compared with five."""
    path = tmp_path / "result"
    path.write_bytes(earlier)
    check_writable(path, option)
    for other in {"--json", "--html", "--pdf", "--output"} - {option}:
        with pytest.raises(CommandError, match="no earlier result"):
            check_writable(path, other)


def test_write_whole__writes_into_a_device_and_does_not_replace_it() -> None:
    write_whole(Path(os.devnull), b"new", "--json")
    assert Path(os.devnull).is_char_device()


def test_write_whole__follows_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write_whole(tmp_path / "link", b"new", "--json")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"new"


def test_write_whole__names_the_option_and_leaves_nothing_when_the_disk_refuses(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"--html .*Name another file"):
        write_whole(tmp_path / ("n" * 300), b"new", "--html")
    assert not list(tmp_path.iterdir())


def test_check_writable__refuses_a_folder_and_a_file_in_no_folder(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="this is a folder"):
        check_writable(tmp_path, "--json")
    with pytest.raises(CommandError, match="does not exist"):
        check_writable(tmp_path / "none" / "report.json", "--json")


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_to_json__refuses_what_is_no_number(number: float) -> None:
    with pytest.raises(ValueError, match="Out of range"):
        to_json({"value": number})


def test_to_json__does_not_round() -> None:
    assert b"0.1234567890123456" in to_json({"value": 0.1234567890123456})


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_terminal__that_lacks_a_letter_loses_no_result(tmp_path: Path, encoding: str) -> None:
    """Greek letters of a verdict and Chinese names of ROIs: written as an escape, never a fault."""
    write(tmp_path, structure_dataset({"心脏": box_mm((-3.0, 0.0, 3.0))}), dose_dataset())
    done = dosegate(
        "metrics", tmp_path, "--metric", "Mean[Gy]", environment={"PYTHONIOENCODING": encoding, "LC_ALL": "C"}
    )
    assert done.returncode == 0, done.stderr
    assert "\\u5fc3\\u810f" in done.stdout

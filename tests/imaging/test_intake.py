"""Intake takes folders, ZIP archives and files in any order and nesting, and refuses the rest."""

import hashlib
import os
from pathlib import Path

import pytest

from imaging.findings import FindingCode, Severity
from imaging.intake import Intake, Limits, take_in
from tests.support.hostile import zip_of


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "course"
    for name, content in {"b.dcm": b"bb", "deep/er/a.dcm": b"a", "deep/c.dcm": b"ccc"}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def codes(intake: Intake) -> list[FindingCode]:
    return [finding.code for finding in intake.findings]


def test_take_in__walks_a_folder_of_any_nesting(course: Path, scratch: Path) -> None:
    intake = take_in([course], scratch)
    assert [(file.name, file.size_bytes) for file in intake.files] == [
        ("b.dcm", 2),
        ("deep/c.dcm", 3),
        ("deep/er/a.dcm", 1),
    ]
    assert intake.findings == ()


def test_take_in__hashes_every_file(course: Path, scratch: Path) -> None:
    for file in take_in([course], scratch).files:
        assert file.sha256 == hashlib.sha256(file.path.read_bytes()).hexdigest()


def test_take_in__gives_the_same_whatever_the_order(course: Path, scratch: Path) -> None:
    paths = [course / "deep", course / "b.dcm", course / "deep/c.dcm"]
    assert take_in(paths, scratch) == take_in(reversed(paths), scratch)


def test_take_in__takes_a_file_once_when_its_folder_is_named_too(course: Path, scratch: Path) -> None:
    assert len(take_in([course, course / "b.dcm"], scratch).files) == 3


def test_take_in__names_files_of_several_folders_by_folder(course: Path, scratch: Path) -> None:
    names = [file.name for file in take_in([course / "deep", course / "b.dcm"], scratch).files]
    assert names == ["b.dcm", "deep/c.dcm", "deep/er/a.dcm"]


def test_take_in__tells_files_of_one_name_apart(tmp_path: Path, scratch: Path) -> None:
    for place in ("one", "two", "three"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "RD.dcm").write_text(place)
    (tmp_path / "three/RD.dcm").rename(tmp_path / "three/RD.dcm (2)")
    paths = [tmp_path / "one/RD.dcm", tmp_path / "two/RD.dcm", tmp_path / "three/RD.dcm (2)"]
    intake = take_in(paths, scratch)
    assert sorted(file.name for file in intake.files) == ["RD.dcm", "RD.dcm (2)", "RD.dcm (3)"]
    assert codes(intake) == [FindingCode.NAME_COLLISION]


def test_take_in__inflates_a_zip_beside_and_inside_a_folder(course: Path, scratch: Path) -> None:
    zip_of(course / "more.zip", {"x/y.dcm": b"yy", "z.dcm": b"z"})
    intake = take_in([course], scratch)
    inflated = {file.name: file for file in intake.files if file.name.startswith("more.zip")}
    assert sorted(inflated) == ["more.zip/x/y.dcm", "more.zip/z.dcm"]
    y = inflated["more.zip/x/y.dcm"]
    assert y.path.read_bytes() == b"yy"
    assert y.sha256 == hashlib.sha256(b"yy").hexdigest()
    assert y.path.is_relative_to(scratch)


def test_take_in__recognises_a_zip_by_its_bytes(tmp_path: Path, scratch: Path) -> None:
    archive = zip_of(tmp_path / "export.bin", {"a.dcm": b"a"})
    assert [file.name for file in take_in([archive], scratch).files] == ["export.bin/a.dcm"]


def test_take_in__keeps_a_dicom_file_whose_preamble_looks_like_a_zip(tmp_path: Path, scratch: Path) -> None:
    polyglot = tmp_path / "a.dcm"
    polyglot.write_bytes(b"PK\x03\x04".ljust(128, b"\0") + b"DICM")
    assert [file.name for file in take_in([polyglot], scratch).files] == ["a.dcm"]


def test_take_in__keeps_an_empty_file_for_the_reader_to_judge(tmp_path: Path, scratch: Path) -> None:
    (tmp_path / "empty.dcm").touch()
    assert [file.size_bytes for file in take_in([tmp_path / "empty.dcm"], scratch).files] == [0]


def test_take_in__says_that_nothing_was_handed_over(scratch: Path) -> None:
    assert codes(take_in([], scratch)) == [FindingCode.NOTHING_HANDED_OVER]


def test_take_in__says_that_a_folder_is_empty(tmp_path: Path, scratch: Path) -> None:
    (tmp_path / "course/empty/within").mkdir(parents=True)
    intake = take_in([tmp_path / "course"], scratch)
    assert codes(intake) == [FindingCode.FOLDER_EMPTY]
    assert intake.findings[0].severity is Severity.ERROR


def test_take_in__says_that_a_path_does_not_exist(tmp_path: Path, scratch: Path) -> None:
    intake = take_in([tmp_path / "gone.dcm"], scratch)
    assert codes(intake) == [FindingCode.PATH_MISSING]
    assert intake.findings[0].file == "gone.dcm"
    assert str(tmp_path) not in intake.findings[0].message


def test_take_in__follows_no_link_out_of_a_folder(course: Path, tmp_path: Path, scratch: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "s.dcm").write_text("s")
    (course / "file-link.dcm").symlink_to(secret / "s.dcm")
    (course / "folder-link").symlink_to(secret)
    (course / "dangling").symlink_to(tmp_path / "nowhere")
    (course / "loop").symlink_to(course)
    intake = take_in([course], scratch)
    assert len(intake.files) == 3
    assert codes(intake) == [FindingCode.LINK_NOT_FOLLOWED] * 4


def test_take_in__does_not_wait_for_a_pipe(course: Path, scratch: Path) -> None:
    os.mkfifo(course / "pipe.dcm")
    intake = take_in([course], scratch)
    assert codes(intake) == [FindingCode.FILE_UNREADABLE]
    assert codes(take_in([course / "pipe.dcm"], scratch)) == [FindingCode.FILE_UNREADABLE]


def test_take_in__says_that_a_file_cannot_be_read(course: Path, scratch: Path) -> None:
    unreadable = Path("/proc/self/mem")  # for root too: nothing is mapped at its beginning
    intake = take_in([course, unreadable], scratch)
    assert len(intake.files) == 3
    assert codes(intake) == [FindingCode.FILE_UNREADABLE]


def test_take_in__leaves_the_litter_of_desktops_out(course: Path, scratch: Path) -> None:
    (course / ".DS_Store").write_text("x")
    (course / "._b.dcm").write_text("x")
    intake = take_in([course], scratch)
    assert len(intake.files) == 3
    assert {finding.severity for finding in intake.findings} == {Severity.INFO}


def test_take_in__refuses_more_files_than_the_limit(course: Path, scratch: Path) -> None:
    assert len(take_in([course], scratch, limits=Limits(entries=3)).files) == 3
    intake = take_in([course], scratch, limits=Limits(entries=2))
    assert intake.files == ()
    assert codes(intake) == [FindingCode.TOO_MANY_FILES]


def test_take_in__refuses_a_file_over_the_limit_and_takes_the_others(course: Path, scratch: Path) -> None:
    intake = take_in([course], scratch, limits=Limits(entry_bytes=2))
    assert [file.name for file in intake.files] == ["b.dcm", "deep/er/a.dcm"]
    assert codes(intake) == [FindingCode.FILE_TOO_LARGE]


def test_take_in__shows_names_that_no_terminal_obeys(tmp_path: Path, scratch: Path) -> None:
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "\x1b[2J.dcm").write_text("x")
    Path(os.fsdecode(os.fsencode(tmp_path / "course") + b"/\xff.dcm")).write_text("x")
    names = [file.name for file in take_in([tmp_path / "course"], scratch).files]
    assert names == ["\ufffd.dcm", "\ufffd[2J.dcm"]


@pytest.mark.parametrize(
    ("start", "kind"),
    [(b"\x1f\x8b\x08", "gzip"), (b"7z\xbc\xaf\x27\x1c", "7z"), (bytes(257) + b"ustar", "tar")],
)
def test_take_in__names_an_archive_that_is_not_read(
    tmp_path: Path, scratch: Path, start: bytes, kind: str
) -> None:
    (tmp_path / "course.dat").write_bytes(start.ljust(600, b"\0"))
    intake = take_in([tmp_path / "course.dat"], scratch)
    assert codes(intake) == [FindingCode.ARCHIVE_UNSUPPORTED]
    assert kind in intake.findings[0].message

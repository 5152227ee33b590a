"""`dosegate verify-audit` as a process: whole, broken, cut off, or nothing to verify."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import dosegate
from trial_core.anchor_lines import printed
from trial_core.audit_outside import ANCHORS_FILE, HEAD_FILE
from trial_core.db.migrate import migrate
from trial_core.db.session import Database
from trial_core.domain.access import SYSTEM
from trial_core.services import audit_trail, sites
from trial_core.settings import read_settings

SITES = 6


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installation") / "data"
    settings = read_settings({"DOSEGATE_DATA": str(folder)})
    db = Database(settings.database_url, audit=settings.audit_outside())
    migrate(db)
    for number in range(SITES):
        sites.create_site(db, SYSTEM, code=f"S{number}", name="A hospital")
    db.close()
    return folder


@pytest.fixture
def data(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    shutil.copytree(made, folder)
    monkeypatch.setenv("DOSEGATE_DATA", str(folder))
    return folder


def _sql(data: Path, *statements: str) -> None:
    with closing(sqlite3.connect(data / "dosegate.sqlite")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def _verify(*arguments: str) -> tuple[int, dict[str, Any], subprocess.CompletedProcess[str]]:
    done = dosegate("verify-audit", *arguments, "--json", "-")
    return done.returncode, json.loads(done.stdout), done


def test_verify_audit__says_that_an_untouched_trail_is_whole(data: Path) -> None:
    status, document, _ = _verify()
    assert (status, document["whole"], document["entries"]) == (0, True, SITES)
    assert (document["first_bad_entry"], document["findings"]) == (None, [])
    done = dosegate("verify-audit")
    assert done.returncode == 0
    assert f"whole: {SITES} entries, head {document['head']}" in done.stdout


def test_verify_audit__names_the_first_bad_entry(data: Path) -> None:
    _sql(
        data, "DROP TRIGGER audit_entry_UPDATE", "UPDATE audit_entry SET login = 'x' WHERE sequence IN (3, 5)"
    )
    status, document, _ = _verify()
    assert (status, document["first_bad_entry"], document["entries"]) == (1, 3, 2)
    assert [one["code"] for one in document["findings"]] == ["audit-changed", "audit-trigger-missing"]
    done = dosegate("verify-audit")
    assert done.returncode == 1
    assert "Entry 3 is not what was written" in done.stdout


def test_verify_audit__finds_entries_cut_off_by_the_anchors_of_the_data_folder(data: Path) -> None:
    _sql(data, "DROP TRIGGER audit_entry_DELETE", "DELETE FROM audit_entry WHERE sequence = 6")
    status, document, _ = _verify()
    assert (status, document["first_bad_entry"]) == (1, SITES)
    assert document["findings"][0]["code"] == "audit-cut-off"


def test_verify_audit__takes_an_anchor_that_was_typed_from_paper(data: Path, tmp_path: Path) -> None:
    settings = read_settings({"DOSEGATE_DATA": str(data)})
    with closing(Database(settings.database_url, audit=settings.audit_outside())) as db:
        line = printed(audit_trail.add_anchor(db))
    paper = tmp_path / "paper.txt"
    paper.write_text(line)
    assert _verify("--anchor", str(paper))[0] == 0
    _sql(data, "DROP TRIGGER audit_entry_DELETE", "DELETE FROM audit_entry WHERE sequence > 4")
    for name in (ANCHORS_FILE, HEAD_FILE):
        (data / name).unlink(missing_ok=True)
    status, document, _ = _verify("--anchor", str(paper))
    assert (status, document["first_bad_entry"]) == (1, 5)


def test_verify_audit__without_any_anchor_does_not_vouch_for_the_end(data: Path) -> None:
    for name in (ANCHORS_FILE, HEAD_FILE):
        (data / name).unlink(missing_ok=True)
    status, document, done = _verify()
    assert status == 2
    assert "--anchor FILE" in document["error"]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", [ANCHORS_FILE, HEAD_FILE])
def test_verify_audit__does_not_vouch_for_the_end_where_one_of_its_two_files_is_gone(
    data: Path, name: str
) -> None:
    (data / name).unlink()
    status, document, _ = _verify()
    assert (status, document["whole"]) == (1, False)
    assert [finding["code"] for finding in document["findings"]] == ["audit-anchors-lost"]


def test_verify_audit__finds_a_changed_anchor(data: Path) -> None:
    head = data / HEAD_FILE
    head.write_text(head.read_text().replace(f'"count":{SITES}', f'"count":{SITES - 1}'))
    status, document, _ = _verify()
    assert (status, document["findings"][0]["code"]) == (1, "audit-anchor-forged")


@pytest.mark.parametrize("content", [b"not an anchor\n", b"\xff\xfe", b"{}\n", b"[1]\n", b"0 " + b"a" * 64])
def test_verify_audit__refuses_a_file_that_holds_no_anchors(
    data: Path, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "anchors"
    file.write_bytes(content)
    status, document, done = _verify("--anchor", str(file))
    assert status == 2
    assert "anchors" in document["error"]
    assert "Traceback" not in done.stderr


def test_verify_audit__makes_no_installation_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "nothing"
    monkeypatch.setenv("DOSEGATE_DATA", str(folder))
    status, document, _ = _verify()
    assert status == 2
    assert "holds no installation" in document["error"]
    assert list(folder.iterdir()) == []


def test_verify_audit__says_that_a_file_is_no_database(data: Path) -> None:
    (data / "dosegate.sqlite").write_bytes(b"this is no database at all" * 100)
    status, document, done = _verify()
    assert status == 2
    assert "cannot be read" in document["error"]
    assert "Traceback" not in done.stderr


def test_verify_audit__says_that_a_line_of_the_anchors_ends_in_the_middle(data: Path) -> None:
    with (data / ANCHORS_FILE).open("a", encoding="utf-8") as anchors:
        anchors.write('{"at":"2026-')
    status, document, _ = _verify()
    assert (status, document["whole"]) == (0, True)
    assert [(each["code"], each["severity"]) for each in document["findings"]] == [
        ("audit-anchor-torn", "warning")
    ]
    assert f"! {ANCHORS_FILE}, line 1: ends in the middle" in dosegate("verify-audit").stdout


def test_verify_audit__finds_that_the_trail_was_cut_off_behind_a_signature(data: Path) -> None:
    _sql(
        data,
        "PRAGMA foreign_keys = OFF",
        "INSERT INTO signature VALUES ('s', 'form', 'f', 'x', 'reviewed', 'u', 'n', 'r', "
        "'2026-03-01T12:00:00.000000Z')",
    )
    status, document, done = _verify()
    assert (status, document["whole"]) == (1, False)
    assert [each["code"] for each in document["findings"]] == ["audit-signatures-unlogged"]
    assert done.returncode == 1


def test_verify_audit__names_a_row_that_was_put_in_behind_the_programs_back(data: Path) -> None:
    _sql(
        data,
        "INSERT INTO subject VALUES ('s', 'S1', 'S1-001', 'screening', NULL, NULL, "
        "'2026-03-01T12:00:00.000000Z')",
    )
    status, document, _ = _verify()
    assert (status, document["whole"], document["first_bad_entry"]) == (1, False, None)
    assert document["bad_rows"] == 1
    assert [each["code"] for each in document["findings"]] == ["record-untold"]
    done = dosegate("verify-audit")
    assert f"is whole ({SITES} entries), and the record is not what it tells" in done.stdout
    assert "subject s has no entry" in done.stdout

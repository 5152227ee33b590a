"""A backup of a whole small trial goes into an empty installation, on both databases, and nothing is lost."""

import gzip
import io
import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.web.installation import Installation, build, open_installation
from trial_core.audit_outside import ANCHORS_FILE
from trial_core.db.migrate import migrate
from trial_core.db.session import Database
from trial_core.db.tables import metadata
from trial_core.domain.access import SYSTEM
from trial_core.installation.backup import back_up
from trial_core.installation.backup_folder import MANIFEST, latest
from trial_core.installation.embedded import import_embedded
from trial_core.installation.refusals import (
    AlreadyServices,
    AnotherSchema,
    BackupBroken,
    BackupNotFound,
    BackupOfAnotherKind,
    BytesLost,
    NoInstallation,
    NotEmpty,
)
from trial_core.installation.restore import restore
from trial_core.services import sites, uploads
from trial_core.settings import Settings, read_settings


def _silent(_stage: str, _done: int, _total: int) -> None:
    return


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A trial in phase IIb with allocations, signatures, files, a report and an unfinished upload."""
    folder = tmp_path_factory.mktemp("trial")
    home = open_installation(folder, build(folder))
    home.add_subject("S01-010")
    submission_id, job_id = home.submit("S01-010", {"a.dcm": b"one", "b.dcm": b"two"})
    home.check(job_id, seed="x")
    home.confirm(submission_id)
    who = home.people["oncologist"]
    begun = uploads.begin_submission(home.db, who, subject_code="S01-001")
    upload = uploads.begin_file(
        home.db, home.store, who, submission_id=begun, name="half.dcm", size_bytes=1000
    )
    _append(home, upload.upload_id, b"half of it")
    return home


def _append(home: Installation, upload_id: str, data: bytes) -> None:
    uploads.append_chunk(
        home.db,
        home.store,
        home.people["oncologist"],
        upload_id=upload_id,
        offset_bytes=0,
        stream=io.BytesIO(data),
    )


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Where nothing is yet."""
    environment = {"DOSEGATE_DATA": str(tmp_path / "new")}
    if request.param == "sqlite":
        yield read_settings(environment)
        return
    server: str = request.getfixturevalue("postgres")
    owner = create_engine(server.format(name="postgres"), isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS restored WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE restored"))
    owner.dispose()
    yield read_settings({**environment, "DOSEGATE_DATABASE_URL": server.format(name="restored")})


def _everything(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    with closing(Database(settings.database_url)) as db, db.read() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(table.select())), key=repr)
            for table in metadata.sorted_tables
        }


def test_restore__brings_back_every_row_every_byte_and_the_trail(
    trial: Installation, empty: Settings, tmp_path: Path
) -> None:
    taken = back_up(trial.settings, tmp_path / "backups", _silent)
    done = restore(empty, tmp_path / "backups", _silent)

    assert done.trail.whole
    assert done.trail.head == taken.audit
    assert (done.rows, done.files) == (taken.rows, taken.files)
    before, after = _everything(trial.settings), _everything(empty)
    unfinished = before.pop("submission_file"), after.pop("submission_file")
    assert after == before
    assert done.begun_anew == 1
    assert [row for row in unfinished[0] if row not in unfinished[1]] != []
    report = next(iter(before["plan_check_result"]))
    assert report
    assert empty.secrets() == trial.settings.secrets()


def test_restored_installation__goes_on(trial: Installation, empty: Settings, tmp_path: Path) -> None:
    back_up(trial.settings, tmp_path / "backups", _silent)
    restore(empty, tmp_path / "backups", _silent)
    with closing(Database(empty.database_url, audit=empty.audit_outside())) as db:
        migrate(db)
        sites.create_site(db, SYSTEM, code="S77", name="New")
        with pytest.raises(Exception, match=r"append-only"), db.transaction() as connection:
            connection.execute(text("DELETE FROM audit_entry"))


def test_second_backup__adds_only_what_is_new(trial: Installation, tmp_path: Path) -> None:
    first = back_up(trial.settings, tmp_path, _silent)
    second = back_up(trial.settings, tmp_path, _silent)
    assert first.new_files == first.files > 0
    assert second.new_files == 0
    assert latest(tmp_path) == second.folder


def test_backup__is_for_its_owner_alone(trial: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    made = back_up(trial.settings, folder, _silent)
    modes = {path.stat().st_mode & 0o077 for path in (folder, made.folder, *made.folder.rglob("*"))}
    assert modes == {0}


def test_anchors_of_entries_after_the_snapshot__are_left_out(trial: Installation, tmp_path: Path) -> None:
    anchors = trial.settings.data_folder / ANCHORS_FILE
    kept = anchors.read_bytes()
    try:
        later = json.loads(kept.splitlines()[-1]) | {"count": 10**6}
        anchors.write_bytes(kept + json.dumps(later).encode() + b"\n")
        made = back_up(trial.settings, tmp_path / "backups", _silent)
    finally:
        anchors.write_bytes(kept)
    counts = [json.loads(line)["count"] for line in (made.folder / ANCHORS_FILE).read_text().splitlines()]
    assert max(counts) == counts[-1] == made.audit.count


def _row_file(backup: Path) -> Path:
    return backup / "rows" / "subject.jsonl.gz"


def _changed_row(backup: Path) -> None:
    lines = gzip.decompress(_row_file(backup).read_bytes()).replace(b"S01-001", b"S01-009")
    _row_file(backup).write_bytes(gzip.compress(lines, mtime=0))


def _missing_row_file(backup: Path) -> None:
    _row_file(backup).unlink()


def _no_manifest(backup: Path) -> None:
    (backup / MANIFEST).write_bytes(b"{}")


def _other_keys(backup: Path) -> None:
    (backup / "secrets.json").write_text("{}")


@pytest.mark.parametrize("damage", [_changed_row, _missing_row_file, _no_manifest, _other_keys])
def test_damaged_backup__is_refused_and_nothing_is_put_in(
    trial: Installation, tmp_path: Path, damage: object
) -> None:
    made = back_up(trial.settings, tmp_path / "backups", _silent)
    assert callable(damage)
    damage(made.folder)
    target = read_settings({"DOSEGATE_DATA": str(tmp_path / "new")})
    with pytest.raises(BackupBroken):
        restore(target, tmp_path / "backups", _silent)
    assert not target.has_secrets


def test_bytes_that_changed_in_the_backup__are_named_and_the_next_try_goes_on(
    trial: Installation, tmp_path: Path
) -> None:
    back_up(trial.settings, tmp_path / "backups", _silent)
    victim = next(path for path in (tmp_path / "backups" / "store" / "sha256").rglob("*") if path.is_file())
    good = victim.read_bytes()
    victim.write_bytes(b"bad")
    target = read_settings({"DOSEGATE_DATA": str(tmp_path / "new")})
    with pytest.raises(BytesLost, match=victim.name):
        restore(target, tmp_path / "backups", _silent)
    victim.write_bytes(good)
    assert restore(target, tmp_path / "backups", _silent).trail.whole


def test_backup__mends_bytes_that_changed_in_an_earlier_one(trial: Installation, tmp_path: Path) -> None:
    back_up(trial.settings, tmp_path, _silent)
    victim = next(path for path in (tmp_path / "store" / "sha256").rglob("*") if path.is_file())
    good = victim.read_bytes()
    victim.write_bytes(b"bad")
    assert back_up(trial.settings, tmp_path, _silent).new_files == 1
    assert victim.read_bytes() == good


def test_restore__refuses_a_database_or_folder_that_is_not_empty(trial: Installation, tmp_path: Path) -> None:
    back_up(trial.settings, tmp_path / "backups", _silent)
    other = tmp_path / "other"
    build(other)
    with pytest.raises(NotEmpty):
        restore(read_settings({"DOSEGATE_DATA": str(other)}), tmp_path / "backups", _silent)
    (other / "secrets.json").unlink()
    with pytest.raises(NotEmpty, match="rows already"):
        restore(read_settings({"DOSEGATE_DATA": str(other)}), tmp_path / "backups", _silent)


def test_restore__refuses_empty_tables_of_another_schema(trial: Installation, tmp_path: Path) -> None:
    made = back_up(trial.settings, tmp_path / "backups", _silent)
    target = read_settings({"DOSEGATE_DATA": str(tmp_path / "new")})
    with closing(Database(target.database_url)) as db:
        migrate(db)
        with db.transaction() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '0003'"))
    with pytest.raises(AnotherSchema, match="0003"):
        restore(target, made.folder, _silent)


def test_backup_of_a_newer_program__is_refused_and_nothing_is_put_in(
    trial: Installation, empty: Settings, tmp_path: Path
) -> None:
    made = back_up(trial.settings, tmp_path / "backups", _silent)
    manifest = made.folder / MANIFEST
    document = {**json.loads(manifest.read_bytes()), "schema": "9999"}
    manifest.write_text(json.dumps(document))
    with pytest.raises(BackupOfAnotherKind, match="another version of Dosegate"):
        restore(empty, made.folder, _silent)
    assert not empty.has_secrets


def test_no_backup_and_no_installation__are_told(tmp_path: Path) -> None:
    target = read_settings({"DOSEGATE_DATA": str(tmp_path / "new")})
    with pytest.raises(BackupNotFound):
        restore(target, tmp_path, _silent)
    with pytest.raises(NoInstallation):
        back_up(target, tmp_path / "backups", _silent)


@pytest.mark.parametrize("place", ["new folder", "same folder"])
def test_import_embedded__moves_the_study_to_postgresql(
    trial: Installation, empty: Settings, tmp_path: Path, place: str
) -> None:
    embedded = tmp_path / "embedded"
    shutil.copytree(trial.settings.data_folder, embedded)
    if "sqlite" in empty.database_url:
        with pytest.raises(AlreadyServices):
            import_embedded(empty, embedded, _silent)
        return
    folder = embedded if place == "same folder" else tmp_path / "new"
    target = read_settings({"DOSEGATE_DATA": str(folder), "DOSEGATE_DATABASE_URL": empty.database_url})
    done = import_embedded(target, embedded, _silent)
    assert done.trail.whole
    before, after = _everything(trial.settings), _everything(target)
    assert {name: len(rows) for name, rows in after.items()} == {
        name: len(rows) for name, rows in before.items()
    }
    assert [path.name for path in folder.iterdir() if path.name.startswith("import-")] == []

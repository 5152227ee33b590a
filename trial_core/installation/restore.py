"""Put an installation in whole: into an empty database and a folder without keys, compared row by row."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from trial_core.audit_outside import ANCHORS_FILE, HEAD_FILE
from trial_core.db.migrate import is_known, migrate, revision
from trial_core.db.repositories import files
from trial_core.db.session import Database
from trial_core.installation.backup import Progress, take_bytes
from trial_core.installation.backup_folder import KEPT, Manifest, latest, read_manifest, rows_in
from trial_core.installation.refusals import AnotherSchema, BackupOfAnotherKind, NotAsItWas, NotEmpty
from trial_core.installation.rows import RowTable, digest, tables, triggers_aside, write_rows
from trial_core.services.audit_trail import Verification, verify
from trial_core.settings import Settings
from trial_core.store import Store


@dataclass(frozen=True)
class Restored:
    """What a restore came to.

    Attributes
    ----------
    backup
        The folder that it came from.
    begun_anew
        How many unfinished uploads have to be sent again: their bytes were never on record.
    trail
        What the verification of the audit trail found.
    """

    backup: Path
    rows: int
    files: int
    begun_anew: int
    trail: Verification


def restore(settings: Settings, folder: Path, progress: Progress) -> Restored:
    """Restore the newest backup of a folder, or the one that the folder is.

    Raises
    ------
    BackupNotFound, BackupBroken, BackupOfAnotherKind, NotEmpty, AnotherSchema, BytesLost, NotAsItWas,
    SettingError
        The database is as it was; run again, it goes on.
    """
    backup = latest(folder)
    kept = backup.parent if backup.parent.joinpath(KEPT).is_dir() else backup
    return put_in(settings, backup, Store(kept / KEPT), progress)


def put_in(settings: Settings, backup: Path, source: Store, progress: Progress) -> Restored:
    """Put in the rows and keys of a backup, with the bytes of `source`; raises as `restore` does."""
    manifest = read_manifest(backup)
    if not is_known(manifest.schema):
        raise BackupOfAnotherKind(backup)
    _take_nobodys_place(settings, backup)
    with closing(Database(settings.database_owner_url or settings.database_url)) as db:
        _make_tables(db, manifest)
        take_bytes(source, Store(settings.store_folder), manifest.kept, progress)
        _put_keys(settings, backup, manifest)
        begun_anew = _put_rows(db, backup, manifest, progress)
    _put_anchors(settings, backup)
    with closing(Database(settings.database_url, audit=settings.audit_outside())) as db:
        migrate(db, settings.database_owner_url)
        progress("audit trail", 0, 0)
        return Restored(backup, manifest.rows, len(manifest.kept), begun_anew, verify(db))


def _take_nobodys_place(settings: Settings, backup: Path) -> None:
    for path in settings.files_beside_the_record:
        ours = backup / path.name
        if path.is_file() and not (ours.is_file() and ours.read_bytes() == path.read_bytes()):
            raise NotEmpty(f"The data folder {settings.data_folder} holds another installation's {path.name}")


def _make_tables(db: Database, manifest: Manifest) -> None:
    found = revision(db)
    with db.read() as connection:
        filled = next((each.name for each in tables(connection) if _has_rows(connection, each)), None)
    if filled:
        raise NotEmpty(f"The database holds rows already (table {filled})")
    if found is not None and found != manifest.schema:
        raise AnotherSchema(found, manifest.schema)
    migrate(db, to=manifest.schema)


def _has_rows(connection: Connection, of: RowTable) -> bool:
    return connection.execute(select(of.clause).limit(1)).first() is not None


def _put_keys(settings: Settings, backup: Path, manifest: Manifest) -> None:
    for path in settings.files_beside_the_record:
        if path.name in manifest.files and not path.exists():
            _put_private(path, (backup / path.name).read_bytes())


def _put_anchors(settings: Settings, backup: Path) -> None:
    for name in (ANCHORS_FILE, HEAD_FILE):
        _put_private(settings.data_folder / name, (backup / name).read_bytes())


def _put_private(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(data)
    draft.chmod(0o600)
    draft.replace(path)


def _put_rows(db: Database, backup: Path, manifest: Manifest, progress: Progress) -> int:
    found = manifest.row_tables()
    with db.transaction() as connection:
        with triggers_aside(connection):
            for number, each in enumerate(found, start=1):
                progress("rows", number, len(found))
                write_rows(connection, each, rows_in(backup, each))
        _compare(connection, manifest)
        return files.begin_anew(connection)


def _compare(connection: Connection, manifest: Manifest) -> None:
    for each in manifest.row_tables():
        expected, found = manifest.facts_of(each), digest(connection, each).facts
        if found != expected:
            raise NotAsItWas(each.name, expected["rows"], found["rows"])

"""Take an installation out while it is served: rows of one snapshot, keys, anchors, and the bytes named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from trial_core.anchor_lines import anchor_line
from trial_core.audit_outside import ANCHORS_FILE, HEAD_FILE
from trial_core.code_version import code_version
from trial_core.db.migrate import revision
from trial_core.db.repositories import audit, files
from trial_core.db.session import Database, sqlite_file
from trial_core.domain.audit_chain import Anchor, AuditHead
from trial_core.domain.canonical import instant_text
from trial_core.installation.backup_folder import KEPT, Draft
from trial_core.installation.refusals import BytesLost, NoInstallation
from trial_core.installation.rows import (
    Digest,
    RowTable,
    line_of,
    read_rows,
    tables,
)
from trial_core.settings import Settings
from trial_core.store import Store

_FILES_AT_ONCE = 64

Progress = Callable[[str, int, int], None]
"""Takes a stage, how many are done, and of how many."""


@dataclass(frozen=True)
class Taken:
    """What a backup came to: its folder, its rows and files; `new_files` were not there before."""

    folder: Path
    rows: int
    files: int
    new_files: int
    audit: AuditHead


def back_up(settings: Settings, folder: Path, progress: Progress) -> Taken:
    """Add a backup of this moment to a folder of backups.

    Raises
    ------
    NoInstallation, BytesLost, StoreFull, SettingError
        Nothing but bytes that no backup names yet is left behind.
    """
    with closing(opened(settings)) as db:
        draft, facts = _draft(settings, db, folder, progress)
        with _removed_if_unfinished(draft):
            new = take_bytes(Store(settings.store_folder), Store(folder / KEPT), facts["kept"], progress)
            place = draft.finish(**facts)
    head = AuditHead(facts["audit"]["entries"], facts["audit"]["head"])
    return Taken(place, sum(each["rows"] for each in facts["tables"]), len(facts["kept"]), new, head)


def back_up_rows(settings: Settings, folder: Path, progress: Progress) -> Path:
    """Write a backup that leaves the bytes where they are.

    Raises
    ------
    NoInstallation, StoreFull, SettingError
    """
    with closing(opened(settings)) as db:
        draft, facts = _draft(settings, db, folder, progress)
        return draft.finish(**facts)


def opened(settings: Settings) -> Database:
    """Open the database of an installation that is there.

    Raises
    ------
    NoInstallation, SettingError
    """
    file = sqlite_file(settings.database_url)
    if not settings.has_secrets or (file is not None and not file.is_file()):
        raise NoInstallation(settings.data_folder)
    return Database(settings.database_url, audit=settings.audit_outside())


def _draft(
    settings: Settings, db: Database, folder: Path, progress: Progress
) -> tuple[Draft, dict[str, Any]]:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    at = instant_text(db.now())
    draft = Draft(folder, at.replace(":", "-"))
    with _removed_if_unfinished(draft):
        with db.read() as connection:
            made = list(_put_tables(connection, draft, progress))
            head, kept = audit.head(connection), files.all_kept(connection)
        _put_outside(settings, draft, Anchor(head.count, head.hash, db.now()))
    audited = {"entries": head.count, "head": head.hash}
    facts = {"made_at": at, "code_version": code_version(), "schema": revision(db)}
    return draft, {**facts, "tables": made, "kept": kept, "audit": audited}


@contextmanager
def _removed_if_unfinished(draft: Draft) -> Iterator[None]:
    try:
        yield
    except BaseException:
        shutil.rmtree(draft.folder, ignore_errors=True)
        raise


def _put_tables(connection: Connection, draft: Draft, progress: Progress) -> Iterator[dict[str, Any]]:
    found = tables(connection)
    for number, each in enumerate(found, start=1):
        progress("rows", number, len(found))
        facts = _put_table(connection, draft, each)
        yield {"name": each.name, "columns": list(each.columns), **facts}


def _put_table(connection: Connection, draft: Draft, each: RowTable) -> dict[str, Any]:
    found = Digest()
    with draft.rows(each.name) as lines:
        for row in read_rows(connection, each):
            line = line_of(row)
            found.add(line)
            lines.write(f"{line}\n")
    return found.facts


def _put_outside(settings: Settings, draft: Draft, last: Anchor) -> None:
    for path in settings.files_beside_the_record:
        if path.is_file():
            draft.put(path.name, path.read_bytes())
    line = anchor_line(last, settings.audit_outside().key)
    draft.put(HEAD_FILE, line.encode())
    draft.put(ANCHORS_FILE, "".join([*_anchors_up_to(settings, last.count), line]).encode())


def _anchors_up_to(settings: Settings, count: int) -> Iterator[str]:
    # The server goes on meanwhile: an anchor of a later entry would say that the snapshot's trail was cut.
    path = settings.data_folder / ANCHORS_FILE
    if path.is_file():
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True):
            if line.endswith("\n") and _count_of(line) <= count:
                yield line


def _count_of(line: str) -> int:
    try:
        return int(json.loads(line)["count"])
    except (ValueError, KeyError, TypeError):
        return 0  # forged or broken: kept, for the verification to name it


def take_bytes(source: Store, target: Store, kept: Sequence[str], progress: Progress) -> int:
    """Take over the bytes of another store, every one compared with its hash, and say how many were new.

    Raises
    ------
    BytesLost, StoreFull
    """
    lost, new = list[str](), 0
    for start in range(0, len(kept), _FILES_AT_ONCE):
        some = kept[start : start + _FILES_AT_ONCE]
        taken = target.take_over(source, some)
        new += taken.new
        lost += taken.lost
        progress("files", start + len(some), len(kept))
    if lost:
        raise BytesLost(len(lost), lost[0], source.folder)
    return new

"""The audit trail's key is replaced: old entries are verified with the old one, new ones with the new."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from tests.trial_core.services.tampering import disarm
from trial_core.audit_errors import AuditKeyUnknown
from trial_core.db.migrate import migrate
from trial_core.db.repositories import audit
from trial_core.db.session import Database
from trial_core.domain.access import SYSTEM
from trial_core.domain.audit_chain import AuditKey, Flaw, StoredEntry
from trial_core.errors import SettingError
from trial_core.services import audit_trail, sites
from trial_core.settings import Settings, read_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({"DOSEGATE_DATA": str(tmp_path / "data")})


@pytest.fixture
def db(settings: Settings) -> Iterator[Database]:
    """A trail of three entries with the first key."""
    opened = open_again(settings)
    migrate(opened)
    for code in ("S1", "S2", "S3"):
        sites.create_site(opened, SYSTEM, code=code, name=code)
    yield opened
    opened.close()


def open_again(settings: Settings) -> Database:
    return Database(settings.database_url, audit=settings.audit_outside())


def flaw(db: Database) -> Flaw | None:
    found = audit_trail.verify(db)
    return found.broken.flaw if found.broken else None


def rotated(settings: Settings) -> Database:
    settings.replace_audit_key()
    return open_again(settings)


def test_replaced_key__verifies_what_it_wrote_and_the_new_one_writes(
    settings: Settings, db: Database
) -> None:
    for number in range(2):  # a key is replaced as often as one likes
        later = rotated(settings)
        assert flaw(later) is Flaw.NOT_RESEALED
        assert audit_trail.seal_old_entries(later)
        assert not audit_trail.seal_old_entries(later)
        sites.create_site(later, SYSTEM, code=f"N{number}", name="new")
        found = audit_trail.verify(later)
        assert (found.whole, found.anchored) == (True, True)
    with later.read() as connection:
        assert len({entry.key_id for entry in audit.stored(connection)}) == 3
    assert len(settings.secrets().audit_keys_before) == 2
    later.close()


def test_replaced_key__is_kept_and_no_other_secret_changes(settings: Settings) -> None:
    before = settings.secrets()
    settings.replace_audit_key()
    after = settings.secrets()
    assert after.audit_keys_before == (before.audit_key,)
    assert after.audit_key != before.audit_key
    same = ("identity_key", "session_key", "randomisation_key")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    assert (settings.data_folder / "secrets.json").stat().st_mode & 0o077 == 0


def test_first_entry_after_the_change__seals_by_itself(settings: Settings, db: Database) -> None:
    later = rotated(settings)
    sites.create_site(later, SYSTEM, code="S4", name="S4")
    assert audit_trail.verify(later).whole
    later.close()


def test_program_with_the_replaced_key__writes_nothing_more(settings: Settings, db: Database) -> None:
    later = rotated(settings)
    audit_trail.seal_old_entries(later)
    with pytest.raises(AuditKeyUnknown, match="start this server again"):
        sites.create_site(db, SYSTEM, code="S9", name="by the old one")
    assert audit_trail.verify(later).whole
    assert "S9" not in [each.code for each in sites.list_sites(later, SYSTEM)]
    later.close()


def test_entry_put_in_with_the_stolen_old_key__is_found(settings: Settings, db: Database) -> None:
    stolen = settings.secrets().audit_key
    later = rotated(settings)
    audit_trail.seal_old_entries(later)
    with later.transaction() as connection:
        disarm(connection)
        last = list(audit.stored(connection))[-1]
        forge(connection, last, AuditKey(stolen))
    assert flaw(later) is Flaw.OLDER_KEY
    later.close()


def test_trail_cut_back_to_the_old_key__is_found_without_any_anchor(settings: Settings, db: Database) -> None:
    later = rotated(settings)
    audit_trail.seal_old_entries(later)
    with later.transaction() as connection:
        disarm(connection)
        connection.exec_driver_sql("DELETE FROM audit_entry WHERE sequence > 2")
    for file in settings.audit_outside().files:
        file.unlink()
    assert flaw(later) is Flaw.NOT_RESEALED
    later.close()


def test_anchors_of_the_old_key__still_count(settings: Settings, db: Database) -> None:
    audit_trail.add_anchor(db)
    later = rotated(settings)
    audit_trail.seal_old_entries(later)
    found = audit_trail.verify(later)
    assert found.anchors.lines >= 2
    assert not found.anchors.forged
    later.close()


def test_keys_before_that_are_no_list__are_refused(settings: Settings) -> None:
    settings.secrets()
    path = settings.data_folder / "secrets.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "audit_keys_before": "x"}))
    with pytest.raises(SettingError, match="Restore it from its backup"):
        settings.secrets()


def forge(connection: Connection, last: StoredEntry, key: AuditKey) -> None:
    """Put an entry behind the last one, as whoever has a key would."""
    new = replace_entry(last, key)
    columns = ", ".join(f'"{name}"' for name in StoredEntry._fields)
    marks = ", ".join("?" for _ in StoredEntry._fields)
    connection.exec_driver_sql(
        f"INSERT INTO audit_entry ({columns}) VALUES ({marks})",  # noqa: S608 - names of our own columns
        tuple(new),
    )


def replace_entry(last: StoredEntry, key: AuditKey) -> StoredEntry:
    new = last._replace(sequence=last.sequence + 1, previous_hash=last.hash, key_id=key.id)
    return new._replace(hash=key.hash_of(new))

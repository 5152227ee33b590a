"""An account or a site that was put in or changed behind the services is found by verify-audit."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.trial_core import enrolling
from tests.trial_core.record import OFFICE, Record, create_account
from trial_core.domain.access import Role
from trial_core.domain.row_breaks import RowBreak, RowFlaw
from trial_core.services import account_changes, accounts, audit_trail, dicom_senders

NEW_PASSWORD = "another long one"
EDITS = {
    "role": "role = 'safety adjudicator', site_code = NULL",
    "site_code": "site_code = 'S2'",
    "password_hash": "password_hash = (SELECT password_hash FROM user_account WHERE login = 'other')",
    "full_name": "full_name = 'Professor Wei'",
    "login": "login = 'somebody'",
    "deactivated_at": "deactivated_at = created_at",
}


def _do(record: Record, statement: str) -> None:
    with record.db.transaction() as connection:
        connection.execute(text(statement))


def _found(record: Record) -> tuple[RowBreak, ...]:
    return audit_trail.verify(record.db).rows


def test_an_account__through_all_that_befalls_it_is_what_the_trail_tells(record: Record) -> None:
    db = record.db
    create_account(record)
    accounts.change_password(
        db,
        accounts.actor_of(db, token=_signed_in(record)),
        old_password=enrolling.PASSWORD,
        new_password=NEW_PASSWORD,
    )
    account_changes.change_role(
        db, OFFICE, login="wei", role=Role.TRIAL_STAFF, site_code="S2", reason="new post"
    )
    account_changes.change_site(db, OFFICE, login="wei", site_code="S1", reason="back")
    account_changes.deactivate_user(db, OFFICE, login="wei", reason="left")
    assert _found(record) == ()
    account_changes.reactivate_user(db, OFFICE, login="wei", reason="came back")
    given = account_changes.reset_password(db, OFFICE, login="wei", reason="forgotten")
    accounts.replace_one_time_password(db, login="wei", password=given, new_password="and a third one")
    dicom_senders.register_sender(
        db, OFFICE, ae_title="TPS", addresses=("10.0.0.7",), site_code="S1", reason="planning system"
    )
    assert _found(record) == ()


@pytest.mark.parametrize("column", EDITS)
def test_an_account__edited_in_the_database_is_named(record: Record, column: str) -> None:
    wei = create_account(record)
    create_account(record, "other", password=NEW_PASSWORD)
    _do(record, f"UPDATE user_account SET {EDITS[column]} WHERE login = 'wei'")  # noqa: S608
    (found,) = _found(record)
    assert (found.table, found.row, found.flaw) == ("user_account", wei.user_id, RowFlaw.EDITED)
    assert column in found.columns
    assert "Wei" not in found.message


def test_an_account__put_in_or_taken_out_behind_the_services_is_named(record: Record) -> None:
    wei = create_account(record)
    _do(
        record,
        "INSERT INTO user_account SELECT 'u-new', 'judge', full_name, 'safety adjudicator', NULL, "
        "password_hash, created_at, NULL, NULL FROM user_account WHERE login = 'wei'",
    )
    _do(record, "DELETE FROM user_account WHERE login = 'wei'")
    assert set(_found(record)) == {
        RowBreak("user_account", "u-new", RowFlaw.UNTOLD),
        RowBreak("user_account", wei.user_id, RowFlaw.GONE),
    }


def test_a_sites_name__edited_in_the_database_is_named(record: Record) -> None:
    _do(record, "UPDATE site SET name = 'Another hospital' WHERE code = 'S2'")
    assert _found(record) == (RowBreak("site", "S2", RowFlaw.EDITED, ("name",)),)


def test_a_senders_account__that_somebody_opened_is_named(record: Record) -> None:
    sender = dicom_senders.register_sender(
        record.db, OFFICE, ae_title="TPS", addresses=("10.0.0.7",), site_code="S1", reason="planning"
    )
    _do(record, f"UPDATE user_account SET deactivated_at = NULL WHERE id = '{sender.user_id}'")  # noqa: S608
    assert _found(record) == (RowBreak("user_account", sender.user_id, RowFlaw.UNTOLD),)


def _signed_in(record: Record) -> str:
    return accounts.sign_in(record.db, login="wei", password=enrolling.PASSWORD)

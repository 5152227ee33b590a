"""Accounts as the trial office changes them: roles, sites, one-time passwords, out of use and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from tests.trial_core.enrolling import PASSWORD
from tests.trial_core.record import OFFICE, ONCOLOGIST, Record, create_account
from trial_core.access_errors import (
    LastAdministrator,
    OwnAccount,
    PasswordMustBeChanged,
    SamePassword,
    UnknownUser,
)
from trial_core.db.tables import audit_entry
from trial_core.domain.access import SYSTEM, Actor, Role
from trial_core.errors import (
    MissingReason,
    NotAuthorised,
    NotSignedIn,
    SignInRefused,
    UnknownSite,
    WeakPassword,
    WrongState,
)
from trial_core.services import account_changes, accounts, passwords

NEW = "another long password"

Change = Callable[[Record, Actor, str], Any]
CHANGES: dict[str, Change] = {
    "role": lambda record, actor, login: account_changes.change_role(
        record.db, actor, login=login, role=Role.MONITOR, reason="new task"
    ),
    "site": lambda record, actor, login: account_changes.change_site(
        record.db, actor, login=login, site_code="S2", reason="moved"
    ),
    "password": lambda record, actor, login: account_changes.reset_password(
        record.db, actor, login=login, reason="forgotten"
    ),
    "use": lambda record, actor, login: account_changes.deactivate_user(
        record.db, actor, login=login, reason="left"
    ),
}


def _last_entry(record: Record) -> Any:
    with record.db.read() as connection:
        return connection.execute(select(audit_entry).order_by(audit_entry.c.sequence.desc())).first()


@pytest.mark.parametrize("change", CHANGES)
def test_every_change__ends_the_sessions_and_is_on_the_audit_trail_with_its_reason(
    record: Record, change: str
) -> None:
    create_account(record)
    token = accounts.sign_in(record.db, login="wei", password=PASSWORD)
    CHANGES[change](record, OFFICE, "wei")
    with pytest.raises(NotSignedIn):
        accounts.actor_of(record.db, token=token)
    entry = _last_entry(record)
    assert (entry.login, entry.role, entry.details["login"]) == ("adm", "administrator", "wei")
    assert entry.reason


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("actor", [ONCOLOGIST, Actor("u-adm", "adm", Role.MONITOR)])
def test_every_change__is_for_the_administrator(record: Record, change: str, actor: Actor) -> None:
    create_account(record)
    with pytest.raises(NotAuthorised):
        CHANGES[change](record, actor, "wei")


@pytest.mark.parametrize("change", CHANGES)
def test_nobody__changes_their_own_account(record: Record, change: str) -> None:
    with pytest.raises(OwnAccount, match="their own"):
        CHANGES[change](record, OFFICE, "ADM")


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("login", ["nobody", "", "a b", "\udcff"])
def test_an_unknown_account__is_said(record: Record, change: str, login: str) -> None:
    with pytest.raises(UnknownUser):
        CHANGES[change](record, OFFICE, login)


@pytest.mark.parametrize("change", ["role", "password", "use"])
def test_the_last_administrator__stays_one(record: Record, change: str) -> None:
    with pytest.raises(LastAdministrator):
        CHANGES[change](record, SYSTEM, "adm")
    create_account(record, "second", role=Role.ADMINISTRATOR, site_code=None)
    CHANGES[change](record, SYSTEM, "adm")


def test_an_administrator_who_cannot_sign_in_yet__does_not_count(record: Record) -> None:
    create_account(record, "second", role=Role.ADMINISTRATOR, site_code=None, one_time=True)
    with pytest.raises(LastAdministrator):
        account_changes.deactivate_user(record.db, SYSTEM, login="adm", reason="left")


def test_two_administrators__cannot_put_each_other_out_of_use(record: Record) -> None:
    second = create_account(record, "second", role=Role.ADMINISTRATOR, site_code=None)
    account_changes.deactivate_user(record.db, OFFICE, login="second", reason="left")
    with pytest.raises(NotAuthorised):
        account_changes.deactivate_user(record.db, second, login="adm", reason="left first")


def test_change_role__keeps_old_and_new_value(record: Record) -> None:
    create_account(record)
    account_changes.change_role(
        record.db, OFFICE, login="wei", role=Role.RADIATION_ONCOLOGIST, site_code="S2", reason="new post"
    )
    assert _last_entry(record).changes == {
        "role": ["site physicist", "radiation oncologist"],
        "site": ["S1", "S2"],
    }
    token = accounts.sign_in(record.db, login="wei", password=PASSWORD)
    actor = accounts.actor_of(record.db, token=token)
    assert (actor.role, actor.site_code) == (Role.RADIATION_ONCOLOGIST, "S2")


@pytest.mark.parametrize(
    ("role", "site"),
    [(Role.MONITOR, "S1"), (Role.INVESTIGATOR, None), (Role.INVESTIGATOR, "S9"), (Role.STATISTICIAN, "S1")],
)
def test_change_role__refuses_a_site_that_does_not_go_with_it(
    record: Record, role: Role, site: str | None
) -> None:
    create_account(record)
    with pytest.raises(UnknownSite):
        account_changes.change_role(
            record.db, OFFICE, login="wei", role=role, site_code=site, reason="mistaken"
        )


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_change__needs_its_reason(record: Record, reason: str) -> None:
    create_account(record)
    with pytest.raises(MissingReason):
        account_changes.change_site(record.db, OFFICE, login="wei", site_code="S2", reason=reason)


def test_a_one_time_password__opens_nothing_but_its_own_replacement(record: Record) -> None:
    create_account(record)
    once = account_changes.reset_password(record.db, OFFICE, login="wei", reason="forgotten")
    with pytest.raises(SignInRefused):
        accounts.sign_in(record.db, login="wei", password=PASSWORD)
    with pytest.raises(PasswordMustBeChanged):
        accounts.sign_in(record.db, login="wei", password=once)
    with pytest.raises(SamePassword):
        accounts.replace_one_time_password(record.db, login="wei", password=once, new_password=once)
    with pytest.raises(WeakPassword):
        accounts.replace_one_time_password(record.db, login="wei", password=once, new_password="short")
    accounts.replace_one_time_password(record.db, login="wei", password=once, new_password=NEW)
    assert accounts.sign_in(record.db, login="wei", password=NEW)
    with pytest.raises(SignInRefused):
        accounts.replace_one_time_password(record.db, login="wei", password=once, new_password=PASSWORD)


def test_a_one_time_password__is_refused_after_its_time(record: Record) -> None:
    create_account(record, one_time=True)
    record.clock.advance(days=7)
    with pytest.raises(SignInRefused):
        accounts.sign_in(record.db, login="wei", password=PASSWORD)
    with pytest.raises(SignInRefused):
        accounts.replace_one_time_password(record.db, login="wei", password=PASSWORD, new_password=NEW)


def test_a_one_time_password__is_kept_nowhere(record: Record) -> None:
    create_account(record)
    once = account_changes.reset_password(record.db, OFFICE, login="wei", reason="forgotten")
    with record.db.read() as connection:
        entries = str(connection.execute(select(audit_entry)).all())
    assert once not in entries
    assert "wei" in entries


def test_an_ordinary_password__is_not_replaced_without_a_session(record: Record) -> None:
    create_account(record)
    with pytest.raises(SignInRefused):
        accounts.replace_one_time_password(record.db, login="wei", password=PASSWORD, new_password=NEW)


def test_an_account_out_of_use__opens_nothing_and_comes_back(record: Record) -> None:
    actor = create_account(record)
    account_changes.deactivate_user(record.db, OFFICE, login="wei", reason="left")
    with pytest.raises(SignInRefused):
        accounts.sign_in(record.db, login="wei", password=PASSWORD)
    with pytest.raises(SignInRefused):
        accounts.confirm_password(record.db, actor, password=PASSWORD)
    with pytest.raises(WrongState):
        account_changes.deactivate_user(record.db, OFFICE, login="wei", reason="again")
    account_changes.reactivate_user(record.db, OFFICE, login="wei", reason="came back")
    assert accounts.sign_in(record.db, login="wei", password=PASSWORD)
    with pytest.raises(WrongState):
        account_changes.reactivate_user(record.db, OFFICE, login="wei", reason="again")


def test_a_session__is_not_opened_with_what_was_changed_while_the_password_was_looked_at(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_account(record)
    real = passwords.verify_password

    def slow(password_hash: str, password: str) -> bool:
        good = real(password_hash, password)
        account_changes.deactivate_user(record.db, OFFICE, login="wei", reason="left")
        return good

    monkeypatch.setattr(accounts, "verify_password", slow)
    with pytest.raises(SignInRefused):
        accounts.sign_in(record.db, login="wei", password=PASSWORD)


def test_list_users__says_who_is_in_use(record: Record) -> None:
    create_account(record, one_time=True)
    account_changes.deactivate_user(record.db, OFFICE, login="onc2", reason="left")
    found = {one.login: one for one in account_changes.list_users(record.db, OFFICE)}
    assert (found["wei"].in_use, found["wei"].password_to_be_changed) == (True, True)
    assert (found["onc2"].in_use, found["onc2"].password_to_be_changed) == (False, False)
    with pytest.raises(NotAuthorised):
        account_changes.list_users(record.db, ONCOLOGIST)

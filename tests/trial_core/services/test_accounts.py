"""Accounts: passwords, sessions and the lock."""

from __future__ import annotations

import logging
import threading
from typing import Any

import pytest
from sqlalchemy import text

from tests.trial_core.enrolling import PASSWORD
from tests.trial_core.record import ONCOLOGIST, PHYSICIST, Record, create_account
from trial_core.domain.access import SYSTEM, Role
from trial_core.errors import (
    AccountLocked,
    AlreadyExists,
    NotAName,
    NotAuthorised,
    NotSignedIn,
    SignInRefused,
    UnknownSite,
    WeakPassword,
)
from trial_core.services import accounts, failed_sign_ins, passwords, sites

on_one_database = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


def _everything_kept(record: Record) -> str:
    with record.db.read() as connection:
        tables = ("user_account", "session", "sign_in_failure", "audit_entry")
        return str([connection.execute(text(f"SELECT * FROM {name}")).all() for name in tables])  # noqa: S608


def test_sign_in__gives_a_session_of_that_person(record: Record) -> None:
    created = create_account(record)
    token = accounts.sign_in(record.db, login=" WEI ", password=PASSWORD)
    assert accounts.actor_of(record.db, token=token) == created


def test_passwords_and_tokens__are_kept_and_logged_nowhere(
    record: Record, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    create_account(record)
    token = accounts.sign_in(record.db, login="wei", password=PASSWORD)
    for login, password in (("wei", "guessed-the-wrong-one"), ("typed-the-password-here", "x")):
        with pytest.raises(SignInRefused):
            accounts.sign_in(record.db, login=login, password=password)
    kept = _everything_kept(record) + caplog.text
    for secret in (PASSWORD, token, "guessed-the-wrong-one", "typed-the-password-here"):
        assert secret not in kept
    assert "$argon2id$" in kept


@pytest.mark.parametrize("login", ["wei", "nobody"])
def test_sign_in__locks_known_and_unknown_names_alike(record: Record, login: str) -> None:
    create_account(record)
    for _ in range(failed_sign_ins.FAILURES_BEFORE_LOCK):
        with pytest.raises(SignInRefused):
            accounts.sign_in(record.db, login=login, password="wrong")
    with pytest.raises(AccountLocked):
        accounts.sign_in(record.db, login=login, password=PASSWORD)


def _lock(record: Record, login: str = "wei", origin: str = "203.0.113.7") -> None:
    for _ in range(failed_sign_ins.FAILURES_BEFORE_LOCK):
        with pytest.raises(SignInRefused):
            accounts.sign_in(record.db, login=login, password="wrong", origin=origin)
    with pytest.raises(AccountLocked):
        accounts.sign_in(record.db, login=login, password=PASSWORD, origin=origin)


@on_one_database
def test_lock__is_of_one_address_and_keeps_nobody_else_out(record: Record) -> None:
    created = create_account(record)
    _lock(record)
    token = accounts.sign_in(record.db, login="wei", password=PASSWORD, origin="203.0.113.8")
    accounts.confirm_password(record.db, accounts.actor_of(record.db, token=token), password=PASSWORD)
    assert accounts.actor_of(record.db, token=token) == created
    with pytest.raises(AccountLocked):  # a success elsewhere frees nobody who guesses
        accounts.sign_in(record.db, login="wei", password=PASSWORD, origin="203.0.113.7")


@on_one_database
def test_lock__of_whoever_types_at_a_session_leaves_signing_in_free(record: Record) -> None:
    created = create_account(record)
    for _ in range(failed_sign_ins.FAILURES_BEFORE_LOCK):
        with pytest.raises(SignInRefused):
            accounts.confirm_password(record.db, created, password="wrong")
    with pytest.raises(AccountLocked):
        accounts.confirm_password(record.db, created, password=PASSWORD)
    assert accounts.sign_in(record.db, login="wei", password=PASSWORD)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("2001:db8:1:2::5", "2001:db8:1:2:ffff::9", True),  # one network of IPv6
        ("2001:db8:1:2::5", "2001:db8:1:3::5", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("fe80::1%eth0", "fe80::1%eth1", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("no address", "another", False),
    ],
)
def test_attempts__from_one_network_of_ipv6_are_counted_together(one: str, other: str, alike: bool) -> None:
    keys = [failed_sign_ins.Attempt("wei", origin).key for origin in (one, other)]
    assert (keys[0] == keys[1]) is alike


def test_lock__ends_after_its_time(record: Record) -> None:
    create_account(record)
    for _ in range(failed_sign_ins.FAILURES_BEFORE_LOCK):
        with pytest.raises(SignInRefused):
            accounts.sign_in(record.db, login="wei", password="wrong")
    record.clock.advance(minutes=16)
    assert accounts.sign_in(record.db, login="wei", password=PASSWORD)


def test_sign_in__forgets_failures_after_a_success(record: Record) -> None:
    create_account(record)
    for _ in range(3):
        for _ in range(failed_sign_ins.FAILURES_BEFORE_LOCK - 1):
            with pytest.raises(SignInRefused):
                accounts.sign_in(record.db, login="wei", password="wrong")
        accounts.sign_in(record.db, login="wei", password=PASSWORD)


def test_sign_in__counts_guesses_that_come_at_once(record: Record) -> None:
    create_account(record)
    answers: list[str] = []

    def guess() -> None:
        try:
            accounts.sign_in(record.db, login="wei", password="wrong")
        except (SignInRefused, AccountLocked) as error:
            answers.append(type(error).__name__)

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count("SignInRefused") == failed_sign_ins.FAILURES_BEFORE_LOCK
    assert answers.count("AccountLocked") == 12 - failed_sign_ins.FAILURES_BEFORE_LOCK


def test_sign_in__hashes_for_an_unknown_name_too(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    # Else the time of the answer would tell which names exist.
    create_account(record)
    verified: list[str] = []
    real = passwords.verify_password

    def counted(password_hash: str, password: str) -> bool:
        verified.append(password_hash)
        return real(password_hash, password)

    monkeypatch.setattr(accounts, "verify_password", counted)
    for login in ("wei", "nobody"):
        with pytest.raises(SignInRefused):
            accounts.sign_in(record.db, login=login, password="wrong")
    assert [one.split("$")[:4] for one in verified] == [verified[0].split("$")[:4]] * 2


def test_a_password_of_the_greatest_length__is_compared_to_its_last_character(record: Record) -> None:
    longest = "p" * passwords.MOST_CHARACTERS
    create_account(record, password=longest)
    for wrong in (longest + "x", longest[:-1], longest[:-1] + "x"):
        with pytest.raises(SignInRefused):
            accounts.sign_in(record.db, login="wei", password=wrong)
    assert accounts.sign_in(record.db, login="wei", password=longest)


def test_sign_out__revokes_the_session_on_the_server(record: Record) -> None:
    create_account(record)
    token = accounts.sign_in(record.db, login="wei", password=PASSWORD)
    accounts.sign_out(record.db, token=token)
    with pytest.raises(NotSignedIn):
        accounts.actor_of(record.db, token=token)
    accounts.sign_out(record.db, token=token)


def test_session__ends_by_itself(record: Record) -> None:
    create_account(record)
    token = accounts.sign_in(record.db, login="wei", password=PASSWORD)
    record.clock.advance(hours=11.9)
    assert accounts.actor_of(record.db, token=token)
    record.clock.advance(hours=0.2)
    with pytest.raises(NotSignedIn):
        accounts.actor_of(record.db, token=token)


@pytest.mark.parametrize("token", ["", "x", "\udcff", "' OR 1=1 --"])
def test_actor_of__knows_no_made_up_token(record: Record, token: str) -> None:
    with pytest.raises(NotSignedIn):
        accounts.actor_of(record.db, token=token)


def test_change_password__ends_every_session(record: Record) -> None:
    actor = create_account(record)
    tokens = [accounts.sign_in(record.db, login="wei", password=PASSWORD) for _ in range(2)]
    new = "another long password"
    accounts.change_password(record.db, actor, old_password=PASSWORD, new_password=new)
    for token in tokens:
        with pytest.raises(NotSignedIn):
            accounts.actor_of(record.db, token=token)
    with pytest.raises(SignInRefused):
        accounts.sign_in(record.db, login="wei", password=PASSWORD)
    assert accounts.sign_in(record.db, login="wei", password=new)


def test_change_password__needs_the_old_one(record: Record) -> None:
    actor = create_account(record)
    with pytest.raises(SignInRefused):
        accounts.change_password(record.db, actor, old_password="wrong", new_password="x" * 12)
    with pytest.raises(WeakPassword):
        accounts.change_password(record.db, actor, old_password=PASSWORD, new_password="short")


def test_create_user__is_for_the_administrator(record: Record) -> None:
    for actor in (ONCOLOGIST, PHYSICIST):
        with pytest.raises(NotAuthorised):
            accounts.create_user(
                record.db, actor, login="x1", password=PASSWORD, role=Role.ADMINISTRATOR, full_name="X"
            )


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"password": "x" * 11}, WeakPassword),
        ({"password": "x" * 1025}, WeakPassword),
        ({"login": "a b"}, NotAName),
        ({"login": ""}, NotAName),
        ({"login": "onc"}, AlreadyExists),
        ({"login": "ONC"}, AlreadyExists),
        ({"site_code": None}, UnknownSite),
        ({"site_code": "S9"}, UnknownSite),
        ({"role": Role.ADMINISTRATOR}, UnknownSite),
    ],
)
def test_create_user__refuses(record: Record, changes: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        create_account(record, **changes)


def test_sites__are_created_once_and_seen_by_their_own(record: Record) -> None:
    with pytest.raises(AlreadyExists):
        sites.create_site(record.db, SYSTEM, code="S1", name="again")
    with pytest.raises(NotAName):
        sites.create_site(record.db, SYSTEM, code="../S1", name="x")
    assert [site.code for site in sites.list_sites(record.db, ONCOLOGIST)] == ["S1"]
    assert [site.code for site in sites.list_sites(record.db, SYSTEM)] == ["S1", "S2"]

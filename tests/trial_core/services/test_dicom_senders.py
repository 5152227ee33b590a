"""Senders as an administrator registers and retires them; nobody gets into their accounts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.trial_core.enrolling import PASSWORD
from tests.trial_core.record import OFFICE, ONCOLOGIST, Record
from trial_core.access_errors import SendersAccount
from trial_core.domain.access import SYSTEM, Role
from trial_core.domain.receiving import Sender
from trial_core.errors import MissingReason, NotAuthorised, SignInRefused
from trial_core.services import account_changes, accounts, audit_search
from trial_core.services.audit_search import Asked
from trial_core.services.dicom_senders import account_of, list_senders, register_sender, retire_sender

TPS = {"ae_title": "PINNACLE1", "addresses": ["10.1.2.3"], "site_code": "S1"}


@pytest.fixture
def sender(record: Record) -> Sender:
    return register_sender(record.db, OFFICE, **TPS, reason="new planning system")  # type: ignore[arg-type]


def test_sender__is_registered_and_retired_with_a_reason_on_the_trail(record: Record, sender: Sender) -> None:
    retire_sender(record.db, OFFICE, ae_title=sender.ae_title, reason="decommissioned")
    (known,) = list_senders(record.db, OFFICE)
    assert known.retired_at is not None
    found = audit_search.read_operations_trail(record.db, OFFICE, Asked()).entries
    said = [(each.entry.action, each.entry.reason, each.entry.login) for each in found]
    assert ("register DICOM sender", "new planning system", OFFICE.login) in said
    assert ("retire DICOM sender", "decommissioned", OFFICE.login) in said


def test_sender__without_a_reason_is_refused_to_a_person(record: Record, sender: Sender) -> None:
    with pytest.raises(MissingReason):
        register_sender(record.db, OFFICE, ae_title="NEW", addresses=["10.1.2.3"], site_code="S1", reason=" ")
    with pytest.raises(MissingReason):
        retire_sender(record.db, OFFICE, ae_title=sender.ae_title)
    assert [each.retired_at for each in list_senders(record.db, OFFICE)] == [None]
    retire_sender(record.db, SYSTEM, ae_title=sender.ae_title)  # on the server's command line


def test_sender__is_no_matter_of_a_site(record: Record, sender: Sender) -> None:
    with pytest.raises(NotAuthorised):
        retire_sender(record.db, ONCOLOGIST, ae_title=sender.ae_title, reason="mine")


CHANGES: dict[str, Callable[[Record, str], object]] = {
    "unlock": lambda record, login: account_changes.reactivate_user(
        record.db, OFFICE, login=login, reason="x"
    ),
    "reset": lambda record, login: account_changes.reset_password(record.db, OFFICE, login=login, reason="x"),
    "role": lambda record, login: account_changes.change_role(
        record.db, OFFICE, login=login, role=Role.ADMINISTRATOR, reason="x"
    ),
    "site": lambda record, login: account_changes.change_site(
        record.db, OFFICE, login=login, site_code="S2", reason="x"
    ),
    "lock": lambda record, login: account_changes.deactivate_user(record.db, OFFICE, login=login, reason="x"),
    "by the system": lambda record, login: account_changes.reset_password(
        record.db, SYSTEM, login=login, reason="x"
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_senders_account__is_not_changed_by_an_administrator(
    record: Record, sender: Sender, change: str
) -> None:
    login = account_of(sender).login
    with pytest.raises(SendersAccount):
        CHANGES[change](record, login.upper())
    with pytest.raises(SignInRefused):
        accounts.sign_in(record.db, login=login, password=PASSWORD)


def test_senders_account__is_not_among_the_accounts_of_people(record: Record, sender: Sender) -> None:
    logins = {each.login for each in account_changes.list_users(record.db, OFFICE)}
    assert account_of(sender).login not in logins
    assert OFFICE.login in logins

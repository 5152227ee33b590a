"""Every callback of every page, and every address, tried by the wrong person with what the right one saw."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.trial_core.enrolling import add_person
from tests.web.callbacks import dependencies, payload
from tests.web.installation import PASSWORD, Installation, open_installation
from tests.web.page_values import addresses, is_for, values_of
from trial_core.db.tables import audit_entry, metadata, session, sign_in_failure, user_setting
from trial_core.domain.access import SYSTEM, Actor, Role
from trial_core.domain.clinical_forms import ClinicalForm
from trial_core.services import accounts
from trial_core.services.form_history import newest_forms
from web.app import create_app
from web.door.security import CSRF_HEADER, SESSION_COOKIE, csrf_token

OWN = {session.name, sign_in_failure.name, user_setting.name}
"""Of the person who posts: no record of the trial."""
RIGHTFUL = (
    *("oncologist", "investigator", "physicist", "staff", "admin"),
    *("statistician", "safety-adjudicator", "central-reviewer", "monitor"),
)
OTHERS = ("", "stranger", "investigator-s02", "site-physicist-s02", "trial-staff-s02", "admin")
"""Who sees nothing of site S01: nobody, every role of another site, and the administrator."""
CLINICAL = ("SpinalCord", "Lungs")
SECRETS = (*CLINICAL, "Oncologist", "Investigator")
"""What stands in the site's reports and forms, and no refusal repeats."""
OWN_PAGES = {"admin": ("/operations",)}
"""Which the one who posts may see, names of accounts included: refused to the others in `test_operations`."""
MAY_CHANGE = {
    "monitor": set[str](),
    "safety-adjudicator": {"signature", "form_entry", "study_transition"},
    "statistician": {"allocation_list", "sealed_slot", "signature", "study_transition", "data_cut"},
}
"""Which tables of the trial may have new rows after a person who sees every site has posted everything."""

Rows = dict[str, set[str]]


@dataclass(frozen=True)
class Shown:
    """What a rightful person's browser would post from a page."""

    path: str
    body: dict[str, Any]


class House:
    """An installation of this module's own, with a client for each person."""

    def __init__(self, home: Installation) -> None:
        self.home = home
        self._server = create_app(home.settings, home.db, home.store).server

    def client(self, login: str) -> FlaskClient:
        """Give a client of a person; of nobody for ""."""
        client: FlaskClient = self._server.test_client()
        if login:
            token = accounts.sign_in(self.home.db, login=login, password=PASSWORD)
            client.set_cookie(SESSION_COOKIE, token)
            client.environ_base[f"HTTP_{CSRF_HEADER.upper().replace('-', '_')}"] = csrf_token(token)
        return client

    def rows(self) -> Rows:
        """Give every row of the trial's record."""
        with self.home.db.read() as connection:
            return {
                table.name: {repr(tuple(row)) for row in connection.execute(select(table))}
                for table in metadata.sorted_tables
                if table.name not in OWN
            }

    def addresses(self) -> list[tuple[str, str]]:
        """Give method and address of every rule of the server; what removes comes last."""
        found, known = [], {**FIELDS, "submission_id": self.submission}
        for rule in self._server.url_map.iter_rules():
            values = {name: known.get(name, "1") for name in rule.arguments}
            _, address = rule.build(values) or ("", "")
            found += [(method, address) for method in sorted(rule.methods or ()) if method != "OPTIONS"]
        return sorted(found, key=lambda each: (each[0] == "DELETE", each[1]))

    submission = ""


FIELDS: dict[str, Any] = {
    "code": "S01-001",
    "cut_id": "0" * 32,
    "phase": "IIb",
    "name": "swimmer",
    "view": "axial",
    "scene": 0,
    "number": 0,
    "dose": 0,
    "path": "plans",
    "filename": "dosegate.css",
    "package_name": "dash",
    "fingerprinted_path": "x.js",
}
"""Of addresses; "1" where there is none."""


@pytest.fixture(scope="module")
def house(built: tuple[Path, dict[str, Actor]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder, people = built
    data = tmp_path_factory.mktemp("wrong-people") / "data"
    shutil.copytree(folder, data)
    home = open_installation(data, people)
    for role in (Role.INVESTIGATOR, Role.SITE_PHYSICIST, Role.TRIAL_STAFF):
        accounts.create_user(
            home.db,
            SYSTEM,
            login=f"{role.value.replace(' ', '-')}-s02",
            password=PASSWORD,
            role=role,
            full_name="Somebody else",
            site_code="S02",
        )
    for role in (Role.CENTRAL_REVIEWER, Role.MONITOR):
        add_person(home.db, role)
    house = House(home)
    house.submission, job_id = home.submit("S01-001", {"a.dcm": b"a"})
    home.check(job_id)
    yield house
    home.db.close()


@pytest.fixture(scope="module")
def shown(house: House) -> list[Shown]:
    """Everything that all rightful people's pages would post, each body once."""
    found: dict[str, Shown] = {}
    paths = _paths(house)
    callbacks = [each for each in dependencies(house.client("admin")) if not each.get("clientside_function")]
    for login in RIGHTFUL:
        client = house.client(login)
        for path in paths:
            values = values_of(client, path)
            for entry in (each for each in callbacks if is_for(each, values)):
                body = payload(entry, values)
                found.setdefault(json.dumps(body, sort_keys=True), Shown(path, body))
    assert len({each.body["output"] for each in found.values()}) > 10
    return list(found.values())


def _paths(house: House) -> list[str]:
    """Give the pages of a subject in treatment and of one in screening; a new field is added here."""
    forms = newest_forms(house.home.db, house.home.people["staff"], code="S01-001")
    fields = {
        "code": "S01-001",
        "submission_id": house.submission,
        "cut_id": "0" * 32,
        "phase": "IIb",
        "form_id": next(each.id for each in forms if each.kind == ClinicalForm.CYCLE),
        "term": "fatigue",
    }
    return list(dict.fromkeys([*addresses(fields), *addresses({**fields, "code": "S01-003"})]))


@pytest.mark.parametrize("wrong", OTHERS)
def test_callbacks__posted_by_others_tell_nothing_and_change_nothing(
    house: House, shown: list[Shown], wrong: str
) -> None:
    posted, before = house.client(wrong), house.rows()
    own = OWN_PAGES.get(wrong, ())
    for each in shown:
        if not each.path.startswith(own or ("//",)):
            _gives_nothing(posted.post("/_dash-update-component", json=each.body))
    _is_unchanged(before, house.rows(), house)


@pytest.mark.parametrize("wrong", OTHERS)
def test_addresses__opened_by_others_tell_nothing_and_change_nothing(house: House, wrong: str) -> None:
    client, before = house.client(wrong), house.rows()
    for method, address in house.addresses():
        answer = client.open(address, method=method, json={} if method in ("POST", "PUT") else None)
        is_own = address.startswith(OWN_PAGES.get(wrong, ("//",)))
        _gives_nothing(answer, CLINICAL if is_own else SECRETS)
        client = house.client(wrong) if address == "/sign-out" else client
    _is_unchanged(before, house.rows(), house)


@pytest.mark.parametrize("reader", MAY_CHANGE)
def test_callbacks__posted_by_who_sees_every_site_change_nothing_but_their_roles_own(
    house: House, shown: list[Shown], reader: str
) -> None:
    posted, before = house.client(reader), house.rows()
    for each in shown:
        assert posted.post("/_dash-update-component", json=each.body).status_code < 500
    after = house.rows()
    changed = {name for name, rows in before.items() if after[name] != rows}
    assert changed - {audit_entry.name} <= MAY_CHANGE[reader]


def test_addresses__show_the_reports_to_whom_they_belong(house: House) -> None:
    client = house.client("oncologist")
    seen = [client.open(address, method=method) for method, address in house.addresses() if method == "GET"]
    assert sum(b"SpinalCord" in answer.get_data() for answer in seen) >= 2


def _gives_nothing(answer: Any, secrets: tuple[str, ...] = SECRETS) -> None:
    data = answer.get_data()
    assert answer.status_code < 500, data
    for secret in secrets:
        assert secret.encode() not in data


def _is_unchanged(before: Rows, after: Rows, house: House) -> None:
    """What was there is there as it was, and nothing new is about it; one's own site is one's own."""
    about = [house.submission, *_ids_of_site_one(before)]
    for name, rows in before.items():
        assert rows <= after[name], f"{name} lost or changed a row"
        added = after[name] - rows
        if name != audit_entry.name:
            assert [row for row in added for one in about if one in row] == [], name


def _ids_of_site_one(rows: Rows) -> list[str]:
    return [row.split("'")[1] for row in rows["subject"] if "'S01'" in row]

"""Every callback of every page, posted by hand by the wrong person with what the right one was shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.web.callbacks import dependencies, payload
from tests.web.installation import Installation
from tests.web.page_values import addresses, is_for, values_of
from trial_core.db.tables import audit_entry, metadata, session, sign_in_failure, user_setting
from trial_core.domain.clinical_forms import ClinicalForm
from trial_core.services.form_history import newest_forms

Person = Callable[[str], FlaskClient]

OWN = {session.name, sign_in_failure.name, user_setting.name}
"""Of the person who posts: no record of the trial."""
RIGHTFUL = (
    "oncologist",
    "investigator",
    "physicist",
    "staff",
    "admin",
    "statistician",
    "safety-adjudicator",
)
SECRETS = ("SpinalCord", "Lungs", "Oncologist", "Investigator")
"""What stands in the site's reports and forms, and no refusal repeats."""
OWN_PAGES = {"admin": ("/operations", "/operations/accounts")}
"""Which the one who posts may see, names of accounts included: refused to the others in `test_operations`."""

Rows = dict[str, set[str]]


def _rows(installation: Installation) -> Rows:
    with installation.db.read() as connection:
        return {
            table.name: {repr(tuple(row)) for row in connection.execute(select(table))}
            for table in metadata.sorted_tables
            if table.name not in OWN
        }


@pytest.fixture
def fields(checked: str, installation: Installation) -> dict[str, str]:
    """A value for every field that an address can have; a new one is added here."""
    forms = newest_forms(installation.db, installation.people["staff"], code="S01-001")
    return {
        "code": "S01-001",
        "submission_id": checked,
        "cut_id": "0" * 32,
        "phase": "IIb",
        "form_id": next(each.id for each in forms if each.kind == ClinicalForm.CYCLE),
        "term": "fatigue",
    }


@pytest.mark.parametrize("wrong", ["stranger", "admin"])
def test_callbacks__posted_by_another_sites_or_roles_person_tell_nothing_and_change_nothing(
    sign_in: Person, installation: Installation, fields: dict[str, str], wrong: str
) -> None:
    posted = sign_in(wrong)
    callbacks = [each for each in dependencies(posted) if not each.get("clientside_function")]
    before, walked = _rows(installation), set()
    for rightful in (each for each in RIGHTFUL if each != wrong):
        client = sign_in(rightful)
        for path in (each for each in _paths(fields) if each not in OWN_PAGES.get(wrong, ())):
            values = values_of(client, path)
            for entry in callbacks:
                if is_for(entry, values):
                    walked.add(entry["output"])
                    _gives_nothing(posted.post("/_dash-update-component", json=payload(entry, values)))
    assert len(walked) > 10
    _is_unchanged(before, _rows(installation), installation, fields)


def _paths(fields: dict[str, str]) -> list[str]:
    """Give the pages of a subject in treatment and of one in screening."""
    return list(dict.fromkeys([*addresses(fields), *addresses({**fields, "code": "S01-003"})]))


def _gives_nothing(answer: Any) -> None:
    text = answer.get_data(as_text=True)
    assert answer.status_code < 500, text
    for secret in SECRETS:
        assert secret not in text


def _is_unchanged(before: Rows, after: Rows, installation: Installation, fields: dict[str, str]) -> None:
    """What was there is there as it was, and nothing new is about it; one's own site is one's own."""
    about = [fields["submission_id"], *_ids_of_site_one(before)]
    for name, rows in before.items():
        assert rows <= after[name], f"{name} lost or changed a row"
        added = after[name] - rows
        if name != audit_entry.name:
            assert [row for row in added for one in about if one in row] == [], name
    assert installation.people


def _ids_of_site_one(rows: Rows) -> list[str]:
    return [row.split("'")[1] for row in rows["subject"] if "'S01'" in row]

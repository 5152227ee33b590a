"""Every page as a Chinese reader gets it: no English is left beside what is marked as such."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.callbacks import post_callback
from tests.web.installation import Installation
from tests.web.page_values import addresses
from tests.web.rendered import texts_outside_english
from trial_core.domain.clinical_forms import ClinicalForm
from trial_core.services.form_history import newest_forms
from web.routing import table

Person = Callable[[str], FlaskClient]

READERS = ("oncologist", "physicist", "staff", "admin", "statistician", "safety-adjudicator")
TWO_WORDS = re.compile(r"(?<![\w/#'-])[A-Za-z]?[a-z]{2,},? [a-z]{2,}(?![\w/-])")
ONE_WORD = re.compile(r"[A-Z][a-z]{3,}")
DATA = re.compile(
    r"Hospital S0\d|Oncologist|Investigator|Physicist|Staff|Admin|Stranger|Dosegate|English|"
    r"Statistician|Safety|Fatigue|· [A-Z].*$|<img src=x|Lungs$|A test protocol|dosegate worker"
)
"""Names of people, sites, files and structures, commands, and the English terms of CTCAE."""


def _english(texts: Iterator[str]) -> list[str]:
    return [
        text
        for text in texts
        if (TWO_WORDS.search(text) or ONE_WORD.fullmatch(text.strip())) and not DATA.search(text)
    ]


@pytest.fixture
def fields(checked: str, installation: Installation) -> dict[str, str]:
    """A value for every field that an address can have, as in `test_wrong_people`."""
    forms = newest_forms(installation.db, installation.people["staff"], code="S01-001")
    return {
        "code": "S01-001",
        "submission_id": checked,
        "cut_id": "0" * 32,
        "phase": "IIb",
        "form_id": next(each.id for each in forms if each.kind == ClinicalForm.CYCLE),
        "term": "fatigue",
    }


@pytest.mark.parametrize("reader", READERS)
def test_page__in_chinese_has_no_english_that_is_not_marked(
    sign_in: Person, fields: dict[str, str], reader: str
) -> None:
    client = sign_in(reader)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "zh-CN"
    paths = dict.fromkeys([*addresses(fields), *addresses({**fields, "code": "S01-003"})])
    assert len(paths) >= len(table())
    found = {path: _english(texts_outside_english(_page(client, path))) for path in paths}
    assert {path: texts for path, texts in found.items() if texts} == {}


def test_english__is_seen_where_it_is_not_marked() -> None:
    plain = {"props": {"children": ["方案", {"props": {"children": "not translated at all"}}]}}
    marked = {"props": {"children": "not translated at all", "lang": "en"}}
    assert _english(texts_outside_english(plain)) == ["not translated at all"]
    assert _english(texts_outside_english(marked)) == []
    assert _english(iter(["Severity", "EQD2", "S01-001", "2026-01-31"])) == ["Severity"]


def _page(client: FlaskClient, path: str) -> Any:
    answer = post_callback(client, "..frame-page.children", {"frame-location.pathname": path})
    return answer.get_json()["response"]

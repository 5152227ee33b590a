"""A subject's screening, as the server sends it and takes it: who may enter what, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.trial_core.enrolling import good_answers, protocol_of
from tests.web.callbacks import post_callback
from tests.web.installation import PASSWORD, Installation
from trial_core.domain.conduct import Stratum
from trial_core.services import subjects
from trial_core.services.conduct_of import conduct_of
from trial_core.services.screening_record import ScreeningRecord, screening_record
from web.pages import screening_steps, subject_screening
from web.reading import study_protocol

Person = Callable[[str], FlaskClient]
TODAY = datetime.now(UTC).date().isoformat()
"""No screening ends before its subject was registered."""
CODE = "S01-003"  # in screening, signed, not enrolled
STEPS = {
    "save": "screening-save-answer.children",
    "sign": "screening-sign-answer.children",
    "fail": "screening-fail-answer.children",
    "reopen": "screening-reopen-answer.children",
    "consent-add": "..screening-consent-answer.children",
}


def _page(client: FlaskClient, code: str = CODE) -> str:
    path = {"frame-location.pathname": f"/subjects/{code}/screening"}
    answer = post_callback(client, "..frame-page.children", path)
    assert answer.status_code == 200
    return json.dumps(answer.get_json(), ensure_ascii=False)


def _press(client: FlaskClient, step: str, code: str = CODE, **values: str) -> str:
    """Press a button with the answers of an eligible subject; `values` by component, with _ for -."""
    given = {f"screening-{name.replace('_', '-')}.value": value for name, value in values.items()}
    sent: dict[str, Any] = {
        **_answers(),
        "screening-code.data": code,
        "screening-seen.data": "1",
        f"screening-{step}.n_clicks": 1,
        **given,
    }
    answer = post_callback(client, STEPS[step], sent)
    assert answer.status_code == 200
    return json.dumps(answer.get_json(), ensure_ascii=False)


def _answers() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, given in enumerate(good_answers(protocol_of())):
        found[f"screening-answer-{number}.value"] = given.answer.value
        if given.value is not None:
            found[f"screening-value-{number}.value"] = f"{given.value:g}"
    return found


def _record(home: Installation) -> ScreeningRecord:
    who = home.people["oncologist"]
    return screening_record(home.db, who, code=CODE, protocol=protocol_of())


def test_page__of_a_role_that_only_reads_has_no_button_and_shows_the_signature(sign_in: Person) -> None:
    page = _page(sign_in("physicist"))
    assert "Signed by Investigator" in page
    assert "Is the ECOG performance status 0 or 1?" in page
    for name in (*STEPS, "answer-0", "password"):
        assert f'"screening-{name}"' not in page


def test_page__asks_the_investigator_alone_for_a_password(sign_in: Person) -> None:
    changed = _press(sign_in("staff"), "save", value_0="70", reason="typed wrongly")
    assert "screening-anew" in changed
    assert '"screening-password"' not in _page(sign_in("staff"))
    assert "VOID" in _page(sign_in("staff"))
    assert '"screening-password"' in _page(sign_in("investigator"))


@pytest.mark.parametrize("person", ["stranger", "admin"])
def test_page__is_refused_to_another_site_and_to_the_administrator(sign_in: Person, person: str) -> None:
    page = _page(sign_in(person))
    assert "Refused" in page
    assert "ECOG" not in page


@pytest.mark.parametrize("person", ["physicist", "stranger", "admin"])
@pytest.mark.parametrize("step", STEPS)
def test_buttons__of_whoever_may_not_change_nothing(
    sign_in: Person, installation: Installation, person: str, step: str
) -> None:
    before = _record(installation)
    values = {"fail_on": "2021-03-04", "fail_words": "x", "consent_on": "2021-03-04", "value_0": "70"}
    said = _press(
        sign_in(person),
        step,
        password=PASSWORD,
        reason="x",
        consent_version="1 1.0",
        reopen_reason="x",
        **values,
    )
    assert "notice-stop" in said
    assert _record(installation) == before


def test_sign__is_refused_to_trial_staff_in_words(sign_in: Person) -> None:
    assert "not allow" in _press(sign_in("staff"), "sign", password=PASSWORD)


@pytest.mark.parametrize("step", ["sign", "fail"])
def test_step__on_answers_that_were_not_saved_is_refused(sign_in: Person, step: str) -> None:
    said = _press(
        sign_in("investigator"), step, value_0="70", password=PASSWORD, fail_on=TODAY, fail_words="x"
    )
    assert "not those on record" in said


@pytest.mark.parametrize("seen", ["", "0", "2", "x", "9" * 4000, "²"])
def test_sign__of_another_version_than_the_one_on_record_is_refused(
    sign_in: Person, installation: Installation, seen: str
) -> None:
    before = _record(installation)
    client = sign_in("investigator")
    values = {**_answers(), "screening-code.data": CODE, "screening-password.value": PASSWORD}
    sent = {**values, "screening-seen.data": seen, "screening-sign.n_clicks": 1}
    assert "notice-stop" in json.dumps(post_callback(client, STEPS["sign"], sent).get_json())
    assert _record(installation) == before


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"value_0": "nan"}, "no number"),
        ({"value_0": "1e9"}, "no number"),
        ({"value_0": "٤٠"}, "no number"),
        ({"value_0": "64,5"}, "no number"),
        ({"value_0": "64.5"}, "whole number"),
        ({"value_0": "-3"}, "cannot be"),
        ({"value_0": "17"}, "means 'no'"),
        ({"value_0": ""}, "needs the measured value"),
        ({"answer_0": "perhaps"}, "none of"),
        ({"value_0": "70"}, "Say why it is changed"),
        ({"value_0": "70", "reason": "\x00"}, "reason"),
    ],
)
def test_answers__that_cannot_be_are_refused_in_words(
    sign_in: Person, installation: Installation, values: dict[str, str], words: str
) -> None:
    before = _record(installation)
    said = _press(sign_in("staff"), "save", **values)
    assert "Not saved" in said
    assert words in said
    assert _record(installation) == before


@pytest.mark.parametrize(
    ("on", "choice", "words"),
    [
        ("2021-03-04", "", "Choose it"),
        ("", "1 1.0", "date is missing"),
        ("4.3.2021", "1 1.0", "no date"),
        ("2999-01-01", "1 1.0", "future"),
        ("2021-03-04", "0 9.9", "no form of version"),
        ("2021-03-04", "0 1.0", "there already"),
        ("2021-03-04", "1 1.0", "Say why it is changed"),
    ],
)
def test_consent__that_cannot_be_is_refused_in_words(
    sign_in: Person, on: str, choice: str, words: str
) -> None:
    assert words in _press(sign_in("staff"), "consent-add", consent_on=on, consent_version=choice)


def test_consent__whose_date_was_wrong_is_corrected_with_a_reason(
    sign_in: Person, installation: Installation
) -> None:
    said = _press(
        sign_in("staff"),
        "consent-add",
        consent_on="2021-03-04",
        consent_version="1 1.0",
        consent_reason="misread",
    )
    assert "Consent entered" in said
    assert [each.on.isoformat() for each in _record(installation).consents] == ["2021-03-04"]


def test_strata__with_levels_are_entered_corrected_with_a_reason_and_shown(
    sign_in_stratified: Person, installation: Installation
) -> None:
    client = sign_in_stratified("staff")
    assert "Save the strata" in _page(client)
    sent = {"screening-code.data": CODE, "screening-strata-save.n_clicks": 1}
    answer, seen = "..screening-strata-answer.children", "screening-strata-seen.data"
    first = post_callback(client, answer, {**sent, seen: "", "screening-factor-0.value": "low"})
    assert "Strata saved" in json.dumps(first.get_json())
    again = {**sent, seen: "1", "screening-factor-0.value": "high"}
    assert "Say why" in json.dumps(post_callback(client, answer, again).get_json())
    again["screening-strata-reason.value"] = "read again"
    assert "Strata saved" in json.dumps(post_callback(client, answer, again).get_json())
    entered = _record(installation).strata
    assert entered is not None
    assert [each.level for each in entered.levels] == ["high"]


@pytest.fixture
def sign_in_stratified(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Person:
    """Clients of a study that stratifies by PD-L1, too."""
    full = protocol_of()
    strata = (*conduct_of(full).strata, Stratum(id="PD-L1", label="PD-L1", levels=("low", "high")))
    stratified = replace(full, conduct=replace(conduct_of(full), strata=strata))
    for module in (study_protocol, subject_screening, screening_steps):
        monkeypatch.setattr(module, "protocol", lambda: stratified)
    found: Person = request.getfixturevalue("sign_in")
    return found


def test_failure__ends_the_screening_and_is_taken_back_with_a_reason(
    sign_in: Person, installation: Installation
) -> None:
    client = sign_in("staff")
    assert "Enter it" in _press(client, "fail", fail_words="moved away")
    assert "no criterion is failed" in _press(client, "fail", fail_on=TODAY)
    assert "screening-anew" in _press(client, "fail", fail_on=TODAY, fail_words="moved away")
    assert '"screening-save"' not in _page(client)
    assert "Say why" in _press(client, "reopen")
    assert "screening-anew" in _press(client, "reopen", reopen_reason="came back")
    who = installation.people["staff"]
    found = subjects.subject_record(installation.db, who, code=CODE).subject
    assert found.status.value == "screening"

"""The forms of a subject's record: what is entered shows, what cannot be is refused, every version stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from tests.web.entering import page_text, send, went_to
from web.subject_entry.registry import ENTRIES

Person = Callable[[str], FlaskClient]

TODAY = datetime.now(UTC).date().isoformat()
SUBJECT = "/subjects/S01-001"
HOSTILE = "=HYPERLINK(1) <img src=x>"
TARGET = {
    "name_0": "T1",
    "organ_0": "lung",
    "role_0": "target",
    "mm_0": "30",
    "slice_0": "3",
}


REST_ON_ANOTHER = ("visit", "response", "deviation", "end-of-radiotherapy")
"""Forms about something that has to be on record first."""


@pytest.mark.parametrize("slug", [each.slug for each in ENTRIES if each.slug not in REST_ON_ANOTHER])
def test_form__is_offered_to_who_may_enter_it_and_to_nobody_else(sign_in: Person, slug: str) -> None:
    assert "form-submit" in page_text(sign_in("investigator"), f"{SUBJECT}/{slug}")
    refused = page_text(sign_in("physicist"), f"{SUBJECT}/{slug}")
    assert "form-submit" not in refused
    assert "You cannot enter this here" in refused


@pytest.mark.parametrize("slug", REST_ON_ANOTHER)
def test_form_about_something_that_is_not_there__says_so(sign_in: Person, slug: str) -> None:
    page = page_text(sign_in("investigator"), f"{SUBJECT}/{slug}")
    assert "form-submit" not in page
    assert "nothing to enter yet" in page or "Enter the baseline" in page


def test_subject__offers_its_forms_by_role(sign_in: Person) -> None:
    assert f"{SUBJECT}/adverse-event" in page_text(sign_in("staff"), SUBJECT)
    assert f"{SUBJECT}/adverse-event" not in page_text(sign_in("physicist"), SUBJECT)
    staff = page_text(sign_in("staff"), "/subjects/S01-003")
    assert "/subjects/S01-003/baseline" in staff
    assert "/subjects/S01-003/contact" not in staff


def test_event__offers_the_grades_of_its_term_alone(sign_in: Person) -> None:
    client = sign_in("investigator")
    chosen = send(client, f"{SUBJECT}/adverse-event", "adverse-event-term", term="fatigue")
    path = went_to(chosen)
    assert path == f"{SUBJECT}/adverse-event/fatigue"
    refused = send(client, path, "adverse-event", on_0=TODAY, grade_0="4")
    assert "Choose one of those that are offered" in refused
    half = send(client, path, "adverse-event", on_0=TODAY, grade_0="2", grade_1="3")
    assert "belong together" in half
    saved = page_text(client, went_to(send(client, path, "adverse-event", on_0=TODAY, grade_0="2")))
    assert "Version 1 is on record" in saved
    assert "Fatigue" in page_text(client, SUBJECT)


def test_serious_event__runs_its_clock_until_it_is_reported(sign_in: Person) -> None:
    client = sign_in("investigator")
    path = f"{SUBJECT}/adverse-event/pneumonitis"
    page = went_to(send(client, path, "adverse-event", on_0=TODAY, grade_0="3", serious=True))
    assert "Serious event: running" in page_text(client, page)
    refused = send(client, page, "serious-report", day=TODAY, time="25:99", words="cough")
    assert "This is no time" in refused
    send(client, page, "serious-report", day=TODAY, time="00:00", words="cough")
    reported = page_text(client, page)
    assert "reported in time" in reported
    assert "cough" in reported
    send(client, page, "serious-follow-up", words="better")
    assert "better" in page_text(client, page)


def test_response__is_derived_from_the_lesions_and_set_by_hand_with_a_reason_alone(sign_in: Person) -> None:
    client = sign_in("investigator")
    assert "Enter the baseline assessment first" in page_text(client, f"{SUBJECT}/visit")
    small = send(
        client, f"{SUBJECT}/baseline", "baseline", on=TODAY, adequate="yes", **{**TARGET, "mm_0": "8"}
    )
    assert "is not measurable" in small
    send(client, f"{SUBJECT}/baseline", "baseline", on=TODAY, adequate="yes", **TARGET)
    visit = f"{SUBJECT}/visit"
    missing = send(client, visit, "visit", label="week 6", on=TODAY, size_0="measured")
    assert "This is missing" in missing
    page = went_to(send(client, visit, "visit", label="week 6", on=TODAY, size_0="measured", mm_0="20"))
    derived = page_text(client, page)
    assert "-33.3 % from baseline" in derived
    no_reason = send(client, f"{SUBJECT}/response", "response", visit="week 6", response="SD")
    assert "This is missing" in no_reason
    send(client, f"{SUBJECT}/response", "response", visit="week 6", response="SD", words="scar")
    assert "by hand; derived: PR" in page_text(client, SUBJECT)


def test_correction__needs_its_reason_and_every_version_stays_to_be_read(sign_in: Person) -> None:
    client = sign_in("staff")
    page = went_to(send(client, f"{SUBJECT}/contact", "contact", on=TODAY, words="telephone"))
    assert "This is missing" in send(client, page, "contact", words="visit")
    page = went_to(send(client, page, "contact", words="visit", reason="it was a visit"))
    shown = page_text(client, page)
    for words in ("Version 2 is on record", "it was a visit", '"telephone"', '"visit"'):
        assert words in shown
    read = page_text(sign_in("physicist"), page)
    assert "form-submit" not in read
    assert '"telephone"' in read


def test_form_taken_back__says_so_and_is_entered_again_with_a_reason(sign_in: Person) -> None:
    client = sign_in("staff")
    page = went_to(send(client, f"{SUBJECT}/contact", "contact", on=TODAY, words="telephone"))
    page = went_to(send(client, page, "take-back", reason="another subject"))
    assert "Version 2: taken back" in page_text(client, page)
    assert "taken back" in page_text(client, SUBJECT)
    assert "This is missing" in send(client, page, "contact", words="telephone")
    page = went_to(send(client, page, "contact", words="telephone", reason="it was this one"))
    assert "Version 3 is on record" in page_text(client, page)


def test_cycle__begins_with_the_agents_of_the_last_one(sign_in: Person) -> None:
    client = sign_in("staff")
    path, agent = f"{SUBJECT}/cycle", {"agent_0": "nab-paclitaxel", "planned_0": "240", "given_0": "240"}
    refused = send(client, path, "cycle", planned=TODAY, given="2020-01-01", **agent)
    assert "lies before the start" in refused
    page = went_to(send(client, path, "cycle", planned=TODAY, given=TODAY, **agent))
    assert "Systemic cycle 2" in page_text(client, page)
    asked = page_text(client, path)
    assert '"nab-paclitaxel"' in asked
    assert '"3"' in asked


def test_leaving__asks_why_where_treatment_ends_and_death_is_refused_at_its_field(sign_in: Person) -> None:
    client = sign_in("staff")
    kind = "end of treatment"
    assert "This is missing" in send(client, f"{SUBJECT}/leaving", "leaving", kind=kind, on=TODAY)
    send(client, f"{SUBJECT}/leaving", "leaving", kind=kind, on=TODAY, why="completed as planned")
    assert "Study treatment is over" in page_text(client, SUBJECT)
    refused = send(client, f"{SUBJECT}/death", "death", on="2020-01-01")
    assert '"sideUpdate"' in refused
    assert "before the enrolment" in refused


def test_fraction__of_a_plan_that_was_not_submitted_is_typed_in_and_shown_apart(sign_in: Person) -> None:
    client = sign_in("oncologist")
    typed = {"plan": "another", "name": HOSTILE, "fraction": "1", "day": TODAY}
    assert "was not taken" in send(
        client, f"{SUBJECT}/fraction", "fraction", **{**typed, "day": "2024-01-01"}
    )
    send(client, f"{SUBJECT}/fraction", "fraction", **typed)
    shown = page_text(client, SUBJECT)
    assert "in no dose here" in shown
    table = client.get(f"{SUBJECT}/time-line.csv").get_data(as_text=True)
    assert f",'{HOSTILE}," in table
    assert "fraction delivered,1," in table


def test_time_line_file__is_refused_to_another_site(sign_in: Person) -> None:
    answer = sign_in("stranger").get(f"{SUBJECT}/time-line.csv")
    assert answer.status_code in (403, 404)
    assert "enrolled" not in answer.get_data(as_text=True)


def test_form_of_another_subject__is_not_shown_under_this_one(sign_in: Person) -> None:
    client = sign_in("staff")
    page = went_to(send(client, f"{SUBJECT}/contact", "contact", on=TODAY, words="telephone"))
    other = page.replace("S01-001", "S01-002")
    assert "not on the subject's record" in page_text(client, other)

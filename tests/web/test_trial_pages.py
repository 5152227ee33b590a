"""Today, Study, Toxicity and Outcomes: what each role is shown, may send, and is refused."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.trial_core import enrolling
from tests.web.callbacks import field_key, pattern_key, post_callback
from tests.web.installation import Installation
from trial_core.db.repositories import accounts
from trial_core.domain.access import Role
from trial_core.protocols.reader import read_protocol
from trial_core.services import data_cuts, study

Person = Callable[[str], FlaskClient]
PASSWORD = enrolling.PASSWORD


@pytest.fixture
def person(installation: Installation, sign_in: Person) -> Person:
    """Sign in as anybody, a monitor included."""
    enrolling.add_person(installation.db, Role.MONITOR)
    return sign_in


@pytest.fixture
def cut(installation: Installation) -> str:
    """A data cut of the installation's subjects, not released."""
    with installation.db.read() as connection:
        who = next(
            each.actor for each in accounts.every_account(connection) if each.actor.login == "statistician"
        )
    made = data_cuts.make_data_cut(
        installation.db,
        installation.store,
        read_protocol(),
        who,
        label="<img src=x>",
        cut_on=installation.db.now().date(),
    )
    return made.id


def _page(client: FlaskClient, path: str) -> str:
    answer = post_callback(client, "..frame-page.children", {"frame-location.pathname": path})
    assert answer.status_code == 200
    return json.dumps(answer.get_json(), ensure_ascii=False)


def _send(client: FlaskClient, form: str, values: dict[str, Any], facts: dict[str, str] | None = None) -> str:
    """Post a form as its page would."""
    output = ".." + pattern_key("children", form=form, type="form-answer")
    given = {
        field_key(form, name, kind="secret" if name == "password" else "field"): value
        for name, value in values.items()
        if not isinstance(value, bool)
    }
    ticked = {
        field_key(form, name, kind="tick", prop="checked"): value
        for name, value in values.items()
        if isinstance(value, bool)
    }
    context = {"facts": facts or {}, "seen_version": 0, "submit": ""}
    sent = {
        **given,
        **ticked,
        pattern_key("n_clicks", form=form, type="form-submit"): 1,
        pattern_key("data", form=form, type="form-context"): context,
    }
    answer = post_callback(client, output, sent)
    assert answer.status_code in (200, 204), answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def test_today__lists_what_waits_for_the_role(person: Person) -> None:
    oncologist = _page(person("oncologist"), "/")
    assert "2 subjects have no plan on record" not in oncologist
    assert "1 subject has no plan on record" in oncologist
    assert "1 subject is in screening" in oncologist
    assert "no plan on record" not in _page(person("stranger"), "/")
    assert "1 of 1 enrolled" not in oncologist
    assert "1 of 25 enrolled" in oncologist


def test_today__shows_the_stopping_rule_to_those_who_see_the_study(person: Person) -> None:
    assert "0 of 2 that hold the study" in _page(person("statistician"), "/")
    assert "that hold the study" not in _page(person("oncologist"), "/")


def test_study__offers_each_step_to_those_who_may_alone(person: Person) -> None:
    statistician, adjudicator = (
        _page(person("statistician"), "/study"),
        _page(person("safety-adjudicator"), "/study"),
    )
    monitor = _page(person("monitor"), "/study")
    assert "Close recruitment for good" in statistician
    assert "Make and seal randomisation lists" in statistician
    for other in (adjudicator, monitor):
        assert "Close recruitment for good" not in other
    assert "Randomisation lists" in monitor
    assert "Randomisation lists" not in adjudicator
    assert "data-submit" not in monitor


def test_study__tells_the_administrator_its_state_and_nothing_else(person: Person) -> None:
    page = _page(person("admin"), "/study")
    assert "IIb" in page
    assert "S01" not in page
    assert "Commitment" not in page


@pytest.mark.parametrize("wrong", ["monitor", "oncologist", "safety-adjudicator", "admin"])
def test_step__posted_by_hand_by_the_wrong_role_is_refused(
    person: Person, installation: Installation, wrong: str
) -> None:
    assert "does not allow" in _send(person(wrong), "close-recruitment", {"sure": True, "password": PASSWORD})
    assert study.study_now(installation.db).state.value == "IIb"


def test_recruitment__is_closed_by_the_statistician_after_tick_and_signature(
    person: Person, installation: Installation
) -> None:
    statistician = person("statistician")
    assert "This is missing" in _send(statistician, "close-recruitment", {"sure": False})
    assert study.study_now(installation.db).state.value == "IIb"
    wrong = _send(statistician, "close-recruitment", {"sure": True, "password": "another one"})
    assert "password" in wrong
    assert study.study_now(installation.db).state.value == "IIb"
    _send(statistician, "close-recruitment", {"sure": True, "password": PASSWORD})
    assert study.study_now(installation.db).state.value == "closed"
    page = _page(statistician, "/study")
    assert "Open the randomisation lists" in page
    assert "Signed" in page


def test_cut__is_shown_to_others_once_somebody_else_released_it(person: Person, cut: str) -> None:
    monitor, statistician, admin = person("monitor"), person("statistician"), person("admin")
    path = f"/outcomes/{cut}/IIb"
    assert "does not allow" in _page(monitor, path)
    assert monitor.get(f"{path}/swimmer.csv").status_code == 403
    assert "does not allow" in _send(
        statistician, "release-cut", {"label": "<img src=x>", "reason_given": "because"}
    )
    _send(admin, "release-cut", {"label": "<img src=x>", "reason_given": "board of 2026-01-02"})
    shown = _page(monitor, path)
    assert "Progression-free survival" in shown
    assert "S01-002" not in shown
    assert "S01:S01-002" in _page(statistician, path)
    assert "does not allow" in _page(admin, path)
    swimmer = monitor.get(f"{path}/swimmer.csv")
    assert swimmer.status_code == 200
    assert "S01" not in swimmer.get_data(as_text=True)


@pytest.mark.parametrize(
    "name", ["pfs", "os", "forest-pfs", "forest-os", "waterfall", "swimmer", "dose-response", "toxicity"]
)
def test_figures_of_a_cut__have_their_numbers_as_csv(person: Person, cut: str, name: str) -> None:
    answer = person("statistician").get(f"/outcomes/{cut}/IIb/{name}.csv")
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert "<" not in answer.headers["Content-Disposition"]


def test_tables_of_a_cut__are_the_statisticians_also_once_it_is_released(person: Person, cut: str) -> None:
    statistician, monitor = person("statistician"), person("monitor")
    table = statistician.get(f"/outcomes/{cut}/dose-and-outcome.csv")
    assert table.mimetype == "text/csv"
    assert "<" not in table.headers["Content-Disposition"]
    header, *rows = csv.reader(table.get_data(as_text=True).splitlines())
    assert {"subject", "pfs_reason", "code_version"} <= set(header)
    assert rows
    listed = statistician.get(f"/outcomes/{cut}/subjects.json").get_json()
    assert {each["subject"] for each in listed} == {row[header.index("subject")] for row in rows}
    assert "Tables by subject" in _page(statistician, f"/outcomes/{cut}/IIb")
    _send(person("admin"), "release-cut", {"label": "<img src=x>", "reason_given": "board of 2026-01-02"})
    assert "Tables by subject" not in _page(monitor, f"/outcomes/{cut}/IIb")
    for name in ("dose-and-outcome.csv", "subjects.json"):
        assert monitor.get(f"/outcomes/{cut}/{name}").status_code == 403


def test_cut__gives_the_same_bytes_again(person: Person, cut: str) -> None:
    answer = _send(person("statistician"), "repeat-cut", {}, {"cut": cut})
    assert "the same bytes" in answer
    assert "does not allow" in _send(person("monitor"), "repeat-cut", {}, {"cut": cut})


@pytest.mark.parametrize("path", ["nothing.csv", "pfs.csv"])
def test_csv__of_no_figure_or_phase_is_no_page(person: Person, cut: str, path: str) -> None:
    phase = "IIb" if path == "nothing.csv" else "III"
    assert person("statistician").get(f"/outcomes/{cut}/{phase}/{path}").status_code == 404


def test_toxicity__by_arm_is_the_statisticians(person: Person) -> None:
    assert person("statistician").get("/toxicity/arms.csv").status_code == 200
    for other in ("monitor", "oncologist", "admin"):
        assert person(other).get("/toxicity/arms.csv").status_code == 403
    assert person("admin").get("/toxicity/subjects.csv").status_code == 403
    assert "By arm as treated" not in _page(person("monitor"), "/toxicity")


def test_cut_form__refuses_at_the_field(person: Person) -> None:
    statistician = person("statistician")
    values = {"label": "interim", "cut_on": "2999-01-01"}
    assert "Not after" in _send(statistician, "make-cut", values)
    made = _send(statistician, "make-cut", {"label": "interim", "cut_on": "2024-01-01"})
    assert "form-make-cut-saved" in made
    again = _send(statistician, "make-cut", {"label": "interim", "cut_on": "2024-01-01"})
    assert "already" in again

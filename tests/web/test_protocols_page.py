"""Versions of the protocol in the web: which there are, what changed, their files, plans checked again."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.trial_core.protocols.amended import CORD, LIVER, SHIPPED, amended
from tests.web.callbacks import field_key, pattern_key, post_callback
from tests.web.installation import Installation
from trial_core.db.repositories import jobs as job_rows
from trial_core.domain.jobs import JobKind
from trial_core.services import protocol_versions

Person = Callable[[str], FlaskClient]
PATH = "/operations/protocols"
FILE = "scr_escc_01.yaml"
AMENDED = amended((CORD, CORD.replace("45", "40")), (LIVER, ""))


def _page(client: FlaskClient, path: str = PATH) -> str:
    answer = post_callback(client, "..frame-page.children", {"frame-location.pathname": path})
    return json.dumps(answer.get_json(), ensure_ascii=False)


def _compare(client: FlaskClient, before: str, after: str) -> str:
    chosen = {"protocols-before.value": before, "protocols-after.value": after}
    return post_callback(client, "protocols-changes.children", chosen).get_data(as_text=True)


def _ask(client: FlaskClient, reason: str) -> str:
    output = ".." + pattern_key("children", form="recheck-every-plan", type="form-answer")
    given = {field_key("recheck-every-plan", "reason_given"): reason}
    pressed = {pattern_key("n_clicks", form="recheck-every-plan", type="form-submit"): 1}
    return post_callback(client, output, {**given, **pressed}).get_data(as_text=True)


@pytest.fixture
def two_versions(installation: Installation) -> Installation:
    protocol_versions.record_own_protocol(installation.db)
    protocol_versions.record_protocol(installation.db, installation.people["admin"], data=AMENDED, file=FILE)
    return installation


def test_page__without_a_version_says_how_one_comes(sign_in: Person) -> None:
    page = _page(sign_in("admin"))
    assert "None is on record yet" in page
    assert '"/operations/protocols"' in _page(sign_in("admin"), "/operations")


def test_page__shows_every_version_which_is_in_use_and_what_changed(
    sign_in: Person, two_versions: Installation
) -> None:
    page = _page(sign_in("admin"))
    (newest, first) = protocol_versions.list_protocol_versions(
        two_versions.db, two_versions.people["admin"]
    ).versions
    for one in (newest.recorded, first.recorded):
        assert one.sha256 in page
        assert f"/operations/protocols/{one.number}.yaml" in page
    assert page.count('"In use"') == 1
    assert page.index('"Not in use"') < page.index('"In use"')  # the amendment is not this program's
    for words in ("2 changes", "SpinalCord D0.03cc[Gy]", '"45 Gy"', '"40 Gy"', "Liver V30Gy[%]", "Removed"):
        assert words in page


def test_compared__are_the_two_versions_that_are_chosen(sign_in: Person, two_versions: Installation) -> None:
    admin = sign_in("admin")
    assert "Removed" in _compare(admin, "1", "2")
    assert "Added" in _compare(admin, "2", "1")
    assert "one and the same" in _compare(admin, "2", "2")
    assert "Choose two" in _compare(admin, "", "x" * 20)
    assert "no version number 9" in _compare(admin, "1", "9")


def test_file__is_given_byte_for_byte_with_its_hash_in_the_name(
    sign_in: Person, two_versions: Installation
) -> None:
    answer = sign_in("admin").get(f"{PATH}/1.yaml")
    assert answer.get_data() == SHIPPED
    assert f"SCR-ESCC-01-0.1-{_sha256(two_versions)[:12]}.yaml" in answer.headers["Content-Disposition"]
    assert b"no version number 7" in sign_in("admin").get(f"{PATH}/7.yaml").get_data()


def _sha256(installation: Installation) -> str:
    return protocol_versions.record_own_protocol(installation.db).sha256


@pytest.mark.parametrize("wrong", ["oncologist", "physicist"])
def test_versions__are_refused_to_everyone_but_the_administrator(
    sign_in: Person, two_versions: Installation, wrong: str
) -> None:
    client = sign_in(wrong)
    assert two_versions.people
    assert "does not allow" in _page(client)
    assert "SpinalCord" not in _compare(client, "1", "2")
    assert b"SpinalCord" not in client.get(f"{PATH}/1.yaml").get_data()
    assert "checked again" not in _ask(client, "because")


def test_every_plan__is_checked_again_and_the_page_shows_how_far(
    sign_in: Person, two_versions: Installation
) -> None:
    home, admin = two_versions, sign_in("admin")
    submission, job = home.submit("S01-001", {"a.dcm": b"a"})
    home.check(job)
    home.confirm(submission)
    page = _page(admin)
    for words in ("1 plan was judged by a file that is not kept", "0 / 1", "Some are to be checked again"):
        assert words in page
    assert "Correct what is marked" in _ask(admin, "")
    assert "form-recheck-every-plan-saved" in _ask(admin, "amendment 1")
    with home.db.read() as connection:
        recheck = job_rows.of_submission(connection, submission, JobKind.RECHECK)
        assert recheck is not None
        assert job_rows.reason_of(connection, recheck) == "amendment 1"
    page = _page(admin)
    assert "0 of 1 re-checks are over; 0 running, 1 waiting" in page
    assert "Check them again" not in page
    again = post_callback(admin, "..rechecks-progress.children", {"rechecks-refresh.n_intervals": 1})
    assert "1 waiting" in again.get_data(as_text=True)

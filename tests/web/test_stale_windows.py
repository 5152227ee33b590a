"""Two windows on one set before it is submitted: nobody submits what their window does not show."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.web.callbacks import pattern_key, post_callback
from tests.web.drafts import page_of, press, read, sent, shown_on, state_of
from tests.web.installation import Installation
from trial_core.domain.given_names import GivenName
from trial_core.domain.plan import SubmissionState
from trial_core.services import prechecks


def _name(client: FlaskClient, submission: str, structure: str | None, shown: str) -> str:
    values = {
        "submission-name.n_clicks": 1,
        "submission-id.data": submission,
        "submission-shown.data": shown,
        pattern_key("value", type="given-name", name="Herz"): structure,
    }
    return str(post_callback(client, "submission-name-answer.children", values).get_json())


def _submit(client: FlaskClient, submission: str, shown: str) -> str:
    return press(client, "submission-before-answer", "submission-submit", submission, shown=shown)


def _discard(client: FlaskClient, submission: str, shown: str) -> str:
    answer, button = "submission-discard-answer", "submission-discard"
    return press(client, answer, button, submission, count="submit_n_clicks", shown=shown)


def _names(home: Installation, submission: str) -> list[GivenName]:
    found = prechecks.precheck_of(home.db, home.people["oncologist"], submission_id=submission)
    assert found is not None
    return [one.name for one in found.names]


def test_submit__of_a_window_that_shows_other_names_is_refused_and_leads_to_the_set_of_now(
    oncologist: FlaskClient, installation: Installation
) -> None:
    submission = sent(installation)
    read(installation, submission)
    old = shown_on(oncologist, submission)
    assert "submission-named" in _name(oncologist, submission, "Heart", old)
    said = _submit(oncologist, submission, old)
    assert "changed in another window" in said
    assert f"/submissions/{submission}" in said
    assert state_of(installation, submission) is SubmissionState.RECEIVING
    assert "submission-submitted" in _submit(oncologist, submission, shown_on(oncologist, submission))


def test_names__of_a_window_older_than_the_names_take_nothing_back(
    oncologist: FlaskClient, installation: Installation
) -> None:
    submission = sent(installation)
    read(installation, submission)
    old = shown_on(oncologist, submission)
    _name(oncologist, submission, "Heart", old)
    assert "changed in another window" in _name(oncologist, submission, None, old)
    assert _names(installation, submission) == [GivenName("Herz", "Heart")]


def test_submit__of_a_window_left_behind_says_that_other_names_were_submitted(
    oncologist: FlaskClient, installation: Installation
) -> None:
    submission = sent(installation)
    read(installation, submission)
    old = shown_on(oncologist, submission)
    _name(oncologist, submission, "Heart", old)
    new = shown_on(oncologist, submission)
    _submit(oncologist, submission, new)
    assert "was submitted in another window" in _submit(oncologist, submission, old)
    assert "submission-submitted" in _submit(oncologist, submission, new)  # the second click of the same page


def test_discard__of_a_window_that_shows_other_names_leaves_the_set(
    oncologist: FlaskClient, installation: Installation
) -> None:
    submission = sent(installation)
    read(installation, submission)
    old = shown_on(oncologist, submission)
    _name(oncologist, submission, "Heart", old)
    said = _discard(oncologist, submission, old)
    assert "Not discarded." in said
    assert f"/submissions/{submission}" in said
    assert state_of(installation, submission) is SubmissionState.RECEIVING
    assert _names(installation, submission) == [GivenName("Herz", "Heart")]
    assert "submission-discarded" in _discard(oncologist, submission, shown_on(oncologist, submission))
    assert "submission-discarded" in _discard(
        oncologist, submission, old
    )  # given up already: its page says so
    assert state_of(installation, submission) is SubmissionState.ABANDONED


def test_refusal__is_said_in_the_reader_s_language(
    oncologist: FlaskClient, installation: Installation
) -> None:
    submission = sent(installation)
    read(installation, submission)
    old = shown_on(oncologist, submission)
    _name(oncologist, submission, "Heart", old)
    page_of(oncologist, submission, language="zh-CN")
    assert "另一窗口" in _submit(oncologist, submission, old)


def test_page__refreshed_takes_the_hash_along_with_what_it_shows(
    oncologist: FlaskClient, installation: Installation
) -> None:
    submission = sent(installation)
    read(installation, submission, end=False)
    old = shown_on(oncologist, submission)
    _name(oncologist, submission, "Heart", old)
    values = {"submission-refresh.n_intervals": 1, "submission-id.data": submission}
    answer = post_callback(oncologist, "..submission-body.children", values).get_json()["response"]
    new = answer["submission-shown"]["data"]
    assert new != old
    assert "submission-submitted" in _submit(oncologist, submission, new)

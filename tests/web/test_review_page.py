"""The page of review: reviews and a decision land on record, others sign nothing, a new check voids."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from tests.web.a_report import a_report
from tests.web.callbacks import dependencies, payload
from tests.web.entering import page_text, send
from tests.web.installation import PASSWORD, Installation
from tests.web.page_values import values_of
from trial_core.domain.access import Actor
from trial_core.domain.plan_review import DecisionOutcome, ReviewOutcome
from trial_core.services import jobs, recheck
from trial_core.services.plan_decision import ReviewState, review_state

Person = Callable[[str], FlaskClient]
FORMS = ("review-oncology", "review-physics", "plan-decision")


@pytest.fixture
def submission(checked: str, installation: Installation) -> str:
    """A checked set of S01-001 that is confirmed."""
    installation.confirm(checked)
    return checked


@pytest.fixture
def reviewers(installation: Installation) -> tuple[Actor, Actor]:
    """Two central reviewers of no hospital of the trial."""
    return installation.reviewer("rev-onc"), installation.reviewer("rev-phy")


def _path(submission: str) -> str:
    return f"/submissions/{submission}/review"


def _state(installation: Installation, submission: str) -> ReviewState:
    return review_state(installation.db, installation.people["oncologist"], submission_id=submission)


def _review(client: FlaskClient, submission: str, form: str, **typed: object) -> str:
    given = {"outcome": ReviewOutcome.NO_OBJECTION.value, "password": PASSWORD, "absent": ["Kidney_L"]}
    return send(client, _path(submission), form, **{**given, **typed})


def _both(sign_in: Person, reviewers: tuple[Actor, Actor], submission: str) -> None:
    for each, form in zip(reviewers, FORMS, strict=False):
        answer = _review(sign_in(each.login), submission, form, comment_0="seen with care", item_1="result 3")
        assert "Location" in answer, answer


def test_review__by_two_and_a_decision_land_on_record(
    sign_in: Person, installation: Installation, reviewers: tuple[Actor, Actor], submission: str
) -> None:
    first = sign_in(reviewers[0].login)
    before = page_text(first, _path(submission))
    assert "Not decided yet" in page_text(sign_in("oncologist"), "/subjects/S01-001")
    assert "Not reviewed yet" in before
    assert "First both reviews" in before
    assert "Sign decision" not in before
    _both(sign_in, reviewers, submission)
    answer = send(
        first,
        _path(submission),
        "plan-decision",
        decision=DecisionOutcome.WITH_VARIATION.value,
        reason="no better plan is possible",
        password=PASSWORD,
    )
    assert "Location" in answer, answer
    state = _state(installation, submission)
    assert state.accepted
    assert [len(each.review.comments) for each in state.reviews] == [1, 1]
    seen = page_text(sign_in("oncologist"), _path(submission))
    for words in ("Accepted with variation", "no better plan is possible", "seen with care", "Rev-Phy"):
        assert words in seen
    assert "although the automatic verdict is" in seen
    assert "Accepted with variation" in page_text(sign_in("oncologist"), "/subjects/S01-001")


def test_review__is_changed_with_a_reason_and_the_same_for_the_decision(
    sign_in: Person, installation: Installation, reviewers: tuple[Actor, Actor], submission: str
) -> None:
    _both(sign_in, reviewers, submission)
    first = sign_in(reviewers[0].login)
    rejected = DecisionOutcome.REJECTED.value
    send(first, _path(submission), FORMS[2], decision=rejected, reason="too hot", password=PASSWORD)
    accepted = DecisionOutcome.WITH_VARIATION.value
    without = send(first, _path(submission), FORMS[2], decision=accepted, password=PASSWORD)
    assert "Not saved" in without
    send(first, _path(submission), FORMS[2], decision=accepted, reason="seen anew", password=PASSWORD)
    decision = _state(installation, submission).decision
    assert decision is not None
    assert (decision.form.version, decision.decision.reason) == (2, "seen anew")
    objection = ReviewOutcome.OBJECTION.value
    _review(first, submission, FORMS[0], outcome=objection, comment_0="too hot", reason="looked again")
    again = _state(installation, submission)
    assert again.reviews[0].form.version == 2
    assert again.reviews[0].review.outcome is ReviewOutcome.OBJECTION


def test_review__that_is_refused_says_why_and_writes_nothing(
    sign_in: Person, installation: Installation, reviewers: tuple[Actor, Actor], submission: str
) -> None:
    client = sign_in(reviewers[0].login)
    objection = ReviewOutcome.OBJECTION.value
    assert "an objection needs a comment" in _review(client, submission, FORMS[0], outcome=objection)
    assert "Not saved" in _review(client, submission, FORMS[0], password="wrong battery")
    assert _state(installation, submission).reviews == ()


@pytest.mark.parametrize("login", ["oncologist", "physicist"])
def test_review__shows_the_sites_people_no_form(sign_in: Person, submission: str, login: str) -> None:
    shown = page_text(sign_in(login), _path(submission))
    assert "Verdict of the course" in shown
    assert not any(f'"{form}"' in shown for form in FORMS)


def test_review__of_ones_own_site_has_no_form(
    sign_in: Person, installation: Installation, submission: str
) -> None:
    own = installation.reviewer("rev-own", "S01")
    assert "your own site" in page_text(sign_in(own.login), _path(submission))


def test_forms__posted_by_hand_by_the_wrong_person_write_nothing(
    sign_in: Person, installation: Installation, reviewers: tuple[Actor, Actor], submission: str
) -> None:
    own = installation.reviewer("rev-own", "S01").login
    _both(sign_in, reviewers, submission)
    rightful = sign_in(reviewers[1].login)
    values = values_of(rightful, _path(submission))
    entries = [each for each in dependencies(rightful) if any(f'"{one}"' in each["output"] for one in FORMS)]
    bodies = [payload(each, values) for each in entries if not each.get("clientside_function")]
    assert len(bodies) == len(FORMS)
    before = _state(installation, submission)
    for wrong in ("oncologist", "stranger", "admin", own):
        client = sign_in(wrong)
        for body in bodies:
            answer = client.post("/_dash-update-component", json=body)
            assert answer.status_code < 500
            assert "Location" not in answer.get_data(as_text=True)
    assert _state(installation, submission) == before
    for body in sorted(
        bodies, key=lambda each: FORMS[2] not in each["output"]
    ):  # of one person, both void it
        assert "Location" in rightful.post("/_dash-update-component", json=body).get_data(as_text=True)
    assert _state(installation, submission).decision is not None


def test_review__is_void_once_a_new_check_gives_other_content_and_the_change_is_listed(
    sign_in: Person, installation: Installation, reviewers: tuple[Actor, Actor], submission: str
) -> None:
    _both(sign_in, reviewers, submission)
    _recheck(installation, reviewers[0], submission)
    shown = page_text(sign_in(reviewers[1].login), _path(submission))
    assert "Void: the content was changed after it" in shown
    assert "Since check 1 of this version" in shown
    assert "13.20 Gy" in shown
    assert "\\u22121.00 Gy" in shown
    assert "First both reviews" in shown


def _recheck(installation: Installation, reviewer: Actor, submission: str) -> None:
    """Check a set again, as a later version of the program would: one mean dose is 1 Gy lower."""
    report = a_report()
    lower = replace(report.results[0], value=13.2, margin=5.8)
    ticket = recheck.request_recheck(
        installation.db, reviewer, submission_id=submission, reason="the program was mended"
    )
    claim = jobs.claim(installation.db, job_id=ticket.job_id, worker="test")
    assert claim is not None
    recheck.finish_recheck(
        installation.db,
        installation.store,
        claim=claim,
        report=replace(report, results=(lower, *report.results[1:])),
        accepted=recheck.recheck_work(installation.db, claim=claim).accepted,
    )


def test_review__waits_until_it_is_said_whose_files_these_are(
    sign_in: Person, reviewers: tuple[Actor, Actor], checked: str
) -> None:
    shown = page_text(sign_in(reviewers[0].login), _path(checked))
    assert "whose files these are" in shown
    assert "Sign review" not in shown


def test_case__is_one_page_at_its_three_addresses(oncologist: FlaskClient, checked: str) -> None:
    for place in ("report", "review", "slices"):
        shown = page_text(oncologist, f"/submissions/{checked}/{place}")
        for part in ("criteria", "checks", "dvh", "slices", "findings", "history", "decision"):
            assert f'"#{part}"' in shown
            assert f'"id":"{part}"' in shown


def test_rejection__is_said_on_the_page_of_the_set_with_its_reason_and_what_follows(
    sign_in: Person, installation: Installation, reviewers: tuple[Actor, Actor], submission: str
) -> None:
    of_the_set, oncologist = f"/submissions/{submission}", sign_in("oncologist")
    assert "0 of 2 reviews signed" in page_text(oncologist, of_the_set)
    _both(sign_in, reviewers, submission)
    first, rejected = sign_in(reviewers[0].login), DecisionOutcome.REJECTED.value
    send(first, _path(submission), FORMS[2], decision=rejected, reason="too hot", password=PASSWORD)
    seen = page_text(oncologist, of_the_set)
    for words in (
        "Rejected: resubmit. ",
        "too hot",
        "/subjects/S01-001/submit",
        f"{of_the_set}/report#decision",
    ):
        assert words in seen
    assert "Submit the next version" not in page_text(first, of_the_set)


def test_reviews__are_forms_of_the_subject_in_words_of_the_readers_language(
    sign_in: Person, reviewers: tuple[Actor, Actor], submission: str
) -> None:
    _both(sign_in, reviewers, submission)
    client = sign_in("oncologist")
    said = f"set {submission[:8]}, radiation oncology"
    listed = page_text(client, "/subjects/S01-001")
    assert said in listed
    forms = re.findall(r"/subjects/S01-001/forms/\w+", listed)
    form = next(one for one in forms if said in page_text(client, one))
    assert "No objection" in page_text(client, form)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "zh-CN"
    for words in ("Plan review", "Judged sha256", "Submission id", "radiation oncology", "No objection"):
        assert words not in page_text(client, form)

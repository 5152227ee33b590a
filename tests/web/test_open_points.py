"""What a check leaves to a person: shown to all, spoken to by reviewers, and the course is checked again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from tests.web.a_report import a_report
from tests.web.entering import page_text, send
from tests.web.installation import PASSWORD, Installation
from trial_core.db.repositories import forms
from trial_core.domain.persons_word import PersonsWord, WordKind, item_key
from trial_core.domain.plan_review import ReviewForm
from trial_core.domain.report import CourseReport, OpenItem
from trial_core.services import jobs, recheck

Person = Callable[[str], FlaskClient]
DOUBT = "the doses of the plan contradict one another"
KEY = item_key(WordKind.DOSE, DOUBT)
WORD, BACK = "open-point-word", "open-point-word-back"
SAID = "the beams are of <b>another</b> plan"


def _report_with(**said: str) -> CourseReport:
    report = a_report(seed="a")
    item = OpenItem(key=KEY, kind=WordKind.DOSE, plan_key=report.plans[0].key, words=DOUBT, **said)
    return replace(report, open_items=(item,))


@pytest.fixture
def submission(installation: Installation) -> str:
    """A confirmed set of S01-001 whose check left one point open."""
    submission_id, job_id = installation.submit("S01-001", {"a.dcm": b"a"})
    installation.check(job_id, report=_report_with())
    installation.confirm(submission_id)
    return submission_id


@pytest.fixture
def reviewer(installation: Installation, sign_in: Person) -> FlaskClient:
    installation.reviewer("rev-onc")
    return sign_in("rev-onc")


def _path(submission: str) -> str:
    return f"/submissions/{submission}/review"


def _unescaped(answer: str) -> str:
    return answer.replace("\\u003c", "<").replace("\\u003e", ">").replace("\\u002f", "/")


def _words(installation: Installation, submission: str) -> list[PersonsWord]:
    with installation.db.read() as connection:
        found = forms.standing_of_all(connection, ReviewForm.WORD)
        return [PersonsWord(**{**form.content, "kind": WordKind(form.content["kind"])}) for form in found]


def test_open_point__is_shown_to_everybody_and_offered_to_reviewers(
    sign_in: Person, reviewer: FlaskClient, submission: str
) -> None:
    for client in (sign_in("oncologist"), reviewer):
        seen = page_text(client, _path(submission))
        assert "1 point waits for a reviewer's word" in seen
        assert DOUBT in seen.lower()
        assert "Nobody has spoken to it yet" in seen
    assert "Say what you know of an open point" not in page_text(sign_in("oncologist"), _path(submission))
    assert "Say what you know of an open point" in page_text(reviewer, _path(submission))


def test_word__is_signed_stands_on_record_and_has_the_course_checked_again(
    installation: Installation, reviewer: FlaskClient, submission: str
) -> None:
    answer = send(reviewer, _path(submission), WORD, item=KEY, words=SAID, password=PASSWORD)
    assert "the course is checked again with it" in answer, answer
    (word,) = _words(installation, submission)
    assert (word.item, word.words, word.kind) == (KEY, SAID, WordKind.DOSE)
    _check_again(installation)
    seen = page_text(reviewer, _path(submission))
    assert SAID in _unescaped(seen)
    assert "waits for a reviewer's word" not in seen
    back = send(reviewer, _path(submission), BACK, item=KEY, reason="it was the other plan")
    assert "the course is checked again without it" in back, back
    assert _words(installation, submission) == []


def _check_again(installation: Installation) -> None:
    """Do the job that follows a word as a worker would: its report tells what was said."""
    (job_id,) = jobs.due(installation.db)
    claim = jobs.claim(installation.db, job_id=job_id, worker="test")
    assert claim is not None
    recheck.finish_recheck(
        installation.db,
        installation.store,
        claim=claim,
        report=_report_with(said_by="Rev-Onc", said=SAID),
        accepted=recheck.recheck_work(installation.db, claim=claim).accepted,
    )


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"password": "not-the-password"}, "Not saved"),
        ({"words": " "}, "Correct what is marked"),
        ({"item": "0" * 32}, "Correct what is marked"),
    ],
)
def test_word__that_is_refused_writes_nothing(
    installation: Installation, reviewer: FlaskClient, submission: str, given: dict[str, str], why: str
) -> None:
    typed = {"item": KEY, "words": SAID, "password": PASSWORD} | given
    assert why in send(reviewer, _path(submission), WORD, **typed)
    assert _words(installation, submission) == []
    assert not jobs.due(installation.db)


@pytest.mark.parametrize("login", ["oncologist", "physicist", "statistician"])
def test_word__of_who_reviews_nothing_is_refused(
    installation: Installation, sign_in: Person, submission: str, login: str
) -> None:
    send(sign_in(login), _path(submission), WORD, item=KEY, words=SAID, password=PASSWORD)
    assert _words(installation, submission) == []


def test_checked_plan__is_checked_again_on_a_reviewers_word_with_its_reason(
    installation: Installation, reviewer: FlaskClient, submission: str
) -> None:
    again = "recheck-this-plan"
    assert "Correct what is marked" in send(reviewer, _path(submission), again, reason=" ")
    assert not jobs.due(installation.db)
    answer = send(reviewer, _path(submission), again, reason="the vendor mended the couch")
    assert "the course is checked again" in answer, answer
    (job_id,) = jobs.due(installation.db)
    claim = jobs.claim(installation.db, job_id=job_id, worker="test")
    assert claim is not None
    assert claim.submission_id == submission


def test_recheck__is_offered_to_reviewers_alone(
    installation: Installation, sign_in: Person, reviewer: FlaskClient, submission: str
) -> None:
    assert "Have this plan checked again" in page_text(reviewer, _path(submission))
    for login in ("oncologist", "physicist", "statistician"):
        assert "Have this plan checked again" not in page_text(sign_in(login), _path(submission))
        send(sign_in(login), _path(submission), "recheck-this-plan", reason="out of curiosity")
    assert not jobs.due(installation.db)

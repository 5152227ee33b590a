"""Forms of a reviewer's word on what a check left open: a dose explained, a registration accepted."""

from __future__ import annotations

from trial_core.domain.report import CourseReport, OpenItem
from trial_core.domain.signing import Meaning
from trial_core.errors import SignInRefused
from trial_core.services.plan_review import give_word, take_word_back
from web.forms import Answers, Context, Field, FieldKind, Form, Option, Saved
from web.forms.fields import PASSWORD, REASON
from web.house import actor, house
from web.reading.reports import report_of
from web.words import sentence_words, t
from workers.queue import ring

LONGEST = 500


def point_words(report: CourseReport, item: OpenItem) -> str:
    """Name an open point as a reader of the report knows it: whose it is, and what the check found."""
    plan = next((each.label for each in report.plans if each.key == item.plan_key), "")
    found = sentence_words(item.words) or item.words
    return f"{plan}: {found}" if plan else found


def _word_fields(context: Context) -> tuple[Field, ...]:
    report = report_of(context["submission"])
    options = tuple(Option(each.key, point_words(report, each)) for each in report.open_items)
    hint = t(
        "An explanation or an acceptance lets the course be judged; it changes no limit. It stands on the "
        "record with your name and in every report."
    )
    replaced = t("Only where somebody spoke to this point before: what you say replaces it.")
    first = options[0].value if len(options) == 1 else ""
    return (
        Field("item", t("Open point"), FieldKind.CHOICE, required=True, options=options, value=first),
        Field("words", t("What you say to it"), FieldKind.LONG_TEXT, hint, required=True, longest=LONGEST),
        Field(REASON, t("Reason for the change"), FieldKind.LONG_TEXT, replaced, longest=LONGEST),
    )


def _give(context: Context, answers: Answers) -> Saved:
    home = house()
    ticket = give_word(
        home.db,
        home.store,
        actor(),
        submission_id=context["submission"],
        item=answers.text("item"),
        words=answers.text("words"),
        password=answers.password,
        reason=answers.reason,
    )
    ring(home.settings, ticket.job_id)
    return Saved(t("your word; the course is checked again with it, load this page anew in a minute"))


def _taken_back_fields(context: Context) -> tuple[Field, ...]:
    report = report_of(context["submission"])
    options = tuple(Option(each.key, point_words(report, each)) for each in report.open_items if each.said)
    return (
        Field("item", t("Open point"), FieldKind.CHOICE, required=True, options=options),
        Field(REASON, t("Reason"), FieldKind.LONG_TEXT, required=True, longest=LONGEST),
    )


def _take_back(context: Context, answers: Answers) -> Saved:
    ticket = take_word_back(
        house().db,
        actor(),
        submission_id=context["submission"],
        item=answers.text("item"),
        reason=answers.reason or "",
    )
    ring(house().settings, ticket.job_id)
    return Saved(t("taken back; the course is checked again without it, load this page anew in a minute"))


WORD = Form(
    "open-point-word", _word_fields, _give, meaning=Meaning.WORD_GIVEN, refused_at={SignInRefused: PASSWORD}
)
WORD_BACK = Form("open-point-word-back", _taken_back_fields, _take_back)

"""Answer a query on a subject's record: what is unclear, and what a person says to it."""

from __future__ import annotations

from collections.abc import Sequence

from dash import Dash

from trial_core.domain.access import Permission, may
from trial_core.domain.delivery import DeliverySummary
from trial_core.domain.subject_outcome import OpenQuery
from trial_core.services import outcomes
from trial_core.services.delivery import delivery_view
from web.components.frame import Page, head
from web.components.notices import Tone, notice
from web.components.plan_names import with_plan_names
from web.components.verdict import sentence_case
from web.forms import Answers, Context, Field, FieldKind, Form, Option, Saved, form_card, register_form
from web.house import actor, house
from web.pages.subject_form import crumbs
from web.reading.study_protocol import conduct
from web.route import route
from web.sections import Section
from web.words import name_words, t


def page(code: str) -> Page:
    """Give the open queries and the form of an answer."""
    title = t("Answer a query")
    if not _open(code):
        inside = notice(Tone.GOOD, t("No query is open. "), t("There is nothing to answer."))
    elif may(actor().role, Permission.ENTER_CLINICAL):
        inside = form_card(FORM, Context({"code": code}), title=title, submit=t("Answer"))
    else:
        inside = notice(Tone.INFO, t("You cannot enter this here. "), t("The site answers its queries."))
    return Page(f"{title}: {code}", Section.SUBJECTS, [head(title, crumbs=crumbs(code)), inside])


def _open(code: str) -> tuple[OpenQuery, ...]:
    return outcomes.open_queries(house().db, conduct(), actor(), code=code)


def fields(context: Context) -> tuple[Field, ...]:
    """Ask which query, and for the answer."""
    courses = delivery_view(house().db, conduct(), actor(), code=context["code"]).courses
    options = tuple(_option(each, courses) for each in _open(context["code"]))
    hint = t("It counts while the record gives the same query. A mistake is better corrected in its form.")
    first = options[0].value if options else ""
    return (
        Field("query", t("Query"), FieldKind.CHOICE, required=True, options=options, value=first),
        Field("answer", t("Answer"), FieldKind.LONG_TEXT, required=True, longest=500, hint=hint),
    )


def _option(each: OpenQuery, courses: Sequence[DeliverySummary]) -> Option:
    about = sentence_case(name_words(with_plan_names(each.query.about, courses)))
    return Option(each.key, f"{about}: {name_words(each.query.message)}")


def save(context: Context, answers: Answers) -> Saved:
    """Answer the query."""
    outcomes.answer_query(
        house().db,
        conduct(),
        actor(),
        code=context["code"],
        key=answers.text("query"),
        answer=answers.text("answer"),
    )
    return Saved("", go=f"/subjects/{context['code']}")


def register(app: Dash) -> None:
    """Answer by the button."""
    register_form(app, FORM)


FORM = Form("query-answer", fields, save)
ROUTES = (route("/subjects/{code}/query", page),)

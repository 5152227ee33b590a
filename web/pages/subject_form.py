"""Pages of the forms of a subject's record: a new one, or one on record with its versions."""

from __future__ import annotations

from functools import partial

from dash import Dash, dcc, html

from trial_core.db.repositories.forms import FormVersion
from trial_core.domain.subject import Subject
from trial_core.services import subjects
from trial_core.services.form_history import form_history, newest_forms
from web.components.form_versions import versions_card
from web.components.frame import Content, Page, head
from web.components.notices import Tone, notice
from web.components.tables import facts
from web.forms import Answers, Context, Field, FieldKind, Form, Saved, form_card, register_form
from web.forms.fields import REASON
from web.house import actor, house
from web.route import Route, route
from web.sections import Section
from web.subject_entry.entry import Entry, context_of, form_href
from web.subject_entry.reading_forms import changes, content_words, kind_words, which_words
from web.subject_entry.refusals import NoBaseline, NotFromHere
from web.subject_entry.registry import ENTRIES, entry_of_kind, may_enter
from web.subject_entry.serious import FIRST, FOLLOW_UP
from web.subject_entry.toxicity import term_of
from web.words import apart, refusal_words, t


def new(entry: Entry, code: str, **facts_of_address: str) -> Page:
    """Give the page on which a form is entered."""
    subject = subjects.subject_record(house().db, actor(), code=code).subject
    title = str(entry.title)
    body = [head(title, crumbs=crumbs(code)), _new(entry, subject, code, facts_of_address)]
    return Page(f"{title}: {code}", Section.SUBJECTS, body)


def _new(entry: Entry, subject: Subject, code: str, more: dict[str, str]) -> Content:
    there = _one_on_record(entry, code)
    if there is not None:
        link = dcc.Link(t("Open it"), href=form_href(code, there.id))
        return notice(Tone.INFO, t("It is on record already. "), link)
    if not may_enter(entry, subject.status):
        words = t("It is entered by other roles, or the subject is not enrolled.")
        return notice(Tone.INFO, t("You cannot enter this here. "), words)
    form = entry.form if entry.first is None or more else entry.first
    context = Context({"code": code, **more})
    submit = t("Go on") if form is entry.first else t("Save")
    try:
        asked = form.fields(context)
    except NoBaseline as refusal:
        link = dcc.Link(t("Enter the baseline"), href=f"/subjects/{code}/baseline", className="button")
        return notice(Tone.INFO, refusal_words(refusal), link)
    if any(each.kind is FieldKind.CHOICE and each.required and not each.options for each in asked):
        words = t("It is about a planned course, a deviation or an assessment, and there is none to choose.")
        return notice(Tone.INFO, t("There is nothing to enter yet. "), words)
    return form_card(form, context, title=more_words(more) or str(entry.title), submit=submit)


def more_words(more: dict[str, str]) -> str:
    """Say of what the form is, where its address names that."""

    return term_of(more["term"]).term if "term" in more else ""


def _one_on_record(entry: Entry, code: str) -> FormVersion | None:
    if not entry.only_one:
        return None
    found = newest_forms(house().db, actor(), code=code)
    return next((each for each in found if each.kind == entry.kind), None)


def on_record(code: str, form_id: str) -> Page:
    """Give the page of a form on record: to be corrected, or read; its versions beside it."""
    subject = subjects.subject_record(house().db, actor(), code=code).subject
    versions = form_history(house().db, actor(), code=code, form_id=form_id)
    newest = versions[-1]
    title = f"{kind_words(newest.kind)} {apart(which_words(newest))}".strip()
    main = [_form(code, subject, newest)]
    side = [
        _beside(code, newest),
        versions_card(versions, changes(code, versions)),
        _back(code, subject, newest),
    ]
    body = [
        head(title, crumbs=crumbs(code)),
        _standing(newest),
        html.Div([html.Div(main), html.Div(side)], className="columns"),
    ]
    return Page(f"{title}: {code}", Section.SUBJECTS, body)


def crumbs(code: str) -> list[Content]:
    """Give the way back to the subject."""
    return [dcc.Link(t("Subjects"), href="/subjects"), " / ", dcc.Link(code, href=f"/subjects/{code}")]


def _standing(newest: FormVersion) -> Content:
    moment = f"{newest.entered_at:%Y-%m-%d %H:%M}"
    words = t("By {login}, {moment} UTC.", login=newest.entered_by, moment=moment)
    if newest.void:
        return notice(Tone.WARN, t("Version {version}: taken back. ", version=newest.version), words)
    return notice(Tone.GOOD, t("Version {version} is on record. ", version=newest.version), words)


def _form(code: str, subject: Subject, newest: FormVersion) -> Content:
    entry = entry_of_kind(newest.kind)
    if entry is not None and may_enter(entry, subject.status):
        title = t("Enter it again") if newest.void else t("Correct")
        return form_card(entry.form, context_of(code, newest), title=title)
    pairs: list[tuple[str, Content]] = list(content_words(code, newest).items())
    return html.Section([html.H2(t("Content")), facts(pairs)], className="card")


def _beside(code: str, newest: FormVersion) -> Content:
    entry = entry_of_kind(newest.kind)
    return None if entry is None else entry.beside(code, newest)


def _back(code: str, subject: Subject, newest: FormVersion) -> Content:
    entry = entry_of_kind(newest.kind)
    if entry is None or entry.take_back is None or newest.void or not may_enter(entry, subject.status):
        return None
    context = Context({"code": code, "form": newest.id})
    return form_card(TAKE_BACK, context, title=t("Take it back"), submit=t("Take back"))


def take_back_fields(_context: Context) -> tuple[Field, ...]:
    """Ask why."""
    hint = t("For what should not have been entered. Every version stays to be read.")
    return (Field(REASON, t("Reason"), FieldKind.LONG_TEXT, required=True, longest=500, hint=hint),)


def take_back(context: Context, answers: Answers) -> Saved:
    """Take a form back and show it."""
    code = context["code"]
    newest = form_history(house().db, actor(), code=code, form_id=context["form"])[-1]
    entry = entry_of_kind(newest.kind)
    if entry is None or entry.take_back is None:
        raise NotFromHere
    taken = entry.take_back(code, newest.occasion, answers.reason or "")
    return Saved("", go=form_href(code, taken.id))


TAKE_BACK = Form("take-back", take_back_fields, take_back)


def register(app: Dash) -> None:
    """Have every form sent by its button."""
    forms = [form for entry in ENTRIES for form in (entry.form, entry.first) if form is not None]
    for form in (*forms, FIRST, FOLLOW_UP, TAKE_BACK):
        register_form(app, form)


def _routes() -> tuple[Route, ...]:
    found = [route(f"/subjects/{{code}}/{each.slug}", partial(new, each)) for each in ENTRIES]
    after_a_first = [each for each in ENTRIES if each.first is not None]
    found += [route(f"/subjects/{{code}}/{each.slug}/{{term}}", partial(new, each)) for each in after_a_first]
    return (*found, route("/subjects/{code}/forms/{form_id}", on_record))


ROUTES = _routes()

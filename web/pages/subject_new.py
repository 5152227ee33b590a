"""Add a subject: its code, nothing that names a person."""

from __future__ import annotations

from dash import Dash, dcc

from trial_core.domain.access import Permission, may
from trial_core.errors import AlreadyExists, NotAName, NotAuthorised
from trial_core.services import subjects
from web.components.frame import Page, head
from web.forms import Answers, Context, Field, Form, Saved, form_card, register_form
from web.house import actor, house
from web.route import route
from web.sections import Section
from web.words import t

_ADDRESS = "new"
"""No subject can have this code: its page would lie where this form lies."""


def page() -> Page:
    """Give the form."""
    title = t("Add a subject")
    crumbs = [dcc.Link(t("Subjects"), href="/subjects")]
    form = form_card(FORM, Context(), title=title, submit=t("Add the subject"))
    return Page(title, Section.SUBJECTS, [head(title, crumbs=crumbs), form])


def register(app: Dash) -> None:
    """Add on click or on Enter."""
    register_form(app, FORM)


def fields(_context: Context) -> tuple[Field, ...]:
    """Ask for the code alone."""
    if not may(actor().role, Permission.MANAGE_SUBJECTS):
        raise NotAuthorised(Permission.MANAGE_SUBJECTS.value, actor().role.value)
    hint = t("The trial's code alone: no name, no initials, no birth date.")
    return (Field("code", t("Subject code"), hint=hint, required=True, longest=32),)


def save(_context: Context, answers: Answers) -> Saved:
    """Register the subject and go to its page."""
    if answers.text("code") == _ADDRESS:
        raise NotAName("subject code", _ADDRESS, "it is the address of this form; choose another")
    subject = subjects.create_subject(house().db, actor(), code=answers.text("code"))
    return Saved(t("Subject {code}", code=subject.code), go=f"/subjects/{subject.code}")


FORM = Form("new-subject", fields, save, refused_at={NotAName: "code", AlreadyExists: "code"})
ROUTES = (route("/subjects/new", page),)

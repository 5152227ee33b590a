"""One's own account: who one is signed in as, and a new password."""

from __future__ import annotations

from dash import Dash, html

from trial_core.access_errors import SamePassword
from trial_core.errors import SignInRefused, WeakPassword
from trial_core.services import accounts
from trial_core.services.passwords import LEAST_CHARACTERS, MOST_CHARACTERS
from web.components.frame import Content, Page, head
from web.components.tables import facts
from web.door.sign_in import NotTheSameTwice
from web.forms import Answers, Context, Field, FieldKind, Form, Saved, form_card, register_form
from web.forms.fields import PASSWORD
from web.house import actor, house
from web.route import route
from web.words import t, word

ADDRESS = "/account"
_NEW, _AGAIN = "new-password", "new-password-again"


def page() -> Page:
    """Give who the person is here, and the form of a new password."""
    title = t("Your account")
    form = form_card(
        CHANGE, Context(), title=t("Change your password"), submit=t("Change it and sign in anew")
    )
    return Page(title, None, [head(title), _who(), form])


def register(app: Dash) -> None:
    """Have the form sent."""
    register_form(app, CHANGE)


def _who() -> Content:
    person = actor()
    pairs = [
        (t("User name"), person.login),
        (t("Full name"), person.full_name or "–"),
        (t("Role"), word(person.role)),
        (t("Site"), person.site_code or "–"),
    ]
    return html.Section(facts(pairs), className="card")


def _fields(_context: Context) -> tuple[Field, ...]:
    rule = t("{least} characters at least.", least=LEAST_CHARACTERS)
    ends = t("Every session of yours ends with the change, on this computer and on any other.")
    return (
        _secret(PASSWORD, t("Your password"), ends),
        _secret(_NEW, t("New password"), rule),
        _secret(_AGAIN, t("The new password again")),
    )


def _secret(name: str, label: str, hint: str = "") -> Field:
    return Field(name, label, FieldKind.PASSWORD, hint, required=True, longest=MOST_CHARACTERS)


def _change(_context: Context, answers: Answers) -> Saved:
    if answers.text(_NEW) != answers.text(_AGAIN):
        raise NotTheSameTwice
    accounts.change_password(
        house().db, actor(), old_password=answers.password, new_password=answers.text(_NEW)
    )
    return Saved("", go="/sign-in")


CHANGE = Form(
    "own-password",
    _fields,
    _change,
    refused_at={
        SignInRefused: PASSWORD,
        WeakPassword: _NEW,
        SamePassword: _NEW,
        NotTheSameTwice: _AGAIN,
    },
)
ROUTES = (route(ADDRESS, page),)

"""Forms of accounts and sites: create, another role or site, out of use and back, a one-time password."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trial_core.access_errors import LastAdministrator, OwnAccount, UnknownUser
from trial_core.domain.access import JUDGES, SITE_ROLES, Role
from trial_core.errors import AlreadyExists, UnknownSite
from trial_core.services import account_changes, accounts, sites
from trial_core.services.account_changes import UserAccount
from trial_core.services.passwords import draw_password
from web.components.frame import Content
from web.components.verdict import sentence_case
from web.forms import Answers, Context, Field, FieldKind, Form, Option, Saved, form_card
from web.house import actor, house
from web.words import Later, later, t, word

ADDRESS = "/operations/accounts"
_LONGEST_REASON = 500
_WITH_SITE = tuple(role.value for role in Role if role in SITE_ROLES | JUDGES)


@dataclass(frozen=True)
class Offered:
    """A form with its title and its button."""

    form: Form
    title: Later
    submit: Later


def account_forms() -> list[Content]:
    """Give every form, one under the other."""
    return [
        form_card(each.form, Context(), title=str(each.title), submit=str(each.submit)) for each in _OFFERED
    ]


def _new_account_fields(_context: Context) -> tuple[Field, ...]:
    hint = t("What the person types to sign in; it stays.")
    return (
        Field("login", t("User name"), hint=hint, required=True, longest=64),
        Field("full_name", t("Full name"), hint=t("As it stands in signatures."), required=True, longest=100),
        _role_field(),
        _site_field(),
    )


def _create_account(_context: Context, answers: Answers) -> Saved:
    password = draw_password()
    made = accounts.create_user(
        house().db,
        actor(),
        login=answers.text("login"),
        password=password,
        role=Role(answers.text("role")),
        full_name=answers.text("full_name"),
        site_code=answers.text_or_none("site"),
        one_time=True,
    )
    return _told_once(made.login, password)


def _told_once(login: str, password: str) -> Saved:
    words = t(
        "account {login}, one-time password {password} (shown only now; good for 7 days, until replaced)",
        login=login,
        password=password,
    )
    return Saved(words)


def _role_fields(_context: Context) -> tuple[Field, ...]:
    return (_account_field(), _role_field(), _site_field(), _reason_field())


def _change_role(_context: Context, answers: Answers) -> Saved:
    account_changes.change_role(
        house().db,
        actor(),
        login=answers.text("login"),
        role=Role(answers.text("role")),
        site_code=answers.text_or_none("site"),
        reason=answers.text("reason_given"),
    )
    return _shown_anew(answers)


def _site_fields(_context: Context) -> tuple[Field, ...]:
    options = _site_options()
    hint = t("Leave it empty for a role without a site.")
    site = Field("site", t("New site"), FieldKind.CHOICE, hint=hint, options=options)
    return (_account_field(), site, _reason_field())


def _change_site(_context: Context, answers: Answers) -> Saved:
    account_changes.change_site(
        house().db,
        actor(),
        login=answers.text("login"),
        site_code=answers.text_or_none("site"),
        reason=answers.text("reason_given"),
    )
    return _shown_anew(answers)


def _in_use_fields(_context: Context) -> tuple[Field, ...]:
    return (_account_field(lambda one: one.in_use), _reason_field())


def _lock(_context: Context, answers: Answers) -> Saved:
    account_changes.deactivate_user(
        house().db, actor(), login=answers.text("login"), reason=answers.text("reason_given")
    )
    return _shown_anew(answers)


def _locked_fields(_context: Context) -> tuple[Field, ...]:
    return (_account_field(lambda one: not one.in_use), _reason_field())


def _unlock(_context: Context, answers: Answers) -> Saved:
    account_changes.reactivate_user(
        house().db, actor(), login=answers.text("login"), reason=answers.text("reason_given")
    )
    return _shown_anew(answers)


def _reset(_context: Context, answers: Answers) -> Saved:
    login = answers.text("login")
    password = account_changes.reset_password(
        house().db, actor(), login=login, reason=answers.text("reason_given")
    )
    return _told_once(login, password)


def _new_site_fields(_context: Context) -> tuple[Field, ...]:
    return (
        Field("code", t("Site code"), required=True, longest=32),
        Field("name", t("Name of the hospital"), required=True, longest=100),
    )


def _create_site(_context: Context, answers: Answers) -> Saved:
    site = sites.create_site(house().db, actor(), code=answers.text("code"), name=answers.text("name"))
    return Saved(t("Site {code}", code=site.code), go=ADDRESS)


def _shown_anew(answers: Answers) -> Saved:
    return Saved(answers.text("login"), go=ADDRESS)


def _account_field(wanted: Callable[[UserAccount], bool] = lambda _: True) -> Field:
    """Offer the accounts but one's own, which nobody changes."""
    options = tuple(
        Option(one.login, f"{one.login} · {one.full_name}")
        for one in account_changes.list_users(house().db, actor())
        if wanted(one) and one.login != actor().login
    )
    return Field("login", t("Account"), FieldKind.CHOICE, required=True, options=options)


def _role_field() -> Field:
    options = tuple(Option(role.value, sentence_case(word(role))) for role in Role)
    return Field("role", t("Role"), FieldKind.CHOICE, required=True, options=options)


def _site_field() -> Field:
    return Field(
        "site",
        t("Site"),
        FieldKind.CHOICE,
        hint=t("Roles of a site need one; a reviewer or adjudicator names their own hospital, if any."),
        options=_site_options(),
        shown_when=("role", _WITH_SITE),
    )


def _site_options() -> tuple[Option, ...]:
    found = sites.list_sites(house().db, actor())
    return tuple(Option(one.code, f"{one.code} · {one.name}") for one in found)


def _reason_field() -> Field:
    hint = t("It stands on the audit trail.")
    return Field(
        "reason_given", t("Reason"), FieldKind.LONG_TEXT, hint=hint, required=True, longest=_LONGEST_REASON
    )


def _form(
    name: str,
    fields: Callable[[Context], Sequence[Field]],
    save: Callable[[Context, Answers], Saved],
) -> Form:
    return Form(name, fields, save, refused_at=_REFUSED_AT)


_REFUSED_AT = {
    UnknownUser: "login",
    OwnAccount: "login",
    LastAdministrator: "login",
    UnknownSite: "site",
    AlreadyExists: "login",
}
_OFFERED = (
    Offered(
        _form("create-account", _new_account_fields, _create_account),
        later("Create an account"),
        later("Create the account"),
    ),
    Offered(
        _form("change-role", _role_fields, _change_role), later("Change a role"), later("Change the role")
    ),
    Offered(
        _form("change-site", _site_fields, _change_site), later("Change a site"), later("Change the site")
    ),
    Offered(
        _form("reset-password", lambda _: (_account_field(), _reason_field()), _reset),
        later("Reset a password"),
        later("Draw a one-time password"),
    ),
    Offered(
        _form("lock-account", _in_use_fields, _lock), later("Lock an account"), later("Lock the account")
    ),
    Offered(
        _form("unlock-account", _locked_fields, _unlock),
        later("Unlock an account"),
        later("Unlock the account"),
    ),
    Offered(
        Form("create-site", _new_site_fields, _create_site, refused_at={AlreadyExists: "code"}),
        later("Add a site"),
        later("Add the site"),
    ),
)
FORMS = tuple(each.form for each in _OFFERED)

"""Accounts and sites, for the administrator: who may sign in, as what, and where."""

from __future__ import annotations

from dash import Dash, dcc, html

from trial_core.services import account_changes, sites
from trial_core.services.account_changes import UserAccount
from web.components.frame import Content, Page, head
from web.components.marks import Mark, mark
from web.components.tables import table
from web.components.verdict import sentence_case
from web.forms import register_form
from web.house import actor, house
from web.route import route
from web.sections import Section
from web.study_entry.accounts import ADDRESS, FORMS, account_forms
from web.words import t, word


def page() -> Page:
    """Give every account and site, and the forms that change them."""
    title = t("Accounts and sites")
    users = account_changes.list_users(house().db, actor())
    crumbs = [dcc.Link(t("Operations"), href="/operations")]
    body = [head(title, crumbs=crumbs), _users_card(users), _sites_card(users), *account_forms()]
    return Page(title, Section.OPERATIONS, body)


def register(app: Dash) -> None:
    """Have every form sent."""
    for form in FORMS:
        register_form(app, form)


def _users_card(users: tuple[UserAccount, ...]) -> Content:
    columns = (t("User name"), t("Full name"), t("Role"), t("Site"), t("State"), t("Since (UTC)"))
    caption = t("Every account, by user name")
    rows = [_user_row(each) for each in users]
    return html.Section([html.H2(t("Accounts")), table(caption, columns, rows)], className="card")


def _user_row(each: UserAccount) -> Content:
    return html.Tr(
        [
            html.Td(each.login, className="mono"),
            html.Td(each.full_name),
            html.Td(sentence_case(word(each.role))),
            html.Td(each.site_code or "–"),
            html.Td(_state(each)),
            html.Td(f"{each.created_at:%Y-%m-%d}", className="nowrap"),
        ]
    )


def _state(each: UserAccount) -> Content:
    if not each.in_use:
        return mark(Mark.STOP, t("Locked"))
    if each.password_to_be_changed:
        return mark(Mark.PENDING, t("One-time password"))
    return mark(Mark.GOOD, t("In use"))


def _sites_card(users: tuple[UserAccount, ...]) -> Content:
    title, found = html.H2(t("Sites")), sites.list_sites(house().db, actor())
    if not found:
        words = t("There is no site yet. Add the first below; roles of a site need one.")
        return html.Section([title, html.P(words, className="muted")], className="card")
    rows = [
        html.Tr(
            [
                html.Td(each.code, className="mono"),
                html.Td(each.name),
                html.Td(
                    str(sum(one.in_use and one.site_code == each.code for one in users)), className="number"
                ),
            ]
        )
        for each in found
    ]
    in_use = t("Accounts in use")
    columns = (t("Code"), t("Name"), in_use)
    return html.Section([title, table(t("Every site"), columns, rows, numeric=(in_use,))], className="card")


ROUTES = (route(ADDRESS, page),)

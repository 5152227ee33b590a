"""Senders on the DICOM network, for the administrator: which system may send, for which site, from where."""

from __future__ import annotations

from dash import Dash, dcc, html

from trial_core.domain.receiving import Sender
from trial_core.errors import AlreadyExists, UnknownSite
from trial_core.receiving_errors import SenderOfAnotherSite, UnknownSender
from trial_core.services import dicom_senders, sites
from web.components.frame import Content, Page, head
from web.components.marks import Mark, mark
from web.components.tables import table
from web.forms import Answers, Context, Field, FieldKind, Form, Option, Saved, form_card, register_form
from web.house import actor, house
from web.route import route
from web.sections import Section
from web.words import t

ADDRESS = "/operations/senders"
_LONGEST_REASON = 500
_LONGEST_ADDRESSES = 500


def page() -> Page:
    """Give every sender, and the forms that add and retire one."""
    title = t("Senders on the DICOM network")
    found = dicom_senders.list_senders(house().db, actor())
    crumbs = [dcc.Link(t("Operations"), href="/operations")]
    forms = [form_card(ADD, Context(), title=t("Let a system send"), submit=t("Add the sender"))]
    if any(each.retired_at is None for each in found):
        forms.append(
            form_card(RETIRE, Context(), title=t("Let a system send no more"), submit=t("Retire the sender"))
        )
    return Page(title, Section.OPERATIONS, [head(title, crumbs=crumbs), _card(found), *forms])


def register(app: Dash) -> None:
    """Have both forms sent."""
    register_form(app, ADD)
    register_form(app, RETIRE)


def _card(found: tuple[Sender, ...]) -> Content:
    title = html.H2(t("Senders"))
    how = t("Nothing is taken from any other system. On the server the receiver is started with")
    listens = html.P([how, " ", html.Code("dosegate receive", lang="en")], className="muted")
    if not found:
        words = t("No system may send yet. Add the first below.")
        return html.Section([title, html.P(words), listens], className="card")
    columns = (t("AE title"), t("State"), t("Site"), t("Calls from"), t("Since (UTC)"))
    rows = [_row(each) for each in found]
    return html.Section(
        [title, table(t("Every sender, by AE title"), columns, rows), listens], className="card"
    )


def _row(each: Sender) -> Content:
    return html.Tr(
        [
            html.Td(each.ae_title, className="mono"),
            html.Td(_state(each), className="nowrap"),
            html.Td(each.site_code),
            html.Td([html.Div(one, className="mono") for one in each.addresses]),
            html.Td(f"{each.created_at:%Y-%m-%d}", className="nowrap"),
        ]
    )


def _state(each: Sender) -> Content:
    if each.retired_at is None:
        return mark(Mark.GOOD, t("May send"))
    return mark(Mark.NONE, t("Retired on {on}", on=f"{each.retired_at:%Y-%m-%d}"))


def _add_fields(_context: Context) -> tuple[Field, ...]:
    known = sites.list_sites(house().db, actor())
    options = tuple(Option(one.code, f"{one.code} · {one.name}") for one in known)
    calls_from = t("IP addresses or networks, with commas between them: 10.1.2.3, 10.1.2.0/28")
    belongs = t("The sender belongs to it for good: what it sends is that site's.")
    title = t("As the planning system calls itself, letter by letter. One that was retired may come back.")
    return (
        Field("ae_title", t("AE title"), hint=title, required=True, longest=16),
        Field("site", t("Site"), FieldKind.CHOICE, hint=belongs, required=True, options=options),
        Field("addresses", t("Calls from"), hint=calls_from, required=True, longest=_LONGEST_ADDRESSES),
        _reason(),
    )


def _add(_context: Context, answers: Answers) -> Saved:
    addresses = [one.strip() for one in answers.text("addresses").replace("，", ",").split(",")]
    made = dicom_senders.register_sender(
        house().db,
        actor(),
        ae_title=answers.text("ae_title"),
        addresses=[one for one in addresses if one],
        site_code=answers.text("site"),
        reason=answers.text("reason_given"),
    )
    return Saved(made.ae_title, go=ADDRESS)


def _retire_fields(_context: Context) -> tuple[Field, ...]:
    found = dicom_senders.list_senders(house().db, actor())
    options = tuple(
        Option(one.ae_title, f"{one.ae_title} · {one.site_code}") for one in found if not one.retired_at
    )
    hint = t("From now on it is refused. What it sent stays.")
    return (
        Field("sender", t("Sender"), FieldKind.CHOICE, hint=hint, required=True, options=options),
        _reason(),
    )


def _retire(_context: Context, answers: Answers) -> Saved:
    title = answers.text("sender")
    dicom_senders.retire_sender(house().db, actor(), ae_title=title, reason=answers.text("reason_given"))
    return Saved(title, go=ADDRESS)


def _reason() -> Field:
    hint, kind = t("It stands on the audit trail."), FieldKind.LONG_TEXT
    return Field("reason_given", t("Reason"), kind, hint=hint, required=True, longest=_LONGEST_REASON)


ADD = Form(
    "add-sender",
    _add_fields,
    _add,
    refused_at={
        AlreadyExists: "ae_title",
        SenderOfAnotherSite: "ae_title",
        UnknownSite: "site",
    },
)
RETIRE = Form("retire-sender", _retire_fields, _retire, refused_at={UnknownSender: "sender"})

ROUTES = (route(ADDRESS, page),)

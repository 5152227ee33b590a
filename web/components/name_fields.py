"""Names that the protocol does not know: what each may be, to be said by a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

import dash_mantine_components as dmc
from dash import html

from trial_core.domain.given_names import SaidName
from trial_core.domain.name_suggestions import SuggestedBy, Suggestion
from trial_core.domain.naming_rules import NameToGive, names_to_give
from trial_core.domain.protocol import Protocol
from trial_core.domain.set_content import SetContent
from web.components.frame import Content
from web.components.notices import Tone, notice
from web.components.tables import table
from web.words import t, tn

MOST_LISTED = 200
"""Names of one set of files; what is beyond them can be renamed in the planning system."""
TYPE = "given-name"


class Ids(StrEnum):
    """Components of the card."""

    SAVE = "submission-name"
    ANSWER = "submission-name-answer"


def name_card(content: SetContent, protocol: Protocol, names: Sequence[SaidName]) -> Content:
    """Give the card; where every name is known, nothing."""
    listed = names_to_give(content.structure_sets, protocol)[:MOST_LISTED]
    if not listed:
        return None
    given = {one.name.site_name: one for one in names}
    likely = [each for each in listed if each.suggestions or each.site_name in given]
    others = [each for each in listed if each not in likely]
    if not likely:
        return _all_others(others, protocol)
    return html.Section(
        [
            html.H2(t("Names that the protocol does not know")),
            *_body(likely, others, protocol, given),
        ],
        className="card",
        id="names-to-give",
    )


def _all_others(others: Sequence[NameToGive], protocol: Protocol) -> Content:
    """Fold the card up: a set of which nothing suggests anything is most likely well named."""
    counted = tn(
        "{n} name that the protocol does not know, and does not need by that name",
        "{n} names that the protocol does not know, and does not need by these names",
        len(others),
    )
    return html.Section(
        html.Details([html.Summary(counted), *_body([], others, protocol, {})]),
        className="card",
        id="names-to-give",
    )


def _body(
    likely: Sequence[NameToGive],
    others: Sequence[NameToGive],
    protocol: Protocol,
    given: Mapping[str, SaidName],
) -> list[Content]:
    return [
        html.P(
            t(
                "Say which of them are structures of the protocol; what you leave is not used. Your word "
                "is kept with your name and the time, is an input of the check and stands in the report."
            ),
            className="muted",
        ),
        _filled_in(likely, given),
        _table(t("Names with a suggestion"), likely, protocol, given) if likely else None,
        _others(others, protocol, given) if likely else _table(t("Names"), others, protocol, given),
        html.Button(t("Use these names"), id=Ids.SAVE, className="button", type="button"),
        html.Div(id=Ids.ANSWER),
    ]


def _filled_in(likely: Sequence[NameToGive], given: Mapping[str, SaidName]) -> Content:
    count = sum(1 for each in likely if each.site_name not in given and _first_choice(each))
    if not count:
        return None
    return notice(
        Tone.WARN,
        tn(
            "{n} suggestion is filled in and not used yet.",
            "{n} suggestions are filled in and not used yet.",
            count,
        ),
        t("Look at each, then press “Use these names”."),
    )


def _others(others: Sequence[NameToGive], protocol: Protocol, given: Mapping[str, SaidName]) -> Content:
    if not others:
        return None
    counted = tn("{n} other name", "{n} other names", len(others))
    return html.Details(
        [html.Summary(counted), _table(t("Names without a suggestion"), others, protocol, given)],
        className="more-names",
    )


def _table(
    caption: str, listed: Sequence[NameToGive], protocol: Protocol, given: Mapping[str, SaidName]
) -> Content:
    columns = (t("Name in the files"), t("Is, in the protocol"), t("Why"))
    rows = [_row(each, protocol, given.get(each.site_name)) for each in listed]
    return table(caption, columns, rows)


def _row(name: NameToGive, protocol: Protocol, said: SaidName | None) -> Content:
    suggested = {each.structure for each in name.suggestions}
    ordered = sorted(name.choices, key=lambda each: each not in suggested)
    shown = {rule.name: rule.shown_name for rule in protocol.structures}
    options = [{"value": each, "label": _label(shown[each], each in suggested)} for each in ordered]
    field = dmc.Select(
        id={"type": TYPE, "name": name.site_name},
        data=options,
        value=said.name.structure if said else _first_choice(name),
        placeholder=t("Not used"),
        clearable=True,
        searchable=True,
        nothingFoundMessage=t("No such structure"),
        size="sm",
        **{"aria-label": t("What {name} is in the protocol", name=name.site_name)},
    )
    where = html.Span(", ".join(name.in_sets), className="sub")
    return html.Tr([html.Td([html.Bdi(name.site_name), where]), html.Td(field), html.Td(_why(name, said))])


def _label(name: str, is_suggested: bool) -> str:
    return t("{name} (suggested)", name=name) if is_suggested else name


def _first_choice(name: NameToGive) -> str | None:
    """Fill in what means the same in other words; a similar spelling is for the person to choose."""
    if len(name.suggestions) != 1 or name.suggestions[0].by is not SuggestedBy.OTHER_WORDS:
        return None
    return name.suggestions[0].structure


def _why(name: NameToGive, said: SaidName | None) -> Content:
    if said is not None:
        return t("Said by {name}, {at} UTC", name=said.by, at=f"{said.at:%Y-%m-%d %H:%M}")
    return [html.Div(_reason(each)) for each in name.suggestions] or "–"


def _reason(one: Suggestion) -> str:
    match one.by:
        case SuggestedBy.OTHER_WORDS:
            return t("The same as {name} in other words", name=one.like)
        case SuggestedBy.SPELLING:
            return t("Spelt almost like {name}", name=one.like)

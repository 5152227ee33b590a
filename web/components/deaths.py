"""Grade 5 events of the run-in, who decided what of them, and whose turn it is."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html

from trial_core.domain.safety_rule import ADJUDICATORS_NEEDED, Adjudication
from trial_core.domain.toxicity import Treatment
from trial_core.services.deaths import DeathToJudge
from web.components.frame import Content
from web.components.marks import Mark, mark
from web.components.tables import table
from web.components.verdict import sentence_case
from web.words import t, word


def deaths_card(found: Sequence[DeathToJudge], forms: Sequence[Content] = ()) -> Content:
    """Give the events, those first that wait for adjudicators, and the forms to decide on them."""
    title = html.H2(t("Deaths in the run-in"))
    if not found:
        words = t("No grade 5 event of a run-in subject is on record.")
        return html.Section([title, html.P(words, className="muted")], className="card", id="deaths")
    columns = (
        t("Subject"),
        t("Event"),
        t("Died on"),
        t("Site's attribution"),
        t("Adjudication"),
        t("Counts"),
    )
    caption = t(
        "{n} adjudicators decide on each, none of them from the subject's site, "
        "and none sees the other's decision before their own.",
        n=ADJUDICATORS_NEEDED,
    )
    events = html.Section([title, table(caption, columns, [_row(each) for each in found])], className="card")
    return html.Div([events, *forms], id="deaths")


def _row(each: DeathToJudge) -> Content:
    event = each.event
    counts = mark(Mark.STOP, t("Counts")) if event.counts else mark(Mark.NONE, t("Does not count"))
    return html.Tr(
        [
            html.Td(event.subject, className="nowrap"),
            html.Td(event.term, lang="en"),
            html.Td(each.on.isoformat(), className="nowrap"),
            html.Td(_attribution(each)),
            html.Td([_standing(each), *map(_decision, each.shown)]),
            html.Td(counts, className="nowrap"),
        ]
    )


def _attribution(each: DeathToJudge) -> Content:
    given = sorted(each.event.attribution.items())
    if not given:
        return t("Not assessed")
    if len({how for _, how in given}) == 1 and len(given) == len(Treatment):
        return t("All treatments: {attribution}", attribution=word(given[0][1]))
    return "; ".join(f"{word(what)}: {word(how)}" for what, how in given)


def _standing(each: DeathToJudge) -> Content:
    event = each.event
    if event.is_progression:
        return mark(Mark.NONE, t("Disease progression: none needed"))
    if event.settled is not None:
        return mark(Mark.STOP, t("Related")) if event.settled else mark(Mark.GOOD, t("Not related"))
    words = t("Open: {n} of {needed} decided", n=each.decided, needed=ADJUDICATORS_NEEDED)
    why = html.Div(t("Your own site's: somebody else decides."), className="small") if each.own_site else None
    return html.Div([mark(Mark.WARN, words), why])


def _decision(one: Adjudication) -> Content:
    words = t("related") if one.related else t("not related")
    return html.Div([f"{one.adjudicator}: {sentence_case(words)}. ", one.reason], className="small")

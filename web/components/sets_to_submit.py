"""Sets that wait to be submitted, on the page of today: checked ones, and what planning systems sent."""

from __future__ import annotations

from datetime import datetime

from dash import dcc, html

from trial_core.domain.plan import SubmissionState
from trial_core.domain.receiving import ReceivedSet
from trial_core.services.sets_to_submit import CheckedSet, SetsToSubmit
from web.components.frame import Content
from web.components.marks import Mark, mark, typed
from web.components.precheck_outcome import MAY_BE_SUBMITTED
from web.components.tables import table
from web.components.verdict import sentence_case
from web.components.worklist import age
from web.words import t, tn, word

MOST_ROWS = 12


def sets_card(found: SetsToSubmit, now: datetime) -> Content:
    """Give what waits, or that nothing does."""
    title = html.H2(t("Sets waiting to be submitted"))
    if not found.checked and not found.received:
        words = t("None: every set that was checked is submitted, and the inbox is empty.")
        return html.Section([title, html.P(words, className="muted")], className="card", id="sets")
    columns = (t("Set"), t("What is to be done"), t("Since (UTC)"), t("Age"), t("From"))
    rows = [
        *(_checked(each, now) for each in found.checked),
        *(_received(each, now) for each in found.received),
    ]
    caption = t(
        "Nothing of these sets counts until it is submitted; one that nobody goes on with is removed."
    )
    return html.Section(
        [title, table(caption, columns, rows[:MOST_ROWS]), _more(len(rows))], className="card", id="sets"
    )


def _checked(each: CheckedSet, now: datetime) -> Content:
    what = t("Treatment records for {code}", code=each.code) if each.records_only else each.code
    return _row(
        html.Td(dcc.Link(what, href=f"/submissions/{each.submission_id}")),
        _to_do(each),
        each.checked_at,
        now,
        typed(each.begun_by),
    )


def _to_do(each: CheckedSet) -> Content:
    if each.expected_state in MAY_BE_SUBMITTED:
        words = t("Look at the result and submit") if each.is_own else t("Who began it looks and submits")
        return mark(Mark.PENDING, words)
    if each.expected_state is SubmissionState.DUPLICATE:
        return mark(Mark.NONE, t("Was submitted before: give it up"))
    state = sentence_case(word(each.expected_state))
    return mark(Mark.STOP, t("{state}: look at the findings", state=state))


def _received(each: ReceivedSet, now: datetime) -> Content:
    counts = ", ".join(f"{n} {modality}" for modality, n in each.counts.items())
    link = dcc.Link(t("In the inbox: {files}", files=counts), href="/inbox")
    labels = [html.Span(typed(", ".join(each.plan_labels)), className="sub")] if each.plan_labels else []
    to_do = mark(Mark.OPEN, t("Say whose it is"))
    return _row(
        html.Td([link, *labels]), to_do, each.begun_at, now, html.Span(each.ae_title, className="mono")
    )


def _row(what: Content, to_do: Content, since: datetime, now: datetime, source: Content) -> Content:
    return html.Tr(
        [
            what,
            html.Td(to_do),
            html.Td(f"{since:%Y-%m-%d %H:%M}", className="nowrap"),
            html.Td(age(since, now), className="nowrap"),
            html.Td(source),
        ]
    )


def _more(n: int) -> Content:
    if n <= MOST_ROWS:
        return None
    left = n - MOST_ROWS
    return html.P(tn("{n} more.", "{n} more.", left), className="muted small")

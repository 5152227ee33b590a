"""What a check left to a person, as it stands: each point, who spoke to it, and the forms of a reviewer."""

from __future__ import annotations

from dash import html

from trial_core.domain.report import CourseReport, OpenItem
from web.components.frame import Content
from web.components.marks import Mark, mark, typed
from web.components.notices import Tone, notice
from web.components.tables import facts
from web.components.verdict import sentence_case
from web.forms import Context, form_card
from web.review_entry.open_points import WORD, WORD_BACK, point_words
from web.words import t, tn, word


def waiting_notice(report: CourseReport) -> Content:
    """Say how many points nobody has spoken to; nothing where none waits."""
    waiting = sum(1 for each in report.open_items if not each.said)
    if not waiting:
        return None
    title = tn("{n} point waits for a reviewer's word. ", "{n} points wait for a reviewer's word. ", waiting)
    rest = t("Until then what it concerns is not judged.")
    return notice(Tone.WARN, title, [rest, " ", html.A(t("Open points"), href="#decision")])


def open_points(report: CourseReport) -> list[Content]:
    """Give every point with what was said to it; nothing where the check left none."""
    return [_point(report, each) for each in report.open_items]


def open_point_forms(submission_id: str, report: CourseReport) -> list[Content]:
    """Give the forms by which a reviewer speaks to a point, or takes back what was said."""
    if not report.open_items:
        return []
    context = Context({"submission": submission_id})
    say = t("Say what you know of an open point")
    forms = [_folded(say, form_card(WORD, context, title=say, submit=t("Sign it")))]
    if any(each.said for each in report.open_items):
        back = t("Take back what was said to a point")
        forms.append(_folded(back, form_card(WORD_BACK, context, title=back, submit=t("Take the word back"))))
    return forms


def _point(report: CourseReport, item: OpenItem) -> Content:
    title = html.H3(t("Open point: {kind}", kind=word(item.kind)))
    said = [mark(Mark.NONE, item.said_by), " ", typed(item.said)] if item.said else _nobody()
    pairs = ((t("The check found"), sentence_case(point_words(report, item))), (t("Said to it"), said))
    return html.Div([title, facts(pairs)], className="open-point")


def _nobody() -> Content:
    return mark(Mark.OPEN, t("Nobody has spoken to it yet: until then it is not judged."))


def _folded(title: str, form: Content) -> Content:
    return html.Details([html.Summary(title), form], className="fold")

"""The slices of a checked course: CT, doses and outlines in three views."""

from __future__ import annotations

from dash import Dash, dcc

from trial_core.domain.plan import SubmissionSummary
from web.components.frame import Content, Page, head
from web.components.notices import Tone, notice
from web.components.verdict import state_words
from web.components.viewer import no_pictures, register_viewer, viewer
from web.reports import has_report, report_of
from web.route import route
from web.sections import Section
from web.slices import pictures_of
from web.standing import view_of
from web.words import t


def page(submission_id: str) -> Page:
    """Give the slices of one submission."""
    summary = view_of(submission_id).summary
    title = t("Slices of {code}", code=summary.subject_code)
    body = [head(title, crumbs=_crumbs(summary)), _body(summary)]
    return Page(title, Section.WORK_LIST, body)


def register(app: Dash) -> None:
    """Let other parts of a page move the viewer: this page's, and every other that shows one."""
    register_viewer(app)


ROUTES = (route("/submissions/{submission_id}/slices", page),)


def _crumbs(summary: SubmissionSummary) -> list[Content]:
    code, base = summary.subject_code, f"/submissions/{summary.submission_id}"
    return [
        dcc.Link(code, href=f"/subjects/{code}"),
        " / ",
        dcc.Link(t("Submission"), href=base),
        " / ",
        dcc.Link(t("Report"), href=f"{base}/report"),
    ]


def _body(summary: SubmissionSummary) -> Content:
    if not has_report(summary):
        return notice(Tone.INFO, state_words(summary), t("There is no checked result to show slices of."))
    pictures = pictures_of(summary.submission_id)
    if pictures is None or not pictures.scenes:
        return no_pictures()
    return viewer(summary.submission_id, report_of(summary.submission_id), pictures)

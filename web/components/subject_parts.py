"""Parts of a subject's page: who it is by code, its plans, what can be entered, and what was."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from dash import dcc, html

from trial_core.db.repositories.forms import FormVersion
from trial_core.domain.plan import SubmissionSummary
from trial_core.domain.plan_review import DecisionOutcome
from trial_core.domain.populations import Membership
from trial_core.domain.subject import Subject, SubjectRecord
from web.components.frame import Content
from web.components.marks import said, typed
from web.components.tables import facts, table
from web.components.verdict import sentence_case, verdict_mark
from web.components.worklist import counting_plans, decision, newest_checked, outcome, place
from web.reading.reports import to_review
from web.subject_entry.entry import GROUP_TITLES, Entry, Group, form_href
from web.subject_entry.reading_forms import kind_words, which_words
from web.words import t, tn, word


def facts_card(code: str, subject: Subject, populations: Sequence[Membership]) -> Content:
    """Give who the subject is, and the populations that it is analysed in."""
    screening = dcc.Link(t("Consent, eligibility, signature"), href=f"/subjects/{code}/screening")
    pairs: list[tuple[str, Content]] = [
        (t("Code"), subject.code),
        (t("Site"), subject.site_code),
        (t("State"), sentence_case(word(subject.status))),
        (t("Phase"), "–" if subject.phase is None else word(subject.phase)),
        (t("Arm"), "–" if subject.arm is None else word(subject.arm)),
        (t("Registered"), f"{subject.created_at:%Y-%m-%d}"),
        (t("Screening"), screening),
    ]
    return html.Section(
        [html.H2(t("Subject")), facts(pairs), *_populations(populations)], className="card", id="who"
    )


def _populations(populations: Sequence[Membership]) -> list[Content]:
    if not populations:
        return []
    pairs: list[tuple[str, Content]] = [
        (sentence_case(word(each.population)), _membership(each)) for each in populations
    ]
    return [html.H3(t("Populations"), className="second"), facts(pairs)]


def _membership(membership: Membership) -> Content:
    mark, tone = (t("In"), "per_protocol") if membership.member else (t("Not in"), "not_contoured")
    reasons = html.Div(said("; ".join(membership.reasons)), className="muted small")
    return [html.Span(mark, className=f"verdict verdict-{tone}"), reasons]


def plans_card(record: SubjectRecord, decided: Mapping[str, DecisionOutcome]) -> Content:
    """Give the subject's submissions, newest first, each with its decision and the verdicts of its plans."""
    if not record.submissions:
        said = html.P(t("No plan has been submitted."), className="muted")
        return html.Section([html.H2(t("Plans")), said], className="card")
    columns = (t("Submission"), t("Outcome"), t("Decision"), t("Plans"))
    reviews, newest = to_review(record.submissions), newest_checked(record.submissions)
    rows = [_plan_row(row, reviews, decision(row, decided, newest)) for row in record.submissions]
    listing = table(t("Submissions, newest first"), columns, rows)
    return html.Section([html.H2(t("Plans")), listing], className="card")


def _plan_row(row: SubmissionSummary, reviews: Collection[str], decided: tuple[str, str]) -> Content:
    name = t("Open") if row.version is None else t("Version {version}", version=row.version)
    plans = [
        html.Div([html.Span(label), verdict_mark(verdict)], className="labelled")
        for label, verdict in counting_plans(row)
    ]
    since = "" if row.submitted_at is None else f"{row.submitted_at:%Y-%m-%d %H:%M} UTC"
    cells: tuple[Content, ...] = (
        [
            dcc.Link(name, href=place(row)),
            html.Span(since, className="sub nowrap"),
            html.Span(typed(row.submitter_name or row.submitted_by), className="sub"),
        ],
        _toned(*outcome(row, reviews)),
        _toned(*decided),
        plans or "–",
    )
    return html.Tr([html.Td(cell) for cell in cells])


def _toned(words: str, tone: str) -> Content:
    return html.Span(words, className=f"verdict verdict-{tone}") if words else "–"


def menu_card(code: str, offered: Mapping[Group, Sequence[Entry]]) -> Content:
    """Give what the person who asks may enter; nothing where that is nothing."""
    if not offered:
        return None
    groups = [
        html.Div(
            [
                html.H3(str(GROUP_TITLES[group])),
                html.Ul(
                    [
                        html.Li(dcc.Link(str(each.title), href=f"/subjects/{code}/{each.slug}"))
                        for each in entries
                    ],
                    className="plain",
                ),
            ]
        )
        for group, entries in offered.items()
    ]
    body = html.Nav(groups, className="entry-menu", **{"aria-label": t("Enter")})
    return html.Section([html.H2(t("Enter")), body], className="card")


def forms_card(code: str, forms: Sequence[FormVersion]) -> Content:
    """Give every form of the subject with its newest version, latest entry first."""
    if not forms:
        said = html.P(t("Nothing has been entered yet."), className="muted")
        return html.Section([html.H2(t("Forms on record")), said], className="card", id="forms")
    latest = sorted(forms, key=lambda each: each.entered_at, reverse=True)
    columns = (t("Form"), t("Which"), t("Version"), t("Entered (UTC)"), t("By"))
    caption = tn("{n} form, the latest entry first", "{n} forms, the latest entry first", len(latest))
    listing = table(caption, columns, [_form_row(code, each) for each in latest])
    return html.Section(
        [html.H2(t("Forms on record")), html.Div(listing, className="forms-list")],
        className="card",
        id="forms",
    )


def _form_row(code: str, form: FormVersion) -> Content:
    taken_back = html.Span(t("taken back"), className="borderline")
    return html.Tr(
        [
            html.Td(dcc.Link(kind_words(form.kind), href=form_href(code, form.id))),
            html.Td(which_words(form) or "–"),
            html.Td([str(form.version), " ", taken_back if form.void else None]),
            html.Td(f"{form.entered_at:%Y-%m-%d %H:%M}", className="nowrap"),
            html.Td(form.entered_by),
        ]
    )

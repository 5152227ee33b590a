"""What a check before submitting says: the verdict, what to look at, and what submitting would come to."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html

from trial_core.domain.criteria import Verdict
from trial_core.domain.plan import SubmissionState
from trial_core.domain.precheck import Precheck
from trial_core.domain.records_alone import findings_of_records
from trial_core.domain.report import CourseReport, ResultRow
from trial_core.domain.rounding import threshold
from trial_core.domain.set_content import SetContent
from web.components.criteria import dose_words, needs_a_look
from web.components.frame import Content
from web.components.marks import said
from web.components.notices import Tone, notice
from web.components.numbers import with_uncertainty
from web.components.report_parts import findings_card
from web.components.tables import table
from web.components.verdict import counted_verdicts, css_name, sentence_case, verdict_mark
from web.words import later, t, tc, tn

_EXPECTED = {
    SubmissionState.CHECKED: (
        Tone.INFO,
        later("It can be submitted."),
        later("Whose files these are is known."),
    ),
    SubmissionState.AWAITING_CONFIRMATION: (
        Tone.INFO,
        later("It can be submitted."),
        later("After that a person of the site says whose files these are; then the verdict counts."),
    ),
    SubmissionState.DUPLICATE: (
        Tone.INFO,
        later("It was submitted before."),
        later("The same plans are on this subject's record already; submitting them adds nothing."),
    ),
    SubmissionState.REFUSED: (
        Tone.STOP,
        later("Refused: it cannot be used."),
        later(
            "The findings below say which file, why, and what to do. Correct it and choose the files anew."
        ),
    ),
    SubmissionState.BLOCKED: (
        Tone.STOP,
        later("Blocked: not this subject's files."),
        later("The findings below say what contradicts. Find out whose files these are."),
    ),
}

MAY_BE_SUBMITTED = frozenset({SubmissionState.CHECKED, SubmissionState.AWAITING_CONFIRMATION})


def expected_notice(found: Precheck) -> Content:
    """Say what submitting would come to."""
    if found.expected_state is None:
        return None
    tone, title, words = _EXPECTED[found.expected_state]
    return notice(tone, str(title) + " ", str(words))


def precheck_findings(found: Precheck, report: CourseReport | None, *, records_only: bool = False) -> Content:
    """Give every finding: those of the set, then those of its report; of records none that asks for plans."""
    own = [each.as_mapping() for each in found.findings]
    reported = report.findings if report is not None else ()
    return findings_card([*own, *(findings_of_records(reported) if records_only else reported)])


def records_notice() -> Content:
    """Say where records that come alone find their plans."""
    words = t("The subject's page shows after submitting what they count for.")
    return notice(Tone.INFO, t("Each record is counted for the plan on record that it names. "), words)


def verdict_banner(report: CourseReport) -> Content:
    """Give the verdict of the course and of its plans, with the reasons."""
    plans = [
        html.Li([html.Span(plan.label, className="mono"), " ", verdict_mark(plan.verdict)])
        for plan in report.plans
    ]
    return html.Div(
        [
            html.Div(
                [
                    html.Div(t("Course, before submitting"), className="small muted"),
                    verdict_mark(report.verdict),
                ]
            ),
            html.Div(
                [
                    html.Ul(
                        [html.Li(said(sentence_case(each))) for each in report.reasons], className="reasons"
                    ),
                    html.Ul(plans, className="plan-verdicts"),
                    *counted_verdicts(report),
                ],
                className="banner-text",
            ),
        ],
        className=f"banner verdict-{css_name(report.verdict)}",
        id="precheck-verdict",
        role="region",
        **{"aria-label": t("Verdict of the course, before submitting")},
    )


def content_findings(content: SetContent) -> Content:
    """Give what reading the files found, before anything is judged."""
    return findings_card([each.as_mapping() for each in content.findings]) if content.findings else None


def criteria_card(report: CourseReport) -> Content:
    """Give the criteria: first those that have to be looked at, the others folded up."""
    if not report.results:
        return None
    unknown = [row for row in report.results if row.verdict is Verdict.NOT_EVALUABLE]
    first = [row for row in report.results if needs_a_look(row) and row not in unknown]
    rest = [row for row in report.results if not needs_a_look(row)]
    return html.Section(
        [
            html.H2(t("Criteria")),
            _table(report, first, t("To be looked at")) if first else None,
            html.P(t("Nothing has to be looked at.")) if not first and not unknown else None,
            _folded(
                report,
                unknown,
                tn("{n} not evaluable", "{n} not evaluable", len(unknown)),
                t("Not evaluable"),
            ),
            _folded(
                report,
                rest,
                tn("{n} other criterion", "{n} other criteria", len(rest)),
                t("Met, or not contoured"),
            ),
        ],
        className="card",
        id="precheck-criteria",
    )


def _folded(report: CourseReport, rows: Sequence[ResultRow], summary: str, caption: str) -> Content:
    return html.Details([html.Summary(summary), _table(report, rows, caption)]) if rows else None


def _table(report: CourseReport, rows: Sequence[ResultRow], caption: str) -> Content:
    columns = (t("Structure"), t("Metric"), t("Dose"), t("Value"), t("Ideal"), t("Limit"), t("Verdict"))
    return table(caption, columns, [_row(report, row) for row in rows], numeric=columns[3:6])


def _row(report: CourseReport, row: ResultRow) -> Content:
    own = [each for each in row.site_structures if each != row.counts_as]
    value = with_uncertainty(row.value, row.uncertainty, row.unit, (row.ideal, row.limit))
    reason = html.Span(said(sentence_case(row.reason)), className="sub") if row.reason else None
    borderline = html.Span(tc("of a verdict", "Borderline"), className="sub") if row.borderline else None
    return html.Tr(
        [
            html.Td([row.counts_as, html.Span(", ".join(own), className="sub") if own else None]),
            html.Td(row.metric, className="mono"),
            html.Td(dose_words(report, row)),
            html.Td(value, className="number"),
            html.Td(threshold(row.relation, row.ideal, row.unit), className="number"),
            html.Td(threshold(row.relation, row.limit, row.unit), className="number"),
            html.Td([verdict_mark(row.verdict), borderline, reason]),
        ],
        **{"data-verdict": str(row.verdict)},
    )

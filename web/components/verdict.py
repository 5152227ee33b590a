"""A verdict, a state or a severity as shape, word and colour; the word is always there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from dash import html

from trial_core.domain.criteria import Verdict
from trial_core.domain.plan import SubmissionState, SubmissionSummary
from trial_core.domain.report import CheckStatus, CheckWeight, CourseReport, PlanCheckResult
from web.components.frame import Content
from web.words import later, t, word_from

PENDING = "pending"

STATE_WORDS = {
    SubmissionState.RECEIVING: later("Not submitted"),
    SubmissionState.SUBMITTED: later("Being checked"),
    SubmissionState.AWAITING_CONFIRMATION: later("Whose files? To be confirmed"),
    SubmissionState.CHECKED: later("Checked"),
    SubmissionState.REFUSED: later("Refused: cannot be used"),
    SubmissionState.BLOCKED: later("Blocked: not this subject's files"),
    SubmissionState.DUPLICATE: later("Submitted before"),
    SubmissionState.FAILED: later("Check failed"),
    SubmissionState.ABANDONED: later("Given up"),
}

REJECTED = later("Blocked: another patient's files")
"""Of a blocked set that has a version: it was said after the check; no verdict of it counts."""

_SEVERITY_WORDS = {"error": later("Error"), "warning": later("Warning"), "info": later("Note")}


def state_words(summary: SubmissionSummary) -> str:
    """Say where a submission stands."""
    if summary.state is SubmissionState.BLOCKED and summary.version is not None:
        return str(REJECTED)
    return str(STATE_WORDS[summary.state])


def css_name(verdict: str) -> str:
    """Give a verdict's part of a CSS class: "per protocol" -> "per_protocol"."""
    return verdict.replace(" ", "_")


def sentence_case(words: str) -> str:
    """Give words with a capital at the beginning and the rest as it is."""
    return words[:1].upper() + words[1:]


def verdict_mark(verdict: Verdict | str) -> Content:
    """Give the mark of a verdict."""
    name = str(verdict)
    words = sentence_case(word_from(Verdict, name))
    return html.Span(words, className=f"verdict verdict-{css_name(name)}")


def check_mark(check: PlanCheckResult) -> Content:
    """Give the mark of a plan check: what its outcome means for the verdict of the plan."""
    words, tone = _check_words(check)
    return html.Span(words, className=f"verdict verdict-{css_name(tone)}")


def severity_mark(severity: str) -> Content:
    """Give the mark of a finding's severity."""
    known = severity if severity in _SEVERITY_WORDS else "warning"
    return html.Span(str(_SEVERITY_WORDS.get(severity, severity)), className=f"severity severity-{known}")


def counted_verdicts(report: CourseReport) -> list[Content]:
    """Give what the verdict of the course counts, as the printed report does, and the words that say so."""
    words = t(
        "Counted once each: structure and metric at its worst over plan, physical sum and EQD2 sum, "
        "and each plan check that did not pass and weighs."
    )
    return [tally(item.verdict for item in report.counted), html.P(words, className="small muted")]


def tally(verdicts: Iterable[Verdict]) -> Content:
    """Count verdicts, worst first, as a line of marks."""
    counts = Counter(verdicts)
    order = (
        Verdict.UNACCEPTABLE_DEVIATION,
        Verdict.NOT_EVALUABLE,
        Verdict.ACCEPTABLE_VARIATION,
        Verdict.PER_PROTOCOL,
        Verdict.NOT_CONTOURED,
    )
    return html.Ul(
        [
            html.Li(
                html.Span(
                    f"{counts[verdict]} {word_from(Verdict, verdict)}",
                    className=f"verdict verdict-{css_name(verdict)}",
                )
            )
            for verdict in order
            if counts[verdict]
        ],
        className="tally",
    )


def _check_words(check: PlanCheckResult) -> tuple[str, str]:
    match check.status:
        case CheckStatus.PASSED:
            return t("Passed"), Verdict.PER_PROTOCOL
        case CheckStatus.UNKNOWN:
            return t("Not known"), Verdict.NOT_EVALUABLE
        case CheckStatus.FAILED:
            return _failed_words(check.weight)


def _failed_words(weight: CheckWeight) -> tuple[str, str]:
    match weight:
        case CheckWeight.UNACCEPTABLE:
            return t("Failed: unacceptable"), Verdict.UNACCEPTABLE_DEVIATION
        case CheckWeight.VARIATION:
            return t("Failed: variation"), Verdict.ACCEPTABLE_VARIATION
        case CheckWeight.NOT_EVALUABLE:
            return t("Failed: not evaluable"), Verdict.NOT_EVALUABLE
        case CheckWeight.NOTE:
            return t("Differs: note only"), Verdict.NOT_CONTOURED

"""The study's state and the stopping rule's gauge, as Today and Study show them."""

from __future__ import annotations

from dash import html

from trial_core.domain.study_state import Study, StudyState
from trial_core.services.safety_figures import SafetyFigures
from web.components.frame import Content
from web.components.marks import Mark, mark, typed
from web.components.verdict import sentence_case
from web.words import t, tn, word

_MARKS = {
    StudyState.RUN_IN: Mark.GOOD,
    StudyState.OBSERVATION: Mark.PENDING,
    StudyState.IIB: Mark.GOOD,
    StudyState.CLOSED: Mark.NONE,
    StudyState.HELD: Mark.WARN,
    StudyState.TERMINATED: Mark.STOP,
}


def state_mark(state: StudyState) -> Content:
    """Give a state of the study."""
    return mark(_MARKS[state], sentence_case(word(state)))


def state_lines(now: Study) -> Content:
    """Give the state, and why it is so where that was not the usual course."""
    why = html.Div([t("Reason:"), " ", typed(now.reason)], className="small") if now.reason else None
    return html.Div([state_mark(now.state), why], className="study-state")


def gauge(figures: SafetyFigures) -> Content:
    """Give the stopping rule: one box for each subject that counts, the limit, the rate and its limits."""
    counted, stop_at = figures.counted, figures.stop_at
    boxes = [
        html.Span(className="gauge-box gauge-full" if number < counted else "gauge-box")
        for number in range(max(stop_at, counted))
    ]
    words = t("{counted} of {stop_at} that hold the study", counted=counted, stop_at=stop_at)
    return html.Div(
        [
            html.Div(
                [html.Span(boxes, className="gauge", **{"aria-hidden": "true"}), _gauge_mark(figures, words)],
                className="labelled gauge-line",
            ),
            html.P(_rate_words(figures), className="muted small"),
        ]
    )


def _gauge_mark(figures: SafetyFigures, words: str) -> Content:
    left = figures.stop_at - figures.counted
    return mark(Mark.STOP if left <= 0 else Mark.WARN if left == 1 else Mark.GOOD, words)


def _rate_words(figures: SafetyFigures) -> str:
    if figures.limits is None or not figures.enrolled:
        return t("Nobody is enrolled in the run-in yet.")
    lower, upper = 100 * figures.limits.lower, 100 * figures.limits.upper
    return tn(
        "{share} % of {n} run-in subject count (95 % limits by Clopper-Pearson: {lower} to {upper} %).",
        "{share} % of {n} run-in subjects count (95 % limits by Clopper-Pearson: {lower} to {upper} %).",
        figures.enrolled,
        share=f"{100 * figures.counted / figures.enrolled:.1f}",
        lower=f"{lower:.1f}",
        upper=f"{upper:.1f}",
    )

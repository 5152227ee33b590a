"""How far a check is: its stages, the step within the stage, and what broke off before."""

from __future__ import annotations

from dash import html

from trial_core.domain.jobs import JobProgress, JobState, Stage
from trial_core.domain.plan import SubmissionState, SubmissionSummary
from web.components.frame import Content
from web.components.verdict import sentence_case
from web.words import t, word, word_from


def check_progress(summary: SubmissionSummary) -> Content:
    """Give the stages and the bar of a check that is not done yet; nothing for any other state."""
    if summary.state is not SubmissionState.SUBMITTED:
        return None
    return progress_card(summary.job, t("You can leave this page; the work list shows the outcome."))


def progress_card(job: JobProgress | None, hint: str) -> Content:
    """Give the stages and the bar of a check that waits or runs."""
    words, percent = _job_words(job)
    bar = html.Div(
        html.Div(className="meter-fill", style={"width": f"{percent}%"}),
        className="meter",
        role="progressbar",
        **{
            "aria-label": t("Check"),
            "aria-valuemin": "0",
            "aria-valuemax": "100",
            "aria-valuenow": str(percent),
        },
    )
    return html.Section(
        [
            html.H2(t("Check")),
            _stages(job),
            html.P(words, id="check-words", **{"aria-live": "polite"}),
            bar,
            html.P(hint, className="muted small"),
        ],
        className="card",
    )


def _stages(job: JobProgress | None) -> Content:
    stage = job.stage if job is not None and job.state is JobState.RUNNING else None
    stages = [each.value for each in Stage]
    now = stages.index(stage) if stage in stages else -1  # one that a newer worker names is shown in words
    marks = [
        "stage-done" if index < now else "stage-now" if index == now else "" for index in range(len(stages))
    ]
    return html.Ol(
        [
            html.Li(sentence_case(word(each)), className=f"stage {mark}".strip())
            for each, mark in zip(Stage, marks, strict=True)
        ],
        className="stages",
    )


def _job_words(job: JobProgress | None) -> tuple[str, int]:
    if job is None or job.state is JobState.WAITING:
        return t("Waiting for a worker.") + _broke_off(job), 0
    percent = round(100 * job.done / job.total) if job.total else 0
    step = t(" ({done} of {total})", done=job.done, total=job.total) if job.total else ""
    stage = word_from(Stage, job.stage) if job.stage else t("begun")
    return f"{sentence_case(stage)}{step}", percent


def _broke_off(job: JobProgress | None) -> str:
    if job is None or job.attempts == 0:
        return ""
    return t(
        " Attempt {n} of {cap} broke off: {why}",
        n=job.attempts,
        cap=job.attempts_cap,
        why=job.error or t("the worker was lost"),
    )

"""The receipt of a submission: what was handed over, by whom, when, and the hash that proves it."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html

from trial_core.domain.given_names import SaidName
from trial_core.domain.plan import SubmissionState, SubmissionView
from trial_core.domain.precheck import Receipt
from trial_core.domain.rounding import file_size
from web.components.frame import Content
from web.components.tables import facts, table
from web.words import t, tn

_NAMES_NOT_CLEARED = (SubmissionState.RECEIVING, SubmissionState.SUBMITTED, SubmissionState.FAILED)
"""Names of files are as they were sent, and may be the patient's, until a check has come to its end."""


def receipt_card(view: SubmissionView, receipt: Receipt) -> Content:
    """Give the receipt, with the list of files once no name of one can tell whose it is."""
    submitted = receipt.submitted_at is not None
    return html.Section(
        [
            html.H2(t("Receipt") if submitted else t("Files")),
            facts(_known(receipt) if submitted else _sent(receipt)),
            _names(receipt.names) if submitted else None,
            _files(view),
        ],
        className="card",
        id="receipt",
    )


def _known(receipt: Receipt) -> list[tuple[str, Content]]:
    at = receipt.submitted_at
    return [
        (t("Subject"), t("{code}, site {site}", code=receipt.subject_code, site=receipt.site_code)),
        (t("Submitted"), "–" if at is None else f"{at:%Y-%m-%d %H:%M:%S} UTC"),
        (t("Submitted by"), receipt.submitted_by),
        (t("Files"), _counted(receipt)),
        (t("Number"), html.Span(receipt.submission_id, className="mono")),
        (t("SHA-256 of the set"), html.Span(receipt.set_sha256, className="mono")),
    ]


def _sent(receipt: Receipt) -> list[tuple[str, Content]]:
    return [(t("Sent by"), receipt.submitted_by), (t("Files"), _counted(receipt))]


def _counted(receipt: Receipt) -> str:
    size = file_size(receipt.size_bytes)
    return tn("{n} file, {size}", "{n} files, {size}", receipt.files, size=size)


def _names(names: Sequence[SaidName]) -> Content:
    if not names:
        return None
    rows = [
        html.Tr(
            [
                html.Td(html.Bdi(one.name.site_name)),
                html.Td(one.name.structure),
                html.Td(one.by),
                html.Td(f"{one.at:%Y-%m-%d %H:%M} UTC"),
            ]
        )
        for one in names
    ]
    columns = (t("Name in the files"), t("Is, in the protocol"), t("Said by"), t("At"))
    return table(t("Names given to structures"), columns, rows)


def _files(view: SubmissionView) -> Content:
    if view.summary.state in _NAMES_NOT_CLEARED:
        words = t("They are listed once the check has seen that no name of a file tells whose it is.")
        return html.P(words, className="muted small")
    rows = [
        html.Tr(
            [
                html.Td(file.name, className="mono"),
                html.Td(file_size(file.size_bytes), className="number"),
                html.Td(file.sha256, className="mono"),
            ]
        )
        for file in view.files
    ]
    columns = (t("Name"), t("Size"), "SHA-256")
    listed = table(t("Files as they were handed over"), columns, rows, numeric=columns[1:2])
    return html.Details([html.Summary(t("Every file with its hash")), listed])

"""Downloads of a report: its JSON, the page to keep, and the PDF to print or file."""

from __future__ import annotations

import json

from flask import Blueprint, Response

from trial_core.services import submissions
from trial_core.services.signed_report import signed_lines, signed_report
from web.house import actor, house, synthetic_words
from web.reading.reports import report_of
from web.reading.standing import newer_version, record_lines, record_of, view_of
from web.words.printed import printed_words

routes = Blueprint("report_files", __name__, url_prefix="/submissions/<submission_id>")


@routes.get("/report.json")
def report_json(submission_id: str) -> Response:
    """Give the report's JSON; before the bytes that are kept stands what the record says of them now."""
    home = house()
    data = submissions.report_bytes(home.db, home.store, actor(), submission_id=submission_id)
    record = json.dumps(record_of(view_of(submission_id)), ensure_ascii=False)
    said = b'{"record":' + record.encode() + b"," + data.removeprefix(b"{")
    return _file(said, "application/json", f"dosegate-{submission_id}.json")


@routes.get("/report.html")
def report_html(submission_id: str) -> Response:
    """Give the report as one HTML file that needs nothing beside it; it says what the record says of it."""
    from workers.reports.html import render_html  # noqa: PLC0415 - only this page needs the renderer

    page = render_html(report_of(submission_id), record=_said(submission_id))
    return _file(page.encode(), "text/html; charset=utf-8", f"dosegate-{submission_id}.html")


@routes.get("/report.pdf")
def report_pdf(submission_id: str) -> Response:
    """Give the report as PDF in the reader's language, with what the record says of it and who signed."""
    from workers.reports.pdf.record import Record  # noqa: PLC0415 - only this page needs the renderer
    from workers.reports.pdf.render import render_pdf  # noqa: PLC0415

    view = view_of(submission_id)
    newer = newer_version(view)
    record = Record(
        view=view,
        signed=signed_report(house().db, actor(), submission_id=submission_id),
        newer_version=None if newer is None else newer.version,
        synthetic=synthetic_words() is not None,
    )
    data = render_pdf(report_of(submission_id), record=record, words=printed_words())
    return _file(data, "application/pdf", f"dosegate-{submission_id}.pdf")


def _said(submission_id: str) -> tuple[str, ...]:
    signed = signed_lines(house().db, actor(), submission_id=submission_id)
    return (*record_lines(view_of(submission_id)), *signed)


def _file(data: bytes, content_type: str, name: str) -> Response:
    response = Response(data, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response

"""Files of a subject: its time line as a table."""

from __future__ import annotations

from flask import Blueprint, Response

from trial_core.services.subject_course import subject_course
from web.components.time_line import CSV_COLUMNS, csv_rows
from web.downloads.csv_files import csv_answer
from web.house import actor, house
from web.reading.study_protocol import conduct

routes = Blueprint("time_line_csv", __name__, url_prefix="/subjects/<code>")


@routes.get("/time-line.csv")
def time_line_csv(code: str) -> Response:
    """Give the time line that the subject's page shows."""
    line = subject_course(house().db, conduct(), actor(), code=code).time_line
    return csv_answer(f"time-line-{code}", CSV_COLUMNS, csv_rows(line))

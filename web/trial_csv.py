"""The numbers behind the trial's figures as CSV files, each asked of its service anew."""

from __future__ import annotations

from flask import Blueprint, Response

from trial_core.services import safety_figures
from web.csv_files import csv_answer
from web.house import actor, house
from web.study_protocol import protocol

routes = Blueprint("trial_csv", __name__)


@routes.get("/study/stopping-rule.csv")
def stopping_rule() -> Response:
    """Give the probability of a stop by true rate."""
    figures = safety_figures.safety_figures(house().db, actor(), protocol=protocol())
    columns = ("true_rate", "probability_of_stop", "run_in_size", "stop_at")
    rows = [(rate, stops, figures.run_in_size, figures.stop_at) for rate, stops in figures.stops]
    return csv_answer("stopping-rule", columns, rows)

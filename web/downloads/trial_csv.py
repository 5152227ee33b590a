"""The numbers behind the trial's figures as CSV files, each asked of its service anew."""

from __future__ import annotations

from flask import Blueprint, Response

from trial_core.services import everybody, safety_figures, toxicity
from web.downloads.csv_files import csv_answer
from web.house import actor, house
from web.reading.study_protocol import conduct, protocol

routes = Blueprint("trial_csv", __name__)


@routes.get("/study/stopping-rule.csv")
def stopping_rule() -> Response:
    """Give the probability of a stop by true rate."""
    figures = safety_figures.safety_figures(house().db, actor(), protocol=protocol())
    columns = ("true_rate", "probability_of_stop", "run_in_size", "stop_at")
    rows = [(rate, stops, figures.run_in_size, figures.stop_at) for rate, stops in figures.stops]
    return csv_answer("stopping-rule", columns, rows)


@routes.get("/toxicity/subjects.csv")
def toxicity_by_subject() -> Response:
    """Give the worst grades of every subject in reach."""
    found = everybody.subjects_at_a_glance(house().db, actor(), protocol=protocol())
    columns = ("site", "subject", "ctcae_version", "term", "worst_grade_emergent", "worst_grade_ever")
    rows = [
        (each.site, each.code, one.version, one.term, one.emergent, one.ever)
        for each in found
        for one in each.worst_grades
    ]
    return csv_answer("toxicity-by-subject", columns, rows)


@routes.get("/toxicity/arms.csv")
def toxicity_by_arm() -> Response:
    """Give the worst grades by arm as treated."""
    found = toxicity.toxicity_by_arm(house().db, conduct(), actor())
    grades = tuple(f"grade_{grade}" for grade in range(1, 6))
    columns = ("ctcae_version", "term", "arm_as_treated", "subjects", *grades)
    rows = [(each.version, each.term, each.arm, each.subjects, *each.with_grade) for each in found.rows]
    return csv_answer("toxicity-by-arm", columns, rows)

"""A data cut's tables by subject, for whoever computes on with them: the statistician's alone."""

from __future__ import annotations

from flask import Blueprint, Response

from trial_core.services.cut_subjects import subjects_of_cut
from trial_core.services.dose_outcome import dose_outcome_csv
from web.downloads.csv_files import named_csv
from web.house import actor, house
from web.reading.cuts import figures_of

routes = Blueprint("cut_tables", __name__, url_prefix="/outcomes/<cut_id>")


@routes.get("/dose-and-outcome.csv")
def dose_and_outcome(cut_id: str) -> Response:
    """Give one row a subject and dose metric, with its toxicity and PFS."""
    label = figures_of(cut_id).cut.label
    table = dose_outcome_csv(house().db, house().store, actor(), label=label)
    return named_csv(f"{label}-dose-and-outcome", table)


@routes.get("/subjects.json")
def subjects(cut_id: str) -> Response:
    """Give every subject with its populations, PFS and survival and the reasons for them."""
    label = figures_of(cut_id).cut.label
    response = Response(
        subjects_of_cut(house().db, house().store, actor(), label=label), content_type="application/json"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="cut-{cut_id}-subjects.json"'
    return response

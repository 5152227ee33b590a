"""The numbers behind a data cut's figures as CSV files, each for whoever may see the figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from flask import Blueprint, Response, abort

from trial_core.domain.subject import Phase
from web.components.cut_toxicity import CAUSES, grades_of
from web.downloads.csv_files import Cell, csv_answer
from web.figures.toxicity import GRADES
from web.pages.data_cut import endpoints, forest_rows, lanes_of
from web.reading.cuts import CutFigures, figures_of

routes = Blueprint("cut_csv", __name__, url_prefix="/outcomes/<cut_id>/<phase>")

Rows = tuple[Sequence[str], Iterator[Sequence[Cell]]]


@routes.get("/<name>.csv")
def figure_csv(cut_id: str, phase: str, name: str) -> Response:
    """Give the numbers of one figure."""
    make = _MAKERS.get(name)
    if make is None or phase not in set(Phase):
        abort(404)
    figures = figures_of(cut_id)
    columns, rows = make(figures, Phase(phase), name)
    return csv_answer(f"{figures.cut.label}-{phase}-{name}", columns, rows)


def _survival(figures: CutFigures, phase: Phase, name: str) -> Rows:
    keys = ("days", "at_risk", "events", "survival", "lower", "upper")
    endpoint = endpoints(figures, phase)[name] or {"curves": {}}

    def rows() -> Iterator[Sequence[Cell]]:
        for group, curve in endpoint["curves"].items():
            for values in zip(*(curve[key] for key in keys), strict=True):
                yield (group, *values)

    return ("group", *keys), rows()


def _forest(figures: CutFigures, _phase: Phase, name: str) -> Rows:
    columns = ("subjects", "events_of_subjects", "hazard_ratio", "lower", "upper", "why_none")
    found = forest_rows(figures, name.removeprefix("forest-"))
    return columns, ((one.label, one.counts, one.ratio, one.lower, one.upper, one.why_none) for one in found)


def _waterfall(figures: CutFigures, phase: Phase, _name: str) -> Rows:
    keys = ("subject", "group", "best_change_percent", "best_response")
    return keys, (tuple(lane[key] for key in keys) for lane in lanes_of(figures, phase))


def _swimmer(figures: CutFigures, phase: Phase, _name: str) -> Rows:
    def rows() -> Iterator[Sequence[Cell]]:
        for lane in lanes_of(figures, phase):
            for day, what in _days(lane):
                yield lane["subject"], lane["group"], day, what

    return ("subject", "group", "day", "what"), rows()


def _days(lane: dict[str, Any]) -> list[tuple[int, str]]:
    found = [(day, what) for what in ("cycles", "radiotherapy", "other_therapy") for day in lane[what]]
    found += [(one["day"], f"response {one['response']}") for one in lane["responses"]]
    if lane["days"] is not None:
        found.append((lane["days"], "died" if lane["died"] else "last known to be alive"))
    return sorted(found)


def _dose(figures: CutFigures, phase: Phase, _name: str) -> Rows:
    columns = ("group", "figure", "scope", "event", "value", "had_event")

    def rows() -> Iterator[Sequence[Cell]]:
        for group, found in figures.dose[phase.value].items():
            for each in (*found["pneumonitis"], found["lymphopenia"]):
                for had, key in ((1, "with_event"), (0, "without_event")):
                    for value in each[key] or ():
                        yield group, each["figure"], each["scope"], each["event"], value, had

    return columns, rows()


def _toxicity(figures: CutFigures, phase: Phase, _name: str) -> Rows:
    columns = ("cause", "term", "group", "subjects", *(f"grade_{grade}" for grade in GRADES))
    rows = ((cause, each) for cause in CAUSES for each in grades_of(figures.outcome, phase, cause))
    return columns, ((cause, each.term, each.group, each.subjects, *each.with_grade) for cause, each in rows)


_MAKERS: dict[str, Callable[[CutFigures, Phase, str], Rows]] = {
    "pfs": _survival,
    "os": _survival,
    "forest-pfs": _forest,
    "forest-os": _forest,
    "waterfall": _waterfall,
    "swimmer": _swimmer,
    "dose-response": _dose,
    "toxicity": _toxicity,
}

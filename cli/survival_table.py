"""A survival analysis as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cli.table import Cell, Colour, harmless, lay_out

NOT_REACHED = "NR"
NOTHING = "–"

Document = Mapping[str, Any]


def survival_lines(document: Document, *, colour: bool) -> list[str]:
    """Give the analysis, as JSON has it, as lines of text."""
    blocks = [
        _groups(document),
        _tests(document),
        _ratios(document),
        _means(document),
        _landmarks(document),
        _at_risk(document),
    ]
    tables = [_table(block, colour) for block in blocks if len(block) > 1]
    lines = [f"{document['n']} subjects, {document['events']} events. Times in days; all limits are 95 %."]
    for table in tables:
        lines += ["", *table]
    return [*lines, "", *_legend(document)]


def _table(rows: Sequence[Sequence[str]], colour: bool) -> list[str]:
    head = [Cell(text, Colour.BOLD, right=place > 0) for place, text in enumerate(rows[0])]
    body = [[Cell(text, right=place > 0) for place, text in enumerate(row)] for row in rows[1:]]
    return lay_out([head, *body], colour=colour)


def _groups(document: Document) -> list[list[str]]:
    rows = [["group", "n", "events", "median", "limits (log-log)", "median follow-up"]]
    for key, group in document["groups"].items():
        rows.append(
            [
                key,
                str(group["n"]),
                str(group["events"]),
                _days(group["median"]),
                f"{_days(group['median_lower'])} to {_days(group['median_upper'])}",
                _days(group["follow_up_median"]),
            ]
        )
    return rows


def _tests(document: Document) -> list[list[str]]:
    rows = [["test", "n", "chi2", "df", "p"]]
    for name, key in (("log-rank", "logrank"), ("stratified log-rank", "stratified_logrank")):
        if test := document[key]:
            rows.append([name, str(test["n"]), _number(test["chi2"]), str(test["df"]), _p(test["p"])])
    return rows


def _ratios(document: Document) -> list[list[str]]:
    rows = [["Cox model (Efron)", "n", "hazard ratio", "limits (Wald)", "p", "p of proportional hazards"]]
    for name, key in (("hazard ratio", "cox"), ("stratified", "stratified_cox")):
        if fit := document[key]:
            drift = fit["proportional_hazards"]
            limits = f"{_number(fit['lower'])} to {_number(fit['upper'])}"
            rows.append(
                [
                    f"{name}, against {fit['reference']}",
                    str(fit["n"]),
                    _number(fit["hazard_ratio"]),
                    NOTHING if fit["lower"] is None else limits,
                    _p(fit["p"]),
                    _p(drift and drift["p"]),
                ]
            )
    return rows


def _means(document: Document) -> list[list[str]]:
    means = document["rmst"]
    rows = [[f"restricted mean to day {means['tau']:g}", "days", "standard error", "limits (normal)", "p"]]
    for key, mean in means["groups"].items():
        rows.append([key, _number(mean["value"]), _number(mean["se"]), "", ""])
    if found := means["difference"]:
        limits = f"{_number(found['lower'])} to {_number(found['upper'])}"
        reference = document["cox"]["reference"]
        rows.append(
            [
                f"difference, minus {reference}",
                _number(found["value"]),
                _number(found["se"]),
                NOTHING if found["lower"] is None else limits,
                _p(found["p"]),
            ]
        )
    return rows


def _landmarks(document: Document) -> list[list[str]]:
    rows = [["survival", "group", "at risk", "rate", "limits (log-log)"]]
    for landmark in document["landmarks"]:
        for key, found in landmark["groups"].items():
            limits = f"{_number(found['lower'])} to {_number(found['upper'])}"
            rows.append(
                [
                    f"day {landmark['at']:g}",
                    key,
                    str(found["at_risk"]),
                    _number(found["survival"]),
                    NOTHING if found["lower"] is None else limits,
                ]
            )
    return rows


def _at_risk(document: Document) -> list[list[str]]:
    counted = document["numbers_at_risk"]
    rows = [["at risk on day", *(f"{day:g}" for day in counted["days"])]]
    for key, counts in counted["groups"].items():
        rows.append([key, *map(str, counts)])
    return rows


def _legend(document: Document) -> list[str]:
    lines = [f"{NOT_REACHED}: not reached. {NOTHING}: cannot be estimated (see the findings)."]
    if document["cox"]:
        reference = document["cox"]["reference"]
        lines.append(f"Ratios and differences are the other group against {harmless(reference)!r}.")
    return lines


def _days(value: float | None) -> str:
    return NOT_REACHED if value is None else f"{value:.7g}"


def _number(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.4g}"


def _p(value: float | None) -> str:
    if value is None:
        return NOTHING
    return "<0.0001" if value < 0.0001 else f"{value:.4f}"

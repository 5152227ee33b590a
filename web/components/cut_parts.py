"""A data cut's endpoints and predictions in tables: every number that its figures show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from web.components.frame import Content
from web.components.marks import said
from web.components.tables import facts, table
from web.figures.survival import group_name
from web.words import t

Json = dict[str, Any]


def endpoint_parts(endpoint: Json) -> list[Content]:
    """Give an endpoint by group, and the comparison of the groups where there are two."""
    return [_groups(endpoint), _comparison(endpoint), _remarks(endpoint)]


def _groups(endpoint: Json) -> Content:
    days = [each["at"] for each in endpoint["landmarks"]]
    columns = (
        t("Group"),
        t("Events / subjects"),
        t("Median, days"),
        t("Median follow-up, days"),
        *(t("Day {day}, %", day=f"{day:g}") for day in days),
    )
    rows = [_group(key, group, endpoint["landmarks"]) for key, group in endpoint["groups"].items()]
    return table(t("By group, with 95 % limits"), columns, rows)


def _group(key: str, group: Json, landmarks: list[Json]) -> Content:
    median = _limits(group["median"], group["median_lower"], group["median_upper"], digits=0)
    rates = [each["groups"][key] for each in landmarks]
    cells = (
        group_name(key),
        f"{group['events']} / {group['n']}",
        median,
        _number(group["follow_up_median"], digits=0),
        *(
            _limits(*(_percent(one[name]) for name in ("survival", "lower", "upper")), digits=1)
            for one in rates
        ),
    )
    return html.Tr([html.Td(html.Span(cell, className="nowrap")) for cell in cells])


def _comparison(endpoint: Json) -> Content:
    if endpoint["cox"] is None:
        return None
    pairs = [
        (t("Hazard ratio, A against B"), _ratio(endpoint["cox"])),
        (t("Stratified"), _ratio(endpoint["stratified_cox"])),
        (t("Log-rank test"), _p(endpoint["logrank"])),
        (t("Stratified log-rank test"), _p(endpoint["stratified_logrank"])),
        (t("Proportional hazards"), _p(endpoint["cox"]["proportional_hazards"])),
        (t("Restricted mean, A minus B"), _difference(endpoint["rmst"])),
    ]
    return facts([(name, value) for name, value in pairs if value is not None])


def _ratio(cox: Json | None) -> str | None:
    if cox is None:
        return None
    return _limits(cox["hazard_ratio"], cox["lower"], cox["upper"], digits=2)


def _p(test: Json | None) -> str | None:
    if test is None or test["p"] is None:
        return None
    return "p < 0.001" if test["p"] < 0.001 else f"p = {test['p']:.3f}"


def _difference(means: Json) -> str | None:
    found = means["difference"]
    if found is None or found["value"] is None:
        return None
    days = _limits(found["value"], found["lower"], found["upper"], digits=0)
    return t("{days} days, up to day {tau}", days=days, tau=f"{means['tau']:g}")


def _remarks(endpoint: Json) -> Content:
    if not endpoint["findings"]:
        return None
    return html.Ul(
        [html.Li(said(each["message"])) for each in endpoint["findings"]], className="reasons small"
    )


def predictions_table(groups: Mapping[str, Json]) -> Content:
    """Give predicted beside observed pneumonitis by group and model, and why others have no dose."""
    rows = [
        _prediction(group, each)
        for group, found in groups.items()
        for each in found["pneumonitis"]
        if each["expected"] is not None
    ]
    if not rows:
        return html.P(t("No subject has a checked EQD2 sum of both lungs."), className="muted")
    columns = (t("Group"), t("Model and dose"), t("Subjects"), t("Expected events"), t("Observed events"))
    return table(t("Pneumonitis of grade 2 or higher"), columns, rows, numeric=columns[2:])


def _prediction(group: str, each: Json) -> Content:
    observed = t("not pooled") if each["observed"] is None else str(each["observed"])
    numbers = (str(each["n"]), f"{each['expected']:.2f}", observed)
    model = html.Td([said(each["figure"]), html.Div(said(each["scope"]), className="sub")])
    return html.Tr(
        [html.Td(group_name(group)), model, *(html.Td(one, className="number") for one in numbers)]
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _number(value: float | None, *, digits: int) -> str:
    return t("not reached") if value is None else f"{value:.{digits}f}"


def _limits(value: float | None, lower: float | None, upper: float | None, *, digits: int) -> str:
    def bound(one: float | None) -> str:
        return "–" if one is None else f"{one:.{digits}f}"

    if value is None and lower is None and upper is None:
        return "–" if digits else t("not reached")
    shown = t("not reached") if value is None else f"{value:.{digits}f}"
    return t("{value} ({lower} to {upper})", value=shown, lower=bound(lower), upper=bound(upper))

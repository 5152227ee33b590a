"""A sum against its parts: doses are nowhere negative, so no metric of one contour falls by adding a plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dosimetry.expressions import MetricKind, parse_metric
from imaging.findings import Finding, FindingCode, warning
from trial_core.domain.criteria import ScopeKind, Verdict
from trial_core.domain.report import ResultRow

_ROUNDING = 1e-9
"""Of the value: the order in which doses are added."""


def against_parts(rows: Sequence[ResultRow]) -> tuple[tuple[ResultRow, ...], list[Finding]]:
    """Take the value from each sum that lies below one of its parts by more than both uncertainties.

    Such a sum was measured in other contours than its part, and in contours that miss the dose.

    Returns
    -------
    The rows, those of such a sum not evaluable, and a finding for each criterion that has one.
    """
    doubts = {key: doubt for key in dict.fromkeys(map(_key, rows)) if (doubt := _doubt(rows, key))}
    judged = tuple(
        _without_value(row, doubts[_key(row)]) if _is_doubtful(row, doubts) else row for row in rows
    )
    return judged, [_finding(*key, doubt) for key, doubt in doubts.items()]


_CriterionKey = tuple[str, str]


def _key(row: ResultRow) -> _CriterionKey:
    return row.counts_as, row.metric


def _is_doubtful(row: ResultRow, doubts: Iterable[_CriterionKey]) -> bool:
    return row.scope_kind is not ScopeKind.PLAN and _key(row) in doubts


def _doubt(rows: Sequence[ResultRow], key: _CriterionKey) -> str:
    """Why the sums of a criterion are not to be believed; empty where every part fits one of them."""
    metric = parse_metric(key[1])
    if metric.kind is MetricKind.VOLUME or metric.needs_prescription:
        return ""
    sign = -1.0 if metric.kind is MetricKind.COMPLEMENTARY_VOLUME else 1.0
    own = [row for row in rows if _key(row) == key]
    sums = [each for row in own if row.scope_kind is ScopeKind.SUM_PHYSICAL and (each := _bounds(row, sign))]
    parts = [(row, each) for row in own if row.scope_kind is ScopeKind.PLAN and (each := _bounds(row, sign))]
    if not sums:
        return ""
    most = max(high for _, high in sums)
    above = [row for row, (low, _) in parts if low > most + _ROUNDING * abs(most)]
    return _words(above[0], key[1]) if above else ""


def _bounds(row: ResultRow, sign: float) -> tuple[float, float] | None:
    """The least and the most that a row's value may be, times `sign`."""
    values = [each for each in (row.value, row.if_uncovered_zero, row.if_uncovered_max) if each is not None]
    if not values or row.margin is None:
        return None
    signed = [sign * each for each in values]
    uncertainty = row.uncertainty or 0.0
    return min(signed) - uncertainty, max(signed) + uncertainty


def _words(part: ResultRow, metric: str) -> str:
    value = "" if part.value is None else f" ({part.value:.4g} {part.unit})"
    side = "above" if parse_metric(metric).kind is MetricKind.COMPLEMENTARY_VOLUME else "below"
    return f"the sum lies {side} its part, the {part.scope}{value}: they were measured in different contours"


def _without_value(row: ResultRow, reason: str) -> ResultRow:
    return replace(
        row,
        value=None,
        uncertainty=None,
        if_uncovered_zero=None,
        if_uncovered_max=None,
        margin=None,
        verdict=Verdict.NOT_EVALUABLE,
        borderline=False,
        reason=reason,
    )


def _finding(structure: str, metric: str, doubt: str) -> Finding:
    return warning(
        FindingCode.SUM_BELOW_PART,
        f"{structure} {metric}: {doubt}. Its sums are not evaluable",
        action="Look which structure set shows the patient as treated, and hand over plans on that one.",
    )

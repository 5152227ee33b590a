"""Small data sets in which everything meets, against R 4.2.2 with survival 3.5-3.

`r_survival_3_5_3/expected.R` made the figures; ties, near-ties, times of 0, three groups, strata of one
group, and comparisons without information are among the cases.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trial_core.statistics.cumulative_incidence import cumulative_incidence
from trial_core.statistics.follow_up import follow_up
from trial_core.statistics.survival import SurvivalAnalysis, analyse_survival, survival_data
from trial_core.statistics.survival_json import survival_to_json

FOLDER = Path(__file__).parent / "r_survival_3_5_3"
Columns = dict[str, np.ndarray[Any, np.dtype[Any]]]


def _cases() -> dict[str, Columns]:
    rows: dict[str, list[dict[str, str]]] = {}
    with (FOLDER / "cases.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            rows.setdefault(row["case"], []).append(row)
    kinds = {"t": np.float64, "e": np.int64, "g": np.int64, "s": np.int64}
    return {
        case: {
            name: np.array([float(row[name]) for row in found]).astype(kind) for name, kind in kinds.items()
        }
        for case, found in rows.items()
    }


def _expected() -> dict[str, dict[str, float | None]]:
    figures: dict[str, dict[str, float | None]] = {}
    with (FOLDER / "expected.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            value = None if row["value"] == "NA" else float(row["value"])
            figures.setdefault(row["case"], {})[row["quantity"]] = value
    return figures


CASES, EXPECTED = _cases(), _expected()


def _analysed(columns: Columns) -> SurvivalAnalysis:
    data = survival_data(
        follow_up(columns["t"], columns["e"] == 1),
        [str(group) for group in columns["g"]],
        [int(stratum) for stratum in columns["s"]],
    )
    return analyse_survival(data)


def _figures(analysis: SurvivalAnalysis) -> dict[str, float | None]:
    """Name what we compute as the R script does."""
    document = survival_to_json(analysis)
    ours: dict[str, float | None] = {}
    for key, group in document["groups"].items():
        for name in ("median", "median_lower", "median_upper"):
            ours[f"g{key}_{name}"] = group[name]
            ours[f"follow_up_g{key}_{name}"] = group[f"follow_up_{name}"]
        ours[f"g{key}_rmst"] = document["rmst"]["groups"][key]["value"]
        ours[f"g{key}_rmst_se"] = document["rmst"]["groups"][key]["se"]
        ours |= _of_curve(analysis, key)
    for name in ("logrank", "stratified_logrank"):
        test = document[name] or {}
        ours |= {f"{name}_chi2": test.get("chi2"), f"{name}_p": test.get("p")}
    for name in ("cox", "stratified_cox"):
        fit = document[name] or {}
        ours |= {f"{name}_{part}": fit.get(part) for part in ("coef", "se", "p", "robust_se")}
        ours[f"{name}_zph"] = (fit.get("proportional_hazards") or {}).get("chi2")
    return ours


def _of_curve(analysis: SurvivalAnalysis, key: str) -> dict[str, float | None]:
    curve = analysis.groups[key].curve
    inside = np.flatnonzero((curve.survival < 1) & (curve.survival > 0))
    first = {
        f"g{key}_first_{name}": float(values[inside[0]]) if inside.size else None
        for name, values in (("day", curve.times_days), ("lower", curve.lower), ("upper", curve.upper))
    }
    return {**first, f"g{key}_last_survival": float(curve.survival[-1])}


def _incidences(columns: Columns, day: float) -> dict[str, float | None]:
    causes = np.where(columns["e"] == 1, 1 + columns["s"] % 2, 0)
    ours: dict[str, float | None] = {"incidence_day": day}
    for cause in (1, 2):
        curve = cumulative_incidence(columns["t"], causes, cause)
        last = int(np.searchsorted(curve.times_days, day, side="right")) - 1
        ours[f"incidence_{cause}"] = float(curve.incidence[last]) if last >= 0 else 0.0
        ours[f"incidence_se_{cause}"] = float(curve.standard_error[last]) if last >= 0 else 0.0
    return ours


@pytest.mark.parametrize("case", CASES)
def test_every_figure__is_that_of_r(case: str) -> None:
    columns, expected = CASES[case], EXPECTED[case]
    ours = _figures(_analysed(columns))
    if day := expected.get("incidence_day"):
        ours |= _incidences(columns, day)
    assert {name: ours[name] for name in expected} == {
        name: None if value is None else pytest.approx(value, rel=1e-9, abs=1e-10)
        for name, value in expected.items()
    }


def test_cases__hold_what_they_claim() -> None:
    figures = [
        name for expected in EXPECTED.values() for name, value in expected.items() if value is not None
    ]
    assert len(CASES) >= 40
    for name in ("cox_coef", "stratified_cox_zph", "stratified_logrank_p", "cox_robust_se", "incidence_se_2"):
        assert figures.count(name) >= 15, name

"""Metrics of structures in one dose, for any RTSTRUCT + RTDOSE, with or without plan and protocol."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any


class MetricsRefusedError(Exception):
    """Nothing could be computed: `findings` (JSON objects) say why; the command line ends with 2."""

    def __init__(self, message: str, findings: Sequence[dict[str, str | None]] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


def compute_metrics(
    paths: Iterable[Path],
    structures: Sequence[str],
    metrics: Sequence[str],
    prescription_gy: float | None,
    scratch: Path,
) -> dict[str, Any]:
    """Evaluate `metrics` for `structures` (all where empty).

    Parameters
    ----------
    paths
        Folders, ZIP archives and single files.
    structures
        Names of ROIs, verbatim.
    metrics
        Metric expressions; they are the keys of the result exactly as typed.
    prescription_gy
        100 % of percent doses in Gy; without it every metric that needs it is `None`.
    scratch
        An existing, private folder for inflated archives; the caller removes it.

    Returns
    -------
    dict
        `{"structures": {NAME: {"volume_cc": x, "metrics": {EXPR: value}}}, "findings": [...]}`.

    Raises
    ------
    MetricsRefusedError
        where nothing can be computed: no structure set or no dose, several of them, an unknown structure.
    dosimetry.expressions.ExpressionError
        if an expression is wrong; its message says where.
    """
    raise NotImplementedError

"""What the growth of a check is measured on, and how the curve is told."""

from __future__ import annotations

from collections import Counter

import pytest
import yaml

from benchmarks import growth
from benchmarks.growth import COPIED, crowded_protocol
from benchmarks.running import Measurement
from benchmarks.tasks import linearity
from trial_core.protocols.reader import read_protocol


def test_crowded_protocol__judges_each_copy_like_its_model(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setattr(growth, "FOLDER", tmp_path)
    path = crowded_protocol(2)
    read_protocol(path)
    rows = [
        row["structure"] for group in yaml.safe_load(path.read_text())["criteria"] for row in group["rows"]
    ]
    found = Counter(rows)
    for name in COPIED:
        assert found[name] == found[f"{name}_copy1"] == found[f"{name}_copy2"] > 0


def test_line__tells_the_slope_and_the_farthest_point() -> None:
    curve = [linearity._Point(count, _took(1 + 0.01 * count)) for count in (50, 100, 200)]
    assert linearity._line("slices", curve).startswith("With slices: 1.00 s and 10.0 ms for each")
    assert linearity._line("slices", curve).endswith("than 0 %.")
    bent = [*curve, linearity._Point(400, _took(10.0))]
    assert not linearity._line("slices", bent).endswith("than 0 %.")


def test_line__without_a_measurement_says_so() -> None:
    broken = linearity._Point(100, Measurement("check", problem="failed"))
    assert (
        linearity._line("slices", [linearity._Point(50, _took(1.0)), broken]) == "With slices: not measured."
    )


def _took(seconds: float) -> Measurement:
    return Measurement("check", (seconds,), (seconds,), 100.0)

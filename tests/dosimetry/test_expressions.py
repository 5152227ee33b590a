"""Metric expressions: what is read, and where a wrong one is wrong."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosimetry.errors import ExpressionError
from dosimetry.expressions import Metric, MetricKind, Unit, parse_metric

CANONICAL = [
    ("D95%[Gy]", Metric(MetricKind.DOSE_AT_VOLUME, 95, Unit.PERCENT, Unit.GY), False),
    ("D95%[%]", Metric(MetricKind.DOSE_AT_VOLUME, 95, Unit.PERCENT, Unit.PERCENT), True),
    ("D0.03cc[Gy]", Metric(MetricKind.DOSE_AT_VOLUME, 0.03, Unit.CC, Unit.GY), False),
    ("D0.03cc[%]", Metric(MetricKind.DOSE_AT_VOLUME, 0.03, Unit.CC, Unit.PERCENT), True),
    ("V20Gy[%]", Metric(MetricKind.VOLUME_AT_DOSE, 20, Unit.GY, Unit.PERCENT), False),
    ("V20Gy[cc]", Metric(MetricKind.VOLUME_AT_DOSE, 20, Unit.GY, Unit.CC), False),
    ("V95%[%]", Metric(MetricKind.VOLUME_AT_DOSE, 95, Unit.PERCENT, Unit.PERCENT), True),
    ("V95%[cc]", Metric(MetricKind.VOLUME_AT_DOSE, 95, Unit.PERCENT, Unit.CC), True),
    ("CV20Gy[cc]", Metric(MetricKind.COMPLEMENTARY_VOLUME, 20, Unit.GY, Unit.CC), False),
    ("CV20Gy[%]", Metric(MetricKind.COMPLEMENTARY_VOLUME, 20, Unit.GY, Unit.PERCENT), False),
    ("Mean[Gy]", Metric(MetricKind.MEAN, None, None, Unit.GY), False),
    ("Mean[%]", Metric(MetricKind.MEAN, None, None, Unit.PERCENT), True),
    ("Min[Gy]", Metric(MetricKind.MINIMUM, None, None, Unit.GY), False),
    ("Max[%]", Metric(MetricKind.MAXIMUM, None, None, Unit.PERCENT), True),
    ("Volume[cc]", Metric(MetricKind.VOLUME, None, None, Unit.CC), False),
]

WRONG = [
    ("", 0, "expected one of"),
    ("mean[Gy]", 0, "write 'Mean'"),
    ("DMean[Gy]", 0, "expected one of"),
    ("X95%[Gy]", 0, "expected one of"),
    ("D[Gy]", 1, "a number after 'D'"),
    ("D-3%[Gy]", 1, "a number after 'D'"),
    ("D.5cc[Gy]", 1, "a number after 'D'"),
    ("D120%[Gy]", 1, "at most 100 %"),
    ("D0cc[Gy]", 1, "above 0"),
    ("D0%[Gy]", 1, "above 0"),
    ("D95[Gy]", 3, "'%' or 'cc'"),
    ("D1e3%[Gy]", 2, "'%' or 'cc'"),
    ("D1,5cc[Gy]", 2, "'%' or 'cc'"),
    ("D95Gy[%]", 3, "'%' or 'cc'"),
    ("D0.1CC[Gy]", 4, "write 'cc'"),
    ("D95%", 4, "'['"),
    ("D95%[cc]", 5, "'Gy' or '%'"),
    ("D95%[gy]", 5, "write 'Gy'"),
    ("D95%[Gy", 7, "']'"),
    ("D95%[Gy]x", 8, "nothing more"),
    ("V20cc[%]", 3, "'Gy' or '%'"),
    ("V20Gy[Gy]", 6, "'%' or 'cc'"),
    ("V20cGy[%]", 3, "'Gy' or '%'"),
    ("CV[cc]", 2, "a number after 'CV'"),
    ("Mean[cc]", 5, "'Gy' or '%'"),
    ("Mean95%[Gy]", 4, "'['"),
    ("Volume[%]", 7, "'cc'"),
    ("V" + "9" * 400 + "Gy[%]", 1, "too large"),
    ("Ｄ95%[Gy]", 0, "expected one of"),
    ("D٩%[Gy]", 1, "a number after 'D'"),
]


@pytest.mark.parametrize(("text", "metric", "needs_prescription"), CANONICAL)
def test_parse_metric__reads_every_kind_and_writes_it_back(
    text: str, metric: Metric, needs_prescription: bool
) -> None:
    assert parse_metric(text) == metric
    assert str(metric) == text
    assert metric.needs_prescription is needs_prescription


@pytest.mark.parametrize(("text", "position", "reason"), WRONG)
def test_parse_metric__says_where_it_is_wrong(text: str, position: int, reason: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_metric(text)
    assert caught.value.position == position
    assert reason in caught.value.reason
    assert str(caught.value).endswith("\n  " + " " * position + "^")


def test_parse_metric__ignores_spaces_between_parts_only() -> None:
    assert parse_metric(" D 95 % [ Gy ] ") == parse_metric("D95%[Gy]")
    with pytest.raises(ExpressionError):
        parse_metric("D9 5%[Gy]")


def test_parse_metric__gives_one_text_to_equal_metrics() -> None:
    assert str(parse_metric("D095.00%[Gy]")) == "D95%[Gy]"


@given(st.decimals(min_value="0.0001", max_value="99.99", places=4))
def test_parse_metric__keeps_every_digit(value: object) -> None:
    metric = parse_metric(f"D{value}%[Gy]")
    assert parse_metric(str(metric)) == metric


def test_expressions__import_no_arrays() -> None:
    code = "import sys, dosimetry.expressions; assert not {'numpy', 'numba', 'scipy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)

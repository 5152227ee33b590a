"""Marks, scales and drawings of the report, each by itself."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.reports.example import CORD, KIDNEY, LIVER, LUNGS, TARGET, a_report
from trial_core.domain.criteria import Verdict
from workers.reports.dvh_plot import DASHES, HUES, Goal, Line, Stroke, dvh_svg
from workers.reports.gauge import WIDTH, gauge
from workers.reports.marks import tally, verdict_mark
from workers.reports.sections import dose_sections


def test_marks__give_each_verdict_its_own_shape() -> None:
    assert len({verdict_mark(verdict).shape for verdict in Verdict}) == len(Verdict)
    assert verdict_mark(Verdict.PER_PROTOCOL).word == "Per protocol"


def test_tally__counts_worst_first() -> None:
    counted = [(count, it.word) for count, it in tally([Verdict.PER_PROTOCOL] * 2 + [Verdict.NOT_EVALUABLE])]
    assert counted == [(1, "Not evaluable"), (2, "Per protocol")]


def test_gauge__of_a_ceiling_runs_from_zero_past_the_limit() -> None:
    drawn = gauge(LUNGS)
    assert drawn is not None
    assert drawn.limit == pytest.approx(80.0)
    assert drawn.value == pytest.approx(WIDTH * 8.5 / (1.25 * 19), abs=0.01)
    assert drawn.good[0] == 0.0
    assert drawn.good[1] == pytest.approx(80 * 15 / 19, abs=0.01)


def test_gauge__of_a_floor_has_its_good_side_on_the_right() -> None:
    drawn = gauge(TARGET)
    assert drawn is not None
    assert drawn.value is not None
    assert drawn.limit < drawn.value < drawn.good[0]
    assert sum(drawn.good) == pytest.approx(WIDTH)


@given(st.floats(0, 1000), st.floats(0, 50))
def test_gauge__stays_on_the_scale(value: float, uncertainty: float) -> None:
    for row in (LUNGS, TARGET, CORD):
        drawn = gauge(replace(row, value=value, uncertainty=uncertainty))
        assert drawn is not None
        assert drawn.value is not None
        assert 0 <= drawn.value <= WIDTH
        assert 0 <= drawn.span[0] <= sum(drawn.span) <= WIDTH + 0.01


def test_gauge__shows_bounds_without_a_value_and_nothing_without_both() -> None:
    bounds = gauge(LIVER)
    assert bounds is not None
    assert bounds.value is None
    assert bounds.span[1] > 50
    assert gauge(KIDNEY) is None


def test_stroke__is_unique_over_the_structures_of_a_protocol() -> None:
    count = HUES * len(DASHES)
    assert len({Stroke.number(index) for index in range(count)}) == count
    assert all(Stroke.number(index).dash != Stroke.number(index + 1).dash for index in range(count - 1))


def test_dvh_svg__is_the_same_each_time_and_has_ids_of_its_own() -> None:
    lines = [Line(Stroke(0, 1), (0.0, 10.0), (100.0, 0.0))]
    goals = [Goal(Stroke(0, 1), 5.0, 50.0, is_limit=True, is_ceiling=True)]
    first, again, other = (
        dvh_svg(lines, goals, dose_label="Dose (Gy)", prefix=name) for name in ("a", "a", "b")
    )
    assert first == again
    assert first.replace("a-m", "b-m").replace("a-p", "b-p") == other
    assert "<metadata" not in first
    assert "#01" not in first


def test_dose_sections__place_the_goals_where_the_curves_are_judged() -> None:
    (plan, eqd2) = dose_sections(a_report())
    assert [entry.row.number for entry in plan.rows] == [1, 2, 3, 5]
    assert [entry.name for entry in plan.legend][:2] == ["PTVp", "Lungs"]
    assert plan.has_goals, "D95% of the target, 95 % of 50.4 Gy in 95 % of its volume"
    assert not eqd2.has_goals, "a mean is no point of a curve"

"""The DVH plot: the right curves, on the right axes, with thresholds and values at the right places."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from plotly.io.json import to_json_plotly

from tests.web.a_report import HOSTILE_NAME, a_report, a_row
from trial_core.domain.criteria import ScopeKind
from trial_core.domain.report import CourseReport, ResultRow
from web.figures.dvh import dvh_figure
from web.figures.dvh_curves import (
    DoseAxis,
    DvhView,
    Group,
    VolumeAxis,
    dose_choices,
    richest_dose,
    structure_style,
    structures_in_group,
    structures_of,
)
from web.figures.sending import as_sent

SUM = ScopeKind.SUM_PHYSICAL.value


def _figure(report: CourseReport, view: DvhView) -> go.Figure:
    """Give the plot as Plotly reads it: it refuses a property that it does not know."""
    return go.Figure(dvh_figure(report, view))


def _with(*rows: ResultRow) -> CourseReport:
    return replace(a_report(), results=rows)


def _view(*structures: str, doses: tuple[str, ...] = ("cfrt",), **how: Any) -> DvhView:
    return DvhView(doses=doses, structures=structures or ("Lungs",), **how)


def _marks(report: CourseReport, view: DvhView | None = None) -> list[tuple[float, float, str]]:
    figure = _figure(report, view or _view())
    return [(trace.x[0], trace.y[0], trace.marker.symbol) for trace in figure.data if trace.mode == "markers"]


def _lines(view: DvhView, report: CourseReport | None = None) -> list[Any]:
    figure = _figure(report or a_report(), view)
    return [trace for trace in figure.data if trace.mode == "lines+markers"]


def test_dose_choices__name_the_plan_and_the_sum_once_each() -> None:
    assert [(one.key, one.label) for one in dose_choices(a_report())] == [
        ("cfrt", "CFRT 50.4 Gy in 28"),
        ("sum physical", "Sum, physical dose"),
    ]
    assert richest_dose(a_report()) == "cfrt"


def test_groups__targets_are_what_a_plan_prescribes_to_and_the_rest_are_organs() -> None:
    report = a_report()
    target = replace(report.curves[0], structure="PTV")
    report = replace(report, curves=(*report.curves, target))
    assert structures_in_group(report, Group.ALL) == structures_of(report) == ("Lungs", "SpinalCord", "PTV")
    assert structures_in_group(report, Group.TARGETS) == ("PTV",)
    assert structures_in_group(report, Group.ORGANS) == ("Lungs", "SpinalCord")
    assert structures_in_group(report, Group.NONE) == ()


def test_figure__draws_the_chosen_structures_in_the_chosen_doses_and_nothing_else() -> None:
    assert [line.name for line in _lines(_view("SpinalCord"))] == ["SpinalCord"]
    assert [line.name for line in _lines(_view("SpinalCord", doses=(SUM,)))] == []
    assert [line.name for line in _lines(_view("Lungs", doses=("cfrt", SUM)))] == ["Lungs", "Lungs"]
    assert _lines(_view("Lungs", doses=())) == []


def test_figure__structures_are_told_apart_by_colour_and_symbol_and_doses_by_dash() -> None:
    plan, total = _lines(_view(doses=("cfrt", SUM)))
    assert (plan.line.color, plan.marker.symbol) == (total.line.color, total.marker.symbol)
    assert (plan.line.dash, total.line.dash) == ("solid", "dash")
    named = [
        (trace.name, trace.line.dash)
        for trace in _figure(a_report(), _view(doses=("cfrt", SUM))).data
        if trace.showlegend
    ]
    assert named == [("CFRT 50.4 Gy in 28", "solid"), ("Sum, physical dose", "dash")]


def test_styles__of_two_dozen_structures_differ() -> None:
    names = [f"structure {number}" for number in range(24)]
    curve = a_report().curves[0]
    report = replace(a_report(), curves=tuple(replace(curve, structure=name) for name in names))
    assert len({structure_style(report, name) for name in names}) == len(names)


def test_threshold__of_a_volume_at_a_dose_lies_at_that_dose() -> None:
    row = a_row(metric="V20Gy[%]", unit="%", ideal=20.0, limit=25.0)
    assert _marks(_with(row)) == [(20.0, 20.0, "triangle-left-open"), (20.0, 25.0, "triangle-left")]


def test_threshold__of_a_volume_in_cc_is_set_against_the_structures_volume() -> None:
    row = a_row(metric="V20Gy[cc]", unit="cc", ideal=None, limit=310.0)
    assert _marks(_with(row)) == [(20.0, 10.0, "triangle-left")]


def test_threshold__in_cc_takes_the_volume_that_was_sampled_in_its_own_scope() -> None:
    row = a_row(metric="V20Gy[cc]", unit="cc", ideal=None, limit=310.0)
    lungs = a_report().structures[0]
    report = replace(_with(row), structures=(replace(lungs, scope="sum, physical", volume_cc=6200.0), lungs))
    assert _marks(report) == [(20.0, 10.0, "triangle-left")]
    elsewhere = replace(report, structures=tuple(replace(one, scope="another") for one in report.structures))
    assert _marks(elsewhere) == []


def test_threshold__of_a_near_maximum_lies_at_its_dose() -> None:
    assert _marks(_with(a_row(metric="D31cc[Gy]", ideal=None, limit=45.0))) == [(45.0, 1.0, "triangle-left")]


def test_threshold__in_percent_of_the_prescription_is_set_in_gray() -> None:
    row = a_row(
        structure="PTV_CFRT",
        site_structures=("PTV",),
        metric="D95%[%]",
        unit="%",
        relation=">=",
        ideal=98.0,
        limit=95.0,
    )
    report = replace(_with(row), curves=(replace(a_report().curves[0], structure="PTV_CFRT"),))
    assert _marks(report, _view("PTV_CFRT")) == [
        (0.98 * 50.4, 95.0, "triangle-right-open"),
        (0.95 * 50.4, 95.0, "triangle-right"),
    ]


def test_threshold__of_a_mean_stands_on_the_dose_axis() -> None:
    assert _marks(_with(a_row(metric="Mean[Gy]")))[1] == (19.0, 0.0, "triangle-left")


def test_threshold__without_a_known_volume_is_left_out_not_guessed() -> None:
    row = a_row(structure="Liver", metric="D1cc[Gy]", ideal=None, limit=45.0)
    report = replace(_with(row), curves=(replace(a_report().curves[0], structure="Liver"),))
    assert _marks(report, _view("Liver")) == []


def test_threshold__of_another_dose_or_a_hidden_structure_is_not_drawn() -> None:
    row = a_row(metric="V20Gy[%]", scope_kind=ScopeKind.SUM_PHYSICAL, plan_key=None)
    assert _marks(_with(row)) == []
    assert len(_marks(_with(row), _view(doses=(SUM,)))) == 2
    assert _marks(_with(row), _view("SpinalCord", doses=(SUM,))) == []


def test_threshold__of_a_target_belongs_to_the_curve_of_its_own_name_in_the_files() -> None:
    limits = {"PTV_Met1": 9.0, "PTV_Met2": 8.0}
    rows = [
        a_row(
            n, structure="PTV_Met", site_structures=(name,), metric="D95%[Gy]", ideal=None, limit=limits[name]
        )
        for n, name in enumerate(limits, start=1)
    ]
    curves = tuple(replace(a_report().curves[0], structure=name) for name in limits)
    report = replace(_with(*rows), curves=curves)
    for name, limit in limits.items():
        assert _marks(report, _view(name)) == [(limit, 95.0, "triangle-left")]


def test_row_looked_at__has_its_own_curve_strong_its_value_marked_and_limit_and_value_in_words() -> None:
    row = a_row(metric="V20Gy[%]", unit="%", ideal=20.0, limit=25.0, value=20.004)
    view = _view("Lungs", "SpinalCord", row=1)
    lungs, cord = _lines(view, _with(row))
    assert (lungs.line.width, lungs.opacity) == (4.0, 1.0)
    assert cord.opacity < 0.5
    assert _marks(_with(row), view)[-1] == (20.0, 20.004, "circle-open-dot")
    notes = [note.text for note in _figure(_with(row), view).layout.annotations]
    assert notes == ["V20Gy[%] = 20.004 %", "Limit ≤ 25 %"]


def test_row_looked_at__that_is_not_in_the_report_changes_nothing() -> None:
    assert _figure(a_report(), _view(row=99)) == _figure(a_report(), _view())


def test_axes__in_percent_of_the_prescription_and_in_cc_move_curves_and_thresholds_alike() -> None:
    row = a_row(metric="V20Gy[%]", unit="%", ideal=None, limit=25.0)
    view = _view(dose_axis=DoseAxis.PERCENT, volume_axis=VolumeAxis.CC)
    (line,) = _lines(view, _with(row))
    assert (line.x[-1], line.y[0]) == pytest.approx((100 * 50 / 50.4, 3100.0), abs=1e-3)
    ((dose, volume, _),) = _marks(_with(row), view)
    assert (dose, volume) == pytest.approx((100 * 20 / 50.4, 775.0))
    layout = _figure(_with(row), view).layout
    assert layout.xaxis.title.text == "Dose (% of the plan's prescription)"
    assert layout.yaxis.title.text == "Volume (cc)"


def test_axes__leave_out_what_has_no_prescription_or_no_known_volume() -> None:
    assert _lines(_view(doses=(SUM,), dose_axis=DoseAxis.PERCENT)) == []
    without = replace(a_report(), structures=())
    assert _lines(_view(volume_axis=VolumeAxis.CC), without) == []


def test_hover__gives_the_volume_in_each_plan_and_sum_at_that_dose() -> None:
    report = a_report()
    plan, _, total = report.curves
    colder = replace(total, volume_percent=(100.0, 10.0, 0.0))
    (line,) = _lines(_view(), replace(report, curves=(plan, colder)))
    at = list(line.x).index(20.0)
    assert list(line.customdata[at]) == [20.0, 10.0]
    assert line.hovertemplate == (
        "<b>Lungs</b> at %{x:.2f} Gy or more<br>CFRT 50.4 Gy in 28: %{customdata[0]:.1f} %"
        "<br>Sum, physical dose: %{customdata[1]:.1f} %<extra></extra>"
    )


def test_names__cannot_smuggle_markup_or_templates_into_the_plot() -> None:
    report = a_report()
    curve = replace(report.curves[0], structure=f"{HOSTILE_NAME}%{{x}}")
    (line,) = _lines(_view(curve.structure), replace(report, curves=(curve,)))
    assert "<" not in line.name
    assert "%{x}" not in line.name
    assert "<img" not in line.hovertemplate


def test_line__passes_the_reports_points_and_has_no_chord_across_a_steep_fall() -> None:
    (line,) = _lines(_view())
    drawn = dict(zip(line.x, line.y, strict=True))
    assert {(0.0, 100.0), (20.0, 20.0), (50.0, 0.0)} <= set(drawn.items())
    assert max(abs(np.diff(line.y))) < 4
    assert line.line.simplify is False  # else plotly leaves points out and shows corners


def _adaptive() -> CourseReport:
    first, _, total = a_report().curves
    own = replace(total, scope="sum, physical")
    other = replace(own, scope="sum, physical, contours of RS.replan.dcm")
    row = a_row(scope_kind=ScopeKind.SUM_PHYSICAL, plan_key=None, metric="V20Gy[%]", unit="%")
    rows = (replace(row, scope=own.scope), replace(row, number=2, scope=other.scope, limit=30.0))
    return replace(a_report(), curves=(first, own, other), results=rows)


def test_curves__of_one_organ_by_two_structure_sets_are_told_apart_with_their_own_thresholds() -> None:
    names = structures_of(_adaptive())
    assert names == ("Lungs", "Lungs, contours of RS.replan.dcm")
    lines = _lines(_view(*names, doses=(SUM,)), _adaptive())
    assert [line.name for line in lines] == list(names)
    assert len({(line.line.color, line.marker.symbol) for line in lines}) == 2
    for name, limit in zip(names, (19.0, 30.0), strict=True):
        assert [mark[1] for mark in _marks(_adaptive(), _view(name, doses=(SUM,)))] == [15.0, limit]


def test_figure__is_sent_as_plotly_itself_would_send_it() -> None:
    looked_at = a_report().results[0].number
    plain = dvh_figure(a_report(), _view("Lungs", "SpinalCord", doses=("cfrt", SUM), row=looked_at))
    assert plain["layout"]["annotations"]
    assert any(isinstance(trace["x"], np.ndarray) for trace in plain["data"])
    assert json.loads(json.dumps(as_sent(plain))) == json.loads(to_json_plotly(go.Figure(plain)))

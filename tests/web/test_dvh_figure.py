"""The DVH plot: the right curves, and thresholds at the right places."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tests.web.a_report import HOSTILE_NAME, a_report, a_row
from trial_core.domain.criteria import ScopeKind
from trial_core.domain.report import CourseReport, ResultRow
from web.figures.dvh import ALL_DOSES, dose_choices, dvh_figure, line_style, structures_in


def _with(*rows: ResultRow) -> CourseReport:
    return replace(a_report(), results=rows)


def _marks(
    report: CourseReport, choice: str = "cfrt", structure: str = "Lungs"
) -> list[tuple[float, float, str]]:
    figure = dvh_figure(report, choice, [structure])
    return [(trace.x[0], trace.y[0], trace.marker.symbol) for trace in figure.data if trace.mode == "markers"]


def test_dose_choices__name_the_plan_and_the_sum_once_each() -> None:
    assert [(one.key, one.label) for one in dose_choices(a_report())] == [
        ("cfrt", "CFRT 50.4 Gy in 28"),
        ("sum physical", "Sum, physical dose"),
        ("all", "All doses"),
    ]


def test_structures__are_those_with_a_curve_in_that_dose() -> None:
    assert structures_in(a_report(), "cfrt") == ("Lungs", "SpinalCord")
    assert structures_in(a_report(), ScopeKind.SUM_PHYSICAL) == ("Lungs",)


def test_figure__draws_the_chosen_structures_of_the_chosen_dose_and_nothing_else() -> None:
    lines = [
        trace.name for trace in dvh_figure(a_report(), "cfrt", ["SpinalCord"]).data if trace.mode == "lines"
    ]
    assert lines == ["SpinalCord"]


def test_figure__the_same_structure_has_the_same_line_in_every_dose() -> None:
    assert (
        line_style(a_report(), "Lungs", "cfrt")
        == line_style(a_report(), "Lungs", "sum physical")
        != line_style(a_report(), "SpinalCord", "cfrt")
    )


def test_threshold__of_a_volume_at_a_dose_lies_at_that_dose() -> None:
    row = a_row(metric="V20Gy[%]", unit="%", ideal=20.0, limit=25.0)
    assert _marks(_with(row)) == [(20.0, 20.0, "triangle-left-open"), (20.0, 25.0, "triangle-left")]


def test_threshold__of_a_volume_in_cc_is_set_against_the_structures_volume() -> None:
    row = a_row(metric="V20Gy[cc]", unit="cc", ideal=None, limit=310.0)
    assert _marks(_with(row)) == [(20.0, 10.0, "triangle-left")]


def test_threshold__of_a_near_maximum_lies_at_its_dose() -> None:
    row = a_row(metric="D31cc[Gy]", ideal=None, limit=45.0)
    assert _marks(_with(row)) == [(45.0, 1.0, "triangle-left")]


def test_threshold__in_percent_of_the_prescription_is_set_in_gray() -> None:
    report = _with(
        a_row(
            structure="PTV_CFRT",
            site_structures=("PTV",),
            metric="D95%[%]",
            unit="%",
            relation=">=",
            ideal=98.0,
            limit=95.0,
        )
    )
    assert _marks(report, structure="PTV_CFRT") == [
        (0.98 * 50.4, 95.0, "triangle-right-open"),
        (0.95 * 50.4, 95.0, "triangle-right"),
    ]


def test_threshold__of_a_mean_has_no_place_on_the_curve() -> None:
    assert _marks(_with(a_row(metric="Mean[Gy]"))) == []


def test_threshold__without_a_known_volume_is_left_out_not_guessed() -> None:
    row = a_row(structure="Liver", metric="D1cc[Gy]", ideal=None, limit=45.0)
    assert _marks(_with(row), structure="Liver") == []


def test_threshold__of_another_dose_is_not_drawn() -> None:
    row = a_row(metric="V20Gy[%]", scope_kind=ScopeKind.SUM_PHYSICAL, plan_key=None)
    assert _marks(_with(row)) == []


def test_names__cannot_smuggle_markup_or_templates_into_the_plot() -> None:
    report = a_report()
    curve = replace(report.curves[0], structure=f"{HOSTILE_NAME}%{{x}}")
    figure = dvh_figure(replace(report, curves=(curve,)), "cfrt", [curve.structure])
    assert "<" not in figure.data[0].name
    assert "%{x}" not in figure.data[0].name


def test_threshold__of_a_target_belongs_to_the_curve_of_its_own_name_in_the_files() -> None:
    rows = [
        a_row(
            number,
            structure="PTV_Met",
            site_structures=(name,),
            metric=f"D95%[{unit}]",
            ideal=None,
            limit=limit,
        )
        for number, name, unit, limit in ((1, "PTV_Met1", "Gy", 9.0), (2, "PTV_Met2", "Gy", 8.0))
    ]
    assert _marks(_with(*rows), structure="PTV_Met1") == [(9.0, 95.0, "triangle-left")]
    assert _marks(_with(*rows), structure="PTV_Met2") == [(8.0, 95.0, "triangle-left")]


def _lines(choice: str, *structures: str) -> list[Any]:
    figure = dvh_figure(a_report(), choice, structures)
    return [trace for trace in figure.data if trace.mode == "lines" and trace.x[0] is not None]


def test_all_doses__draw_each_plan_and_sum_of_a_structure_in_its_colour_and_the_doses_dash() -> None:
    plan, total = _lines(ALL_DOSES, "Lungs")
    assert plan.line.color == total.line.color
    assert (plan.line.dash, total.line.dash) == ("solid", "dash")


def test_all_doses__name_every_dose_in_a_legend_and_show_no_threshold() -> None:
    figure = dvh_figure(a_report(), ALL_DOSES, ["Lungs", "SpinalCord"])
    named = [(trace.name, trace.line.dash) for trace in figure.data if trace.showlegend]
    assert named == [("CFRT 50.4 Gy in 28", "solid"), ("Sum, physical dose", "dash")]
    assert all(trace.mode == "lines" for trace in figure.data)


def test_all_doses__are_not_offered_where_there_is_one() -> None:
    report = a_report()
    assert [one.key for one in dose_choices(replace(report, curves=report.curves[:1]))] == ["cfrt"]


def test_hover__says_dose_and_volume_with_units_and_names_structure_and_dose() -> None:
    (line,) = _lines("cfrt", "Lungs")
    assert line.hovertemplate == (
        "%{x:.2f} Gy or more: %{y:.1f} % of the volume<extra>Lungs<br>CFRT 50.4 Gy in 28</extra>"
    )


def test_line__passes_the_reports_points_and_has_no_chord_across_a_steep_fall() -> None:
    (line,) = _lines("cfrt", "Lungs")
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


def test_curves__of_one_organ_by_two_structure_sets_are_told_apart() -> None:
    names = structures_in(_adaptive(), ScopeKind.SUM_PHYSICAL)
    assert names == ("Lungs", "Lungs, contours of RS.replan.dcm")
    styles = {line_style(_adaptive(), name, "sum physical") for name in names}
    assert len(styles) == 2
    figure = dvh_figure(_adaptive(), "sum physical", names)
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert [trace.name for trace in lines] == list(names)
    assert len({(trace.line.color, trace.line.dash) for trace in lines}) == 2


def test_thresholds__of_one_organ_by_two_structure_sets_come_with_their_own_curve() -> None:
    other = "Lungs, contours of RS.replan.dcm"
    assert [mark[1] for mark in _marks(_adaptive(), "sum physical", "Lungs")] == [15.0, 19.0]
    assert [mark[1] for mark in _marks(_adaptive(), "sum physical", other)] == [15.0, 30.0]


def test_lines__of_two_dozen_structures_differ_in_one_dose_and_in_all() -> None:
    names = [f"structure {number}" for number in range(24)]
    curve = a_report().curves[0]
    report = replace(a_report(), curves=tuple(replace(curve, structure=name) for name in names))
    for choice in ("cfrt", ALL_DOSES):
        assert len({line_style(report, name, choice) for name in names}) == len(names)

"""The report as text: a verdict in every row, values told from their limits, reasons, findings."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from cli.verdict_table import finding_lines, verdict_lines
from trial_core.domain.criteria import Requirement, ScopeKind, Verdict
from trial_core.domain.report import (
    CountedItem,
    CourseReport,
    DeliveryFact,
    ProtocolReference,
    ResultRow,
    SumLayer,
    SumReport,
)

ROW = ResultRow(
    number=1,
    criterion="heart-mean",
    structure="Heart",
    site_structures=("Herz",),
    metric="Mean[Gy]",
    scope_kind=ScopeKind.PLAN,
    scope="plan of CFRT",
    plan_key="plan-1",
    alpha_beta_gy=None,
    requirement=Requirement.REQUIRED,
    relation="<=",
    ideal=20.0,
    limit=25.0,
    value=20.004,
    unit="Gy",
    uncertainty=0.01,
    if_uncovered_zero=20.004,
    if_uncovered_max=20.004,
    margin=4.996,
    verdict=Verdict.ACCEPTABLE_VARIATION,
    borderline=True,
    reason="",
    assumed=True,
    counts_as="Heart Mean[Gy]",
)


def _report(*rows: ResultRow, verdict: Verdict = Verdict.ACCEPTABLE_VARIATION) -> CourseReport:
    return CourseReport(
        protocol=ProtocolReference(id="X", version="1", title="A trial", sha256="0" * 64, assumed=("all",)),
        code_version="1",
        inputs=(),
        verdict=verdict,
        reasons=("Heart Mean[Gy]: acceptable variation",),
        plans=(),
        results=rows,
        counted=(),
        sums=(),
        structures=(),
        delivery=(),
        findings=(),
        curves=(),
    )


def _row_line(row: ResultRow) -> str:
    return next(
        line for line in verdict_lines(_report(row), colour=False) if row.metric in line and "  " in line
    )


def test_table__shows_verdict_value_thresholds_and_borderline() -> None:
    line = _row_line(ROW)
    for text in (
        "~ acceptable variation",
        "Heart",
        "Mean[Gy]",
        "plan of CFRT",
        "≤ 20",
        "≤ 25",
        "borderline",
    ):
        assert text in line


def test_table__shows_as_many_digits_as_tell_a_value_from_its_threshold() -> None:
    assert "20.004 Gy" in _row_line(ROW)
    assert "20.00 Gy" in _row_line(replace(ROW, value=20.0))
    assert "25.0000001 Gy" in _row_line(replace(ROW, value=25.0000001))


@given(st.floats(min_value=0, max_value=100, allow_nan=False))
def test_table__never_shows_a_value_as_a_threshold_it_does_not_equal(value: float) -> None:
    shown = float(_row_line(replace(ROW, value=value)).split(" Gy")[0].split()[-1])
    assert (shown == 20.0) == (value == 20.0)
    assert (shown == 25.0) == (value == 25.0)


def test_table__shows_a_dash_and_the_reason_for_what_cannot_be_evaluated() -> None:
    bare = replace(ROW, value=None, if_uncovered_zero=None, if_uncovered_max=None)
    line = _row_line(replace(bare, verdict=Verdict.NOT_EVALUABLE, reason="there is no dose"))
    assert line.startswith("? not evaluable")
    assert " – " in line
    assert line.endswith("there is no dose")


def test_table__shows_both_bounds_of_what_is_partly_outside_the_dose_grid() -> None:
    line = _row_line(replace(ROW, value=None, if_uncovered_zero=3.44, if_uncovered_max=20.001))
    assert "3.44 to 20.001 Gy" in line


def test_table__names_the_roi_where_it_has_another_name() -> None:
    assert "Heart (Herz)" in _row_line(ROW)
    assert "Heart  " in _row_line(replace(ROW, site_structures=("Heart",)))


def test_table__marks_the_rows_of_a_sum_that_needs_review_and_says_why() -> None:
    layer = SumLayer(
        plan_key="p",
        label="LDRT",
        fractions=5,
        weight=1.0,
        placed_by="spatial registration 'R'",
        needs_review=True,
    )
    total = SumReport(
        scope_kind=ScopeKind.SUM_PHYSICAL,
        alpha_beta_gy=None,
        evaluable=True,
        reason="",
        layers=(layer,),
        needs_review=True,
    )
    row = replace(ROW, scope_kind=ScopeKind.SUM_PHYSICAL, scope="sum, physical", plan_key=None)
    lines = verdict_lines(replace(_report(ROW, row), sums=(total,)), colour=False)
    noted = [line for line in lines if "Mean[Gy]" in line and line.endswith("needs review")]
    assert len(noted) == 1
    assert "sum, physical" in noted[0]
    assert any(
        line.startswith("needs review: Plan 'LDRT' is in the sum by spatial registration 'R'")
        for line in lines
    )


def test_table__says_what_was_judged_in_part() -> None:
    open_row = replace(ROW, number=2, scope="sum, physical", verdict=Verdict.NOT_EVALUABLE, value=None)
    item = CountedItem(
        structure="Heart",
        metric="Mean[Gy]",
        label="Heart Mean[Gy]",
        verdict=Verdict.PER_PROTOCOL,
        incomplete=True,
        required=True,
        rows=(1, 2),
    )
    lines = verdict_lines(replace(_report(ROW, open_row), counted=(item,)), colour=False)
    words = "incomplete: Heart Mean[Gy] is per protocol where it could be judged, and not evaluable in:"
    assert f"{words} sum, physical." in lines
    whole = verdict_lines(replace(_report(ROW), counted=(replace(item, incomplete=False),)), colour=False)
    assert not any(line.startswith("incomplete") for line in whole)


def test_table__says_once_what_several_criteria_lack_for_one_reason() -> None:
    why = "plan 'LDRT': no registration links the two"
    open_row = replace(ROW, scope="sum, physical", verdict=Verdict.NOT_EVALUABLE, value=None, reason=why)
    rows = [replace(open_row, number=number, reason=why if number < 4 else "other") for number in (2, 3, 4)]
    items = tuple(
        CountedItem(
            structure="Heart",
            metric=metric,
            label=f"Heart {metric}",
            verdict=Verdict.PER_PROTOCOL,
            incomplete=True,
            required=True,
            rows=(number,),
        )
        for number, metric in ((2, "Mean[Gy]"), (3, "V30Gy[%]"), (4, "Max[Gy]"))
    )
    lines = verdict_lines(replace(_report(ROW, *rows), counted=items), colour=False)
    said = [line for line in lines if line.startswith("incomplete")]
    both = "Heart Mean[Gy], Heart V30Gy[%] are per protocol where they could be judged"
    other = "Heart Max[Gy] is per protocol where it could be judged"
    assert said == [
        f"incomplete: {both}, and not evaluable in: sum, physical. Why: {why}.",
        f"incomplete: {other}, and not evaluable in: sum, physical. Why: other.",
    ]


def test_findings__name_a_structure_once() -> None:
    finding = {
        "severity": "info",
        "file": "rtss.dcm",
        "element": None,
        "structure": "Herz",
        "message": "'Herz' is taken as Heart",
        "action": None,
    }
    assert finding_lines([finding], colour=False) == ["info: rtss.dcm: 'Herz' is taken as Heart."]


def test_table__ends_with_the_verdict_of_the_course_and_its_reasons() -> None:
    lines = verdict_lines(_report(ROW), colour=False)
    assert lines[-2] == "Course: ~ acceptable variation"
    assert lines[-1].strip() == "Heart Mean[Gy]: acceptable variation"


def test_table__says_that_points_of_the_protocol_are_assumed() -> None:
    assert any("assumed" in line for line in verdict_lines(_report(ROW), colour=False))


def test_remarks_on_many_files__are_said_once_and_faults_each() -> None:
    def of(severity: str, count: int) -> list[dict[str, str | None]]:
        same = {"severity": severity, "code": "object-set-aside", "element": None, "structure": None}
        files = [f"{number:03}.dcm" for number in range(count)]
        return [{**same, "file": file, "message": f"A {severity}.", "action": None} for file in files]

    lines = finding_lines([*of("info", 300), *of("warning", 5)], colour=False)
    assert lines == [
        *(f"warning: {number:03}.dcm: A warning." for number in range(5)),
        "info: 000.dcm and 299 other files, each: A info.",
    ]
    assert len(finding_lines(of("info", 3), colour=False)) == 3


def test_findings__come_with_what_weighs_most_first() -> None:
    findings = [
        {
            "severity": severity,
            "file": None,
            "element": None,
            "structure": None,
            "message": "Seen",
            "action": None,
        }
        for severity in ("info", "warning", "error", "warning")
    ]
    lines = finding_lines(findings, colour=False)
    assert lines == ["error: Seen.", "warning: Seen.", "warning: Seen.", "info: Seen."]


def test_delivery__stands_beside_the_verdict_as_the_records_tell_it() -> None:
    known = DeliveryFact(
        plan_key="plan-1",
        planned_fractions=28,
        delivered_fractions=12,
        partial_fractions=1,
        delivered_gy=21.6,
        message="partial: 3",
    )
    unknown = replace(known, plan_key="plan-2", planned_fractions=None, delivered_gy=None, message="")
    lines = verdict_lines(replace(_report(ROW), delivery=(known, unknown)), colour=False)
    assert "delivered of plan-1: 12 of 28 fractions, 21.60 Gy; partial: 3" in lines
    assert "delivered of plan-2: 12 of – fractions" in lines

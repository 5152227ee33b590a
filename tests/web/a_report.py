"""A small hand-made report: every verdict once, curves, a plan check, findings."""

from __future__ import annotations

from dataclasses import replace

from trial_core.domain.criteria import Requirement, ScopeKind, Verdict
from trial_core.domain.report import (
    CheckStatus,
    CheckWeight,
    CourseReport,
    Curve,
    InputFile,
    PlanCheckResult,
    PlanReport,
    ProtocolReference,
    ResultRow,
    StructureReport,
    StructureStatus,
    SumLayer,
    SumReport,
    TargetReport,
)

HOSTILE_NAME = "<img src=x onerror=alert(1)>"


def a_row(number: int = 1, **facts: object) -> ResultRow:
    """Give a row of the CFRT plan: Lungs Mean 14.2 Gy, per protocol, unless told otherwise."""
    plain: dict[str, object] = {
        "number": number,
        "criterion": f"criterion-{number}",
        "structure": "Lungs",
        "counts_as": "Lungs",
        "site_structures": ("Lung_L", "Lung_R"),
        "metric": "Mean[Gy]",
        "scope_kind": ScopeKind.PLAN,
        "scope": "CFRT plan",
        "plan_key": "cfrt",
        "alpha_beta_gy": None,
        "requirement": Requirement.REQUIRED,
        "relation": "<=",
        "ideal": 15.0,
        "limit": 19.0,
        "value": 14.2,
        "unit": "Gy",
        "uncertainty": 0.03,
        "if_uncovered_zero": None,
        "if_uncovered_max": None,
        "margin": 4.8,
        "verdict": Verdict.PER_PROTOCOL,
        "borderline": False,
        "reason": "",
        "assumed": True,
    }
    return ResultRow(**{**plain, **facts})  # type: ignore[arg-type]  # the facts are checked by the tests' reading


def a_report(*, seed: str = "a") -> CourseReport:
    """Give a report of one CFRT plan; another seed gives another input, so another result."""
    return CourseReport(
        protocol=ProtocolReference(
            id="test_protocol",
            version="1.0",
            title="A test protocol",
            sha256="c" * 64,
            assumed=("All doses.",),
        ),
        code_version="0.1.0",
        inputs=(_input(f"{HOSTILE_NAME}.dcm", seed), _input("plan.dcm", seed + "2")),
        verdict=Verdict.UNACCEPTABLE_DEVIATION,
        reasons=("SpinalCord D0.03cc[Gy] is unacceptable.",),
        plans=(_plan(),),
        results=_rows(),
        counted=(),
        sums=(),
        structures=(_structure("Lungs", 3100.0, "Lung_L", "Lung_R"), _structure("SpinalCord", 30.0, "cord")),
        delivery=(),
        findings=(_finding(),),
        curves=(_curve("Lungs"), _curve("SpinalCord"), _curve("Lungs", ScopeKind.SUM_PHYSICAL)),
    )


def with_a_sum(*, needs_review: bool) -> CourseReport:
    """Give the report with a physical sum of one plan."""
    layer = SumLayer(
        plan_key="cfrt",
        label="CFRT",
        fractions=28,
        weight=1.0,
        placed_by="spatial registration 'reg.dcm'",
        needs_review=needs_review,
    )
    total = SumReport(
        scope_kind=ScopeKind.SUM_PHYSICAL,
        alpha_beta_gy=None,
        evaluable=True,
        reason="",
        layers=(layer,),
        needs_review=needs_review,
    )
    return replace(a_report(), sums=(total,))


def _rows() -> tuple[ResultRow, ...]:
    cord = {
        "structure": "SpinalCord",
        "counts_as": "SpinalCord",
        "metric": "D0.03cc[Gy]",
        "site_structures": ("cord",),
    }
    return (
        a_row(1),
        a_row(
            2,
            metric="V20Gy[%]",
            unit="%",
            ideal=20.0,
            limit=25.0,
            value=20.004,
            verdict=Verdict.ACCEPTABLE_VARIATION,
            borderline=True,
            reason="Above the ideal.",
        ),
        a_row(
            3, **cord, ideal=None, limit=45.0, value=45.2, margin=-0.2, verdict=Verdict.UNACCEPTABLE_DEVIATION
        ),
        a_row(
            4,
            **cord,
            scope_kind=ScopeKind.SUM_EQD2,
            scope="sum EQD2",
            plan_key=None,
            alpha_beta_gy=2.0,
            ideal=None,
            limit=45.0,
            value=None,
            uncertainty=None,
            margin=None,
            verdict=Verdict.NOT_EVALUABLE,
            reason="No sum.",
            if_uncovered_zero=1.0,
            if_uncovered_max=50.0,
        ),
        a_row(
            5,
            structure="Kidney_L",
            counts_as="Kidney_L",
            site_structures=(),
            requirement=Requirement.IF_PRESENT,
            value=None,
            uncertainty=None,
            margin=None,
            verdict=Verdict.NOT_CONTOURED,
        ),
    )


def _input(name: str, seed: str) -> InputFile:
    sha256 = (seed.encode().hex() * 64)[:64]
    return InputFile(name=name, sha256=sha256, size_bytes=1000, kind="RTPLAN", used=True, reason="")


def _plan() -> PlanReport:
    return PlanReport(
        key="cfrt",
        label="CFRT 50.4 Gy in 28",
        regimen="CFRT",
        regimen_label="CFRT, 50.4 Gy in 28",
        targets=(
            TargetReport(
                name="PTV_CFRT",
                site_structure="PTV",
                prescription_gy=50.4,
                plan_prescription_gy=50.4,
                median_gy=50.9,
                plausible=True,
            ),
        ),
        prescription_gy=50.4,
        planned_fractions=28,
        dose_per_fraction_gy=1.8,
        share_fractions=28,
        regimen_fractions=28,
        verdict=Verdict.UNACCEPTABLE_DEVIATION,
        reasons=(),
        checks=(
            PlanCheckResult(
                id="fractions",
                label="Fractions",
                status=CheckStatus.PASSED,
                weight=CheckWeight.UNACCEPTABLE,
                expected="28",
                found="28",
                message="",
                assumed=True,
            ),
        ),
        indices=(),
        machine="Machine 1",
        energy="6 MV",
        technique="STATIC",
        approval="APPROVED",
        dose_summation="PLAN",
    )


def _structure(name: str, volume_cc: float, *site_names: str) -> StructureReport:
    return StructureReport(
        name=name,
        scope="CFRT plan",
        site_names=site_names,
        status=StructureStatus.FOUND,
        volume_cc=volume_cc,
        uncovered_cc=0.0,
    )


def _curve(structure: str, kind: ScopeKind = ScopeKind.PLAN) -> Curve:
    key = "cfrt" if kind is ScopeKind.PLAN else None
    return Curve(
        structure=structure,
        scope_kind=kind,
        scope=kind.value,
        plan_key=key,
        dose_gy=(0.0, 20.0, 50.0),
        volume_percent=(100.0, 20.0, 0.0),
    )


def _finding() -> dict[str, str | None]:
    return {
        "code": "ct-slice-gap",
        "severity": "warning",
        "file": f"{HOSTILE_NAME}.dcm",
        "element": None,
        "structure": None,
        "message": "A slice is missing.",
        "action": "Export the CT again.",
    }

"""A hand-made report with every verdict, bounds, a sum, delivery, findings and hostile names."""

from dataclasses import replace

from trial_core.domain.criteria import Requirement, ScopeKind, Verdict
from trial_core.domain.report import (
    CheckStatus,
    CheckWeight,
    CountedItem,
    CourseReport,
    Curve,
    DeliveryFact,
    InputFile,
    PlanCheckResult,
    PlanIndex,
    PlanReport,
    ProtocolReference,
    ResultRow,
    StructureReport,
    StructureStatus,
    SumLayer,
    SumReport,
    TargetReport,
)

HOSTILE = "<script>alert('x')</script>"

LUNGS = ResultRow(
    number=1,
    criterion="lungs-mean",
    structure="Lungs",
    site_structures=("Lung_L", "Lung_R"),
    counts_as="Lungs",
    metric="Mean[Gy]",
    scope_kind=ScopeKind.PLAN,
    scope="plan CFRT",
    plan_key="plan-1",
    alpha_beta_gy=None,
    requirement=Requirement.REQUIRED,
    relation="<=",
    ideal=15.0,
    limit=19.0,
    value=8.5,
    unit="Gy",
    uncertainty=0.03,
    if_uncovered_zero=8.5,
    if_uncovered_max=8.5,
    margin=10.5,
    verdict=Verdict.PER_PROTOCOL,
    borderline=False,
    reason="",
    assumed=True,
)
TARGET = replace(
    LUNGS,
    number=2,
    structure="PTV_Primary",
    site_structures=("PTVp",),
    counts_as="PTV_Primary",
    metric="D95%[%]",
    relation=">=",
    ideal=98.0,
    limit=95.0,
    value=96.2,
    unit="%",
    margin=1.2,
    verdict=Verdict.ACCEPTABLE_VARIATION,
)
CORD = replace(
    LUNGS,
    number=3,
    structure="SpinalCord",
    site_structures=(HOSTILE,),
    counts_as="SpinalCord",
    metric="D0.03cc[Gy]",
    ideal=None,
    limit=45.0,
    value=45.004,
    margin=-0.004,
    verdict=Verdict.UNACCEPTABLE_DEVIATION,
    borderline=True,
)
LIVER = replace(
    LUNGS,
    number=4,
    structure="Liver",
    site_structures=("Liver",),
    counts_as="Liver",
    scope_kind=ScopeKind.SUM_EQD2,
    scope="sum, EQD2 (α/β 2 Gy)",
    plan_key=None,
    alpha_beta_gy=2.0,
    value=None,
    uncertainty=None,
    if_uncovered_zero=2.7,
    if_uncovered_max=31.0,
    margin=None,
    verdict=Verdict.NOT_EVALUABLE,
    reason="partly outside the dose grid, and the verdict depends on the dose there",
)
KIDNEY = replace(
    LUNGS,
    number=5,
    structure="Kidney_L",
    site_structures=(),
    counts_as="Kidney_L",
    value=None,
    uncertainty=None,
    if_uncovered_zero=None,
    if_uncovered_max=None,
    margin=None,
    verdict=Verdict.NOT_CONTOURED,
    reason="no structure of that name",
)


def a_report() -> CourseReport:
    """Return the report."""
    rows = (LUNGS, TARGET, CORD, LIVER, KIDNEY)
    return CourseReport(
        protocol=ProtocolReference(
            id="TEST-01", version="3", title="A protocol", sha256="ab" * 32, assumed=("Regimens: a guess",)
        ),
        code_version="0.1.0",
        inputs=(
            InputFile(name="CT.dcm", sha256="0" * 64, size_bytes=5, kind="CT", used=True, reason=""),
            InputFile(
                name=f"{HOSTILE}.dcm", sha256="1" * 64, size_bytes=2_500_000, kind="", used=False, reason="no"
            ),
        ),
        verdict=Verdict.UNACCEPTABLE_DEVIATION,
        reasons=("SpinalCord D0.03cc[Gy]: unacceptable deviation",),
        plans=(_plan(),),
        results=rows,
        counted=tuple(_counted(row) for row in rows),
        sums=(_sum(),),
        structures=(
            _structure("Lungs", ("Lung_L", "Lung_R"), 3400.0),
            _structure("SpinalCord", (HOSTILE,), 60.0),
        ),
        delivery=(_delivery(),),
        findings=(_finding("info", "A note"), _finding("error", f"{HOSTILE} is wrong")),
        curves=(_curve("PTVp"), _curve("Lungs"), _curve(HOSTILE), _curve("Liver", ScopeKind.SUM_EQD2)),
    )


def _plan() -> PlanReport:
    target = TargetReport(
        name="PTV_Primary",
        site_structure="PTVp",
        prescription_gy=50.4,
        plan_prescription_gy=45.0,
        median_gy=50.9,
        plausible=False,
    )
    return PlanReport(
        key="plan-1",
        label=f"CFRT {HOSTILE}",
        regimen="CFRT",
        regimen_label="Conventional",
        targets=(target,),
        prescription_gy=50.4,
        planned_fractions=25,
        dose_per_fraction_gy=1.8,
        share_fractions=28,
        regimen_fractions=28,
        verdict=Verdict.UNACCEPTABLE_DEVIATION,
        reasons=("Fractions",),
        checks=(
            _check("Machine", CheckStatus.UNKNOWN, CheckWeight.NOTE),
            _check("Approval", CheckStatus.FAILED, CheckWeight.VARIATION),
            _check("Fractions", CheckStatus.FAILED, CheckWeight.UNACCEPTABLE),
            _check("Energy", CheckStatus.PASSED, CheckWeight.UNACCEPTABLE),
        ),
        indices=(
            PlanIndex(id="ci", label="Conformity index", structure="PTVp", value=0.812, unit="", reason=""),
            PlanIndex(id="hi", label="Homogeneity", structure="PTVp", value=None, unit="", reason="no dose"),
        ),
        machine=None,
        energy="6 MV",
        technique="arc",
        approval="APPROVED",
        dose_summation="PLAN",
    )


def _check(label: str, status: CheckStatus, weight: CheckWeight) -> PlanCheckResult:
    return PlanCheckResult(
        id=label.lower(),
        label=label,
        status=status,
        weight=weight,
        expected="28",
        found="25",
        message="",
        assumed=True,
    )


def _counted(row: ResultRow) -> CountedItem:
    return CountedItem(
        structure=row.counts_as,
        metric=row.metric,
        label=f"{row.counts_as} {row.metric}",
        verdict=row.verdict,
        incomplete=False,
        required=True,
        rows=(row.number,),
    )


def _sum() -> SumReport:
    layer = SumLayer(
        plan_key="plan-1", label="CFRT", fractions=28, weight=1.0, placed_by="registration", needs_review=True
    )
    return SumReport(
        scope_kind=ScopeKind.SUM_EQD2,
        alpha_beta_gy=2.0,
        evaluable=True,
        reason="",
        layers=(layer,),
        needs_review=True,
    )


def _structure(name: str, site_names: tuple[str, ...], volume_cc: float) -> StructureReport:
    return StructureReport(
        name=name,
        scope="plan CFRT",
        site_names=site_names,
        status=StructureStatus.FOUND,
        volume_cc=volume_cc,
        uncovered_cc=0.0,
    )


def _delivery() -> DeliveryFact:
    return DeliveryFact(
        plan_key="plan-1",
        planned_fractions=28,
        delivered_fractions=12,
        partial_fractions=1,
        delivered_gy=21.6,
        message="",
    )


def _finding(severity: str, message: str) -> dict[str, str | None]:
    return {
        "code": "element-invalid",
        "severity": severity,
        "file": f"{HOSTILE}.dcm",
        "element": None,
        "structure": None,
        "message": message,
        "action": None,
    }


def _curve(structure: str, kind: ScopeKind = ScopeKind.PLAN) -> Curve:
    return Curve(
        structure=structure,
        scope_kind=kind,
        scope=kind.value,
        plan_key="plan-1" if kind is ScopeKind.PLAN else None,
        dose_gy=(0.0, 20.0, 50.0),
        volume_percent=(100.0, 20.0, 0.0),
    )

"""SCR-ESCC-01 says what the domain notes say."""

import pytest

from trial_core.domain.criteria import Relation, Requirement, ScopeKind
from trial_core.domain.protocol import CheckId, Protocol
from trial_core.protocols.reader import read_protocol

AT_MOST, AT_LEAST = Relation.AT_MOST, Relation.AT_LEAST

# Structure, metric, relation, ideal, limit, required: the domain notes, "Criteria".
TABLE = [
    ("PTV_Primary", "D95%[%]", AT_LEAST, 98, 95, True),
    ("PTV_Primary", "D99%[%]", AT_LEAST, 95, 90, True),
    ("PTV_Primary", "D0.03cc[%]", AT_MOST, 110, 120, True),
    ("PTV_Metastasis", "D95%[%]", AT_LEAST, 95, 90, True),
    ("PTV_Metastasis", "D0.03cc[%]", AT_MOST, 120, 130, True),
    ("Lungs", "Mean[Gy]", AT_MOST, 15, 19, True),
    ("Lungs", "V20Gy[%]", AT_MOST, 20, 25, True),
    ("Lungs", "V5Gy[%]", AT_MOST, 70, 75, True),
    ("Heart", "Mean[Gy]", AT_MOST, 20, 25, True),
    ("Heart", "V30Gy[%]", AT_MOST, None, 45, True),
    ("SpinalCord", "D0.03cc[Gy]", AT_MOST, None, 45, True),
    ("SpinalCord_PRV05", "D0.03cc[Gy]", AT_MOST, None, 50, False),
    ("Kidney_L", "V20Gy[%]", AT_MOST, 25, 30, False),
    ("Kidney_R", "V20Gy[%]", AT_MOST, 25, 30, False),
    ("Liver", "Mean[Gy]", AT_MOST, 25, 30, False),
    ("Liver", "V30Gy[%]", AT_MOST, None, 30, False),
    ("Stomach-PTV", "V50Gy[cc]", AT_MOST, 16, 25, False),
    ("Bowel_Large", "D0.03cc[Gy]", AT_MOST, None, 45, False),
    ("Bowel_Small", "D0.03cc[Gy]", AT_MOST, None, 45, False),
]


@pytest.fixture(scope="module")
def protocol() -> Protocol:
    return read_protocol("SCR-ESCC-01")


def test_criteria__are_those_of_the_domain_notes(protocol: Protocol) -> None:
    rows = [
        (
            each.structure,
            each.metric,
            each.threshold.relation,
            each.threshold.ideal,
            each.threshold.limit,
            each.requirement is Requirement.REQUIRED,
        )
        for each in protocol.criteria
    ]
    assert rows == TABLE


def test_criteria__of_organs_hold_in_the_cfrt_plan_and_in_both_sums(protocol: Protocol) -> None:
    for criterion in protocol.criteria:
        kinds = [(scope.kind, scope.regimen) for scope in criterion.scopes]
        if criterion.structure == "PTV_Primary":
            assert kinds == [(ScopeKind.PLAN, "CFRT")]
        elif criterion.structure == "PTV_Metastasis":
            assert kinds == [(ScopeKind.PLAN, "LDRT")]
        else:
            plan, physical, eqd2 = kinds
            assert plan == (ScopeKind.PLAN, "CFRT")
            assert (physical[0], eqd2[0]) == (ScopeKind.SUM_PHYSICAL, ScopeKind.SUM_EQD2)


@pytest.mark.parametrize(
    ("structure", "alpha_beta_gy"),
    [
        ("PTV_Primary", 10),
        ("PTV_Metastasis", 10),
        ("Lungs", 3),
        ("Heart", 3),
        ("SpinalCord", 2),
        ("SpinalCord_PRV05", 2),
        ("Kidney_L", 2),
        ("Kidney_R", 2),
        ("Liver", 2),
        ("Stomach-PTV", 2),
    ],
)
def test_structures__have_the_alpha_beta_of_the_domain_notes(
    protocol: Protocol, structure: str, alpha_beta_gy: float
) -> None:
    assert protocol.structure(structure).alpha_beta_gy == alpha_beta_gy


def test_regimens__have_the_default_and_permitted_prescriptions(protocol: Protocol) -> None:
    ldrt, cfrt = protocol.regimen("LDRT"), protocol.regimen("CFRT")
    assert (ldrt.prescription.dose_gy, ldrt.prescription.fractions) == (10, 5)
    assert (cfrt.prescription.dose_gy, cfrt.prescription.fractions) == (50.4, 28)
    assert ldrt.permitted.allows(15, 5)  # MATCH
    assert not ldrt.permitted.allows(12, 3)  # 4 Gy a fraction
    assert cfrt.permitted.allows(50, 25)
    assert cfrt.permitted.allows(61.2, 34)
    assert not cfrt.permitted.allows(63, 35)
    assert ldrt.targets[0].each
    assert not cfrt.targets[0].each


def test_arms_and_phases__are_those_of_the_register(protocol: Protocol) -> None:
    assert {arm.id: arm.regimens for arm in protocol.arms} == {
        "run-in": ("LDRT", "CFRT"),
        "A": ("LDRT", "CFRT"),
        "B": (),
    }
    run_in, randomised = protocol.phases
    assert run_in.stopping_rule is not None
    assert run_in.stopping_rule.subjects == 2
    assert randomised.arms == ("A", "B")
    assert not randomised.provenance.assumed


def test_everything_unpublished__is_said(protocol: Protocol) -> None:
    words = "\n".join(protocol.assumptions)
    for part in (
        "10 Gy in 5",
        "50.4 Gy in 28",
        "25 subjects",
        "Criteria",
        "Verdict",
        "alpha/beta",
        "Plan checks",
    ):
        assert part in words
    assert all(criterion.assumed for criterion in protocol.criteria)


def test_plan_checks__are_all_there_once(protocol: Protocol) -> None:
    assert sorted(rule.id for rule in protocol.plan_checks) == sorted(CheckId)


@pytest.mark.parametrize(
    ("roi", "structure"),
    [
        ("Lung_L", "Lung_L"),
        ("lung left", "Lung_L"),
        ("LT LUNG", "Lung_L"),
        ("Right Lung", "Lung_R"),
        ("Total Lung", "Lungs_Contoured"),
        ("spinal cord", "SpinalCord"),
        ("Cord", "SpinalCord"),
        ("Cord PRV", "SpinalCord_PRV05"),
        ("SPINALCORD+5MM", "SpinalCord_PRV05"),
        ("heart", "Heart"),
        ("L Kidney", "Kidney_L"),
        ("Kidney-Right", "Kidney_R"),
        ("Small Bowel", "Bowel_Small"),
        ("colon", "Bowel_Large"),
        ("Stomach-PTV", "Stomach-PTV_Contoured"),
        ("External", "BODY"),
        ("PTVp", "PTV_Primary"),
        ("PTV_50.4", "PTV_Primary"),
        ("PTV_Met1", "PTV_Metastasis"),
        ("ptv ldrt 2", "PTV_Metastasis"),
    ],
)
def test_aliases__understand_clinical_names_and_one_structure_only(
    protocol: Protocol, roi: str, structure: str
) -> None:
    fitting = [rule.name for rule in protocol.structures if rule.has_name(roi) and not rule.every]
    assert fitting == [structure]


@pytest.mark.parametrize(
    "roi",
    [
        *("PTV_opt", "PTV eval", "Heart_Dose", "SpinalCord_avoid", "Lung_L-PTV", "PTV_Met_ring"),
        *("GTV_Ring", "GTV+2cm", "GTVp 20 mm", "GTV_exp", "GTV-opt", "iGTV_eval"),  # lungs would lose them
    ],
)
def test_aliases__do_not_take_helper_structures(protocol: Protocol, roi: str) -> None:
    assert not [rule.name for rule in protocol.structures if rule.has_name(roi)]


def test_groups__take_every_gtv_and_every_ptv(protocol: Protocol) -> None:
    assert all(
        protocol.structure("GTVs").has_name(name) for name in ("GTV", "GTVp", "gtv_met 3", "iGTV", "GTVp+n")
    )
    assert all(protocol.structure("PTVs").has_name(name) for name in ("PTV", "PTVp", "PTV_Met1"))

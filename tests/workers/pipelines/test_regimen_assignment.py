"""Which regimen a plan belongs to: label, fractionation, the only one; never a guess."""

import itertools

import pytest

from imaging.findings import FindingCode
from tests.workers.pipelines.courses import linked, plan, target
from trial_core.domain.protocol import Protocol
from trial_core.protocols.reader import read_protocol
from workers.pipelines.regimen_assignment import assign_regimens, stated_prescriptions_gy

SCR = read_protocol("SCR-ESCC-01")


def _assigned(
    label: str | None, fractions: int | None, dose_gy: float | None, protocol: Protocol = SCR
) -> tuple[str | None, list[FindingCode]]:
    one = linked(plan(label, fractions, [target(1, dose_gy)]), None, None)
    assigned, findings = assign_regimens([one], protocol)
    regimen = assigned[0].regimen
    return regimen.id if regimen else None, [finding.code for finding in findings]


@pytest.mark.parametrize(
    ("label", "fractions", "dose_gy", "regimen"),
    [
        ("LDRT", 5, 10.0, "LDRT"),
        ("ldrt lung", 28, 50.4, "LDRT"),  # the label comes first; the check of fractions then fails
        ("Plan_CFRT_2", 28, 50.4, "CFRT"),
        ("Plan1", 28, 50.4, "CFRT"),
        ("Plan1", 28, None, "CFRT"),
        ("Plan1", 5, 10.0, "LDRT"),
        ("Plan1", 25, 50.0, "CFRT"),  # permitted, not the default
        ("Plan1", 5, 15.0, "LDRT"),
        (None, 5, 10.0, "LDRT"),
    ],
)
def test_assign_regimens__goes_by_label_then_by_fractionation(
    label: str | None, fractions: int, dose_gy: float | None, regimen: str
) -> None:
    assert _assigned(label, fractions, dose_gy) == (regimen, [])


@pytest.mark.parametrize(
    ("label", "fractions", "dose_gy", "code"),
    [
        ("LDRT+CFRT", 28, 50.4, FindingCode.REGIMEN_AMBIGUOUS),
        ("Plan1", 15, 40.0, FindingCode.REGIMEN_UNKNOWN),
        ("Plan1", None, 50.4, FindingCode.REGIMEN_UNKNOWN),
        ("Plan1", 0, 50.4, FindingCode.REGIMEN_UNKNOWN),
        ("Plan1", 25, None, FindingCode.REGIMEN_UNKNOWN),
    ],
)
def test_assign_regimens__says_what_it_cannot_tell(
    label: str, fractions: int | None, dose_gy: float | None, code: FindingCode
) -> None:
    assert _assigned(label, fractions, dose_gy) == (None, [code])


def test_assign_regimens__takes_the_only_regimen_there_is() -> None:
    text = "tests/support/protocols/breast_14_in_7.yaml"
    assert _assigned("anything", 3, None, read_protocol(text)) == ("BOOST", [])


def test_assign_regimens__gives_the_same_keys_in_any_order() -> None:
    plans = [linked(plan(label, 15), None, None) for label in ("LDRT b", "CFRT", "LDRT a", "unknown")]
    seen = {
        tuple((each.key, each.label) for each in assign_regimens(order, SCR)[0])
        for order in itertools.permutations(plans)
    }
    keys = ("plan-1", "plan-2", "plan-3", "plan-4")
    assert seen == {tuple(zip(keys, ("LDRT a", "LDRT b", "CFRT", "unknown"), strict=True))}


def test_stated_prescriptions__are_of_volumes_and_sites_not_of_points() -> None:
    references = [target(1, 14.0, kind="SITE"), target(None, 20.0, kind="COORDINATES"), target(2, 9.0)]
    assert stated_prescriptions_gy(plan("B1", 7, references)) == [14.0, 9.0]
    assert stated_prescriptions_gy(plan("B1", 7, references[1:2])) == []


@pytest.mark.parametrize(
    ("doses_gy", "fractions", "regimen"),
    [
        ((50.4, 61.6), 28, "CFRT"),  # 2.2 Gy a fraction to a GTV inside
        ((54.0, 61.6), 28, "CFRT"),  # permitted, with a boost that is not
        ((10.0, 20.0), 5, "LDRT"),
        ((61.6,), 28, None),
    ],
)
def test_assign_regimens__a_boost_hides_no_prescription(
    doses_gy: tuple[float, ...], fractions: int, regimen: str | None
) -> None:
    references = [target(number, gy) for number, gy in enumerate(doses_gy, start=1)]
    assigned, _ = assign_regimens([linked(plan("B1", fractions, references), None, None)], SCR)
    assert [each.regimen.id if each.regimen else None for each in assigned] == [regimen]

"""A dose that reaches nothing like its plan's prescription is said where no protocol guards it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imaging.findings import FindingCode, Severity
from tests.workers.pipelines.checked import SET
from tests.workers.pipelines.courses import cfrt, course, dose, linked, plan, target
from workers.pipelines.dose_choice import choose_dose
from workers.pipelines.dose_scale import dose_scale_findings


def highest(dose_gy: float, *prescribed_gy: float | None) -> list[str]:
    """What is said of a plan of 28 fractions with this highest dose and these prescriptions."""
    given = plan("CFRT", 28, [target(2, each) for each in prescribed_gy])
    return [each.message for each in dose_scale_findings([linked(given, dose(dose_gy, {}), SET)])]


@pytest.mark.parametrize("dose_gy", [50.4 * 0.8, 54.0, 100.8])
def test_scale__of_a_plans_dose_is_not_doubted(dose_gy: float) -> None:
    assert highest(dose_gy, 50.4) == []


@pytest.mark.parametrize(
    ("dose_gy", "words"),
    [(1.9, "the dose of one fraction"), (106.0, "percent"), (5100.0, "cGy"), (30.0, "another target")],
)
def test_scale__of_another_unit_is_said_with_what_it_looks_like(dose_gy: float, words: str) -> None:
    (message,) = highest(dose_gy, 50.4, 45.0)
    assert f"is {dose_gy:g} Gy, and the plan prescribes 50.4 Gy" in message
    assert words in message


def test_scale__is_not_told_without_a_prescription() -> None:
    assert highest(1.9) == highest(1.9, None) == []


def test_metrics__of_a_dose_per_fraction_come_with_a_warning() -> None:
    given = course(cfrt(SET))
    (whole,) = given.plans
    assert whole.dose is not None
    part = replace(whole, dose=replace(whole.dose, grid=dose(1.8, {}).grid))
    found = choose_dose(replace(given, plans=(part,), structure_sets=(SET,))).findings
    assert [(each.code, each.severity) for each in found] == [
        (FindingCode.DOSE_IMPLAUSIBLE, Severity.WARNING)
    ]
    assert choose_dose(replace(given, structure_sets=(SET,))).findings == ()

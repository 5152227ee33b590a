"""What limits of photons are for: physical doses of photons and electrons, and what a protocol names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imaging.dicom.rt_plan import Beam
from imaging.linked import LinkedPlan
from tests.workers.pipelines.checked import PHYSICAL, SCR, SET, asking, check, plan_of, rows
from tests.workers.pipelines.courses import cfrt, course, ldrt, with_plan
from trial_core.domain.criteria import Verdict
from workers.pipelines.plan_check import check_course
from workers.pipelines.plan_facts import plan_facts


def _with_radiation(given: LinkedPlan, kind: str | None, energy_mv: float = 18.0) -> LinkedPlan:
    beam = Beam(1, "field", "LINAC1", kind, "STATIC", "TREATMENT", "static", False, (energy_mv,), ())
    return with_plan(given, beams=(beam,))


@pytest.mark.parametrize("kind", ["PROTON", "ION", "NEUTRON", "CARBON"])
def test_check_course__limits_of_photons_judge_no_physical_dose_of_other_radiation(kind: str) -> None:
    """Whatever its numbers: 50.4 Gy of carbon ions were judged as 50.4 Gy, with a warning alone."""
    report = check(course(ldrt(SET), _with_radiation(cfrt(SET), kind)))
    assert plan_of(report, "CFRT").verdict is Verdict.NOT_EVALUABLE
    assert report.verdict is Verdict.NOT_EVALUABLE
    assert plan_of(report, "LDRT").verdict is Verdict.PER_PROTOCOL
    (row,) = rows(report, "Heart", PHYSICAL)[:1]
    assert row.value is None
    assert f"treats with {kind}" in row.reason


@pytest.mark.parametrize("kind", ["PHOTON", "ELECTRON", None])
def test_check_course__photons_and_electrons_are_judged(kind: str | None) -> None:
    assert check(course(ldrt(SET), _with_radiation(cfrt(SET), kind))).verdict is Verdict.PER_PROTOCOL


def test_check_course__unnamed_radiation_of_an_energy_that_no_photons_have_is_not_judged_as_photons() -> None:
    report = check(course(ldrt(SET), _with_radiation(cfrt(SET), None, 150.0)))
    assert report.verdict is Verdict.NOT_EVALUABLE
    assert any("does not say what beam 1 treats with, at 150 MV or MeV" in each for each in report.reasons)


def test_plan_facts__give_the_energy_of_unnamed_radiation_no_unit_of_photons() -> None:
    assert plan_facts(_with_radiation(cfrt(SET), None, 6.0).plan).energy == "6 MV or MeV"


def test_check_course__a_protocol_may_name_the_radiation_that_its_limits_are_for() -> None:
    named = tuple(replace(each, radiation=("PROTON",)) for each in SCR.regimens)
    protons = course(ldrt(SET), _with_radiation(cfrt(SET), "PROTON"))
    judged = check_course(protons, replace(asking("Heart", "PTV_Primary"), regimens=named))
    assert plan_of(judged, "CFRT").verdict is not Verdict.NOT_EVALUABLE

"""The targets of a plan: what its dose references name, else what the protocol names; a conflict is said."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from imaging.dicom.rt_plan import DoseReference
from imaging.findings import FindingCode
from tests.workers.pipelines.courses import Box, linked, plan, structure_set, target
from trial_core.protocols.reader import read_protocol
from workers.pipelines.regimen_assignment import AssignedPlan
from workers.pipelines.structure_lookup import StructureLookup
from workers.pipelines.targets import PlanTarget, find_targets

SCR = read_protocol("SCR-ESCC-01")
BOX: Box = (0.0, 0.0, 0.0, 10.0)


def _targets(
    regimen: str, names: Sequence[str], references: Sequence[DoseReference]
) -> tuple[tuple[PlanTarget, ...], list[FindingCode]]:
    """ROIs are numbered from 1 in the order of the names."""
    structures = structure_set(dict.fromkeys(names, BOX))
    one = linked(plan(regimen, 5, references), None, structures)
    assigned = AssignedPlan("plan-1", regimen, one, SCR.regimen(regimen), "")
    targets, findings = find_targets(assigned, StructureLookup(structures, SCR))
    return targets, [finding.code for finding in findings]


def _names(targets: Sequence[PlanTarget]) -> list[str]:
    return [target.site_name for target in targets if target.structure.region is not None]


def test_find_targets__takes_those_that_the_plan_names() -> None:
    names = ["PTV_Met1", "PTV_Met2", "PTV_Met3"]
    targets, codes = _targets("LDRT", names, [target(1, 10.0), target(3, 12.0)])
    assert _names(targets) == ["PTV_Met1", "PTV_Met3"]
    assert [each.stated_gy for each in targets] == [10.0, 12.0]
    assert codes == []


def test_find_targets__goes_by_name_where_the_plan_names_none() -> None:
    targets, codes = _targets("LDRT", ["PTV_Met1", "PTV_Met2", "PTVp"], [])
    assert (_names(targets), codes) == (["PTV_Met1", "PTV_Met2"], [])


def test_find_targets__points_are_no_targets() -> None:
    targets, _ = _targets("CFRT", ["PTVp", "Heart"], [target(2, 60.0, kind="POINT")])
    assert _names(targets) == ["PTVp"]
    assert targets[0].stated_gy is None


def test_find_targets__a_site_states_the_prescription_and_names_no_roi() -> None:
    targets, _ = _targets("CFRT", ["PTVp"], [target(None, 50.4, kind="SITE")])
    assert (_names(targets), targets[0].stated_gy) == (["PTVp"], 50.4)


@pytest.mark.parametrize("regimen", ["LDRT", "CFRT"])
def test_find_targets__takes_an_unknown_name_that_the_plan_aims_at_and_says_so(regimen: str) -> None:
    targets, codes = _targets(regimen, ["PTV 7"], [target(1, 10.0)])
    assert (_names(targets), codes) == (["PTV 7"], [FindingCode.STRUCTURE_RENAMED])


def test_find_targets__leaves_out_none_that_the_plan_aims_at() -> None:
    targets, codes = _targets("LDRT", ["PTV_Met1", "PTV 7"], [target(1, 10.0), target(2, 10.0)])
    assert (_names(targets), codes) == (["PTV_Met1", "PTV 7"], [FindingCode.STRUCTURE_RENAMED])


def test_find_targets__plan_and_name_in_conflict_are_not_evaluable() -> None:
    targets, codes = _targets("CFRT", ["PTVp", "PTV 7"], [target(2, 50.4)])
    assert (_names(targets), codes) == ([], [FindingCode.TARGET_AMBIGUOUS])
    assert "aims at 'PTV 7'" in targets[0].structure.reason


def test_find_targets__two_names_and_no_reference_are_not_evaluable() -> None:
    targets, codes = _targets("CFRT", ["PTVp", "PTV"], [])
    assert (_names(targets), codes) == ([], [FindingCode.TARGET_AMBIGUOUS])


def test_find_targets__none_is_said() -> None:
    targets, codes = _targets("CFRT", ["Heart"], [])
    assert (_names(targets), codes) == ([], [FindingCode.TARGET_MISSING])


@pytest.mark.parametrize(
    ("references", "stated_gy", "elsewhere"),
    [
        ([target(2, 54.0)], 54.0, True),  # the CTV alone
        ([target(1, None), target(None, 54.0, kind="SITE")], 54.0, False),
        ([target(1, 50.4), target(2, 60.0)], 50.4, False),  # a boost
        ([target(1, None), target(2, 60.0), target(None, 50.4, kind="SITE")], 50.4, False),
        ([target(99, 54.0)], 54.0, True),
        ([target(1, None)], None, False),
    ],
)
def test_find_targets__no_prescription_of_the_plan_is_overlooked(
    references: Sequence[DoseReference], stated_gy: float | None, elsewhere: bool
) -> None:
    names = ["PTVp", "CTV"]
    rois = structure_set(dict.fromkeys(names, BOX)).rois
    structures = replace(structure_set(), rois=(rois[0], replace(rois[1], interpreted_type="CTV")))
    assigned = AssignedPlan(
        "plan-1", "CFRT", linked(plan("CFRT", 28, references), None, structures), SCR.regimen("CFRT"), ""
    )
    (found,), _ = find_targets(assigned, StructureLookup(structures, SCR))
    assert (found.site_name, found.stated_gy, found.stated_elsewhere) == ("PTVp", stated_gy, elsewhere)


def test_find_targets__another_targets_dose_is_not_taken_over() -> None:
    targets, _ = _targets("LDRT", ["PTV_Met1", "PTV_Met2"], [target(1, 15.0), target(2, None)])
    assert [each.stated_gy for each in targets] == [15.0, None]


def test_find_targets__an_roi_that_the_structure_set_lacks_is_an_error() -> None:
    targets, codes = _targets("CFRT", ["PTVp"], [target(99, 50.4)])
    assert (_names(targets), codes) == (["PTVp"], [FindingCode.REFERENCE_CONTRADICTORY])


def test_find_targets__says_when_the_plan_aims_at_what_the_protocol_does_not_judge() -> None:
    targets, codes = _targets("CFRT", ["PTVp", "PTV_Nodes"], [target(1, 50.4), target(2, 45.0)])
    assert (_names(targets), codes) == (["PTVp"], [FindingCode.TARGET_NOT_JUDGED])

"""Structures of the protocol among the ROIs: names, aliases, groups, algebra; no guess between two."""

import pytest

from imaging.findings import FindingCode, Severity
from tests.workers.pipelines.courses import Box, structure_set
from trial_core.domain.report import StructureStatus
from trial_core.protocols.reader import read_protocol
from workers.pipelines.structure_lookup import FoundStructure, StructureLookup

SCR = read_protocol("SCR-ESCC-01")
BOX: Box = (0.0, 0.0, 0.0, 10.0)


def _lookup(*names: str, empty: tuple[str, ...] = ()) -> StructureLookup:
    boxes: dict[str, Box | None] = dict.fromkeys(names, BOX)
    boxes |= dict.fromkeys(empty)
    return StructureLookup(structure_set(boxes), SCR)


def _find(name: str, *names: str, empty: tuple[str, ...] = ()) -> FoundStructure:
    return _lookup(*names, empty=empty).find(name)


def test_find__takes_an_alias_and_says_so() -> None:
    lookup = _lookup("heart whole")
    found = lookup.find("Heart")
    assert (found.status, found.site_names) == (StructureStatus.FOUND, ("heart whole",))
    assert [finding.code for finding in lookup.findings()] == [FindingCode.STRUCTURE_RENAMED]


@pytest.mark.parametrize("names", [("Heart", "heart"), ("SpinalCord", "Cord"), ("Heart", "Heart #2")])
def test_find__never_guesses_between_two(names: tuple[str, ...]) -> None:
    lookup = _lookup(*names)
    found = lookup.find("SpinalCord" if "Cord" in names else "Heart")
    assert (found.status, found.region) == (StructureStatus.AMBIGUOUS, None)
    assert found.site_names == names
    assert [finding.code for finding in lookup.findings()] == [FindingCode.STRUCTURE_AMBIGUOUS]


def test_find__an_empty_roi_is_empty_and_does_not_hide_a_contoured_one() -> None:
    assert _find("Heart", empty=("Heart",)).status is StructureStatus.EMPTY
    assert _find("SpinalCord", "Cord", empty=("SpinalCord",)).site_names == ("Cord",)


def test_find__absent_is_not_contoured() -> None:
    assert _find("Liver", "Heart").status is StructureStatus.NOT_CONTOURED


def test_find__lungs_are_left_and_right_minus_every_gtv() -> None:
    found = _find("Lungs", "Lung_L", "Right Lung", "GTVp", "GTV_Met1", "Lungs")
    assert found.region is not None
    assert found.region.name == "((Lung_L|Right Lung)-(GTVp|GTV_Met1))"


def test_find__lungs_may_be_one_roi() -> None:
    assert _find("Lungs", "Total Lung").site_names == ("Total Lung",)


def test_find__one_lung_is_not_the_lungs() -> None:
    found = _find("Lungs", "Lung_L")
    assert found.status is StructureStatus.NOT_CONTOURED
    assert "Lung_R" in found.reason


@pytest.mark.parametrize(
    ("names", "empty", "status"),
    [
        (("Lung_L", "Lung_R", "Lt Lung"), (), StructureStatus.AMBIGUOUS),
        (("Lung_L", "Lungs"), ("Lung_R",), StructureStatus.EMPTY),
    ],
)
def test_find__a_doubtful_part_makes_the_whole_doubtful(
    names: tuple[str, ...], empty: tuple[str, ...], status: StructureStatus
) -> None:
    assert _find("Lungs", *names, empty=empty).status is status


def test_find__takes_nothing_away_where_nothing_is_contoured() -> None:
    found = _find("Stomach-PTV", "Stomach")
    assert found.status is StructureStatus.FOUND
    assert _find("Stomach-PTV", "PTVp").status is StructureStatus.NOT_CONTOURED


def test_find__takes_what_the_site_has_taken_away_itself_where_the_whole_is_not_drawn() -> None:
    """An ROI of the protocol's own name is not "not contoured"."""
    assert _find("Stomach-PTV", "Stomach-PTV").site_names == ("Stomach-PTV",)
    assert _find("Stomach-PTV", "Stomach", "Stomach-PTV_50.4").site_names == ("Stomach",)


def test_find__without_a_structure_set_finds_nothing() -> None:
    assert StructureLookup(None, SCR).find("Heart").region is None


def test_find__what_is_made_with_a_group_is_unknown_where_one_of_the_group_could_not_be_read() -> None:
    boxes: dict[str, Box | None] = {"Lung_L": BOX, "Lung_R": BOX, "GTVp": BOX, "GTV_Met1": None}
    found = StructureLookup(structure_set(boxes), SCR, frozenset({"GTV_Met1"})).find("Lungs")
    assert (found.status, found.region) == (StructureStatus.EMPTY, None)
    assert "'GTV_Met1' could not be read" in found.reason
    assert StructureLookup(structure_set(boxes), SCR).find("Lungs").status is StructureStatus.FOUND


@pytest.mark.parametrize("name", ["PTV_Met1", "PTV10_Met1", "PTV_LDRT_Met_2", "PTV 3 met", "PTVm1"])
def test_find__knows_the_planning_target_of_a_metastasis_wherever_the_name_says_so(name: str) -> None:
    lookup = _lookup(name)
    assert [roi.name for roi in lookup.candidates("PTV_Metastasis")] == [name]
    assert lookup.candidates("PTV_Primary") == ()


def test_find__never_passes_over_an_unreadable_roi_for_another_that_fits() -> None:
    boxes: dict[str, Box | None] = {"Heart": None, "Heart_Whole": BOX}
    lookup = StructureLookup(structure_set(boxes), SCR, frozenset({"Heart"}))
    found = lookup.find("Heart")
    assert (found.status, found.region) == (StructureStatus.AMBIGUOUS, None)
    assert "'Heart' could not be read, and 'Heart_Whole' fits as well" in found.reason
    assert [finding.code for finding in lookup.findings()] == [FindingCode.STRUCTURE_AMBIGUOUS]


def test_find__takes_an_alias_beside_an_empty_roi_of_the_protocols_name_with_a_warning() -> None:
    lookup = _lookup("Heart_Whole", empty=("Heart",))
    assert lookup.find("Heart").site_names == ("Heart_Whole",)
    (said,) = lookup.findings()
    assert said.severity is Severity.WARNING
    assert said.message == "'Heart_Whole' is taken as Heart of the protocol: 'Heart' has no contours"


@pytest.mark.parametrize(
    ("name", "drawn", "reason"),
    [
        ("Lungs", (), "not contoured: Lung_L and Lung_R, or an ROI 'Lungs'"),
        ("Lungs", ("Right Lung",), "not contoured: Lung_L (only 'Right Lung' is there), or an ROI 'Lungs'"),
        ("Stomach-PTV", (), "not contoured: Stomach, or an ROI 'Stomach-PTV'"),
    ],
)
def test_find__says_what_is_missing_by_names_that_a_site_knows(
    name: str, drawn: tuple[str, ...], reason: str
) -> None:
    assert _find(name, *drawn).reason == reason


def test_findings__name_all_aliases_of_a_structure_set_at_once() -> None:
    lookup = _lookup("heart whole", "Cord", "Total Lung", "Liver")
    for name in ("Heart", "SpinalCord", "Lungs", "Liver"):
        lookup.find(name)
    (said,) = lookup.findings()
    assert said.message == (
        "'heart whole' is taken as Heart of the protocol, 'Total Lung' as Lungs, 'Cord' as SpinalCord"
    )
    assert said.structure is None


def test_findings__an_roi_named_as_the_protocol_asks_is_no_alias() -> None:
    lookup = _lookup("Lungs", "Stomach-PTV")
    assert [lookup.find(name).status for name in ("Lungs", "Stomach-PTV")] == [StructureStatus.FOUND] * 2
    assert lookup.findings() == []

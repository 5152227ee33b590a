"""Which names a person may give: what is wrong, double or contradictory is refused, with the reason."""

from __future__ import annotations

import pytest

from trial_core.domain.given_names import GivenName, names_bytes
from trial_core.domain.naming_rules import names_to_give, naming_problem
from trial_core.domain.set_content import RoiSeen, StructureSetSeen
from trial_core.protocols.reader import read_protocol

PROTOCOL = read_protocol()


def _roi(name: str, *, contoured: bool = True) -> RoiSeen:
    known = [rule for rule in PROTOCOL.structures if rule.has_name(name)]
    return RoiSeen(
        name,
        name,
        contoured,
        tuple(rule.name for rule in known if not rule.every),
        tuple(rule.name for rule in known if rule.every),
    )


def _set(*names: str, empty: tuple[str, ...] = (), label: str = "A") -> StructureSetSeen:
    rois = (*(_roi(name) for name in names), *(_roi(name, contoured=False) for name in empty))
    return StructureSetSeen(f"{label}.dcm", label, on_ct=True, rois=rois)


def _problem(names: list[tuple[str, str]], *sets: StructureSetSeen) -> str | None:
    found = naming_problem([GivenName(*pair) for pair in names], sets, PROTOCOL)
    return None if found is None else found[1]


def test_names__that_are_new_and_clear_are_taken() -> None:
    assert _problem([("Herz", "Heart"), ("Leber", "Liver")], _set("Herz", "Leber", "Lung_L")) is None


@pytest.mark.parametrize(
    ("names", "own", "problem"),
    [
        ([("Herz", "Hearth")], _set("Herz"), "no structure 'Hearth'"),
        ([("Herz", "Stomach-PTV")], _set("Herz"), "made from other structures"),
        ([("Herz", "GTVs")], _set("Herz"), "is a group"),
        ([("Hertz", "Heart")], _set("Herz"), "no structure set"),
        ([("Cord", "Heart")], _set("Cord"), "it is SpinalCord already"),
        ([("Herz", "Heart")], _set(empty=("Herz",)), "no contours"),
        ([("Herz", "Heart"), ("Herz", "Liver")], _set("Herz"), "one of them"),
        ([("Herz", "Heart"), ("Herz", "Heart")], _set("Herz"), "twice"),
        ([("Herz", "Heart"), ("Cuore", "Heart")], _set("Herz", "Cuore"), "'Herz' of the same structure set"),
        ([("Herz", "Heart")], _set("Herz", "Hart"), "'Hart' of the same structure set"),
        ([("Herz", "Heart")], _set("Herz", "Herz"), "2 structures of one structure set"),
        ([("GTV node", "Heart")], _set("GTV node"), "one of the GTVs"),
    ],
)
def test_names__that_are_wrong_double_or_contradictory_are_refused(
    names: list[tuple[str, str]], own: StructureSetSeen, problem: str
) -> None:
    said = _problem(names, own)
    assert said is not None
    assert problem in said


def test_names__may_be_one_structure_in_two_structure_sets() -> None:
    assert _problem([("Herz", "Heart"), ("Cuore", "Heart")], _set("Herz"), _set("Cuore", label="B")) is None


def test_names__may_be_several_metastases_of_one_structure_set() -> None:
    names = [("Ziel 1", "PTV_Metastasis"), ("Ziel 2", "PTV_Metastasis")]
    assert _problem(names, _set("Ziel 1", "Ziel 2", "PTV_Met1")) is None
    assert "already" in str(_problem([(name, "PTV_Primary") for name, _ in names], _set("Ziel 1", "Ziel 2")))


def test_names__beside_an_empty_namesake_are_taken() -> None:
    assert _problem([("Herz", "Heart")], _set("Herz", empty=("Heart",))) is None


def test_names_to_give__leave_out_what_is_known_empty_or_can_be_none() -> None:
    listed = names_to_give([_set("Herz", "Liver", "GTVp", "CTV", "PTV 7", empty=("Magen",))], PROTOCOL)
    assert [each.site_name for each in listed] == ["Herz", "CTV", "PTV 7"]
    assert "Liver" not in listed[1].choices
    assert set(listed[2].choices) == {"PTV_Primary", "PTV_Metastasis"}


def test_names__given_in_any_order_are_the_same_input() -> None:
    one, other = GivenName("Herz", "Heart"), GivenName("Leber", "Liver")
    assert names_bytes([one, other]) == names_bytes([other, one])
    assert names_bytes([one]) != names_bytes([GivenName("Herz", "Liver")])


def test_protocol__with_names_knows_exactly_these_and_their_groups() -> None:
    named = PROTOCOL.with_names([GivenName("Ziel", "PTV_Primary"), GivenName("Herz", "Heart")])
    assert named.structure("Heart").has_name("Herz")
    assert not named.structure("Heart").has_name("HERZ")
    assert named.structure("PTVs").has_name("Ziel")
    assert not named.structure("GTVs").has_name("Ziel")
    assert not PROTOCOL.structure("Heart").has_name("Herz")

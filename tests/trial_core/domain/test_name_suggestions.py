"""What a site's name may mean: other words, slips of the pen; never another side, never a helper."""

from __future__ import annotations

import pytest

from trial_core.domain.name_suggestions import SuggestedBy, suggestions
from trial_core.domain.naming_rules import may_be_given
from trial_core.protocols.reader import read_protocol

RULES = tuple(rule for rule in read_protocol().structures if may_be_given(rule))


def _names(site_name: str) -> list[str]:
    return [each.structure for each in suggestions(site_name, RULES)]


@pytest.mark.parametrize(
    ("site_name", "structure"),
    [
        ("Herz", "Heart"),
        ("LungeR", "Lung_R"),
        ("Lunge_li", "Lung_L"),
        ("Niere_re", "Kidney_R"),
        ("Rückenmark", "SpinalCord"),
        ("Moelle epiniere", "SpinalCord"),
        ("Lungen", "Lungs_Contoured"),
        ("左侧肺", "Lung_L"),
        ("PTV Tumor", "PTV_Primary"),
    ],
)
def test_suggestions__know_the_same_in_other_words(site_name: str, structure: str) -> None:
    (found,) = suggestions(site_name, RULES)
    assert (found.structure, found.by) == (structure, SuggestedBy.OTHER_WORDS)


@pytest.mark.parametrize(
    ("site_name", "structure"), [("Spinalcrod", "SpinalCord"), ("Kidny_L", "Kidney_L"), ("Haert", "Heart")]
)
def test_suggestions__know_a_slip_of_the_pen(site_name: str, structure: str) -> None:
    (found,) = suggestions(site_name, RULES)
    assert (found.structure, found.by) == (structure, SuggestedBy.SPELLING)


@pytest.mark.parametrize("site_name", ["Kidny_L", "L Niere", "Lunge_li", "Left kidny"])
def test_suggestions__never_change_the_side(site_name: str) -> None:
    assert _names(site_name)
    assert not [name for name in _names(site_name) if name.endswith("_R")]


@pytest.mark.parametrize(
    "site_name",
    [
        "Heart_opt",
        "SpinalCord_opt",
        "Heart-PTV",
        "Lung_L ring",
        "SpinalCanal",
        "CTV",
        "Kidneys",
        "",
        "###",
        "x",
    ],
)
def test_suggestions__leave_helpers_and_what_is_none_of_them_alone(site_name: str) -> None:
    assert _names(site_name) == []


def test_suggestions__tell_the_cord_from_its_margin() -> None:
    assert _names("Myelon 5mm") == ["SpinalCord_PRV05"]
    assert _names("Myelon 3mm") == []

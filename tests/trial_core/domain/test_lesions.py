"""Which lesions may be targets, by RECIST 1.1."""

from dataclasses import replace

import pytest

from trial_core.domain.lesions import Lesion, LesionRole, RecistRules, is_measurable, lesion_problems

RULES = RecistRules()
TARGET = LesionRole.TARGET


def _lesion(number: int = 1, organ: str = "lung", mm: float | None = 20, **more: object) -> Lesion:
    lesion = Lesion(id=f"T{number}", organ=organ, role=TARGET, baseline_mm=mm, slice_thickness_mm=3)
    return replace(lesion, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lesion", "measurable"),
    [
        (_lesion(mm=10), True),
        (_lesion(mm=9.9), False),
        (_lesion(mm=None), False),
        (_lesion(mm=10, slice_thickness_mm=5), True),  # slices of 5 mm are thin enough
        (_lesion(mm=11.9, slice_thickness_mm=6), False),  # twice 6 mm
        (_lesion(mm=12, slice_thickness_mm=6), True),
        (_lesion(mm=15, node=True), True),
        (_lesion(mm=14.9, node=True), False),
    ],
)
def test_is_measurable__needs_10_mm_or_twice_a_thick_slice_and_15_mm_for_nodes(
    lesion: Lesion, measurable: bool
) -> None:
    assert is_measurable(lesion, RULES) is measurable
    assert bool(lesion_problems([lesion], RULES)) is not measurable


def test_lesion_problems__takes_at_most_5_targets() -> None:
    organs = ["lung", "liver", "bone", "adrenal", "skin", "brain"]
    lesions = [_lesion(number, organ) for number, organ in enumerate(organs)]
    assert not lesion_problems(lesions[:5], RULES)
    (problem,) = lesion_problems(lesions, RULES)
    assert "6 targets; at most 5" in problem.message


def test_lesion_problems__takes_at_most_2_targets_an_organ_and_counts_all_nodes_as_one() -> None:
    assert not lesion_problems([_lesion(1), _lesion(2, "Lung ")], RULES)
    (problem,) = lesion_problems([_lesion(1), _lesion(2, "Lung "), _lesion(3)], RULES)
    assert "3 targets in lung" in problem.message
    nodes = [_lesion(number, f"station {number}", node=True) for number in range(3)]
    (problem,) = lesion_problems(nodes, RULES)
    assert "3 targets in lymph nodes" in problem.message


def test_lesion_problems__counts_targets_only() -> None:
    others = [_lesion(number, role=LesionRole.NON_TARGET) for number in range(9)]
    assert not lesion_problems(others, RULES)


def test_lesion_problems__takes_no_lesion_irradiated_before_unless_it_has_grown() -> None:
    before = _lesion(irradiated_before=True)
    assert "irradiated before baseline" in lesion_problems([before], RULES)[0].message
    assert not lesion_problems([replace(before, grown_since=True)], RULES)
    assert not lesion_problems([_lesion(irradiated_on_study=True)], RULES)


def test_lesion_problems__follows_the_primary_as_non_target_by_default() -> None:
    primary = _lesion(organ="oesophagus", primary=True)
    assert "primary" in lesion_problems([primary], RULES)[0].message
    assert not lesion_problems([primary], replace(RULES, primary_is_target=True))
    assert not lesion_problems([replace(primary, role=LesionRole.NON_TARGET)], RULES)


def test_lesion_problems__a_node_below_10_mm_is_normal() -> None:
    node = _lesion(mm=9.9, node=True, role=LesionRole.NON_TARGET)
    assert "normal" in lesion_problems([node], RULES)[0].message
    assert not lesion_problems([replace(node, baseline_mm=10)], RULES)


def test_lesion_problems__refuses_one_name_for_two_lesions() -> None:
    (problem,) = lesion_problems([_lesion(1), _lesion(1, "liver")], RULES)
    assert (problem.lesion, "given 2 times" in problem.message) == ("T1", True)


def test_lesion_problems__ask_for_the_slice_thickness_of_a_target() -> None:
    unknown = replace(_lesion(), slice_thickness_mm=None)
    assert "slice thickness" in lesion_problems([unknown], RULES)[0].message
    assert not lesion_problems([replace(unknown, node=True)], RULES)
    assert not lesion_problems([replace(unknown, role=LesionRole.NON_TARGET)], RULES)


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_lesion_problems__name_a_size_that_cannot_be(value: float) -> None:
    assert "diameter" in lesion_problems([_lesion(mm=value)], RULES)[0].message
    assert "slice thickness" in lesion_problems([_lesion(slice_thickness_mm=value)], RULES)[0].message

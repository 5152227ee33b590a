"""Which names a person may give to the structures of a set, and why another one is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trial_core.domain.given_names import GivenName
from trial_core.domain.name_suggestions import Suggestion, suggestions
from trial_core.domain.protocol import Protocol, StructureRule
from trial_core.domain.set_content import RoiSeen, StructureSetSeen


@dataclass(frozen=True)
class NameToGive:
    """A name that the protocol does not know: where it is, what it may be called, and what that may be.

    `in_sets` are labels of structure sets; `choices` leaves out what is there already by another name.
    """

    site_name: str
    in_sets: tuple[str, ...]
    choices: tuple[str, ...]
    suggestions: tuple[Suggestion, ...]


def may_be_given(rule: StructureRule) -> bool:
    """Whether a person may give a name to a structure: it is drawn, and not made from others or a group."""
    return not rule.made_from and not rule.every


def may_be_several(structure: str, protocol: Protocol) -> bool:
    """Whether a structure set may have several of them: targets of which each is judged by itself."""
    targets = (target for regimen in protocol.regimens for target in regimen.targets)
    return any(target.structure == structure and target.each for target in targets)


def names_to_give(sets: Sequence[StructureSetSeen], protocol: Protocol) -> tuple[NameToGive, ...]:
    """List the names that the protocol does not know, each once; those that suggest something come first.

    What can be none of its structures, such as one more GTV, is left out.
    """
    names = dict.fromkeys(roi.name for one in sets for roi in one.rois if not roi.known_as and roi.contoured)
    found = [_to_give(name, sets, protocol) for name in names if is_storable(name)]
    open_ones = [one for one in found if one.choices]
    return tuple(sorted(open_ones, key=lambda one: (not one.suggestions, one.site_name)))


def _to_give(name: str, sets: Sequence[StructureSetSeen], protocol: Protocol) -> NameToGive:
    own = [one for one in sets if any(roi.name == name for roi in one.rois)]
    there = {known for one in own for roi in one.rois if roi.contoured for known in roi.known_as}
    choices = [
        rule
        for rule in protocol.structures
        if may_be_given(rule)
        and (rule.name not in there or may_be_several(rule.name, protocol))
        and _wrong_group(GivenName(name, rule.name), own, protocol) is None
    ]
    return NameToGive(
        site_name=name,
        in_sets=tuple(one.label or one.file for one in own),
        choices=tuple(rule.name for rule in choices),
        suggestions=suggestions(name, choices),
    )


def is_storable(name: str) -> bool:
    """Whether every database takes the name, and it says anything at all."""
    return bool(name.strip()) and "\0" not in name and not any("\ud800" <= each <= "\udfff" for each in name)


def naming_problem(
    names: Sequence[GivenName], sets: Sequence[StructureSetSeen], protocol: Protocol
) -> tuple[GivenName, str] | None:
    """Say what is wrong with names that a person gives, and which of them; None where nothing is.

    Refused: a structure that the protocol lacks or that nobody draws; an ROI that no structure set has, that
    is empty, bears a name of the protocol or is one of another group; one ROI as two structures; two ROIs of
    one structure set as one structure, or a second one beside the structure that is there already, unless
    these are targets of which there may be several.
    """
    for index, one in enumerate(names):
        problem = (
            _wrong_structure(one, protocol)
            or _wrong_roi(one, sets)
            or _wrong_group(one, sets, protocol)
            or _twice(one, names[:index])
            or _double(one, names[:index], sets, protocol)
        )
        if problem is not None:
            return one, problem
    return None


def _wrong_structure(name: GivenName, protocol: Protocol) -> str | None:
    rule = next((each for each in protocol.structures if each.name == name.structure), None)
    if rule is None:
        return f"the protocol has no structure '{name.structure}'"
    if rule.every:
        return f"{rule.shown_name} is a group, which takes structures by their own names"
    if not may_be_given(rule):
        return f"{rule.shown_name} is made from other structures: give the names of those"
    return None


def _wrong_roi(name: GivenName, sets: Sequence[StructureSetSeen]) -> str | None:
    found = _rois(name.site_name, sets)
    if not found or not is_storable(name.site_name):
        return "no structure set of these files has a structure of this name"
    known = next((roi.known_as[0] for roi in found if roi.known_as), None)
    if known is not None:
        return f"by its name it is {known} already"
    return None if any(roi.contoured for roi in found) else "it has no contours that can be used"


def _wrong_group(name: GivenName, sets: Sequence[StructureSetSeen], protocol: Protocol) -> str | None:
    """An ROI named like every GTV is one, and no organ."""
    groups = dict.fromkeys(group for roi in _rois(name.site_name, sets) for group in roi.groups)
    other = next((each for each in groups if not protocol.structure(each).has_name(name.structure)), None)
    return None if other is None else f"by its name it is one of the {other}, and {name.structure} is none"


def _twice(name: GivenName, before: Sequence[GivenName]) -> str | None:
    other = next((one for one in before if one.site_name == name.site_name), None)
    if other is None:
        return None
    if other.structure == name.structure:
        return "it is named twice"
    return f"it is named {other.structure} and {name.structure}: it can be one of them"


def _double(
    name: GivenName, before: Sequence[GivenName], sets: Sequence[StructureSetSeen], protocol: Protocol
) -> str | None:
    if may_be_several(name.structure, protocol):
        return None
    for one in sets:
        named = [roi for roi in one.rois if roi.name == name.site_name and roi.contoured]
        if len(named) > 1:
            return f"{len(named)} structures of one structure set bear this name"
        if not named:
            continue
        there = [roi.name for roi in one.rois if name.structure in roi.known_as and roi.contoured]
        there += [
            other.site_name
            for other in before
            if other.structure == name.structure and any(roi.name == other.site_name for roi in one.rois)
        ]
        if there:
            return f"'{there[0]}' of the same structure set is {name.structure} already"
    return None


def _rois(site_name: str, sets: Sequence[StructureSetSeen]) -> list[RoiSeen]:
    return [roi for one in sets for roi in one.rois if roi.name == site_name]

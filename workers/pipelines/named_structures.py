"""Names that a person gave to structures: said in the report, with whose word each is and since when."""

from __future__ import annotations

from collections.abc import Sequence

from imaging.course import Course
from imaging.findings import Finding, FindingCode, info, warning
from trial_core.domain.given_names import SaidName
from trial_core.domain.name_suggestions import suggestions
from trial_core.domain.naming_rules import may_be_given
from trial_core.domain.protocol import Protocol


def named_structures(names: Sequence[SaidName], course: Course, protocol: Protocol) -> list[Finding]:
    """A note for each name, in each structure set that has it.

    A warning where none has it, and where by its words it is another structure of the protocol: a slip of
    the hand would have one organ judged as another.
    """
    return [finding for one in names for finding in _of_name(one, course, protocol)]


def _of_name(said: SaidName, course: Course, protocol: Protocol) -> list[Finding]:
    name, by, at = said.name.site_name, said.by, f"{said.at:%Y-%m-%d %H:%M}"
    sets = [
        each.file for each in course.structure_sets if any(roi.verbatim_name == name for roi in each.rois)
    ]
    structure = protocol.structure(said.name.structure).shown_name
    if not sets:
        return [
            warning(
                FindingCode.STRUCTURE_NAMED_BY_A_PERSON,
                f"'{name}' is {structure} of the protocol, said {by}, {at} UTC; no structure set here has it",
                action="Look whether the right files were handed over.",
                structure=name,
            )
        ]
    other = _other_by_its_words(said, protocol)
    if other is not None:
        message = (
            f"'{name}' is {structure} of the protocol, said {by}, {at} UTC; by its words it would be {other}"
        )
        action = f"Look at its contours: they are judged as {structure}."
        return [_contradicted(message, action, file, name) for file in sets]
    return [
        info(
            FindingCode.STRUCTURE_NAMED_BY_A_PERSON,
            f"'{name}' is {structure} of the protocol, said {by}, {at} UTC",
            action=f"Name it {structure} in the planning system.",
            file=file,
            structure=name,
        )
        for file in sets
    ]


def _other_by_its_words(said: SaidName, protocol: Protocol) -> str | None:
    rules = [rule for rule in protocol.structures if may_be_given(rule)]
    meant = [each.structure for each in suggestions(said.name.site_name, rules)]
    return protocol.structure(meant[0]).shown_name if meant and said.name.structure not in meant else None


def _contradicted(message: str, action: str, file: str, name: str) -> Finding:
    code = FindingCode.STRUCTURE_NAMED_BY_A_PERSON
    return warning(code, message, action=action, file=file, structure=name)

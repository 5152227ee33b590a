"""Names that a person gave to structures: said in the report, with whose word each is and since when."""

from __future__ import annotations

from collections.abc import Sequence

from imaging.course import Course
from imaging.findings import Finding, FindingCode, info, warning
from trial_core.domain.given_names import SaidName
from trial_core.domain.protocol import Protocol


def named_structures(names: Sequence[SaidName], course: Course, protocol: Protocol) -> list[Finding]:
    """A note for each name, in each structure set that has it; a warning where none has."""
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

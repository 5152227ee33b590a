"""Structure sets that no plan and no dose of a course belongs to: what is wrong with them spoils nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from imaging.dicom.rt_structure import StructureSet
from imaging.findings import Finding, Severity


def sets_beside(
    sets: Sequence[StructureSet], linked: Sequence[StructureSet | None]
) -> tuple[StructureSet, ...]:
    """Sets beside those of the plans and doses; none where one of these has none: it may be one of them."""
    if not linked or None in linked:
        return ()
    used = {each.sop_instance_uid for each in linked if each is not None}
    return tuple(each for each in sets if each.sop_instance_uid not in used)


def spoiling_nothing(findings: Sequence[Finding], beside: Sequence[StructureSet]) -> list[Finding]:
    """Make errors of such sets warnings: a person should look, and nothing that is asked for lacks them."""
    files = {each.file for each in beside}
    return [
        replace(each, severity=Severity.WARNING)
        if each.severity is Severity.ERROR and each.file in files
        else each
        for each in findings
    ]

"""Finds a protocol's structures among the ROIs of one structure set: names, aliases, groups and algebra."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from dosimetry.region import Region, union
from imaging.dicom.rt_structure import Roi, StructureSet
from imaging.findings import Finding, FindingCode, error, info, warning
from trial_core.domain.protocol import Protocol, StructureRule
from trial_core.domain.report import StructureStatus


@dataclass(frozen=True, eq=False)
class FoundStructure:
    """A structure of the protocol in one structure set; without `region`, `reason` says why.

    `rois` are the ROIs it was made from, those taken away included.
    """

    name: str
    status: StructureStatus
    region: Region | None
    rois: tuple[Roi, ...]
    reason: str

    @property
    def site_names(self) -> tuple[str, ...]:
        """Names of the ROIs as in the file, each once."""
        return tuple(dict.fromkeys(roi.name for roi in self.rois))


class StructureLookup:
    """The structures of a protocol in one structure set; each is looked up once.

    Parameters
    ----------
    structure_set, protocol
        Where to look, and what for.
    faulty
        Names of the ROIs that could not be read for an error in the file: unlike those that are empty, they
        may not be left out of a group.
    """

    def __init__(
        self,
        structure_set: StructureSet | None,
        protocol: Protocol,
        faulty: Set[str] = frozenset(),
    ) -> None:
        self.structure_set = structure_set
        self._faulty = faulty
        self._protocol = protocol
        self._found: dict[str, FoundStructure] = {}

    def apart(self) -> StructureLookup:
        """Give a lookup of its own in the same structure set: what it finds is used by nothing."""
        return StructureLookup(self.structure_set, self._protocol, self._faulty)

    def find(self, name: str) -> FoundStructure:
        """The structure of that protocol name; never raises for what is in the file."""
        if name not in self._found:
            self._found[name] = self._look_up(self._protocol.structure(name))
        return self._found[name]

    def of_roi(self, name: str, roi: Roi) -> FoundStructure:
        """One given ROI as the structure of that protocol name: a target that the plan itself names."""
        if roi.structure is None:
            return _without(name, StructureStatus.EMPTY, (roi,), f"'{roi.name}' has no usable closed contour")
        return FoundStructure(name, StructureStatus.FOUND, Region.of(roi.structure), (roi,), "")

    def candidates(self, name: str) -> tuple[Roi, ...]:
        """All ROIs whose name fits a structure of the protocol."""
        rule = self._protocol.structure(name)
        rois = self.structure_set.rois if self.structure_set else ()
        return tuple(roi for roi in rois if rule.has_name(roi.verbatim_name))

    def renamed(self) -> list[tuple[str, str]]:
        """Structures understood by an alias: (name in the protocol, in the file), in alphabetical order."""
        contoured = [each for each in self._found.values() if self._is_contoured(each)]
        pairs = {(self._known_name(each.name), each.rois[0].verbatim_name) for each in contoured}
        return sorted(pair for pair in pairs if pair[0] != pair[1])

    def used_names(self) -> set[str]:
        """Names of the ROIs that any structure looked up so far is made from, or would be."""
        return {roi.name for each in self._found.values() for roi in each.rois}

    def findings(self) -> list[Finding]:
        """What a person should know about names: the ambiguous, and those that are not the protocol's."""
        found: list[Finding] = []
        for each in self._found.values():
            rule = self._protocol.structure(each.name)
            if each.status is StructureStatus.AMBIGUOUS and not rule.made_from:
                found.append(self._ambiguous(each))
        return found + self._names_taken()

    def _has_empty(self, name: str) -> bool:
        """Whether an ROI of exactly that name is there without contours."""
        rois = self.structure_set.rois if self.structure_set else ()
        return any(roi.verbatim_name == name and roi.structure is None for roi in rois)

    def _is_contoured(self, found: FoundStructure) -> bool:
        rule = self._protocol.structure(found.name)
        return (
            found.status is StructureStatus.FOUND and not rule.every and not rule.made_from and not rule.minus
        )

    def _look_up(self, rule: StructureRule) -> FoundStructure:
        if self.structure_set is None:
            return _without(rule.name, StructureStatus.NOT_CONTOURED, (), "no structure set")
        base = self._base(rule)
        return self._less(base, rule) if rule.minus and base.region is not None else base

    def _base(self, rule: StructureRule) -> FoundStructure:
        if rule.every:
            return self._group(rule)
        return self._made(rule) if rule.made_from else self._contoured(rule)

    def _contoured(self, rule: StructureRule) -> FoundStructure:
        candidates = self.candidates(rule.name)
        usable = [roi for roi in candidates if roi.structure is not None]
        unread = [roi for roi in candidates if roi.structure is None and roi.name in self._faulty]
        if usable and unread:
            return _one_unread(rule.name, unread, usable)
        if len(usable) > 1:
            names = ", ".join(f"'{roi.name}'" for roi in usable)
            return _without(
                rule.name, StructureStatus.AMBIGUOUS, tuple(usable), f"more than one ROI fits: {names}"
            )
        if usable:
            return self.of_roi(rule.name, usable[0])
        if candidates:
            return self.of_roi(rule.name, candidates[0])
        return _without(
            rule.name, StructureStatus.NOT_CONTOURED, (), f"no ROI is named {rule.shown_name} or an alias"
        )

    def _group(self, rule: StructureRule) -> FoundStructure:
        """All that fit, without those that are empty; one that could not be read leaves the group unknown."""
        candidates = self.candidates(rule.name)
        unread = tuple(roi for roi in candidates if roi.structure is None and roi.name in self._faulty)
        if unread:
            names = ", ".join(f"'{roi.name}'" for roi in unread)
            return _without(rule.name, StructureStatus.EMPTY, unread, f"{names} could not be read")
        rois = tuple(roi for roi in candidates if roi.structure is not None)
        if not rois:
            return _without(
                rule.name, StructureStatus.NOT_CONTOURED, (), f"no ROI belongs to {rule.shown_name}"
            )
        regions = [Region.of(roi.structure) for roi in rois if roi.structure is not None]
        return FoundStructure(rule.name, StructureStatus.FOUND, union(regions), rois, "")

    def _made(self, rule: StructureRule) -> FoundStructure:
        for alternative in rule.made_from:
            parts = [self.find(name) for name in alternative]
            lacking = [part for part in parts if part.region is None]
            if not lacking:
                region = union([part.region for part in parts if part.region is not None])
                rois = tuple(roi for part in parts for roi in part.rois)
                return FoundStructure(rule.name, StructureStatus.FOUND, region, rois, "")
            unusable = [part for part in lacking if part.status is not StructureStatus.NOT_CONTOURED]
            if unusable:
                return self._like(rule.name, unusable[0])
        ways = ", or ".join(self._lacking(alternative) for alternative in rule.made_from)
        reason = f"not contoured: {ways}"
        return _without(rule.name, StructureStatus.NOT_CONTOURED, (), reason)

    def _lacking(self, alternative: Sequence[str]) -> str:
        """What one way of making a structure lacks, and which ROIs of it are there."""
        parts = [self.find(name) for name in alternative]
        lacking = " and ".join(self._shown(part.name) for part in parts if part.region is None)
        there = [f"'{site}'" for part in parts if part.region is not None for site in part.site_names]
        return f"{lacking} (only {', '.join(there)} is there)" if there else lacking

    def _known_name(self, name: str) -> str:
        return self._protocol.structure(name).shown_name

    def _shown(self, name: str) -> str:
        """A structure in words; one whose name the protocol alone knows by the ROI that it stands for."""
        rule = self._protocol.structure(name)
        return f"an ROI '{rule.site_name}'" if rule.site_name else name

    def _like(self, name: str, part: FoundStructure) -> FoundStructure:
        reason = f"{self._known_name(part.name)}: {part.reason}"
        return FoundStructure(name, part.status, None, part.rois, reason)

    def _less(self, base: FoundStructure, rule: StructureRule) -> FoundStructure:
        region, rois = base.region, base.rois
        for name in rule.minus:
            taken = self.find(name)
            if taken.region is not None and region is not None:
                region, rois = region - taken.region, rois + taken.rois
            elif taken.status is not StructureStatus.NOT_CONTOURED:
                return self._like(rule.name, taken)
        return FoundStructure(rule.name, StructureStatus.FOUND, region, rois, "")

    def _ambiguous(self, found: FoundStructure) -> Finding:
        name, names = self._known_name(found.name), ", ".join(f"'{each}'" for each in found.site_names)
        return error(
            FindingCode.STRUCTURE_AMBIGUOUS,
            f"{name} of the protocol could be any of {names}: what needs it is not evaluable",
            action="Keep one of them, or rename those that are not meant.",
            file=self.structure_set.file if self.structure_set else None,
            structure=found.site_names[0] if found.site_names else None,
        )

    def _names_taken(self) -> list[Finding]:
        """A warning for each that stands in for an empty one; one note for all others."""
        pairs = self.renamed()
        doubtful = [pair for pair in pairs if self._has_empty(pair[0])]
        plain = [pair for pair in pairs if pair not in doubtful]
        found = [self._instead_of_empty(*pair) for pair in doubtful]
        return [*found, self._renamed(plain)] if plain else found

    def _instead_of_empty(self, name: str, site_name: str) -> Finding:
        return warning(
            FindingCode.STRUCTURE_RENAMED,
            f"'{site_name}' is taken as {name} of the protocol: '{name}' has no contours",
            action=f"Name it {name} in the planning system.",
            file=self.structure_set.file if self.structure_set else None,
            structure=site_name,
        )

    def _renamed(self, pairs: Sequence[tuple[str, str]]) -> Finding:
        (name, site_name), *others = pairs
        also = "".join(f", '{site}' as {other}" for other, site in others)
        return info(
            FindingCode.STRUCTURE_RENAMED,
            f"'{site_name}' is taken as {name} of the protocol{also}",
            action=f"Name {'them so' if others else f'it {name}'} in the planning system.",
            file=self.structure_set.file if self.structure_set else None,
            structure=None if others else site_name,
        )


def _one_unread(name: str, unread: Sequence[Roi], usable: Sequence[Roi]) -> FoundStructure:
    """Two that could be read would be ambiguous: one that could not is not passed over for the other."""
    lost, left = (", ".join(f"'{roi.name}'" for roi in rois) for rois in (unread, usable))
    reason = f"{lost} could not be read, and {left} fits as well: which of them is meant is not known"
    return _without(name, StructureStatus.AMBIGUOUS, (*unread, *usable), reason)


def _without(name: str, status: StructureStatus, rois: tuple[Roi, ...], reason: str) -> FoundStructure:
    return FoundStructure(name, status, None, rois, reason)

"""Where to look at structures that the protocol makes: both lungs less the tumour, every PTV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dosimetry.structure import Structure
from imaging.dicom.rt_structure import Roi
from trial_core.domain.pictures import Place
from trial_core.domain.protocol import Protocol, StructureRule
from trial_core.domain.report import StructureStatus
from workers.pipelines.hot_spots import ShownDose, spots_of
from workers.pipelines.structure_lookup import FoundStructure, StructureLookup


def places_of(lookup: StructureLookup, protocol: Protocol, shown: Sequence[ShownDose]) -> tuple[Place, ...]:
    """Find the hottest and coldest spot of each structure that is not simply one region."""
    return tuple(_places(lookup, protocol, shown))


def _places(lookup: StructureLookup, protocol: Protocol, shown: Sequence[ShownDose]) -> Iterator[Place]:
    for rule in protocol.structures:
        found = lookup.find(rule.name)
        if found.status is not StructureStatus.FOUND or len(found.rois) < 2:
            continue
        taken = _taken_away(lookup, rule)
        base = [roi for roi in found.rois if roi.name not in {each.name for each in taken}]
        spots = spots_of(_structures(base), shown, without=_structures(taken))
        yield Place(structure=rule.name, sites=tuple(dict.fromkeys(roi.name for roi in base)), spots=spots)


def _taken_away(lookup: StructureLookup, rule: StructureRule) -> list[Roi]:
    return [roi for name in rule.minus for roi in _rois(lookup.find(name))]


def _rois(found: FoundStructure) -> tuple[Roi, ...]:
    return found.rois if found.status is StructureStatus.FOUND else ()


def _structures(rois: Sequence[Roi]) -> list[Structure]:
    return [roi.structure for roi in rois if roi.structure is not None]

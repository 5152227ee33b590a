"""Regions of interest (PS3.3 C.8.8.5, C.8.8.6): names from one sequence, contours from another, by number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from dosimetry.structure import Structure
from imaging.dicom.contour_planes import (
    OUTLINE_POINTS,
    ContourFlaw,
    ContourPlane,
    collapsed_alone,
    contour_planes,
    parallel_to_most,
)
from imaging.dicom.contours import ContourError, read_all_points
from imaging.dicom.elements import Item
from imaging.dicom.encoded_items import encoded_items
from imaging.dicom.geometry import FloatArray
from imaging.findings import Finding, FindingCode, error, info, warning

MAX_NAME = 16_384
"""ROI names are kept verbatim up to this; the VR LO allows 64."""
_SHOWN_NAME = 64
_REPLACED = "\ufffd"
REDRAW = "Correct the structure in the planning system and export the structure set again."


class ContourType(StrEnum):
    """ContourGeometricType (PS3.3 C.8.8.6.1); the first two bound a volume, the others never do."""

    CLOSED_PLANAR = "CLOSED_PLANAR"
    CLOSEDPLANAR_XOR = "CLOSEDPLANAR_XOR"
    POINT = "POINT"
    OPEN_PLANAR = "OPEN_PLANAR"
    OPEN_NONPLANAR = "OPEN_NONPLANAR"


_CLOSED = (ContourType.CLOSED_PLANAR, ContourType.CLOSEDPLANAR_XOR)
_AS_WRITTEN = {kind.encode(): kind.value for kind in ContourType}
"""There are thousands of contours: what is written as defined needs no decoding."""


_FATAL_FLAWS = (
    (ContourFlaw.NOT_PLANAR, FindingCode.CONTOUR_NOT_PLANAR, "do(es) not lie in a plane"),
    (ContourFlaw.OTHER_ORIENTATION, FindingCode.CONTOUR_PLANES_MIXED, "lie(s) in another orientation"),
)


@dataclass(frozen=True, eq=False)
class Roi:
    """A region of interest.

    Attributes
    ----------
    number
        ROINumber.
    name
        ROIName, verbatim; the second of one name gets ` #2`, so that names are unique in a structure set.
    verbatim_name
        ROIName as in the file.
    interpreted_type
        RTROIInterpretedType (PTV, ORGAN, EXTERNAL, ...) or None.
    frame_of_reference_uid
        ReferencedFrameOfReferenceUID or None.
    structure
        The closed contours as a solid's outline; None when there are none or they cannot be trusted (a
        finding says).
    contours_set_aside
        Contours that bound no volume (POINT, OPEN_PLANAR, OPEN_NONPLANAR), could not be used, or repeat
        another one.
    combines_by_exclusive_or
        Whether all closed contours are of type CLOSEDPLANAR_XOR (PS3.3 C.8.8.6.3).
    """

    number: int
    name: str
    verbatim_name: str
    interpreted_type: str | None
    frame_of_reference_uid: str | None
    structure: Structure | None
    contours_set_aside: int
    combines_by_exclusive_or: bool = False


def read_rois(item: Item) -> Iterator[Roi]:
    """Read every region that a structure set defines; what is wrong with one is noted and costs that one
    alone."""
    return _Regions(item).read()


class _Regions:
    """The regions of one structure set: names from one sequence, contours from another, joined by number."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.definitions = item.items("StructureSetROISequence")
        self.contours = _by_number(item.items("ROIContourSequence"), "ReferencedROINumber")
        self.observations = _by_number(item.items("RTROIObservationsSequence"), "ReferencedROINumber")
        self.read_contours: dict[int, list[Item]] = {}
        self.names = [one.text("ROIName", longest=MAX_NAME) or "" for one in self.definitions]
        self.given = set(self.names)
        self.last_number: Counter[str] = Counter()
        self.taken: set[str] = set()

    def read(self) -> Iterator[Roi]:
        numbers = [definition.integer("ROINumber") for definition in self.definitions]
        counts = Counter(numbers)
        for number, verbatim, definition in zip(numbers, self.names, self.definitions, strict=True):
            if number is None:
                self._error(FindingCode.ELEMENT_MISSING, "A region has no ROINumber; it was left out.", None)
                continue
            yield self._roi(number, verbatim, definition, is_ambiguous=counts[number] > 1)
        for number in sorted(self.contours.keys() - set(numbers)):
            message = f"Contours belong to region number {number}, which the structure set does not list."
            self._error(FindingCode.STRUCTURE_UNKNOWN, message, None)

    def _roi(self, number: int, verbatim: str, definition: Item, *, is_ambiguous: bool) -> Roi:
        name = self._unique_name(verbatim, number)
        if _REPLACED in verbatim:
            message = f"The name of region number {number} holds characters that cannot be decoded."
            self._warning(FindingCode.STRUCTURE_NAME_UNREADABLE, message, name)
        structure, set_aside = (None, 0) if is_ambiguous else self._structure(name, number)
        if is_ambiguous:
            message = f"Several regions have number {number}, so nobody can say whose contours they are."
            self._error(FindingCode.STRUCTURE_NUMBER_DUPLICATED, message, name)
        # A region may be observed several times (PS3.3 C.8.8.8), and not each of them says what it is.
        said = (one.code("RTROIInterpretedType") for one in self.observations.get(number, []))
        return Roi(
            number=number,
            name=name,
            verbatim_name=verbatim,
            interpreted_type=next(filter(None, said), None),
            frame_of_reference_uid=definition.uid("ReferencedFrameOfReferenceUID"),
            structure=structure,
            contours_set_aside=set_aside,
            combines_by_exclusive_or=self._combines_by_exclusive_or(number),
        )

    def _unique_name(self, verbatim: str, number: int) -> str:
        base = verbatim or f"ROI {number}"
        is_free = base not in self.taken and (bool(verbatim) or base not in self.given)
        name = base if is_free else self._numbered(base)
        if not verbatim:
            message = f"Region number {number} has no name; it is shown as {_shown(name)}."
            self._warning(FindingCode.STRUCTURE_NAME_MISSING, message, name)
        elif name != base:
            message = (
                f"Several regions are called {_shown(base)}; "
                f"this one (number {number}) is shown as {_shown(name)}."
            )
            self._warning(FindingCode.STRUCTURE_NAME_DUPLICATED, message, name)
        self.taken.add(name)
        return name

    def _numbered(self, base: str) -> str:
        """A name that no other region is shown by, nor has in the file: that one's stays as it is written."""
        while True:
            self.last_number[base] = max(2, self.last_number[base] + 1)
            name = f"{base} #{self.last_number[base]}"
            if name not in self.taken and name not in self.given:
                return name

    def _structure(self, name: str, number: int) -> tuple[Structure | None, int]:
        """Give the region's solid, if its contours make one, and how many contours were set aside."""
        entries = len(self.contours.get(number, []))
        if entries > 1:
            message = f"Region number {number} has {entries} sets of contours; none was taken."
            self._error(FindingCode.STRUCTURE_NUMBER_DUPLICATED, message, name)
            return None, 0
        contours = self._contours_of(number)
        closed = self._closed(contours, name)
        set_aside = len(contours) - len(closed)
        if not closed:
            self._note_empty(name, len(contours))
            return None, set_aside
        points = self._points(closed, name)
        return (None, len(contours)) if points is None else self._solid(name, points, set_aside)

    def _contours_of(self, number: int) -> list[Item]:
        """Read the contours of a region, whichever entries hold them."""
        if number not in self.read_contours:
            entries = self.contours.get(number, [])
            self.read_contours[number] = [
                one for entry in entries for one in encoded_items(entry, "ContourSequence")
            ]
        return self.read_contours[number]

    def _combines_by_exclusive_or(self, number: int) -> bool:
        kinds = {_kind(contour) for contour in self._contours_of(number)}
        return kinds.intersection(_CLOSED) == {ContourType.CLOSEDPLANAR_XOR}

    def _closed(self, contours: list[Item], name: str) -> list[Item]:
        kinds = [_kind(contour) or "no type" for contour in contours]
        is_solid = any(kind in _CLOSED for kind in kinds)
        for kind, count in sorted(Counter(kind for kind in kinds if kind not in _CLOSED).items()):
            message = f"{count} contour(s) of type {kind} bound no volume; they were set aside."
            if is_solid and any(_may_be_an_outline(*one) for one in zip(contours, kinds, strict=True)):
                self._note_lost_outline(name, message)
            else:
                self._note(info(FindingCode.CONTOUR_TYPE_SET_ASIDE, message, **self._where(name)))
        return [contour for kind, contour in zip(kinds, contours, strict=True) if kind in _CLOSED]

    def _note_lost_outline(self, name: str, message: str) -> None:
        message += " Beside closed contours they may be outlines of wrong type: the volume may lack a part."
        action = "Look whether each slice of the structure has its closed contour."
        self._note(warning(FindingCode.CONTOUR_TYPE_SET_ASIDE, message, action=action, **self._where(name)))

    def _points(self, closed: list[Item], name: str) -> list[FloatArray] | None:
        """Read all contours, or none: a solid with a contour missing has a wrong volume."""
        try:
            return read_all_points(closed)
        except ContourError as problem:
            message = f"A contour {problem.problem}; the structure cannot be evaluated."
            self._error(FindingCode.CONTOUR_INVALID, message, name, element="ContourData")
            return None

    def _solid(self, name: str, points: list[FloatArray], set_aside: int) -> tuple[Structure | None, int]:
        planes = contour_planes(points)
        flaws = _flaws(planes)
        counts = Counter(flaws)
        for flaw, code, problem in _FATAL_FLAWS:
            if counts[flaw]:
                message = f"{counts[flaw]} contour(s) {problem}; the structure cannot be evaluated."
                self._error(code, message, name, element="ContourData")
                return None, set_aside + len(points)
        kept = [one for one, flaw in zip(points, flaws, strict=True) if flaw is None]
        if len(kept) < len(points):
            self._note_without_area(name, len(points) - len(kept), collapsed_alone(points, planes))
        if not kept:
            self._note_empty(name, len(points))
        return Structure(name, kept) if kept else None, set_aside + len(points) - len(kept)

    def _note_without_area(self, name: str, count: int, alone: int) -> None:
        if alone:
            message = (
                f"{alone} contour(s) of three points or more enclose no area and stand alone on a slice."
            )
            action = "Look whether these slices of the structure have lost their outline."
            where = self._where(name)
            self._note(warning(FindingCode.CONTOUR_TYPE_SET_ASIDE, message, action=action, **where))
        if count > alone:
            message = f"{count - alone} contour(s) enclose no area (a point or a line) and add no volume."
            self._note(info(FindingCode.CONTOUR_TYPE_SET_ASIDE, message, **self._where(name)))

    def _note_empty(self, name: str, contours: int) -> None:
        if contours:
            message = "The structure has no contour that encloses anything: no volume, no dose."
            self._note(info(FindingCode.STRUCTURE_EMPTY, message, **self._where(name)))
        else:
            message = "The structure has no contours: no volume, no dose."
            self._warning(FindingCode.STRUCTURE_EMPTY, message, name)

    def _where(self, name: str | None) -> dict[str, str | None]:
        return {"file": self.item.file, "structure": name}

    def _note(self, finding: Finding) -> None:
        self.item.note(finding)

    def _warning(self, code: FindingCode, message: str, name: str) -> None:
        self._note(warning(code, message, action=REDRAW, **self._where(name)))

    def _error(self, code: FindingCode, message: str, name: str | None, element: str | None = None) -> None:
        self._note(error(code, message, action=REDRAW, element=element, **self._where(name)))


def _kind(contour: Item) -> str | None:
    written = (contour.raw("ContourGeometricType") or b"").rstrip(b" ")
    return _AS_WRITTEN.get(written) or contour.code("ContourGeometricType")


def _may_be_an_outline(contour: Item, kind: str) -> bool:
    """Whether an open contour could have been meant to be closed: it takes three points."""
    return kind not in _CLOSED and (contour.integer("NumberOfContourPoints") or 0) >= OUTLINE_POINTS


def _shown(name: str) -> str:
    """Shorten a name for a message, at its middle: the number of a repeated name stands at the end."""
    half = _SHOWN_NAME // 2
    return name if len(name) <= _SHOWN_NAME else f"{name[:half]} ... {name[-half:]}"


def _flaws(planes: list[ContourPlane | ContourFlaw]) -> list[ContourFlaw | None]:
    """Tell for each contour why it cannot be part of the solid, None where it can."""
    usable = [plane for plane in planes if isinstance(plane, ContourPlane)]
    parallel = iter(parallel_to_most(usable) if usable else [])
    return [
        (None if next(parallel) else ContourFlaw.OTHER_ORIENTATION)
        if isinstance(plane, ContourPlane)
        else plane
        for plane in planes
    ]


def _by_number(items: tuple[Item, ...], keyword: str) -> dict[int, list[Item]]:
    found: dict[int, list[Item]] = {}
    for item in items:
        number = item.integer(keyword)
        if number is not None:
            found.setdefault(number, []).append(item)
    return found

"""Parts of neighbouring planes that differ by a shift and a stretch: drawn as one outline that moves."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from dosimetry.contours.outline_box import OutlineBox, principal_axes
from dosimetry.contours.parts import Part
from dosimetry.contours.sections import SectionStack
from dosimetry.kernels.even_odd import shared_in_joint_box, shared_of_union
from dosimetry.kernels.outline_axes import in_unit_box
from dosimetry.solid.readings import Between

FloatArray = NDArray[np.float64]

_LARGE_CHANGE = 0.75
"""Parts that share more of their union than this are near enough to be joined where they are."""
_EXPLAINED = 1 / 3
"""A shift and a stretch must explain this share of the difference; those of a lobe that ends do not."""
_CELLS = 48
_ALIKE = 0.9
"""Parts that share more in a box along u and v share more than `_LARGE_CHANGE` in one along their own axes:
of 48 cells a side, an outline's rim is less than the difference."""


@dataclass(frozen=True, eq=False)
class _BoxAt:
    """The box of an outline at a height."""

    w_mm: float
    box: OutlineBox


@dataclass(frozen=True, eq=False)
class AlignedParts:
    """A part below a gap and the one above, and the boxes of up to one more plane on either side.

    Parameters
    ----------
    parts
        Numbers of the lower and the upper part.
    axes
        Shape (2, 2): rows are unit vectors in the planes.
    low, high
        Boxes of the two parts.
    before, after
        Boxes of what they came from and go on to; None where that is not one part alone.
    """

    parts: tuple[int, int]
    axes: FloatArray
    low: _BoxAt
    high: _BoxAt
    before: _BoxAt | None
    after: _BoxAt | None

    def share(self, w_mm: FloatArray) -> FloatArray:
        """How far up in the gap heights (n,) are, from 0 to 1."""
        return (w_mm - self.low.w_mm) / (self.high.w_mm - self.low.w_mm)

    def at(self, w_mm: FloatArray, between: Between) -> tuple[FloatArray, FloatArray]:
        """Middle and half width of the box at heights (n,) in the gap, shape (n, 2) each.

        Middles and squares of half widths are joined as profiles are; the kinked reading takes each edge.
        """
        if between is Between.KINKED and self.before is not None and self.after is not None:
            low, high = -self._kinked(w_mm, -1.0), self._kinked(w_mm, +1.0)
            return (low + high) / 2, (high - low) / 2
        bent = between is Between.SMOOTH
        square = self._joined(w_mm, lambda box: box.half_mm**2, bent=bent)
        return self._joined(w_mm, lambda box: box.middle_mm, bent=bent), np.sqrt(np.maximum(square, 0.0))

    def _joined(
        self, w_mm: FloatArray, value: Callable[[OutlineBox], FloatArray], *, bent: bool
    ) -> FloatArray:
        low, high = value(self.low.box), value(self.high.box)
        straight = low + self.share(w_mm)[:, None] * (high - low)
        product = (w_mm - self.low.w_mm) * (w_mm - self.high.w_mm)
        return straight + product[:, None] * self._bend(value) if bent else straight

    def _bend(self, value: Callable[[OutlineBox], FloatArray]) -> FloatArray:
        """The smaller curvature of those around the gap where they agree in sign, else none."""
        triples = [(self.before, self.low, self.high), (self.low, self.high, self.after)]
        known = [_curvature(value, *triple) for triple in triples if None not in triple]  # type: ignore[arg-type]
        if len(known) < 2:
            return known[0] if known else np.zeros(2)
        lesser = np.where(np.abs(known[0]) < np.abs(known[1]), known[0], known[1])
        return np.where(known[0] * known[1] > 0, lesser, 0.0)

    def _kinked(self, w_mm: FloatArray, side: float) -> FloatArray:
        """The box's edge on a side if both planes' slopes went on to where they meet."""
        assert self.before is not None and self.after is not None  # noqa: S101, PT018 - asked before

        def edge(box: OutlineBox) -> FloatArray:
            return side * box.middle_mm + box.half_mm

        low, high = edge(self.low.box), edge(self.high.box)
        rise = (low - edge(self.before.box)) / (self.low.w_mm - self.before.w_mm)
        fall = (edge(self.after.box) - high) / (self.after.w_mm - self.high.w_mm)
        from_low = low + (w_mm - self.low.w_mm)[:, None] * rise
        from_high = high - (self.high.w_mm - w_mm)[:, None] * fall
        return np.maximum(self._joined(w_mm, edge, bent=False), np.minimum(from_low, from_high))


_KNOWN: WeakKeyDictionary[SectionStack, dict[int, tuple[AlignedParts, ...]]] = WeakKeyDictionary()


def aligned_parts(stack: SectionStack, lower: int) -> tuple[AlignedParts, ...]:
    """The parts on both sides of a gap that differ much, and by a shift and a stretch.

    Each is the other's only continuation. Found once for a stack, as long as it lives.
    """
    known = _KNOWN.setdefault(stack, {})
    if lower not in known:
        known[lower] = tuple(_all_aligned(stack, lower))
    return known[lower]


def _all_aligned(stack: SectionStack, lower: int) -> Iterator[AlignedParts]:
    link = stack.links[lower]
    if link is None:
        return
    is_lone = link & (link.sum(axis=1, keepdims=True) == 1) & (link.sum(axis=0) == 1)
    for i, j in np.argwhere(is_lone).tolist():
        yield from _aligned(stack, lower, i, j)


def _aligned(stack: SectionStack, lower: int, i: int, j: int) -> Iterator[AlignedParts]:
    low, high = stack.sections[lower].parts[i], stack.sections[lower + 1].parts[j]
    if shared_in_joint_box(low.outline, high.outline, _CELLS) >= _ALIKE:
        return
    axes = principal_axes(low if low.area_mm2 >= high.area_mm2 else high)
    below, above = _box_at(stack, lower, i, axes), _box_at(stack, lower + 1, j, axes)
    if _are_explained((low, high), (below.box, above.box), axes):
        before, after = _only(stack, lower, i, -1, axes), _only(stack, lower + 1, j, +1, axes)
        yield AlignedParts((i, j), axes, below, above, before, after)


def _box_at(stack: SectionStack, plane: int, part: int, axes: FloatArray) -> _BoxAt:
    section = stack.sections[plane]
    return _BoxAt(section.w_mm, OutlineBox.around([section.parts[part]], axes))


def _only(stack: SectionStack, plane: int, part: int, side: int, axes: FloatArray) -> _BoxAt | None:
    """The box of what a part goes on to, if both are each other's only continuation."""
    lineage = stack.lineage(plane, part, side)
    if len(lineage) < 2 or len(lineage[1][1]) != 1:
        return None
    at, (other,) = lineage[1]
    if len(stack.lineage(at, other, -side)[1][1]) != 1:
        return None
    return _box_at(stack, at, other, axes)


def _are_explained(parts: tuple[Part, Part], boxes: tuple[OutlineBox, OutlineBox], axes: FloatArray) -> bool:
    around = boxes[0].joined(boxes[1])
    where_they_are = _shared(parts, (around, around), axes)
    if where_they_are >= _LARGE_CHANGE:
        return False
    return 1 - _shared(parts, boxes, axes) <= (1 - _EXPLAINED) * (1 - where_they_are)


def _shared(parts: tuple[Part, Part], boxes: tuple[OutlineBox, OutlineBox], axes: FloatArray) -> float:
    """Share of the union that two outlines have in common, each in a frame in which its box is a unit."""
    one, other = (
        in_unit_box(part.outline, axes, box.middle_mm, box.half_mm)
        for part, box in zip(parts, boxes, strict=True)
    )
    return shared_of_union(one, other, _CELLS)


def _curvature(
    value: Callable[[OutlineBox], FloatArray], one: _BoxAt, two: _BoxAt, three: _BoxAt
) -> FloatArray:
    """Second divided difference."""
    rise = (value(two.box) - value(one.box)) / (two.w_mm - one.w_mm)
    further = (value(three.box) - value(two.box)) / (three.w_mm - two.w_mm)
    return (further - rise) / (three.w_mm - one.w_mm)

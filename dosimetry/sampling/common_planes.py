"""Structures that were drawn in the same planes, up to rounding, get one frame and the same heights."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dosimetry.contours.sections import SectionStack, stack_sections
from dosimetry.sampling.region_distance import SAME_SURFACE_MM
from dosimetry.structure import Structure

FloatArray = NDArray[np.float64]


def on_common_planes(stacks: Mapping[Structure, SectionStack], leading: Structure) -> dict[int, SectionStack]:
    """Put stacks whose planes differ by rounding alone on the same planes.

    Each structure's orientation is measured on its own contours, so in a tilted set no two are equal to the
    last digit. Of ends a rounding apart the outer one would be a face of what is left of the algebra.

    Parameters
    ----------
    stacks
        By structure, each in a frame and at heights of its own.
    leading
        The structure with sections in whose planes the region is sampled.

    Returns
    -------
    By identity of structure. What lies in other planes than the leading one's stays as it is.
    """
    frame = _common_frame([stack for stack in stacks.values() if stack.sections], stacks[leading])
    turned = {id(structure): _in_frame(structure, stack, frame) for structure, stack in stacks.items()}
    known: list[float] = []
    for key, stack in turned.items():
        if np.array_equal(stack.frame, frame):
            turned[key] = _at_heights(stack, known)
            known += turned[key].heights_mm.tolist()
    return turned


def _common_frame(stacks: Iterable[SectionStack], leading: SectionStack) -> FloatArray:
    """The frame of the widest stack that shares the leading one's planes: the best known."""
    others = [stack for stack in stacks if not np.array_equal(stack.frame, leading.frame)]
    alike = [leading, *(stack for stack in others if _shares_planes(leading, stack.frame))]
    if len(alike) == 1:
        return leading.frame
    return max(alike, key=lambda stack: float(np.prod(_spans_mm(stack)))).frame


def _in_frame(structure: Structure, stack: SectionStack, frame: FloatArray) -> SectionStack:
    if np.array_equal(stack.frame, frame) or not stack.sections or not _shares_planes(stack, frame):
        return stack
    return stack_sections(structure, frame)


def _shares_planes(stack: SectionStack, frame: FloatArray) -> bool:
    """Whether a stack's planes leave those of a frame nowhere by more than what counts as one surface."""
    slope = stack.frame[:2] @ frame[2]
    return float(np.abs(slope) @ _spans_mm(stack)) <= SAME_SURFACE_MM


def _spans_mm(stack: SectionStack) -> FloatArray:
    """How far the outlines reach along u and v, shape (2,)."""
    corners = np.concatenate([part.outline[:, :2] for section in stack.sections for part in section.parts])
    return np.asarray(np.ptp(corners, axis=0))


def _at_heights(stack: SectionStack, known: list[float]) -> SectionStack:
    """Each plane at the nearest height that is known within what counts as one surface."""
    heights = np.array([_nearest(height, known) for height in stack.heights_mm.tolist()])
    if np.array_equal(heights, stack.heights_mm) or (np.diff(heights) <= 0).any():
        return stack
    moved = zip(stack.sections, heights.tolist(), strict=True)
    return replace(stack, sections=tuple(replace(section, w_mm=height) for section, height in moved))


def _nearest(height: float, known: list[float]) -> float:
    near = min(known, key=lambda each: abs(each - height), default=height)
    return near if abs(near - height) <= SAME_SURFACE_MM else height

"""Pieces of a pile of boxes against sets that are joined until nothing changes."""

import numpy as np
import pytest

from dosimetry.kernels.touching_boxes import touching_boxes

VERSIONS = [touching_boxes, getattr(touching_boxes, "py_func", touching_boxes)]


def _meeting(planes: list[int], boxes: np.ndarray, n: int) -> list[int]:
    meet = [
        m for m in range(len(planes)) if ((boxes[m, 0] <= boxes[n, 1]) & (boxes[m, 1] >= boxes[n, 0])).all()
    ]
    above = [planes[m] for m in meet if planes[m] > planes[n]]
    reached = {planes[n], *([min(above)] if above else [])}
    return [m for m in meet if planes[m] in reached]


def _pieces(planes: list[int], boxes: np.ndarray) -> set[frozenset[int]]:
    pieces = {frozenset([n]) for n in range(len(planes))}
    for n in range(len(planes)):
        joined = {piece for piece in pieces if piece.intersection(_meeting(planes, boxes, n))}
        pieces = pieces - joined | {frozenset().union(*joined)}
    return pieces


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("version", VERSIONS, ids=["compiled", "plain"])
def test_touching_boxes__are_joined_in_a_plane_and_to_the_next_that_holds_any(
    version: object, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    planes = np.sort(rng.integers(0, 6, rng.integers(1, 20)))
    low = rng.uniform(0, 10, (len(planes), 2))
    boxes = np.stack([low, low + rng.uniform(0, 3, low.shape)], axis=1)
    number = version(planes, boxes)  # type: ignore[operator]
    found = {frozenset(np.flatnonzero(number == each).tolist()) for each in number}
    assert found == _pieces(planes.tolist(), boxes)
    assert (number <= np.arange(len(planes))).all()

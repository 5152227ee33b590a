"""A region's algebra as steps that kernels walk through, the solids by their numbers."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from dosimetry.kernels.region_program import DIFFERENCE, INTERSECTION, UNION
from dosimetry.region import CombinedRegion, Operation, Region, StructureRegion

_STEPS = {
    Operation.UNION: UNION,
    Operation.INTERSECTION: INTERSECTION,
    Operation.DIFFERENCE: DIFFERENCE,
}


def region_program(region: Region, leaves: Sequence[int]) -> NDArray[np.int64]:
    """Steps in the order of work: first both sides, then what combines them.

    Parameters
    ----------
    region
        Structures and their algebra.
    leaves
        Identities of its structures; a step from 0 on is a position among them.
    """
    return np.array(list(_steps(region, leaves)), dtype=np.int64)


def _steps(region: Region, leaves: Sequence[int]) -> Iterator[int]:
    if isinstance(region, StructureRegion):
        yield leaves.index(id(region.structure))
        return
    assert isinstance(region, CombinedRegion)  # noqa: S101 - there are two kinds
    yield from _steps(region.left, leaves)
    yield from _steps(region.right, leaves)
    yield _STEPS[region.operation]

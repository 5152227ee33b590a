"""Structure algebra: a tree of structures, evaluated on the implicit solids and not on voxels."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from dosimetry.contours.interleaving import interleaved_pieces
from dosimetry.errors import DosimetryError
from dosimetry.structure import Structure


class Operation(StrEnum):
    """How a region combines two others."""

    UNION = "|"
    INTERSECTION = "&"
    DIFFERENCE = "-"


class Region(ABC):
    """A structure, or two regions and an operation.

    Build it with `Region.of`, `union` and the operators `|`, `&`, `-`. The surface of a result is
    where the solids of its structures say it is, to within the sampling.
    """

    name: str

    @staticmethod
    def of(structure: Structure) -> "Region":
        """The region that one structure encloses; pieces whose planes interleave are united."""
        return union(StructureRegion(piece) for piece in interleaved_pieces(structure))

    @abstractmethod
    def structures(self) -> Iterator[Structure]:
        """The structures at the leaves, from left to right."""

    def __or__(self, other: "Region") -> "Region":
        return CombinedRegion(Operation.UNION, self, other)

    def __and__(self, other: "Region") -> "Region":
        return CombinedRegion(Operation.INTERSECTION, self, other)

    def __sub__(self, other: "Region") -> "Region":
        return CombinedRegion(Operation.DIFFERENCE, self, other)


@dataclass(frozen=True, eq=False)
class StructureRegion(Region):
    """What one structure encloses."""

    structure: Structure

    @property
    def name(self) -> str:  # type: ignore[override]
        """The structure's."""
        return self.structure.name

    def structures(self) -> Iterator[Structure]:
        """The one structure."""
        yield self.structure


@dataclass(frozen=True, eq=False)
class CombinedRegion(Region):
    """Two regions and an operation."""

    operation: Operation
    left: Region
    right: Region

    @property
    def name(self) -> str:  # type: ignore[override]
        """Both names, as in `(Stomach-PTV)`; one name where both are pieces of one structure."""
        if self.operation is Operation.UNION and self.left.name == self.right.name:
            return self.left.name
        return f"({self.left.name}{self.operation}{self.right.name})"

    def structures(self) -> Iterator[Structure]:
        """Those of the left side, then of the right."""
        yield from self.left.structures()
        yield from self.right.structures()


def union(regions: Iterable[Region]) -> Region:
    """The union of at least one region.

    Raises
    ------
    DosimetryError
        If there is none.
    """
    members = list(regions)
    if not members:
        raise DosimetryError("a union needs at least one region")
    result = members[0]
    for member in members[1:]:
        result = result | member
    return result

"""Structure algebra: a region is a tree of structures, evaluated on the implicit solids and not on voxels."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from dosimetry.errors import DosimetryError
from dosimetry.structure import Structure


class Operation(StrEnum):
    """How a region combines its two sides."""

    UNION = "|"
    INTERSECTION = "&"
    DIFFERENCE = "-"


@dataclass(frozen=True, eq=False)
class Region:
    """A structure, or two regions and an operation.

    Build it with `Region.of`, `union` and the operators `|`, `&`, `-`.
    """

    structure: Structure | None = None
    operation: Operation | None = None
    left: "Region | None" = None
    right: "Region | None" = None

    @classmethod
    def of(cls, structure: Structure) -> "Region":
        """The region that one structure encloses."""
        return cls(structure=structure)

    @property
    def name(self) -> str:
        """Names and operators, as in `Stomach-PTV`."""
        if self.structure is not None:
            return self.structure.name
        assert self.operation and self.left and self.right  # noqa: S101 - a region is one or the other
        return f"({self.left.name}{self.operation}{self.right.name})"

    def structures(self) -> tuple[Structure, ...]:
        """The structures at the leaves, from left to right."""
        if self.structure is not None:
            return (self.structure,)
        assert self.left and self.right  # noqa: S101
        return self.left.structures() + self.right.structures()

    def __or__(self, other: "Region") -> "Region":
        return Region(operation=Operation.UNION, left=self, right=other)

    def __and__(self, other: "Region") -> "Region":
        return Region(operation=Operation.INTERSECTION, left=self, right=other)

    def __sub__(self, other: "Region") -> "Region":
        return Region(operation=Operation.DIFFERENCE, left=self, right=other)


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

"""What is kept of a checked course to be looked at: volumes, outlines and where to find them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from trial_core.domain.criteria import ScopeKind

Point = tuple[float, float, float]


class NoCt(StrEnum):
    """Why a scene has no CT."""

    ABSENT = "no CT of the structure set was handed over"
    OTHER_FRAME = "the CT lies in another frame of reference than the structures"
    ONE_SLICE = "the CT has one slice"
    COMPRESSED = "the pixels of the CT are compressed"
    UNREADABLE = "the pixels of the CT cannot be read"


@dataclass(frozen=True, kw_only=True)
class Lattice:
    """Where the voxels of a volume lie in a scene.

    Attributes
    ----------
    shape
        Planes, rows and columns: (nk, nj, ni).
    index_to_scene_mm
        A 4 x 4 matrix row by row: maps (i, j, k, 1) to the scene's patient coordinates (DICOM LPS) in
        mm; with `plane_offsets_mm` it maps (i, j, offset, 1).
    plane_offsets_mm
        One for each plane, ascending or descending; None for planes that are evenly spaced.
    plane_thickness_mm
        Of the only plane of a volume that has one.
    """

    shape: tuple[int, int, int]
    index_to_scene_mm: tuple[float, ...]
    plane_offsets_mm: tuple[float, ...] | None = None
    plane_thickness_mm: float | None = None


@dataclass(frozen=True, kw_only=True)
class Volume:
    """A plain array kept under its hash: C order, little endian, int16 (HU) or float32 (Gy)."""

    sha256: str
    lattice: Lattice


@dataclass(frozen=True, kw_only=True)
class DosePart:
    """One plan in a dose: what it is called and the voxels that its own grid reaches."""

    label: str
    lattice: Lattice


@dataclass(frozen=True, kw_only=True)
class DosePicture:
    """A dose of a scene.

    Attributes
    ----------
    key
        Unique in the picture set.
    label
        The plan's label; empty for a sum.
    kind, plan_key, alpha_beta_gy
        As in the report's rows.
    highest_gy
        The highest voxel of the volume.
    prescription_gy
        What the protocol gives in this plan; of a physical sum, what it gives in all of them; else None.
    placed_by, needs_review
        How the dose came into the scene; a registration that nobody has looked at.
    parts
        Where each plan in it is known; elsewhere that plan counts as nothing in the volume.
    """

    key: str
    label: str
    kind: ScopeKind
    plan_key: str | None
    alpha_beta_gy: float | None
    volume: Volume
    highest_gy: float
    prescription_gy: float | None
    placed_by: str
    needs_review: bool
    parts: tuple[DosePart, ...]


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Where a structure has the highest and the lowest dose that was found in it."""

    dose_key: str
    hottest_mm: Point
    hottest_gy: float
    coldest_mm: Point
    coldest_gy: float


@dataclass(frozen=True, kw_only=True)
class StructurePicture:
    """One region of a structure set, as a run of contours in the scene's outlines.

    Attributes
    ----------
    name
        The site's own.
    protocol_names
        The protocol's structures that it is, or is part of.
    normal
        Unit vector that its contours stand upright on, in the scene.
    spacing_mm
        Distance of its planes; of a single plane, the thickness it stands for.
    centre_mm
        The middle of its contours' box.
    """

    name: str
    protocol_names: tuple[str, ...]
    first_contour: int
    contours: int
    normal: Point
    spacing_mm: float
    centre_mm: Point
    spots: tuple[Spot, ...]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where to look at a structure that the protocol makes from several regions, or from one less others.

    `sites` are the regions that it is made from, without those that are taken away.
    """

    structure: str
    sites: tuple[str, ...]
    spots: tuple[Spot, ...]


@dataclass(frozen=True, kw_only=True)
class Outlines:
    """Two arrays: float32 points (n, 3) in scene mm, and int64 starts (contours + 1,) of each contour."""

    points_sha256: str
    starts_sha256: str
    points: int
    contours: int


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What lies in one frame of reference: the images of one structure set, its outlines and the doses.

    `lattice` are the voxels that slices are cut along: the CT's, or a dose's where there is no CT, for the
    reason that `no_ct` gives. `ct_is_interpolated`: its slices lie unevenly, or some are missing, and what is
    kept are even planes between them.
    """

    key: str
    label: str
    patient_position: str | None
    lattice: Lattice
    ct: Volume | None
    no_ct: NoCt | None
    ct_is_interpolated: bool
    doses: tuple[DosePicture, ...]
    structures: tuple[StructurePicture, ...]
    places: tuple[Place, ...]
    outlines: Outlines


@dataclass(frozen=True, kw_only=True)
class PictureSet:
    """All pictures of a checked course; the scene that the sum is made in comes first."""

    scenes: tuple[Scene, ...]

    @property
    def arrays(self) -> frozenset[str]:
        """The hashes of all arrays."""
        volumes = [dose.volume for scene in self.scenes for dose in scene.doses]
        volumes += [scene.ct for scene in self.scenes if scene.ct]
        outlines = [scene.outlines for scene in self.scenes]
        lines = [sha256 for each in outlines for sha256 in (each.points_sha256, each.starts_sha256)]
        return frozenset([*(volume.sha256 for volume in volumes), *lines])

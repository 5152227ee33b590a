"""The synthetic thorax: organs, targets and what only the CT shows, as solids."""

from dataclasses import dataclass
from enum import StrEnum

from imaging.synthetic.solids import Solid


class Target(StrEnum):
    """A treated lesion; the value is what follows GTV, CTV and PTV in its structures' names."""

    PRIMARY = "p"
    LUNG = "_Met1"
    LIVER = "_Met2"
    NODE = "_Met3"


METASTASES = (Target.LUNG, Target.LIVER, Target.NODE)


@dataclass(frozen=True)
class Part:
    """A named structure with its shape; Hounsfield units where it is a tissue that the CT shows."""

    name: str
    interpreted_type: str
    solid: Solid
    hounsfield: int | None
    colour: tuple[int, int, int]


@dataclass(frozen=True)
class Anatomy:
    """One patient.

    Attributes
    ----------
    parts
        Structures in the order of their ROI numbers, from 1; the first is the body and holds the others.
    scenery
        Solids with Hounsfield units that the CT shows and nobody contoured.
    """

    parts: tuple[Part, ...]
    scenery: tuple[tuple[Solid, int], ...]

    def part(self, name: str) -> Part:
        """Return the structure of a name."""
        return next(part for part in self.parts if part.name == name)

    def roi_number(self, name: str) -> int:
        """Return the ROI number of a structure."""
        return 1 + [part.name for part in self.parts].index(name)

    @property
    def body(self) -> Solid:
        """The patient's outline."""
        return self.parts[0].solid


def thorax(stature: float = 1.0) -> Anatomy:
    """Return the thorax of a patient; ``stature`` scales it, at most 1 for a CT of 447 mm.

    x grows to the patient's left, y to the back, z to the head, as in DICOM (PS3.3 C.7.6.2).
    """
    parts = (*_organs(), *_lesion_parts())
    return Anatomy(
        parts=tuple(
            Part(part.name, part.interpreted_type, part.solid.scaled(stature), part.hounsfield, part.colour)
            for part in parts
        ),
        scenery=tuple((solid.scaled(stature), hounsfield) for solid, hounsfield in _scenery()),
    )


def _organs() -> tuple[Part, ...]:
    ellipsoid, tube = Solid.ellipsoid, Solid.tube
    return (
        Part("BODY", "EXTERNAL", tube((0, 0, 0), (175, 112), 216), 10, (0, 160, 0)),
        Part("Lung_L", "ORGAN", ellipsoid((97, 0, 47.5), (47, 83, 107.5)), -740, (0, 160, 255)),
        Part("Lung_R", "ORGAN", ellipsoid((-90, 0, 47.5), (55, 85, 107.5)), -740, (0, 110, 230)),
        Part("Heart", "ORGAN", ellipsoid((7, -38, -10), (45, 46, 58)), 40, (220, 30, 60)),
        Part("SpinalCord", "ORGAN", tube((0, 80, 0), (6, 6), 204), 35, (255, 220, 0)),
        Part("SpinalCord_PRV05", "AVOIDANCE", tube((0, 80, 0), (11, 11), 209), None, (255, 170, 0)),
        Part("Liver", "ORGAN", ellipsoid((-55, -20, -118), (78, 72, 58)), 60, (150, 75, 0)),
        Part("Kidney_L", "ORGAN", ellipsoid((70, 70, -150), (28, 25, 50)), 35, (200, 120, 60)),
        Part("Kidney_R", "ORGAN", ellipsoid((-70, 76, -155), (28, 25, 50)), 35, (180, 100, 50)),
        Part("Stomach", "ORGAN", ellipsoid((70, -25, -110), (45, 40, 45)), 20, (230, 150, 200)),
        Part("Bowel_Large", "ORGAN", ellipsoid((95, -20, -182), (30, 35, 26)), -60, (120, 160, 60)),
        Part("Bowel_Small", "ORGAN", ellipsoid((-10, -45, -190), (60, 38, 20)), 25, (160, 190, 90)),
        Part("Esophagus", "ORGAN", tube((5, 28, 58), (9, 8), 126), 30, (240, 130, 40)),
    )


def _lesion_parts() -> list[Part]:
    parts = []
    for target, lesion in _LESIONS.items():
        for prefix, hounsfield, colour in (
            ("GTV", 45, (255, 0, 0)),
            ("CTV", None, (255, 0, 255)),
            ("PTV", None, (0, 0, 255)),
        ):
            solid = Solid.capsule(lesion.centre_mm, lesion.radius_mm[prefix], lesion.half_core_mm[prefix])
            parts.append(Part(prefix + target.value, prefix, solid, hounsfield, colour))
    return parts


@dataclass(frozen=True)
class _Lesion:
    centre_mm: tuple[float, float, float]
    radius_mm: dict[str, float]
    half_core_mm: dict[str, float]


def _sphere(centre_mm: tuple[float, float, float], gtv_mm: float, ctv_mm: float, ptv_mm: float) -> _Lesion:
    radius_mm = {"GTV": gtv_mm, "CTV": ctv_mm, "PTV": ptv_mm}
    return _Lesion(centre_mm, radius_mm, dict.fromkeys(radius_mm, 0.0))


_LESIONS = {
    # 3 cm of oesophagus above and below the gross tumour, as elective margin; then 6 mm all round.
    Target.PRIMARY: _Lesion(
        (5, 28, 45), {"GTV": 14, "CTV": 20, "PTV": 26}, {"GTV": 16.0, "CTV": 40.0, "PTV": 40.0}
    ),
    Target.LUNG: _sphere((-95, 5, 85), 11, 14, 20),
    Target.LIVER: _sphere((-80, -20, -115), 14, 17, 23),
    Target.NODE: _sphere((45, -15, 175), 9, 12, 17),
}


def _scenery() -> tuple[tuple[Solid, int], ...]:
    vertebrae = [(Solid.tube((0, 57, z), (21, 15), 10.5), 280) for z in range(-200, 201, 25)]
    arches = [(Solid.tube((0, 96, z), (7, 9), 8), 350) for z in range(-200, 201, 25)]
    sternum = (Solid.tube((0, -97, 40), (18, 6), 75), 320)
    trachea = (Solid.tube((2, 5, 140), (9, 8), 76), -990)
    stomach_gas = (Solid.ellipsoid((70, -45, -108), (20, 12, 22)), -950)
    return (*vertebrae, *arches, sternum, trachea, stomach_gas)

"""The two treatments of a synthetic course: what is prescribed, and with which beams."""

from collections.abc import Collection
from dataclasses import dataclass

from imaging.synthetic.anatomy import METASTASES, Anatomy, Target
from imaging.synthetic.dose_model import HotSpot, Irradiation
from imaging.synthetic.faults import Fault
from imaging.synthetic.placement import Placement
from imaging.synthetic.rt_plan import Beam, PlanContent, TargetPrescription
from imaging.synthetic.solids import Solid

ARC_DEGREES = (181.0, 179.0)
FIELD_DEGREES = (0.0, 55.0, 130.0, 180.0, 230.0, 305.0)
MU_PER_GY = 180.0
CORD_HOT_SPOT_GY = 47.5


@dataclass(frozen=True)
class Treatment:
    """One plan of the course.

    Attributes
    ----------
    dose_gy
        Prescribed to each target over all fractions.
    gantry_degrees
        Static fields; empty: one arc for each target.
    delivered_fractions
        How many have a treatment record.
    first_date
        Date of the first fraction, DICOM DA.
    grid_spacing_mm, small_grid_spacing_mm
        Dose grid of the full and of the small course.
    bits
        BitsAllocated of the dose.
    """

    label: str
    targets: tuple[Target, ...]
    dose_gy: float
    fractions: int
    gantry_degrees: tuple[float, ...]
    centre_excess: float
    delivered_fractions: int
    first_date: str
    grid_spacing_mm: float
    small_grid_spacing_mm: float
    bits: int


LDRT = Treatment(
    label="LDRT",
    targets=METASTASES,
    dose_gy=10.0,
    fractions=5,
    gantry_degrees=(),
    centre_excess=0.08,
    delivered_fractions=5,
    first_date="20240318",
    grid_spacing_mm=2.5,
    small_grid_spacing_mm=2.8,
    bits=16,
)
CFRT = Treatment(
    label="CFRT",
    targets=(Target.PRIMARY,),
    dose_gy=50.4,
    fractions=28,
    gantry_degrees=FIELD_DEGREES,
    centre_excess=0.035,
    delivered_fractions=12,
    first_date="20240325",
    grid_spacing_mm=3.0,
    small_grid_spacing_mm=3.0,
    bits=32,
)


def plan_content(
    treatment: Treatment,
    anatomy: Anatomy,
    placement: Placement,
    *,
    structure_set_uid: str,
    faults: Collection[Fault],
) -> PlanContent:
    """Return what the RT Plan of a treatment says, with the faults that concern it."""
    ails = frozenset(faults) if treatment is CFRT else frozenset()
    prescribed_gy = 45.0 if Fault.ANOTHER_PRESCRIPTION in ails else treatment.dose_gy
    return PlanContent(
        label=treatment.label,
        fractions=25 if Fault.WRONG_FRACTION_COUNT in ails else treatment.fractions,
        targets=_prescriptions(treatment, anatomy, prescribed_gy),
        beams=_beams(treatment, anatomy, placement),
        structure_set_uid=structure_set_uid,
        approval="UNAPPROVED" if Fault.NOT_APPROVED in ails else "APPROVED",
        intent="CURATIVE" if treatment is CFRT else "PALLIATIVE",
    )


def irradiations(treatment: Treatment, anatomy: Anatomy) -> tuple[Irradiation, ...]:
    """Return what the dose of a treatment is made of."""
    return tuple(
        Irradiation(
            target=anatomy.part(f"PTV{target.value}").solid,
            dose_gy=treatment.dose_gy,
            gantry_degrees=treatment.gantry_degrees,
            centre_excess=treatment.centre_excess,
        )
        for target in treatment.targets
    )


def hot_spots(treatment: Treatment, anatomy: Anatomy, faults: Collection[Fault]) -> tuple[HotSpot, ...]:
    """Return the misplaced doses that the faults plant: one in the spinal cord beside the primary."""
    if treatment is not CFRT or Fault.VIOLATED_LIMIT not in faults:
        return ()
    x_mm, y_mm, _ = anatomy.part("SpinalCord").solid.centre_mm
    z_mm = anatomy.part("PTVp").solid.centre_mm[2]
    return (HotSpot((x_mm, y_mm, z_mm), radius_mm=10.0, dose_gy=CORD_HOT_SPOT_GY),)


def _prescriptions(treatment: Treatment, anatomy: Anatomy, dose_gy: float) -> tuple[TargetPrescription, ...]:
    names = [f"PTV{target.value}" for target in treatment.targets]
    return tuple(TargetPrescription(anatomy.roi_number(name), dose_gy, name) for name in names)


def _beams(treatment: Treatment, anatomy: Anatomy, placement: Placement) -> tuple[Beam, ...]:
    angles: list[tuple[float, ...]] = [(angle,) for angle in treatment.gantry_degrees] or [ARC_DEGREES]
    openings = [(target, degrees) for target in treatment.targets for degrees in angles]
    dose_gy = treatment.dose_gy / treatment.fractions / len(angles)
    return tuple(
        _beam(number, anatomy.part(f"PTV{target.value}").solid, placement, degrees, dose_gy)
        for number, (target, degrees) in enumerate(openings, start=1)
    )


def _beam(number: int, ptv: Solid, placement: Placement, degrees: tuple[float, ...], dose_gy: float) -> Beam:
    return Beam(
        number=number,
        name=f"Arc {number}" if len(degrees) > 1 else f"G{degrees[0]:03.0f}",
        gantry_degrees=degrees,
        isocentre_mm=placement.point_mm(ptv.centre_mm),
        field_radius_mm=round(ptv.cap_mm + 3.0, 1),
        field_half_length_mm=round(ptv.half_height_mm + 3.0, 1),
        dose_gy=round(dose_gy, 6),
        meterset_mu=round(dose_gy * MU_PER_GY, 2),
    )

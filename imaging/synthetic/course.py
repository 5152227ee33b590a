"""A whole synthetic course: CT, structures, an LDRT and a CFRT plan with doses and treatment records."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset

from imaging.synthetic.anatomy import Anatomy, thorax
from imaging.synthetic.appearance import ct_planes
from imaging.synthetic.ct import CtSeries, ct_slices
from imaging.synthetic.delineation import contoured_rois
from imaging.synthetic.dose_model import GridPoints, plan_dose_gy
from imaging.synthetic.faults import Fault
from imaging.synthetic.header import write_object
from imaging.synthetic.identity import Patient, Study, Uids
from imaging.synthetic.placement import REPOSITIONED_SHIFT_MM, REPOSITIONED_TURN, Placement
from imaging.synthetic.regimens import CFRT, LDRT, Treatment, hot_spots, irradiations, plan_content
from imaging.synthetic.registration import RegisteredFrame, spatial_registration
from imaging.synthetic.rt_dose import DoseArray, DoseLabel, rt_dose
from imaging.synthetic.rt_plan import PlanContent, rt_plan
from imaging.synthetic.rt_record import Delivery, rt_beams_record
from imaging.synthetic.rt_structure import ContouredImages, structure_set
from imaging.synthetic.solids import FloatArray

CT_EXTENT_MM = 500.0
LEAST_GRID_MARGIN_MM = 6.0
REPOSITIONING = frozenset({Fault.FOREIGN_FRAME, Fault.REGISTERED_FRAME})


class CourseSize(StrEnum):
    """How finely the course is sampled; the anatomy is the same."""

    FULL = "full"
    SMALL = "small"


@dataclass(frozen=True)
class _Sampling:
    """CT matrix, slices and their distance, and the length of a contour's edges."""

    matrix: int
    slices: int
    slice_spacing_mm: float
    contour_step_mm: float


_SAMPLINGS = {
    CourseSize.FULL: _Sampling(512, 150, 3.0, 2.0),
    CourseSize.SMALL: _Sampling(128, 90, 5.0, 4.0),
}


@dataclass(frozen=True)
class SyntheticCourse:
    """A course of one synthetic patient, the same bytes for the same arguments.

    Attributes
    ----------
    seed
        Chooses the patient: identifiers, stature, noise.
    size
        ``FULL``: CT 512 x 512, 3 mm, 150 slices. ``SMALL``: CT 128 x 128, 5 mm, for tests.
    faults
        The defects to plant.
    """

    seed: int = 1
    size: CourseSize = CourseSize.FULL
    faults: frozenset[Fault] = frozenset()

    @cached_property
    def anatomy(self) -> Anatomy:
        """The patient's anatomy; its stature follows from the seed."""
        return thorax(stature=0.94 + 0.006 * (self.seed * 7 % 11))

    def objects(self) -> Iterator[tuple[str, Dataset]]:
        """Yield each DICOM object with the relative file name it is written under."""
        yield from self._imaged(CFRT)
        if self._is_repositioned:
            yield from self._imaged(LDRT)
        if Fault.REGISTERED_FRAME in self.faults:
            yield "REG.dcm", self._registration()
        for treatment in (LDRT, CFRT):
            yield from self._treated(treatment)

    @property
    def _is_repositioned(self) -> bool:
        return bool(REPOSITIONING & self.faults)

    @property
    def _sampling(self) -> _Sampling:
        return _SAMPLINGS[self.size]

    @property
    def _uids(self) -> Uids:
        return Uids(f"course/{self.seed}/{self.size}")

    def _study(self, treatment: Treatment) -> Study:
        patient = Patient(
            f"SYN-{self.seed:04d}", f"Synthetic^Patient{self.seed}", f"19{50 + self.seed % 20}0214"
        )
        if treatment is LDRT and Fault.TWO_PATIENTS in self.faults:
            stranger = Patient(f"SYN-{self.seed + 5000:04d}", "Synthetic^Stranger", "19710923")
            return Study(stranger, Uids(f"{self._uids.family}/stranger"))
        return Study(patient, self._uids)

    def _frame_role(self, treatment: Treatment) -> str:
        return "repositioned" if treatment is LDRT and self._is_repositioned else "planning"

    def _placement(self, treatment: Treatment) -> Placement:
        role = self._frame_role(treatment)
        if role == "planning":
            return Placement(self._uids.uid("frame", role))
        return Placement(self._uids.uid("frame", role), REPOSITIONED_TURN, REPOSITIONED_SHIFT_MM)

    def _structure_set_uid(self, treatment: Treatment) -> str:
        return self._uids.uid("structures", self._frame_role(treatment))

    def _series(self, treatment: Treatment) -> CtSeries:
        placement, sampling = self._placement(treatment), self._sampling
        pixel_mm = CT_EXTENT_MM / sampling.matrix
        corner_mm = (pixel_mm - CT_EXTENT_MM) / 2
        lowest_mm = -sampling.slice_spacing_mm * (sampling.slices - 1) / 2
        x, y, z = placement.shift_mm
        positions_mm = tuple(
            (corner_mm + x, corner_mm + y, lowest_mm + z + index * sampling.slice_spacing_mm)
            for index in range(sampling.slices)
        )
        role = f"ct {self._frame_role(treatment)}"
        return CtSeries(
            role, placement.frame_uid, positions_mm, (pixel_mm, pixel_mm), sampling.slice_spacing_mm
        )

    def _kept_slices(self, treatment: Treatment) -> tuple[int, ...]:
        middle = self._sampling.slices // 2
        gap = (
            range(middle, middle + 3) if Fault.MISSING_CT_SLICES in self.faults and treatment is CFRT else ()
        )
        return tuple(index for index in range(self._sampling.slices) if index not in gap)

    def _imaged(self, treatment: Treatment) -> Iterator[tuple[str, Dataset]]:
        """Yield the CT that a treatment was planned on, and its structure set."""
        series, placement, study = self._series(treatment), self._placement(treatment), self._study(CFRT)
        kept = self._kept_slices(treatment)
        folder = f"CT.{self._frame_role(treatment)}"
        planes_hu = ct_planes(self.anatomy, placement, series, matrix=self._sampling.matrix, seed=self.seed)
        for index, image in enumerate(ct_slices(study, series, planes_hu)):
            if index in kept:
                yield f"{folder}/CT.{index:03d}.dcm", image
        rois = contoured_rois(
            self.anatomy, placement, series, step_mm=self._sampling.contour_step_mm, faults=self.faults
        )
        yield (
            f"RS.{self._frame_role(treatment)}.dcm",
            structure_set(
                study,
                self._structure_set_uid(treatment),
                placement.frame_uid,
                rois,
                images=ContouredImages(series, kept),
                label=self._frame_role(treatment).upper(),
            ),
        )

    def _registration(self) -> Dataset:
        planning, repositioned = self._placement(CFRT), self._placement(LDRT)
        onto_planning_mm = planning.matrix_mm() @ np.linalg.inv(repositioned.matrix_mm())
        return spatial_registration(
            self._study(CFRT),
            self._uids.uid("registration"),
            fixed=RegisteredFrame(planning.frame_uid, np.eye(4), self._series(CFRT)),
            moving=RegisteredFrame(repositioned.frame_uid, onto_planning_mm, self._series(LDRT)),
        )

    def _treated(self, treatment: Treatment) -> Iterator[tuple[str, Dataset]]:
        """Yield a treatment's plan, dose and treatment records."""
        study, placement = self._study(treatment), self._placement(treatment)
        plan_uid = self._uids.uid("plan", treatment.label)
        plan = plan_content(
            treatment,
            self.anatomy,
            placement,
            structure_set_uid=self._structure_set_uid(treatment),
            faults=self.faults,
        )
        yield f"RP.{treatment.label}.dcm", rt_plan(study, plan_uid, placement.frame_uid, plan)
        yield f"RD.{treatment.label}.dcm", self._dose(treatment, study, plan_uid)
        yield from self._delivered(treatment, study, plan_uid, plan)

    def _delivered(
        self, treatment: Treatment, study: Study, plan_uid: str, plan: PlanContent
    ) -> Iterator[tuple[str, Dataset]]:
        days = _weekdays(treatment.first_date, treatment.delivered_fractions)
        for fraction, day in enumerate(days, start=1):
            uid = self._uids.uid("record", treatment.label, fraction)
            record = rt_beams_record(study, uid, plan_uid, plan, Delivery(fraction, day))
            yield f"records/RT.{treatment.label}.{fraction:02d}.dcm", record

    def _dose(self, treatment: Treatment, study: Study, plan_uid: str) -> Dataset:
        placement, points = self._placement(treatment), self._grid(treatment)
        values = plan_dose_gy(
            points,
            placement,
            self.anatomy.body,
            irradiations(treatment, self.anatomy),
            seed=self.seed,
            hot_spots=hot_spots(treatment, self.anatomy, self.faults),
        )
        units = "GY"
        if treatment is CFRT and Fault.DOSE_PER_FRACTION in self.faults:
            values /= treatment.fractions
        if treatment is CFRT and Fault.RELATIVE_DOSE in self.faults:
            values *= 100 / treatment.dose_gy
            units = "RELATIVE"
        label = DoseLabel(treatment.bits, units=units, plan_uid=plan_uid)
        uid = self._uids.uid("dose", treatment.label)
        array = _dose_array(points, values)
        return rt_dose(study, uid, placement.frame_uid, array, label, series=f"dose {treatment.label}")

    def _grid(self, treatment: Treatment) -> GridPoints:
        """Return voxel centres that cover the body, and half a slice more at either end."""
        full = self.size == CourseSize.FULL
        spacing_mm = treatment.grid_spacing_mm if full else treatment.small_grid_spacing_mm
        margin_mm = LEAST_GRID_MARGIN_MM + spacing_mm / 2
        placement, body = self._placement(treatment), self.anatomy.body
        reach_mm = _reach_mm(placement, body.radii_mm)
        lowest_z_mm, highest_z_mm = (z + placement.shift_mm[2] for z in body.z_range_mm)
        if treatment is LDRT and Fault.STRUCTURE_LEAVES_GRID in self.faults:
            lowest_z_mm = self.anatomy.part("Kidney_L").solid.centre_mm[2] + placement.shift_mm[2]
        x, y = (
            _axis_mm(centre - reach - margin_mm, centre + reach + margin_mm, spacing_mm)
            for centre, reach in zip(placement.shift_mm, reach_mm, strict=False)
        )
        return GridPoints(x, y, _axis_mm(lowest_z_mm - margin_mm, highest_z_mm + margin_mm, spacing_mm))


def write_course(
    folder: Path, *, seed: int = 1, size: CourseSize = CourseSize.FULL, faults: Collection[Fault] = ()
) -> tuple[Path, ...]:
    """Write a synthetic course into a folder, which is made if need be, and return the files' paths."""
    course = SyntheticCourse(seed, size, frozenset(faults))
    return tuple(write_object(folder / name, dataset) for name, dataset in course.objects())


def _reach_mm(placement: Placement, radii_mm: tuple[float, float]) -> tuple[float, float]:
    """Return the half extents along x and y of the turned body's ellipse."""
    cosine, sine = placement.turn
    across, back = radii_mm
    return (
        ((cosine * across) ** 2 + (sine * back) ** 2) ** 0.5,
        ((sine * across) ** 2 + (cosine * back) ** 2) ** 0.5,
    )


def _axis_mm(lowest_mm: float, highest_mm: float, spacing_mm: float) -> FloatArray:
    """Return positions from below the lowest to beyond the highest, the first a multiple of 0.1 mm."""
    first_mm = round(lowest_mm, 1)
    count = int((highest_mm - first_mm) / spacing_mm) + 2
    return first_mm + spacing_mm * np.arange(count, dtype=np.float64)


def _dose_array(points: GridPoints, values: FloatArray) -> DoseArray:
    x_mm, y_mm, z_mm = points.x_mm.tolist(), points.y_mm.tolist(), points.z_mm.tolist()
    return DoseArray(
        values=values,
        origin_mm=(x_mm[0], y_mm[0], z_mm[0]),
        pixel_spacing_mm=(y_mm[1] - y_mm[0], x_mm[1] - x_mm[0]),
        offsets_mm=tuple(z - z_mm[0] for z in z_mm),
    )


def _weekdays(first: str, count: int) -> list[str]:
    """Return dates of so many working days from the first on, as DICOM DA."""
    start = date(int(first[:4]), int(first[4:6]), int(first[6:]))
    days = (start + timedelta(days=offset) for offset in range(2 * count + 7))
    return [f"{day:%Y%m%d}" for day in days if day.weekday() < 5][:count]

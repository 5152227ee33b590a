"""Pictures of a checked course: CT, doses and outlines as plain arrays, a scene for each structure set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dosimetry.accumulation.dose_sum import sum_doses
from dosimetry.accumulation.point_sum import Dose, DoseLayer
from dosimetry.accumulation.voxel_frame import VoxelFrame
from imaging.dicom.ct import CtSeries
from imaging.dicom.ct_volume import CtVolumeError, read_ct_volume
from imaging.linking.contour_slices import series_of
from trial_core.domain.criteria import ScopeKind
from trial_core.domain.pictures import DosePart, DosePicture, Lattice, NoCt, PictureSet, Scene, Volume
from trial_core.picture_store import Keep
from workers.pipelines.checked_course import CheckedCourse
from workers.pipelines.display_outlines import outlines_of
from workers.pipelines.display_places import places_of
from workers.pipelines.hot_spots import ShownDose, spots_of
from workers.pipelines.placement import structure_frame
from workers.pipelines.prepared_plans import PreparedPlan
from workers.pipelines.structure_lookup import StructureLookup
from workers.pipelines.sum_voxels import sum_voxels
from workers.pipelines.sums import CourseSum

FloatArray = NDArray[np.float64]


def pictures_of(checked: CheckedCourse, keep: Keep) -> PictureSet:
    """Make the pictures of a checked course and hand each array to `keep`.

    Notes
    -----
    The same course gives the same bytes. What cannot be shown is left out, with its reason where it has one:
    whatever is wrong with the files was said by the check.
    """
    made = (_Scene(checked, lookup, number, keep).made() for number, lookup in enumerate(_lookups(checked)))
    return PictureSet(scenes=tuple(scene for scene in made if scene is not None))


def _lookups(checked: CheckedCourse) -> list[StructureLookup]:
    """Each structure set once; first the one that the sum is made in."""
    sums = [each.lookup for each in _sums(checked)]
    own = [plan.lookup for plan in checked.plans]
    found = [each for each in (*sums, *own) if each is not None and each.structure_set is not None]
    return list(dict.fromkeys(found))


def _sums(checked: CheckedCourse) -> tuple[CourseSum, ...]:
    return (checked.total, *checked.total.beside) if checked.total else ()


class _Scene:
    """One structure set with its images and every dose that has a place in its frame."""

    def __init__(self, checked: CheckedCourse, lookup: StructureLookup, number: int, keep: Keep) -> None:
        assert lookup.structure_set is not None  # noqa: S101 - `_lookups` has looked
        self.checked = checked
        self.lookup = lookup
        self.structure_set = lookup.structure_set
        self.key = f"scene-{number + 1}"
        self.keep = keep

    def made(self) -> Scene | None:
        """The scene; None where there is neither an image nor a dose to cut slices along."""
        shown = list(self._shown())
        series = series_of(self.structure_set, self.checked.course.ct_series)
        ct, no_ct = self._ct(series)
        lattice = ct.lattice if ct else _lattice_of_dose(shown)
        if lattice is None:
            return None
        outlines, structures = outlines_of(self.lookup, self.checked.protocol, self.keep)
        return Scene(
            key=self.key,
            label=self.structure_set.label or self.structure_set.file,
            patient_position=series.patient_position if series else None,
            lattice=lattice,
            ct=ct,
            no_ct=no_ct,
            ct_is_interpolated=bool(ct and series and not series.is_regular),
            doses=tuple(each.picture for each in shown),
            structures=tuple(
                replace(picture, spots=spots_of([structure], shown)) for picture, structure in structures
            ),
            places=places_of(self.lookup, self.checked.protocol, shown),
            outlines=outlines,
        )

    def _ct(self, series: CtSeries | None) -> tuple[Volume | None, NoCt | None]:
        why = _why_no_ct(series, structure_frame(self.structure_set))
        if series is None or why:
            return None, why
        try:
            volume = read_ct_volume(series)
        except CtVolumeError:
            return None, NoCt.UNREADABLE
        nk, nj, ni = volume.hu.shape
        affine = tuple(volume.index_to_patient_mm.ravel().tolist())
        lattice = Lattice(shape=(nk, nj, ni), index_to_scene_mm=affine)
        return Volume(sha256=self.keep(volume.hu), lattice=lattice), None

    def _shown(self) -> Iterator[ShownDose]:
        total = next((each for each in _sums(self.checked) if each.lookup is self.lookup), None)
        placed = self._placed(total)
        for number, (plan, layer) in enumerate(placed):
            yield self._of_plan(plan, layer, total, f"{self.key}-plan-{number + 1}")
        if total is None or total.reason:
            return
        frame = sum_voxels(total.layers)
        for beta in self._betas(total):
            yield self._of_sum(total, frame, beta)

    def _placed(self, total: CourseSum | None) -> list[tuple[PreparedPlan, DoseLayer]]:
        """Every plan whose dose has a place here: in its own structures' frame, or where the sum put it."""
        layers = dict(
            zip((plan.key for plan in self.checked.plans), total.layers if total else (), strict=False)
        )
        found = [
            (plan, plan.layer if plan.lookup is self.lookup else layers.get(plan.key))
            for plan in self.checked.plans
        ]
        return [(plan, layer) for plan, layer in found if layer is not None]

    def _betas(self, total: CourseSum) -> list[float | None]:
        wanted = {
            self.checked.protocol.structure(criterion.structure).alpha_beta_gy
            for criterion in self.checked.protocol.criteria
            if any(scope.kind is ScopeKind.SUM_EQD2 for scope in criterion.scopes)
        }
        known = sorted(beta for beta in wanted if beta is not None)
        return [beta for beta in (None, *known) if not total.why_not(beta)]

    def _of_plan(self, plan: PreparedPlan, layer: DoseLayer, total: CourseSum | None, key: str) -> ShownDose:
        described = {each.plan_key: each for each in total.described} if total else {}
        own = plan.lookup is self.lookup
        values = (layer.grid.values_gy * layer.weight).astype(np.float32)
        lattice = lattice_of(layer)
        picture = DosePicture(
            key=key,
            label=plan.label,
            kind=ScopeKind.PLAN,
            plan_key=plan.key,
            alpha_beta_gy=None,
            volume=Volume(sha256=self.keep(values), lattice=lattice),
            highest_gy=float(values.max()),
            prescription_gy=plan.plan_prescription_gy,
            placed_by="" if own else described[plan.key].placed_by,
            needs_review=not own and described[plan.key].needs_review,
            parts=(DosePart(label=plan.label, lattice=lattice),),
        )
        return ShownDose(picture, Dose((layer,)))

    def _of_sum(self, total: CourseSum, frame: VoxelFrame, beta: float | None) -> ShownDose:
        dose = Dose(total.layers, beta)
        values = sum_doses(frame, total.layers, beta, dtype=np.float32).values_gy
        report = total.report(beta)
        labels = [each.label for each in total.described]
        parts = zip(labels, total.layers, strict=True)
        picture = DosePicture(
            key=f"{self.key}-sum" if beta is None else f"{self.key}-eqd2-{beta:g}",
            label="",
            kind=report.scope_kind,
            plan_key=None,
            alpha_beta_gy=beta,
            volume=Volume(sha256=self.keep(values.astype(np.float32, copy=False)), lattice=_lattice(frame)),
            highest_gy=float(values.max()),
            prescription_gy=None,
            placed_by="",
            needs_review=report.needs_review,
            parts=tuple(DosePart(label=label, lattice=lattice_of(layer)) for label, layer in parts),
        )
        return ShownDose(picture, dose)


def _why_no_ct(series: CtSeries | None, frame: str | None) -> NoCt | None:
    if series is None:
        return NoCt.ABSENT
    if frame and series.frame_of_reference_uid and frame != series.frame_of_reference_uid:
        return NoCt.OTHER_FRAME
    if series.spacing_mm is None:
        return NoCt.ONE_SLICE
    return NoCt.COMPRESSED if any(each.is_compressed for each in series.slices) else None


def lattice_of(layer: DoseLayer) -> Lattice:
    """Where the voxels of a plan's own grid lie in the scene that it is placed in."""
    to_scene = np.linalg.inv(layer.region_to_dose_mm) @ layer.grid.index_to_patient_mm
    frame = VoxelFrame.of(layer.grid)
    return _lattice(replace(frame, index_to_patient_mm=_with_exact_last_row(to_scene)))


def _lattice(frame: VoxelFrame) -> Lattice:
    offsets = frame.plane_offsets_mm
    return Lattice(
        shape=frame.shape,
        index_to_scene_mm=tuple(frame.index_to_patient_mm.ravel().tolist()),
        plane_offsets_mm=None if offsets is None else tuple(offsets.tolist()),
        plane_thickness_mm=frame.plane_thickness_mm,
    )


def _with_exact_last_row(affine: FloatArray) -> FloatArray:
    exact = np.array(affine)
    exact[3] = (0, 0, 0, 1)
    return exact


def _lattice_of_dose(shown: Sequence[ShownDose]) -> Lattice | None:
    """Even voxels to cut slices along where there is no CT: the first dose's."""
    if not shown:
        return None
    layer = shown[0].dose.layers[0]
    frame = VoxelFrame.around(layer.grid, min(layer.grid.spacing_mm))
    to_scene = np.linalg.inv(layer.region_to_dose_mm) @ frame.index_to_patient_mm
    return _lattice(replace(frame, index_to_patient_mm=_with_exact_last_row(to_scene)))

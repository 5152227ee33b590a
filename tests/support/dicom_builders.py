"""Small DICOM-RT objects with chosen geometry and defects, written by the synthetic writers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from imaging.synthetic.ct import AXIAL, CtSeries, ct_slices
from imaging.synthetic.header import write_object
from imaging.synthetic.identity import Patient, Study, Uids
from imaging.synthetic.rt_dose import DoseArray, DoseLabel, rt_dose
from imaging.synthetic.rt_plan import Beam, PlanContent, TargetPrescription, rt_plan
from imaging.synthetic.rt_record import Delivery, rt_beams_record
from imaging.synthetic.rt_structure import ContouredImages, Roi, structure_set

Floats = npt.NDArray[np.float64]
DoseAt = Callable[[Floats, Floats, Floats], Floats]

ORIENTATIONS: Mapping[str, tuple[float, ...]] = {
    # Row, then column direction in patient coordinates; head first planes rise, feet first planes fall.
    "HFS": (1, 0, 0, 0, 1, 0),
    "HFP": (-1, 0, 0, 0, -1, 0),
    "HFDL": (0, -1, 0, 1, 0, 0),
    "HFDR": (0, 1, 0, -1, 0, 0),
    "FFS": (-1, 0, 0, 0, 1, 0),
    "FFP": (1, 0, 0, 0, -1, 0),
    "FFDL": (0, 1, 0, 1, 0, 0),
    "FFDR": (0, -1, 0, -1, 0, 0),
}

STUDY = Study(Patient("TEST-1", "Test^Patient", "19600101"), Uids("tests"))
"""The default study; another family of UIDs makes another one."""

FRAME = STUDY.uids.uid("frame")
STRUCTURES = STUDY.uids.uid("structures")
PLAN = STUDY.uids.uid("plan")


def another_patient() -> Study:
    """Return a study of another person."""
    return Study(Patient("TEST-2", "Other^Person", "19710203"), Uids("tests of another person"))


def ct_datasets(
    *,
    z_mm: Sequence[float] = (-6.0, -3.0, 0.0, 3.0, 6.0),
    matrix: int = 16,
    pixel_mm: float = 10.0,
    study: Study = STUDY,
    frame_uid: str = FRAME,
) -> list[Dataset]:
    """Return an axial CT of water, centred on x = y = 0, one slice at each z."""
    series = ct_series(z_mm=z_mm, matrix=matrix, pixel_mm=pixel_mm, frame_uid=frame_uid)
    return list(ct_slices(study, series, (np.zeros((matrix, matrix), dtype=np.int16) for _ in z_mm)))


def ct_series(
    *,
    z_mm: Sequence[float] = (-6.0, -3.0, 0.0, 3.0, 6.0),
    matrix: int = 16,
    pixel_mm: float = 10.0,
    frame_uid: str = FRAME,
) -> CtSeries:
    """Return the geometry of `ct_datasets`, to hang a structure set on."""
    corner_mm = -pixel_mm * (matrix - 1) / 2
    positions_mm = tuple((corner_mm, corner_mm, float(z)) for z in z_mm)
    return CtSeries("ct", frame_uid, positions_mm, (pixel_mm, pixel_mm), 3.0)


def structure_dataset(
    contours_mm: Mapping[str, Iterable[npt.ArrayLike]],
    *,
    uid: str = STRUCTURES,
    study: Study = STUDY,
    frame_uid: str = FRAME,
    types: Mapping[str, str] | None = None,
    geometric_type: str = "CLOSED_PLANAR",
    on: CtSeries | None = None,
) -> Dataset:
    """Return a structure set of named contours, numbered from 1 in their order.

    Parameters
    ----------
    contours_mm
        For each name its (n, 3) contours in patient mm; none makes an empty ROI.
    types
        RT ROI Interpreted Type by name, where it is not ORGAN.
    on
        The CT it refers to; by default it names no image.
    """
    rois = [
        Roi(
            number=number,
            name=name,
            contours_mm=tuple(np.asarray(points, dtype=np.float64) for points in contours),
            interpreted_type=(types or {}).get(name, "ORGAN"),
            geometric_type=geometric_type,
        )
        for number, (name, contours) in enumerate(contours_mm.items(), start=1)
    ]
    images = None if on is None else ContouredImages(on, tuple(range(len(on.positions_mm))))
    return structure_set(study, uid, frame_uid, rois, images=images)


def plan_content(
    *,
    label: str = "PLAN",
    fractions: int = 5,
    prescriptions_gy: Mapping[int, float] | None = None,
    beams: int = 1,
    structure_set_uid: str | None = STRUCTURES,
    approval: str = "APPROVED",
) -> PlanContent:
    """Return the content of a plan of 2 Gy arcs; ``prescriptions_gy`` maps ROI numbers to the plan's dose."""
    targets = tuple(
        TargetPrescription(number, dose_gy, f"target {number}")
        for number, dose_gy in ({1: 10.0} if prescriptions_gy is None else prescriptions_gy).items()
    )
    arcs = tuple(
        Beam(number, f"Arc {number}", (181.0, 179.0), (0.0, 0.0, 0.0), 20.0, 20.0, 2.0, 250.0)
        for number in range(1, beams + 1)
    )
    return PlanContent(label, fractions, targets, arcs, structure_set_uid, approval)


def plan_dataset(
    content: PlanContent | None = None, *, uid: str = PLAN, study: Study = STUDY, frame_uid: str = FRAME
) -> Dataset:
    """Return an RT Plan, by default of 10 Gy in 5 fractions with one arc."""
    return rt_plan(study, uid, frame_uid, content or plan_content())


def record_dataset(
    fraction: int,
    *,
    content: PlanContent | None = None,
    plan_uid: str = PLAN,
    study: Study = STUDY,
    delivery: Delivery | None = None,
) -> Dataset:
    """Return a treatment record of one fraction, by default wholly delivered on a day of March 2024."""
    delivered = delivery or Delivery(fraction, f"202403{fraction:02d}")
    uid = study.uids.uid("record", plan_uid, fraction, delivered.date, delivered.delivery_type)
    return rt_beams_record(study, uid, plan_uid, content or plan_content(), delivered)


def dose_array(
    dose_at: DoseAt,
    *,
    shape: tuple[int, int, int] = (5, 12, 14),
    origin_mm: tuple[float, float, float] = (-30.0, -25.0, -6.0),
    pixel_spacing_mm: tuple[float, float] = (4.0, 5.0),
    offsets_mm: Sequence[float] | None = None,
    orientation: Sequence[float] = AXIAL,
    absolute_offsets: bool = False,
) -> DoseArray:
    """Return a dose whose voxels hold ``dose_at(x, y, z)`` of their own centres, however the grid is turned.

    Parameters
    ----------
    dose_at
        Dose in Gray at points in patient mm.
    shape
        (planes, rows, columns).
    pixel_spacing_mm
        (row spacing, column spacing), different on purpose.
    offsets_mm
        Relative to the first plane along row x column direction; by default 3 mm apart.
    absolute_offsets
        Write GridFrameOffsetVector as z coordinates (PS3.3 C.8.8.3.2, case b; axial grids only).
    """
    planes, rows, columns = shape
    steps_mm = np.asarray(offsets_mm if offsets_mm is not None else 3.0 * np.arange(planes), dtype=np.float64)
    row, column = np.array(orientation[:3], dtype=np.float64), np.array(orientation[3:], dtype=np.float64)
    normal = np.cross(row, column)
    points_mm = (
        np.array(origin_mm)
        + steps_mm[:, None, None, None] * normal
        + pixel_spacing_mm[0] * np.arange(rows)[None, :, None, None] * column
        + pixel_spacing_mm[1] * np.arange(columns)[None, None, :, None] * row
    )
    values = dose_at(points_mm[..., 0], points_mm[..., 1], points_mm[..., 2])
    written_mm = origin_mm[2] + steps_mm * normal[2] if absolute_offsets else steps_mm
    return DoseArray(
        np.broadcast_to(values, shape).astype(np.float64),
        origin_mm,
        pixel_spacing_mm,
        tuple(written_mm.tolist()),
        tuple(float(cosine) for cosine in orientation),
    )


def dose_dataset(
    dose: DoseArray | float = 10.0,
    *,
    uid: str | None = None,
    study: Study = STUDY,
    frame_uid: str = FRAME,
    label: DoseLabel | None = None,
) -> Dataset:
    """Return an RT Dose of an array, or of one dose everywhere; by default of the default plan."""
    array = dose if isinstance(dose, DoseArray) else dose_array(lambda x, y, z: np.full(x.shape, float(dose)))
    kind = label or DoseLabel(plan_uid=PLAN, structure_set_uid=STRUCTURES)
    own_uid = uid or study.uids.uid("dose", kind.summation_type, kind.beam_number)
    return rt_dose(study, own_uid, frame_uid, array, kind)


def write(folder: Path, *datasets: Dataset) -> list[Path]:
    """Write objects into a folder under names of modality and number, and return the paths."""
    return [
        write_object(folder / f"{dataset.Modality}.{number:03d}.dcm", dataset)
        for number, dataset in enumerate(datasets, start=1)
    ]

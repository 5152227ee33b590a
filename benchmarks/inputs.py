"""What the benchmarks work on: the real set, a synthetic course and arrays made from them, in `.bench/`."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pydicom

from benchmarks.environments import FOLDER, ROOT
from imaging.lone_dose import read_lone_dose
from imaging.synthetic.course import write_course

REAL_SET = ROOT.parent / "shared" / "data" / "dicompyler_example"
WORK = FOLDER / "work"
FRAME_SHAPE = (150, 512, 512)
FRAME_SPACING_MM = (0.9765625, 0.9765625, 3.0)


FRACTIONS = {"LDRT": 5.0, "CFRT": 28.0}


def ct_stack() -> Path:
    """The real set with a slice of CT at each plane of its structures: copies of the one that it has."""
    folder = WORK / "with-ct"
    if folder.is_dir():
        return folder
    unfinished = WORK / "with-ct.unfinished"
    unfinished.mkdir(parents=True, exist_ok=True)
    for name in ("rtss.dcm", "rtdose.dcm"):
        (unfinished / name).write_bytes((REAL_SET / name).read_bytes())
    template = pydicom.dcmread(REAL_SET / "ct.0.dcm")
    for number, (z_mm, uid) in enumerate(sorted(_contour_images().items())):
        template.SOPInstanceUID = template.file_meta.MediaStorageSOPInstanceUID = uid
        template.ImagePositionPatient[2], template.SliceLocation = z_mm, z_mm
        template.InstanceNumber = number + 1
        template.save_as(unfinished / f"ct.{number}.dcm")
    unfinished.rename(folder)
    return folder


def _contour_images() -> dict[float, str]:
    """The image that the contours of each plane refer to, by z."""
    structures = pydicom.dcmread(REAL_SET / "rtss.dcm")
    return {
        float(contour.ContourData[2]): contour.ContourImageSequence[0].ReferencedSOPInstanceUID
        for roi in structures.ROIContourSequence
        for contour in roi.get("ContourSequence", [])
    }


def gamma_case() -> Path:
    """The real dose, and itself 1 mm further along each axis with noise of 1 % of its maximum, as arrays."""
    path = WORK / "gamma.npz"
    grid = read_lone_dose(REAL_SET / "rtdose.dcm").grid
    noise = np.random.default_rng(1).normal(0, 0.01 * grid.maximum_gy, grid.shape)
    origin, spacing = grid.index_to_patient_mm[:3, 3], np.array(grid.spacing_mm)
    if not np.array_equal(grid.index_to_patient_mm[:3, :3], np.diag(spacing)):
        raise ValueError("the real dose is not head first along the patient's axes")
    path.parent.mkdir(parents=True, exist_ok=True)
    evaluation = np.maximum(grid.values_gy + noise, 0)
    np.savez(path, reference=grid.values_gy, evaluation=evaluation, origin_mm=origin, spacing_mm=spacing)
    return path


def synthetic_course() -> Path:
    """The full synthetic course (150 slices, two plans), written once; `rm -r .bench/work` for another."""
    folder = WORK / "course"
    if not folder.is_dir():
        print("writing the synthetic course (once) ...", file=sys.stderr, flush=True)
        unfinished = WORK / "course.unfinished"
        unfinished.mkdir(parents=True, exist_ok=True)
        write_course(unfinished)
        unfinished.rename(folder)
    return folder


def accumulation_case() -> Path:
    """The two plans of the synthetic course as arrays, and the grid of 512 x 512 x 150 that they go to."""
    path = WORK / "accumulation.npz"
    arrays: dict[str, np.ndarray] = {}
    for number, plan in enumerate(FRACTIONS):
        grid = read_lone_dose(synthetic_course() / f"RD.{plan}.dcm").grid
        arrays[f"values_{number}"] = grid.values_gy
        arrays[f"origin_mm_{number}"] = grid.index_to_patient_mm[:3, 3]
        arrays[f"spacing_mm_{number}"] = np.array(grid.spacing_mm)
    spacing = np.array(FRAME_SPACING_MM)
    half = spacing * (np.array(FRAME_SHAPE[::-1]) - 1) / 2
    frame = {"shape": np.array(FRAME_SHAPE), "spacing_mm": spacing, "origin_mm": _middle_mm(arrays, 1) - half}
    np.savez(path, **arrays, **frame, fractions=np.array(list(FRACTIONS.values())))  # type: ignore[arg-type]
    return path


def _middle_mm(arrays: dict[str, np.ndarray], number: int) -> np.ndarray:
    size = np.array(arrays[f"values_{number}"].shape[::-1])
    middle: np.ndarray = arrays[f"origin_mm_{number}"] + arrays[f"spacing_mm_{number}"] * (size - 1) / 2
    return middle

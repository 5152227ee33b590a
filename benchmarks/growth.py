"""The synthetic course with fewer and more slices, and with more structures, to see how a check grows."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydicom
import yaml
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from benchmarks.environments import ROOT
from benchmarks.inputs import WORK, synthetic_course

FOLDER = WORK / "growth"
COPIED = ("Heart", "SpinalCord", "Kidney_L", "Kidney_R", "Liver", "Bowel_Large", "Bowel_Small")
"""Organs at risk that the protocol and the course call by the same name."""
_STRUCTURES = "RS.planning.dcm"
_PROTOCOL = ROOT / "trial_core" / "protocols" / "scr_escc_01.yaml"
_Places = dict[str, list[tuple[str, float]]]
"""By the UID of a slice of the course: UIDs of the slices that come of it, and how far up each lies, mm."""


class _Plain(yaml.SafeDumper):
    """Writes everything out: the reader of protocols takes no references."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def sliced_course(every: int, copies: int) -> Path:
    """The course with each `every`-th slice alone, and each of them `copies` times, evenly apart."""

    def resliced(folder: Path, structures: Dataset) -> None:
        read = (pydicom.dcmread(path) for path in synthetic_course().rglob("CT.*.dcm"))
        ct = sorted(read, key=_z_mm)
        step_mm = (_z_mm(ct[1]) - _z_mm(ct[0])) * every / copies
        places = {
            str(one.SOPInstanceUID): [(_uid(one, n), n * step_mm) for n in range(copies)]
            for one in ct[::every]
        }
        for one in ct[::every]:
            _write_slices(folder, one, places[str(one.SOPInstanceUID)], step_mm)
        _redraw(structures, places)

    return _derived(f"slices-{every}-{copies}", resliced)


def crowded_course(copies: int) -> Path:
    """The course with so many more of each of `COPIED`; `crowded_protocol` judges them."""

    def crowded(folder: Path, structures: Dataset) -> None:
        shutil.copytree(synthetic_course() / "CT.planning", folder / "CT.planning")
        for number in range(1, copies + 1):
            _copy_structures(structures, number)

    return _derived(f"structures-{copies}", crowded)


def crowded_protocol(copies: int) -> Path:
    """The protocol with a row for each copy wherever its model has one."""
    content: dict[str, Any] = yaml.safe_load(_PROTOCOL.read_text())
    _add_rows(content["structures"]["rows"], "name", copies, aliases=[])
    for group in content["criteria"]:
        _add_rows(group["rows"], "structure", copies)
    path = FOLDER / f"structures-{copies}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.dump(content, Dumper=_Plain, allow_unicode=True, sort_keys=False))
    return path


def _derived(name: str, change: Callable[[Path, Dataset], None]) -> Path:
    """A folder with the course's plans, doses and records, and what `change` makes of the rest; made once."""
    folder, unfinished = FOLDER / name, FOLDER / f"{name}.unfinished"
    if folder.is_dir():
        return folder
    shutil.rmtree(unfinished, ignore_errors=True)
    course = synthetic_course()
    shutil.copytree(course / "records", unfinished / "records")
    for path in [*course.glob("RP.*"), *course.glob("RD.*")]:
        shutil.copy(path, unfinished / path.name)
    structures = pydicom.dcmread(course / _STRUCTURES)
    change(unfinished, structures)
    structures.save_as(unfinished / _STRUCTURES)
    return unfinished.rename(folder)


def _z_mm(one: Dataset) -> float:
    return float(one.ImagePositionPatient[2])


def _uid(one: Dataset, number: int) -> str:
    return str(generate_uid(entropy_srcs=[str(one.SOPInstanceUID), str(number)]))


def _write_slices(folder: Path, one: Dataset, places: list[tuple[str, float]], step_mm: float) -> None:
    first_mm, one.SliceThickness = _z_mm(one), f"{step_mm:g}"
    for uid, up_mm in places:
        one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = uid
        one.ImagePositionPatient[2] = f"{first_mm + up_mm:.3f}"
        one.save_as(folder / f"CT.{uid}.dcm")


def _redraw(structures: Dataset, places: _Places) -> None:
    """Leave what is drawn on slices that are still there, on each that has come of them."""
    (frame,) = structures.ReferencedFrameOfReferenceSequence
    images = frame.RTReferencedStudySequence[0].RTReferencedSeriesSequence[0]
    images.ContourImageSequence = [
        _with_uid(image, uid)
        for image in images.ContourImageSequence
        for uid, _ in places.get(str(image.ReferencedSOPInstanceUID), [])
    ]
    for roi in structures.ROIContourSequence:
        roi.ContourSequence = [
            _moved(contour, uid, up_mm)
            for contour in roi.ContourSequence
            for uid, up_mm in places.get(str(contour.ContourImageSequence[0].ReferencedSOPInstanceUID), [])
        ]


def _with_uid(image: Dataset, uid: str) -> Dataset:
    changed = copy.deepcopy(image)
    changed.ReferencedSOPInstanceUID = uid
    return changed


def _moved(contour: Dataset, uid: str, up_mm: float) -> Dataset:
    changed = copy.deepcopy(contour)
    changed.ContourImageSequence = [_with_uid(contour.ContourImageSequence[0], uid)]
    z_mm = f"{float(contour.ContourData[2]) + up_mm:.3f}"
    changed.ContourData = [z_mm if n % 3 == 2 else value for n, value in enumerate(contour.ContourData)]
    return changed


def _copy_structures(structures: Dataset, copy_number: int) -> None:
    names = {int(roi.ROINumber): str(roi.ROIName) for roi in structures.StructureSetROISequence}
    models = [number for number, name in names.items() if name in COPIED]
    for number, new in zip(models, range(len(names) + 1, len(names) + 1 + len(models)), strict=True):
        for sequence, keyword in (
            (structures.StructureSetROISequence, "ROINumber"),
            (structures.ROIContourSequence, "ReferencedROINumber"),
            (structures.RTROIObservationsSequence, "ReferencedROINumber"),
        ):
            added = copy.deepcopy(next(each for each in sequence if int(each[keyword].value) == number))
            setattr(added, keyword, new)
            if "ROIName" in added:
                added.ROIName = _copy_name(names[number], copy_number)
            if "ObservationNumber" in added:
                added.ObservationNumber = new
            sequence.append(added)


def _add_rows(rows: list[dict[str, Any]], key: str, copies: int, **changed: object) -> None:
    models = [row for row in rows if row[key] in COPIED]
    for number in range(1, copies + 1):
        rows.extend({**row, **changed, key: _copy_name(row[key], number)} for row in models)


def _copy_name(name: str, number: int) -> str:
    return f"{name}_copy{number}"

"""Solids with closed forms as DICOM sets for every peer: contours, a linear dose, a CT at their planes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np

from benchmarks.inputs import WORK
from tests.support.closed_forms import OFFSET_GY, ClosedForm, Direction, Phantom, Shape, closed_form
from tests.support.dicom_builders import (
    ct_datasets,
    ct_series,
    dose_array,
    dose_dataset,
    structure_dataset,
    write,
)

FOLDER = WORK / "phantoms"
METRICS = ("Volume", "Dmin", "Dmax", "Dmean", "D99%", "D95%", "D5%", "D1%", "D0.03cc")
RADII_MM, SPACINGS_MM = (5, 8, 12, 18, 25), (1, 2, 3)
DIRECTIONS = (Direction.SI, Direction.AP)
_DOSE_MM, _HALF_WIDTH_MM, _CT_PIXELS = 2.5, 45.0, 96


def phantom_sets() -> Path:
    """A folder for each spacing, tiling and gradient, and in `truth.json` what is true in each."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    truth = {}
    for direction, (spacing_mm, is_even) in product(DIRECTIONS, sorted(_tilings())):
        phantoms = [each for each in _phantoms() if _tiling(each) == (spacing_mm, is_even)]
        name = f"{direction.name}-{spacing_mm}-{'half' if is_even else 'whole'}"
        _write_set(FOLDER / name, phantoms, direction)
        truth[name] = {_name(each): _truth(each, direction) for each in phantoms}
    (FOLDER / "truth.json").write_text(json.dumps(truth))
    return FOLDER


def _phantoms() -> Iterator[Phantom]:
    for shape, radius_mm, spacing_mm in product(Shape, RADII_MM, SPACINGS_MM):
        if (2 * radius_mm) % spacing_mm == 0:
            yield Phantom(shape, radius_mm, spacing_mm)


def _tilings() -> set[tuple[float, bool]]:
    return {_tiling(each) for each in _phantoms()}


def _tiling(phantom: Phantom) -> tuple[float, bool]:
    """Spacing, and whether the planes lie at half spacings about the middle."""
    return phantom.spacing_mm, round(2 * phantom.radius_mm / phantom.spacing_mm) % 2 == 0


def _name(phantom: Phantom) -> str:
    return f"{phantom.shape} {phantom.radius_mm}"


def _write_set(folder: Path, phantoms: list[Phantom], direction: Direction) -> None:
    spacing_mm, is_even = _tiling(phantoms[0])
    count = int(30 / spacing_mm)
    z_mm = ((np.arange(-count, count + 1) + (0.5 if is_even else 0.0)) * spacing_mm).tolist()
    image = {"z_mm": z_mm, "matrix": _CT_PIXELS, "pixel_mm": 1.0}
    contours = {_name(each): each.structure().contours for each in phantoms}
    planes = int(2 * _HALF_WIDTH_MM / _DOSE_MM) + 2
    x, y, z = (-_HALF_WIDTH_MM - np.array([0.31, 0.47, 0.59]) * _DOSE_MM).tolist()
    dose = dose_array(
        lambda *at: OFFSET_GY + at["xyz".index(direction)],
        shape=(planes, planes, planes),
        origin_mm=(x, y, z),
        pixel_spacing_mm=(_DOSE_MM, _DOSE_MM),
        offsets_mm=(np.arange(planes) * _DOSE_MM).tolist(),
    )
    folder.mkdir(parents=True)
    structures = structure_dataset(contours, on=ct_series(**image))
    write(folder, structures, dose_dataset(dose), *ct_datasets(**image))


def _truth(phantom: Phantom, direction: Direction) -> list[float]:
    form: ClosedForm = closed_form(phantom.shape, phantom.radius_mm, direction)
    shares = [form.dose_to_gy(share * form.volume_cc) for share in (0.99, 0.95, 0.05, 0.01)]
    extremes = [form.volume_cc, float(form.dose_gy[0]), float(form.dose_gy[-1]), form.mean_gy]
    return [*extremes, *shares, form.dose_to_gy(0.03)]

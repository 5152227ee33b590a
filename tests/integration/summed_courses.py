"""Small courses of two plans to be added, and the command that adds them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from cli.main import main
from imaging.synthetic.rt_dose import DoseLabel
from tests.support.dicom_builders import (
    FRAME,
    STUDY,
    dose_array,
    dose_dataset,
    plan_content,
    plan_dataset,
    structure_dataset,
    write,
)
from tests.support.phantoms import box_mm

Dosegate = Callable[..., subprocess.CompletedProcess[str]]
OTHER_FRAME = STUDY.uids.uid("other frame")
CFRT, LDRT = STUDY.uids.uid("cfrt"), STUDY.uids.uid("ldrt")


def command_here(capfd: pytest.CaptureFixture[str]) -> Dosegate:
    """Return the command, run in this process, as `tests.cli.command.dosegate` would answer."""

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        given = [str(each) for each in arguments]
        capfd.readouterr()
        status = main(given)
        out, err = capfd.readouterr()
        return subprocess.CompletedProcess(given, status, out, err)

    return run


def uniform(dose_gy: float, **grid: Any) -> Any:
    return dose_array(lambda x, y, z: np.full(np.broadcast(x, y, z).shape, dose_gy), **grid)


def plan_and_dose(
    uid: str, label: str, fractions: int, dose: Any, frame: str = FRAME
) -> list[pydicom.Dataset]:
    content = plan_content(label=label, fractions=fractions)
    kind = DoseLabel(plan_uid=uid, structure_set_uid=None)
    return [
        plan_dataset(content, uid=uid, frame_uid=frame),
        dose_dataset(dose, uid=f"{uid}.1", frame_uid=frame, label=kind),
    ]


def course(folder: Path, *more: pydicom.Dataset, frame: str = FRAME, **grid: Any) -> Path:
    """50.4 Gy in 28 and 15 Gy in 5, both uniform; the second one on a grid of its own."""
    structures = structure_dataset({"Cord": box_mm((-3.0, 0.0, 3.0), half_mm=(8.0, 8.0))})
    write(
        folder,
        structures,
        *plan_and_dose(CFRT, "CFRT", 28, uniform(50.4)),
        *plan_and_dose(LDRT, "LDRT", 5, uniform(15.0, **grid), frame),
        *more,
    )
    return folder


def values_of(path: Path) -> np.ndarray:
    dataset = pydicom.dcmread(path)
    gray: np.ndarray = dataset.pixel_array * float(dataset.DoseGridScaling)
    return gray

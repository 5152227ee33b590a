"""The same patient scanned feet first: images and doses the other way round, patient coordinates kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset

# Seen from the feet the rows run to the patient's right, and the planes go to the feet.
_FEET_FIRST = [-1, 0, 0, 0, 1, 0]


def write_feet_first(folder: Path) -> None:
    """Rewrite the head-first CT and doses below a folder as a feet-first scanner writes them."""
    for path in sorted(folder.rglob("*.dcm")):
        dataset = pydicom.dcmread(path)
        if dataset.Modality == "CT":
            _turn(dataset)
            dataset.PatientPosition = "FFS"
        elif dataset.Modality == "RTDOSE":
            _turn(dataset)
            _from_the_head(dataset)
        else:
            continue
        dataset.save_as(path)


def _turn(dataset: Dataset) -> None:
    """Mirror the columns, and say so: each pixel stays where it is in the patient."""
    pixels = np.flip(dataset.pixel_array, axis=-1)
    x, y, z = (float(value) for value in dataset.ImagePositionPatient)
    x += (dataset.Columns - 1) * float(dataset.PixelSpacing[1])
    dataset.ImagePositionPatient = [round(x, 6), y, z]
    dataset.ImageOrientationPatient = _FEET_FIRST
    dataset.PixelData = np.ascontiguousarray(pixels).tobytes()


def _from_the_head(dataset: Dataset) -> None:
    """Begin at the highest plane: offsets go along the rows' and columns' normal, to the feet."""
    offsets = np.array([float(value) for value in dataset.GridFrameOffsetVector])
    x, y, z = (float(value) for value in dataset.ImagePositionPatient)
    dataset.ImagePositionPatient = [x, y, round(z + float(offsets[-1]), 6)]
    dataset.GridFrameOffsetVector = [round(float(value), 6) for value in offsets[-1] - offsets[::-1]]
    dataset.PixelData = np.ascontiguousarray(np.flip(dataset.pixel_array, axis=0)).tobytes()

"""A plain second reading of the synthetic objects, for the tests alone: no code of the product."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from scipy.ndimage import map_coordinates

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class DoseGrid:
    """An axial dose: (k, j, i) in the object's units, origin and steps in mm."""

    values: Floats
    origin_mm: tuple[float, float, float]
    step_mm: tuple[float, float, float]

    def at(self, points_mm: Floats) -> Floats:
        """Return the dose at (n, 3) points by trilinear interpolation, zero outside."""
        steps = (points_mm - np.array(self.origin_mm)) / np.array(self.step_mm)
        return np.asarray(map_coordinates(self.values, steps.T[::-1], order=1))


def dose_grid(dataset: Dataset) -> DoseGrid:
    """Return the dose of an RTDOSE by its raw bytes."""
    shape = (int(dataset.NumberOfFrames), dataset.Rows, dataset.Columns)
    stored = np.frombuffer(dataset.PixelData, dtype=f"<u{dataset.BitsAllocated // 8}").reshape(shape)
    x, y, z = (float(value) for value in dataset.ImagePositionPatient)
    row_mm, column_mm = (float(value) for value in dataset.PixelSpacing)
    plane_mm = float(dataset.GridFrameOffsetVector[1])
    return DoseGrid(stored * float(dataset.DoseGridScaling), (x, y, z), (column_mm, row_mm, plane_mm))


def contours_mm(dataset: Dataset) -> dict[str, list[Floats]]:
    """Return the contours of an RTSTRUCT by ROI name."""
    names = {item.ROINumber: str(item.ROIName) for item in dataset.StructureSetROISequence}
    return {
        names[roi.ReferencedROINumber]: [
            np.array([float(value) for value in contour.ContourData]).reshape(-1, 3)
            for contour in roi.get("ContourSequence", [])
        ]
        for roi in dataset.ROIContourSequence
    }


def area_mm2(contour_mm: Floats) -> float:
    """Return a planar contour's area by the shoelace formula."""
    x, y = contour_mm[:, 0], contour_mm[:, 1]
    return 0.5 * abs(float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))))

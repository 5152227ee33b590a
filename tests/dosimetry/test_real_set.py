"""The complete real set: volumes and means that other programs found too."""

from pathlib import Path

import numpy as np
import pydicom
import pytest

from dosimetry.accumulation.point_sum import Dose
from dosimetry.dvh import Dvh, dose_volume_histogram
from dosimetry.errors import EmptyStructureError
from dosimetry.expressions import parse_metric
from dosimetry.grid import DoseGrid
from dosimetry.metrics import evaluate
from dosimetry.region import Region
from dosimetry.structure import Structure
from tests.dosimetry.shapes import plan

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "dicompyler_example"

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="../shared/data/dicompyler_example is not there")


@pytest.fixture(scope="module")
def dose() -> Dose:
    data = pydicom.dcmread(FOLDER / "rtdose.dcm")
    offsets = np.array(data.GridFrameOffsetVector, dtype=np.float64)
    affine = np.diag([*np.array(data.PixelSpacing, dtype=np.float64)[::-1], offsets[1] - offsets[0], 1.0])
    affine[:3, 3] = np.array(data.ImagePositionPatient, dtype=np.float64)
    return plan(DoseGrid(data.pixel_array * float(data.DoseGridScaling), affine), 7)


@pytest.fixture(scope="module")
def structures() -> dict[str, Structure]:
    data = pydicom.dcmread(FOLDER / "rtss.dcm")
    names = {item.ROINumber: item.ROIName for item in data.StructureSetROISequence}
    found = {}
    for item in data.ROIContourSequence:
        contours = [
            np.array(c.ContourData, dtype=np.float64).reshape(-1, 3) for c in item.get("ContourSequence", [])
        ]
        name = names[item.ReferencedROINumber]
        found[name] = Structure(name, contours)
    return found


def _dvh(structures: dict[str, Structure], name: str, dose: Dose) -> Dvh:
    return dose_volume_histogram(Region.of(structures[name]), dose, with_uncertainty=False)


def test_breast__has_its_volume_and_mean(structures: dict[str, Structure], dose: Dose) -> None:
    breast = _dvh(structures, "Breast", dose)
    assert breast.volume_cc == pytest.approx(400.6, rel=0.01)
    assert breast.mean_gy == pytest.approx(5.57, abs=0.04)
    assert evaluate(parse_metric("Max[Gy]"), breast).value == pytest.approx(14.68, abs=0.01)


@pytest.mark.parametrize(("name", "mean_gy"), [("Heart", 0.648), ("Tumor Bed", 14.29)])
def test_organ__has_the_planning_systems_mean(
    structures: dict[str, Structure], dose: Dose, name: str, mean_gy: float
) -> None:
    assert _dvh(structures, name, dose).mean_gy == pytest.approx(mean_gy, rel=0.01)


def test_body__leaves_the_outermost_centres_and_stays_covered(
    structures: dict[str, Structure], dose: Dose
) -> None:
    body = _dvh(structures, "BODY", dose)
    assert body.volume_cc == pytest.approx(14_882, rel=0.003)
    assert body.outline_beyond_centres_mm == pytest.approx(0.84, abs=0.01)
    assert body.beyond_centres_cc > 0
    assert body.uncovered_cc == 0
    assert evaluate(parse_metric("Mean[Gy]"), body).value is not None


def test_structure_without_contours__is_refused(structures: dict[str, Structure], dose: Dose) -> None:
    with pytest.raises(EmptyStructureError):
        _dvh(structures, "Areola", dose)

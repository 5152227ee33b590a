"""Metrics of every structure of every set of phantoms, with dosemetrics: masks on the dose grid."""

import sys
from pathlib import Path

from dosemetrics.dose import Dose
from dosemetrics.io.dicom_io import read_dicom_rtstruct
from dosemetrics.metrics import dvh
from dosemetrics.structure_set import StructureSet
from dosemetrics.structures import StructureType

from benchmarks.clock import measure


def work() -> dict[str, dict[str, list[float]]]:
    """Values by set and structure."""
    return {folder.name: _values(folder) for folder in sorted(Path(sys.argv[1]).iterdir()) if folder.is_dir()}


def _values(folder: Path) -> dict[str, list[float]]:
    dose = Dose.from_dicom(next(folder.glob("RTDOSE*")))
    grid = (dose.dose_array.shape, dose.spacing, dose.origin)
    structures = StructureSet(spacing=dose.spacing, origin=dose.origin)
    voxel_cc = dose.spacing[0] * dose.spacing[1] * dose.spacing[2] / 1000
    found = {}
    for name, read in read_dicom_rtstruct(next(folder.glob("RTSTRUCT*")), grid).items():
        if not read["mask"].any():
            continue
        structures.add_structure(name, read["mask"], StructureType.OAR)
        one = structures.get_structure(name)
        whole = [
            dvh.compute_min_dose(dose, one),
            dvh.compute_max_dose(dose, one),
            dvh.compute_mean_dose(dose, one),
        ]
        at = [dvh.compute_dose_at_volume(dose, one, percent) for percent in (99, 95, 5, 1)]
        hottest = dvh.compute_dose_at_volume_cc(dose, one, 0.03)
        found[name] = [float(x) for x in (read["mask"].sum() * voxel_cc, *whole, *at, hottest)]
    return found


measure(work)

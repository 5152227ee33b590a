"""All DVHs of the real set with dosemetrics: masks on the dose grid, bins of 0.01 Gy."""

import sys
from pathlib import Path

from dosemetrics.dose import Dose
from dosemetrics.io.dicom_io import read_dicom_rtstruct
from dosemetrics.metrics.dvh import compute_dvh
from dosemetrics.structure_set import StructureSet
from dosemetrics.structures import StructureType

from benchmarks.clock import measure

folder = Path(sys.argv[1])


def work() -> dict[str, float]:
    """Volumes in cc."""
    dose = Dose.from_dicom(folder / "rtdose.dcm")
    grid = (dose.dose_array.shape, dose.spacing, dose.origin)
    structures = StructureSet(spacing=dose.spacing, origin=dose.origin)
    voxel_cc = dose.spacing[0] * dose.spacing[1] * dose.spacing[2] / 1000
    volumes = {}
    for name, found in read_dicom_rtstruct(folder / "rtss.dcm", grid).items():
        structures.add_structure(name, found["mask"], StructureType.OAR)
        compute_dvh(dose, structures.get_structure(name), step_size=0.01)
        volumes[name] = float(found["mask"].sum()) * voxel_cc
    return volumes


measure(work)

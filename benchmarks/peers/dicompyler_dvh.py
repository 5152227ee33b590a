"""All DVHs of the real set with dicompyler-core, at its defaults: bins of 1 cGy."""

import sys
from pathlib import Path

from dicompylercore import dicomparser, dvhcalc

from benchmarks.clock import measure

folder = Path(sys.argv[1])


def work() -> dict[str, float]:
    """Volumes in cc."""
    structures = dicomparser.DicomParser(str(folder / "rtss.dcm"))
    dose = dicomparser.DicomParser(str(folder / "rtdose.dcm"))
    volumes = {}
    for number, structure in structures.GetStructures().items():
        dvh = dvhcalc.get_dvh(structures.ds, dose.ds, number)
        volumes[structure["name"]] = float(dvh.volume)
    return volumes


measure(work)

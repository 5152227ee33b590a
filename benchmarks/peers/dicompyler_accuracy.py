"""Metrics of every structure of every set of phantoms, with dicompyler-core at its defaults."""

import sys
from pathlib import Path

from dicompylercore import dicomparser, dvhcalc

from benchmarks.clock import measure


def work() -> dict[str, dict[str, list[float]]]:
    """Values by set and structure."""
    return {folder.name: _values(folder) for folder in sorted(Path(sys.argv[1]).iterdir()) if folder.is_dir()}


def _values(folder: Path) -> dict[str, list[float]]:
    structures = dicomparser.DicomParser(str(next(folder.glob("RTSTRUCT*"))))
    dose = dicomparser.DicomParser(str(next(folder.glob("RTDOSE*"))))
    found = {}
    for number, structure in structures.GetStructures().items():
        dvh = dvhcalc.get_dvh(structures.ds, dose.ds, number)
        if dvh.volume:
            at = [dvh.statistic(name).value for name in ("D99", "D95", "D5", "D1", "D0.03cc")]
            found[structure["name"]] = [float(x) for x in (dvh.volume, dvh.min, dvh.max, dvh.mean, *at)]
    return found


measure(work)

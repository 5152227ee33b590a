"""Volume of a region, without a dose."""

from dosimetry.errors import EmptyStructureError
from dosimetry.region import Region
from dosimetry.sampling.region_samples import sample_region

_SAMPLES = 20_000
"""Within 0.2 % for anything compact; a DVH's own volume comes from six times as many."""


def region_volume_cc(region: Region) -> float:
    """Volume of what structures and their algebra enclose; 0 where that is nothing.

    Parameters
    ----------
    region
        Structures and their algebra, patient mm.
    """
    try:
        sampled = sample_region(region, [], _SAMPLES, None)
    except EmptyStructureError:
        return 0.0
    return float(sampled.volume_cc.sum())

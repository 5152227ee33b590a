"""Spatial Registration (PS3.3 C.20.2): rigid matrices from one frame of reference to another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class SpatialRegistration:
    """A rigid map between two frames of reference.

    Attributes
    ----------
    from_frame, to_frame
        Frame of Reference UIDs.
    matrix
        4x4, mm; `matrix @ (x, y, z, 1)` in `from_frame` gives the same point in `to_frame` (PS3.3 C.20.2.1.1).
    sop_instance_uid, file
        Where it was read.
    """

    from_frame: str
    to_frame: str
    matrix: npt.NDArray[np.float64]
    sop_instance_uid: str
    file: str

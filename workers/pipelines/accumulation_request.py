"""What a person asks of a sum of plans, and what it is refused with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from dosimetry.accumulation.dose_sum import Uncovered
from imaging.findings import Finding


class RegistrationSource(StrEnum):
    """Where the way between two frames of reference comes from."""

    FILE = "file"  # the only registration among the files that links them
    RIGID = "rigid"
    DEFORMABLE = "deformable"
    COMPUTED = "computed"


class AccumulationRefusedError(Exception):
    """There is no sum: `findings` (JSON objects) say why; the command line ends with 2."""

    def __init__(self, message: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(finding.as_json() for finding in findings)


@dataclass(frozen=True)
class AccumulationRequest:
    """How plans are added.

    Attributes
    ----------
    alpha_beta_gy
        Of everything that `tissues` do not name; None: physical dose.
    tissues
        alpha/beta by name of structure; where two overlap, the first one holds.
    fractions
        By plan (label or file name): how many of its fractions count. Others count as planned.
    as_delivered
        Count the fractions that the treatment records tell of instead.
    base
        The plan in whose frame of reference the sum lies; None: the one with the most fractions.
    grid_like
        The plan whose grid the sum takes; None: the base plan.
    spacing_mm
        A grid of this spacing around the base plan's instead.
    registration
        Where the way between frames of reference comes from.
    radar_mm, radar_within
        Semi-axes of the registration's uncertainty along x, y, z; and the structure it is restricted to.
    uncovered
        What a plan counts as where its grid does not reach.
    bits
        Of the written integers: 32 or 16.
    """

    alpha_beta_gy: float | None = None
    tissues: Mapping[str, float] = field(default_factory=dict)
    fractions: Mapping[str, float] = field(default_factory=dict)
    as_delivered: bool = False
    base: str | None = None
    grid_like: str | None = None
    spacing_mm: float | None = None
    registration: RegistrationSource = RegistrationSource.FILE
    radar_mm: tuple[float, float, float] | None = None
    radar_within: str | None = None
    uncovered: Uncovered = Uncovered.ZERO
    bits: int = 32

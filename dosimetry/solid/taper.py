"""How a length goes on past the last plane, and how far a solid of that width reaches."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_LEFT_FOR_FLAT = 0.25
"""An end whose squared width would still keep this share of itself a whole gap further on is flat."""
_STEEPEST_FLARE = 0.5
"""A flat end may widen on its way out by this much per mm on each side, if it did so over its last planes."""


_POINTED = 0.1
"""A square whose discriminant is less than this share of the slope's square is a cone's."""


@dataclass(frozen=True)
class Taper:
    """A length past the last plane: its square is a quadratic in the distance, as in spheres and cones.

    It does not reopen once it has shrunk to its least, and grows by no more than `flare` per mm.
    """

    length_mm: float
    slope: float
    bend: float
    flare: float

    @classmethod
    def through(cls, depths_mm: Sequence[float], lengths_mm: Sequence[float]) -> "Taper":
        """Through up to three lengths at distances inwards, that of the last plane first."""
        squares = [length**2 for length in lengths_mm]
        if len(squares) == 1:
            return cls(lengths_mm[0], 0.0, 0.0, 0.0)
        slope = (squares[0] - squares[1]) / depths_mm[1]
        if len(squares) == 2:
            return cls(lengths_mm[0], slope, 0.0, 0.0)
        deeper = (squares[1] - squares[2]) / (depths_mm[2] - depths_mm[1])
        bend = (slope - deeper) / depths_mm[2]
        grew = 1.5 * (lengths_mm[0] - lengths_mm[1]) / depths_mm[1]
        flare = min(grew, _STEEPEST_FLARE) if slope > 0 and deeper > 0 else 0.0
        return cls(lengths_mm[0], slope + depths_mm[1] * bend, bend, flare)._if_pointed()

    def _if_pointed(self) -> "Taper":
        """As a cone's, if that is near: its square touches zero, and the least noise would part the roots."""
        square = self.length_mm**2
        if self.slope >= 0 or abs(1 - 4 * self.bend * square / self.slope**2) > _POINTED:
            return self
        return replace(self, bend=self.slope**2 / (4 * square))

    def at(self, away_mm: FloatArray) -> FloatArray:
        """The length at distances past the last plane, shape (n,)."""
        x = np.minimum(away_mm, self._turning_mm())
        square = self.length_mm**2 + x * (self.slope + x * self.bend)
        return np.minimum(np.sqrt(np.maximum(square, 0.0)), self.length_mm + away_mm * self.flare)

    def closes_mm(self) -> float:
        """Where the square passes zero; infinite if it does not."""
        under_root = self.slope**2 - 4 * self.bend * self.length_mm**2
        if under_root < 0 or (self.slope >= 0 and self.bend >= 0):
            return np.inf
        divisor = np.sqrt(under_root) - self.slope
        return float(2 * self.length_mm**2 / divisor) if divisor > 0 else np.inf

    def left(self, gap_mm: float) -> float:
        """Least share of the square within a gap."""
        if self.slope >= 0:
            return 1.0
        least = min(gap_mm, self._turning_mm())
        return max(1.0 + least * (self.slope + least * self.bend) / self.length_mm**2, 0.0)

    def reach_mm(self, gap_mm: float) -> float:
        """How far the solid reaches: to where it closes if within a gap; half a gap if it would not close.

        In between, for a square that all but closes (a cone's, which touches zero, is one), up to where it is
        least.
        """
        closes = self.closes_mm()
        if closes <= gap_mm:
            return closes
        least = min(gap_mm, self._turning_mm()) if self.slope < 0 else gap_mm
        share = max(0.0, 1.0 - self.left(gap_mm) / _LEFT_FOR_FLAT)
        return gap_mm / 2 + share * (least - gap_mm / 2)

    def _turning_mm(self) -> float:
        return -0.5 * self.slope / self.bend if self.slope < 0 < self.bend else np.inf

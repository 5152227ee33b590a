"""Follow-up of subjects: how long each was observed, and whether that ended with the event."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IndexArray = NDArray[np.int64]

SAME_TIME = float(np.sqrt(np.finfo(np.float64).eps))
"""Times nearer than this are one time, absolutely or relative to the mean time: R's `aeqSurv`."""


class FollowUpError(ValueError):
    """Times that no follow-up can have."""


@dataclass(frozen=True)
class FollowUp:
    """Right-censored follow-up.

    Attributes
    ----------
    times_days
        shape (n,), finite and 0 or more.
    events
        shape (n,): True where the event ended the follow-up, False where it was censored.
    """

    times_days: FloatArray
    events: BoolArray

    def of(self, subjects: BoolArray) -> FollowUp:
        """Keep the subjects of a mask of shape (n,)."""
        return FollowUp(self.times_days[subjects], self.events[subjects])

    def reversed(self) -> FollowUp:
        """Make the end of observation the event, and the event its censoring (Schemper and Smith 1996)."""
        return FollowUp(self.times_days, ~self.events)

    @property
    def largest_days(self) -> float:
        """The longest follow-up, whatever ended it."""
        return float(self.times_days.max())


def follow_up(times_days: FloatArray, events: BoolArray) -> FollowUp:
    """Check times and events of shape (n,), and make one time of those that differ by rounding only.

    Raises
    ------
    FollowUpError
        there is nobody, the shapes differ, or a time is negative, infinite or not a number.
    """
    if times_days.ndim != 1 or times_days.shape != events.shape or times_days.size == 0:
        raise FollowUpError("one time and one event for each of one or more subjects are needed")
    if not np.isfinite(times_days).all() or (times_days < 0).any():
        raise FollowUpError("a time is negative or not finite")
    return FollowUp(joined_times(times_days), events)


def joined_times(times_days: FloatArray) -> FloatArray:
    """Give times that differ by rounding only the value of the smallest of them, as R's `aeqSurv` does."""
    distinct = np.unique(times_days)
    mean = distinct.mean()
    steps = np.diff(distinct)
    same = (steps <= SAME_TIME) | (steps <= SAME_TIME * mean)
    starts = distinct[np.concatenate([[True], ~same])]
    joined: FloatArray = starts[np.searchsorted(starts, times_days, side="right") - 1]
    return joined

"""Best change of the target lesions' sum from baseline: a bar of a waterfall plot."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from trial_core.domain.response import OverallResponse, VisitResponse


def best_change_percent(responses: Iterable[VisitResponse], start: date, until: date) -> float | None:
    """The smallest change from baseline in percent, over the visits that best response counts.

    These are the ones from the start to the first progression, that visit included. None where no sum of
    them is complete, or there was no target lesion.

    Parameters
    ----------
    until
        Today, or the day of a data cut: what was complete later counts for nothing.
    """
    changes = []
    placed = [(each.on, each) for each in responses if each.on is not None and start <= each.on <= until]
    for _on, each in sorted(placed, key=lambda one: (one[0], one[1].label)):
        change = None if each.targets is None else each.targets.from_baseline_percent
        if change is not None:
            changes.append(change)
        if each.overall is OverallResponse.PD:
            break
    return min(changes, default=None)

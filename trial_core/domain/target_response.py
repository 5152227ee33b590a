"""Response of the target lesions: sums, nadir and the thresholds of RECIST 1.1, on exact decimals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from trial_core.domain.lesions import Lesion, RecistRules
from trial_core.domain.readings import Size, TargetReading

PROGRESSION_SHARE = Fraction(20, 100)
PROGRESSION_MM = 5
PARTIAL_RESPONSE_SHARE = Fraction(30, 100)


class TargetResponse(StrEnum):
    """Response of the target lesions alone."""

    CR = "CR"
    PR = "PR"
    SD = "SD"
    PD = "PD"
    NE = "NE"


@dataclass(frozen=True, kw_only=True)
class TargetSum:
    """The target lesions at one visit.

    Attributes
    ----------
    mm
        Sum of diameters; None where a lesion was not assessed.
    nadir_mm
        The smallest sum before this visit, baseline included.
    progression_on
        Of PD, the first day whose readings, with those before, show it; None where that day was not entered.
    """

    response: TargetResponse
    mm: Fraction | None
    baseline_mm: Fraction
    nadir_mm: Fraction
    progression_on: date | None = None

    @property
    def from_baseline_percent(self) -> float | None:
        """Change from baseline."""
        return _change_percent(self.mm, self.baseline_mm)

    @property
    def from_nadir_percent(self) -> float | None:
        """Change from the nadir; None from a nadir of 0."""
        return _change_percent(self.mm, self.nadir_mm)


def judge_targets(
    targets: Sequence[Lesion],
    readings: Mapping[str, TargetReading],
    *,
    nadir_mm: Fraction,
    rules: RecistRules,
) -> TargetSum:
    """Judge the targets of one visit against baseline and nadir.

    CR comes first: nodes that vary below 10 mm are normal, whatever their sum does. A lesion not assessed
    makes NE, unless the others alone already show progression.

    Parameters
    ----------
    targets
        The target lesions to count, each with its baseline diameter.
    readings
        By lesion; a lesion without reading was not assessed.
    """
    sizes = {lesion.id: _mm(readings.get(lesion.id), rules) for lesion in targets}
    known = [size for size in sizes.values() if size is not None]
    baseline_mm = baseline_sum(targets)
    complete = len(known) == len(sizes)
    total = sum(known, Fraction(0)) if complete else None
    progressed, shown_on = _progression(targets, readings, nadir_mm, rules)
    response = _response(
        targets, sizes, total=total, baseline_mm=baseline_mm, progressed=progressed, rules=rules
    )
    return TargetSum(
        response=response,
        mm=total,
        baseline_mm=baseline_mm,
        nadir_mm=nadir_mm,
        progression_on=shown_on if response is TargetResponse.PD else None,
    )


def baseline_sum(targets: Sequence[Lesion]) -> Fraction:
    """Sum of the baseline diameters, in mm."""
    return sum((exact(lesion.baseline_mm or 0.0) for lesion in targets), Fraction(0))


def exact(value: float) -> Fraction:
    """The decimal number a person typed: 35.4 is 35.4, so that 20 % above 29.5 is reached."""
    return Fraction(repr(float(value)))


def _mm(reading: TargetReading | None, rules: RecistRules) -> Fraction | None:
    if reading is None:
        return None
    match reading.size:
        case Size.MEASURED:
            return None if reading.mm is None else exact(reading.mm)
        case Size.TOO_SMALL:
            return exact(rules.too_small_mm)
        case Size.ABSENT:
            return Fraction(0)
        case Size.NOT_ASSESSED:
            return None


def _response(
    targets: Sequence[Lesion],
    sizes: Mapping[str, Fraction | None],
    *,
    total: Fraction | None,
    baseline_mm: Fraction,
    progressed: bool,
    rules: RecistRules,
) -> TargetResponse:
    if total is not None and not any(_is_disease(lesion, sizes[lesion.id], rules) for lesion in targets):
        return TargetResponse.CR
    if progressed:
        return TargetResponse.PD
    if total is None:
        return TargetResponse.NE
    if total <= baseline_mm * (1 - PARTIAL_RESPONSE_SHARE):
        return TargetResponse.PR
    return TargetResponse.SD


def _is_disease(lesion: Lesion, mm: Fraction | None, rules: RecistRules) -> bool:
    least = exact(rules.node_normal_below_mm) if lesion.node else Fraction(0)
    return mm is not None and (mm >= least if lesion.node else mm > least)


def _progression(
    targets: Sequence[Lesion],
    readings: Mapping[str, TargetReading],
    nadir_mm: Fraction,
    rules: RecistRules,
) -> tuple[bool, date | None]:
    """Whether the readings show progression, and the first day that does, lesions not yet seen as 0."""
    total, reappeared = Fraction(0), False
    for lesion in sorted(targets, key=lambda each: _when(readings.get(each.id))):
        mm = _mm(readings.get(lesion.id), rules)
        total += mm or 0
        reappeared = reappeared or _is_disease(lesion, mm, rules)
        if reappeared if nadir_mm == 0 else is_progression(total, nadir_mm):
            return True, readings[lesion.id].on
    return False, None


def is_progression(total_mm: Fraction, nadir_mm: Fraction) -> bool:
    """At least 20 % and at least 5 mm above a nadir that is not 0."""
    rise = total_mm - nadir_mm
    return rise >= PROGRESSION_MM and rise >= nadir_mm * PROGRESSION_SHARE


def _when(reading: TargetReading | None) -> tuple[date, str]:
    if reading is None or reading.on is None:
        return date.max, ""
    return reading.on, reading.lesion


def _change_percent(mm: Fraction | None, reference: Fraction) -> float | None:
    if mm is None or reference == 0:
        return None
    return float(100 * (mm - reference) / reference)

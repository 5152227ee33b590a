"""Measures structures in doses: one DVH for each of them, and metrics as the domain's measurements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dosimetry.accumulation import Dose
from dosimetry.dvh import Dvh, dose_volume_histogram
from dosimetry.errors import DosimetryError, EmptyStructureError
from dosimetry.expressions import parse_metric
from dosimetry.metrics import MetricValue, NotEvaluable, evaluate
from trial_core.domain.criteria import Measurement
from trial_core.domain.report import StructureStatus
from workers.pipelines.structure_lookup import FoundStructure

_REASONS = {
    NotEvaluable.NO_PRESCRIPTION: "percent of a prescription that is not known",
    NotEvaluable.WHOLLY_OUTSIDE_GRID: "the structure lies wholly outside the dose grid",
    NotEvaluable.UNCOVERED_PART_MATTERS: "part of the structure lies outside the dose grid",
    NotEvaluable.VOLUME_TOO_SMALL: "the structure is smaller than the volume that the metric asks for",
}


@dataclass(frozen=True, eq=False)
class Measured:
    """A structure's DVH in one dose; without one, `reason` says why."""

    structure: FoundStructure
    dvh: Dvh | None
    reason: str

    def evaluate(self, metric: str, prescription_gy: float | None) -> Measurement:
        """One metric as the domain's measurement; what cannot be evaluated carries its reason."""
        if self.dvh is None:
            absent = self.structure.status is StructureStatus.NOT_CONTOURED
            return Measurement(value=None, reason=self.reason, not_contoured=absent)
        return measurement(
            evaluate(parse_metric(metric), self.dvh, prescription_gy=prescription_gy), self.dvh
        )


def measurement(value: MetricValue, dvh: Dvh) -> Measurement:
    """A metric's value as the domain judges it: where a part is uncovered, both bounds go along."""
    if value.reason is None or value.reason is NotEvaluable.UNCOVERED_PART_MATTERS:
        return Measurement(
            value=value.value,
            uncertainty=value.uncertainty,
            if_uncovered_zero=value.if_uncovered_zero,
            if_uncovered_max=value.if_uncovered_max,
            reason=_uncovered(value, dvh),
        )
    return Measurement(value=None, reason=_REASONS[value.reason])


def not_evaluable_words(reason: NotEvaluable) -> str:
    """Why a metric has no value, in words."""
    return _REASONS[reason]


class Measurer:
    """Makes each DVH once, and tells how far it is.

    Parameters
    ----------
    tick
        Called after each DVH that had to be made.
    """

    def __init__(self, tick: Callable[[], None]) -> None:
        self._tick = tick
        self._measured: dict[tuple[str, str], Measured] = {}

    def measure(
        self,
        structure: FoundStructure,
        dose: Dose | None,
        scope: str,
        obstacle: str,
        *,
        with_uncertainty: bool = True,
    ) -> Measured:
        """The DVH of a structure in the dose of a scope.

        Parameters
        ----------
        structure
            As found.
        dose
            None where `obstacle` says why.
        scope
            Names the dose: the same structure in the same scope is measured once.
        obstacle
            Why nothing can be measured in this scope.
        with_uncertainty
            False for numbers that nothing is judged by: several times faster.
        """
        key = (scope, f"{structure.name}|{'|'.join(structure.site_names)}")
        if key not in self._measured:
            self._measured[key] = _measure(structure, dose, obstacle, with_uncertainty=with_uncertainty)
            self._tick()
        return self._measured[key]

    def all_measured(self) -> list[tuple[str, Measured]]:
        """Everything measured so far with its scope, in the order it was asked for."""
        return [(scope, measured) for (scope, _), measured in self._measured.items()]


def _measure(
    structure: FoundStructure, dose: Dose | None, obstacle: str, *, with_uncertainty: bool
) -> Measured:
    if structure.region is None:
        return Measured(structure, None, structure.reason)
    if dose is None:
        return Measured(structure, None, obstacle or "no dose")
    try:
        dvh = dose_volume_histogram(structure.region, dose, with_uncertainty=with_uncertainty)
        return Measured(structure, dvh, "")
    except EmptyStructureError:
        return Measured(structure, None, "the structure encloses no volume")
    except DosimetryError as error:
        return Measured(structure, None, str(error))


def _uncovered(value: MetricValue, dvh: Dvh) -> str:
    bounds = (value.if_uncovered_zero, value.if_uncovered_max)
    if dvh.uncovered_cc <= 0 or None in bounds or bounds[0] == bounds[1]:
        return ""
    words = f"{dvh.uncovered_cc:.3g} cc lie outside the dose grid: {bounds[0]:.6g} {value.unit}"
    return f"{words} with them at 0 Gy, {bounds[1]:.6g} at the highest dose on the face they cross"

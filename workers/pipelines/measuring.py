"""Measures structures in doses: one DVH for each of them, and metrics as the domain's measurements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dosimetry.accumulation.point_sum import Dose
from dosimetry.dvh import Dvh, dose_volume_histograms
from dosimetry.errors import DosimetryError, EmptyStructureError
from dosimetry.expressions import parse_metric
from dosimetry.indices import IndexValue, homogeneity_index
from dosimetry.metrics import MetricValue, NotEvaluable, evaluate
from dosimetry.sampling.collecting import RegionInGrid
from dosimetry.threads import in_order
from imaging.dicom.rt_structure import Roi
from trial_core.domain.criteria import Measurement
from trial_core.domain.report import StructureStatus
from workers.pipelines.display_curve import Points, display_curve
from workers.pipelines.structure_lookup import FoundStructure

MEDIAN = "D50%[Gy]"
HOTTEST = "D0.03cc[Gy]"
"""Asked of every structure: for the guard, and for what lies outside the targets."""
SIGNIFICANT_DIGITS = 14
"""So many are dose; what addition leaves behind them is not: 30.1 + 3.2 Gy is 33.3 Gy."""
_REASONS = {
    NotEvaluable.NO_PRESCRIPTION: "percent of a prescription that is not known",
    NotEvaluable.WHOLLY_OUTSIDE_GRID: "the structure lies wholly outside the dose grid",
    NotEvaluable.UNCOVERED_PART_MATTERS: "part of the structure lies outside the dose grid",
    NotEvaluable.VOLUME_TOO_SMALL: "the structure is smaller than the volume that the metric asks for",
}


@dataclass(frozen=True, eq=False)
class Setting:
    """A dose that structures are measured in.

    Attributes
    ----------
    scope
        Names the dose: the same structure in the same scope is measured once.
    dose
        None where `obstacle` says why.
    obstacle
        Why nothing can be measured in this scope.
    prescription_gy
        What percent doses refer to; None: they have no value.
    """

    scope: str
    dose: Dose | None
    obstacle: str = ""
    prescription_gy: float | None = None


@dataclass(frozen=True, eq=False)
class Readings:
    """What is kept of a structure's DVH: every number that may be asked for, and not the samples.

    `curve` is as `display_curve` gives it: Gy and percent of the volume.
    """

    in_grid: RegionInGrid
    curve: Points
    homogeneity: IndexValue
    measurements: Mapping[str, Measurement]


@dataclass(frozen=True, eq=False)
class Measured:
    """A structure in one dose; where nothing could be read, `reason` says why."""

    structure: FoundStructure
    readings: Readings | None
    reason: str

    def evaluate(self, metric: str) -> Measurement:
        """One metric as the domain's measurement; what cannot be evaluated carries its reason."""
        if self.readings is None:
            absent = self.structure.status is StructureStatus.NOT_CONTOURED
            return Measurement(value=None, reason=self.reason, not_contoured=absent)
        return self.readings.measurements[metric]


def measurement(value: MetricValue, dvh: Dvh) -> Measurement:
    """A metric's value as the domain judges it: where a part is uncovered, both bounds go along."""
    if value.reason is None or value.reason is NotEvaluable.UNCOVERED_PART_MATTERS:
        return Measurement(
            value=_without_noise(value.value),
            uncertainty=value.uncertainty,
            if_uncovered_zero=_without_noise(value.if_uncovered_zero),
            if_uncovered_max=_without_noise(value.if_uncovered_max),
            reason=_uncovered(value, dvh),
        )
    return Measurement(value=None, reason=_REASONS[value.reason])


def _without_noise(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{SIGNIFICANT_DIGITS}g}")


def not_evaluable_words(reason: NotEvaluable) -> str:
    """Why a metric has no value, in words."""
    return _REASONS[reason]


class Measurer:
    """Measures each structure in each scope once, and tells how far it is.

    A structure is sampled once for all settings that are asked for together. Samples take megabytes, so
    every metric is evaluated when they are there, and they are let go.

    Parameters
    ----------
    metrics
        By name of structure: what will be asked of it, besides `MEDIAN` and `HOTTEST`.
    tick
        Called after each DVH that had to be made.
    """

    def __init__(self, metrics: Mapping[str, Sequence[str]], tick: Callable[[], None]) -> None:
        self._metrics = metrics
        self._tick = tick
        self._measured: dict[_Key, Measured] = {}

    def measure(
        self, structure: FoundStructure, settings: Sequence[Setting], *, with_uncertainty: bool = True
    ) -> tuple[Measured, ...]:
        """A structure in the doses of some settings.

        Parameters
        ----------
        structure
            As found.
        settings
            Those not measured before share the samples.
        with_uncertainty
            False for numbers that nothing is judged by: several times faster.
        """
        self.measure_all([(structure, settings)], with_uncertainty=with_uncertainty)
        return tuple(self._measured[_key(structure, each)] for each in settings)

    def measure_all(
        self, asked: Sequence[tuple[FoundStructure, Sequence[Setting]]], *, with_uncertainty: bool = True
    ) -> None:
        """Structures, each in the doses of some settings, several at once; all are kept, in their order.

        Parameters
        ----------
        asked
            What `measure` is given; settings that were measured before are not measured again.
        with_uncertainty
            As for `measure`.
        """
        metrics = [(MEDIAN, HOTTEST, *self._metrics.get(structure.name, ())) for structure, _ in asked]
        new = [self._new(*each) for each in asked]

        def measured(number: int) -> list[Measured]:
            settings = list(new[number].values())
            return _measured(asked[number][0], settings, metrics[number], with_uncertainty=with_uncertainty)

        for keys, found in zip(new, in_order(measured, len(asked)), strict=True):
            for key, each in zip(keys, found, strict=True):
                if key not in self._measured:
                    self._measured[key] = each
                    self._tick()

    def _new(self, structure: FoundStructure, settings: Sequence[Setting]) -> dict[_Key, Setting]:
        new = {_key(structure, each): each for each in settings}
        return {key: each for key, each in new.items() if key not in self._measured}

    def all_measured(self) -> list[tuple[str, Measured]]:
        """Everything measured so far with its scope, in the order it was asked for."""
        once = {(key.scope, key.structure, key.rois): each for key, each in reversed(self._measured.items())}
        return [(scope, each) for (scope, _, _), each in reversed(once.items())]


def _measured(
    structure: FoundStructure, settings: Sequence[Setting], metrics: Sequence[str], *, with_uncertainty: bool
) -> list[Measured]:
    """A structure in some settings: those with a dose share its samples."""
    doses = [each.dose for each in settings if each.dose is not None]
    if structure.region is None:
        return [Measured(structure, None, structure.reason) for _ in settings]
    try:
        made = dose_volume_histograms(structure.region, doses, with_uncertainty=with_uncertainty)
        return [_in_setting(structure, each, made, metrics) for each in settings]
    except EmptyStructureError:
        reason = "the structure encloses no volume"
    except DosimetryError as error:
        reason = str(error)
    return [Measured(structure, None, reason if each.dose else _obstacle(each)) for each in settings]


def _in_setting(
    structure: FoundStructure, setting: Setting, made: Iterator[Dvh], metrics: Sequence[str]
) -> Measured:
    if setting.dose is None:
        return Measured(structure, None, _obstacle(setting))
    return Measured(structure, _read(next(made), setting, metrics), "")


def _obstacle(setting: Setting) -> str:
    return setting.obstacle or "no dose"


@dataclass(frozen=True)
class _Key:
    """A structure in a dose. ROIs are told apart as such: two sets may use the same names."""

    scope: str
    structure: str
    rois: tuple[Roi, ...]
    prescription_gy: float | None


def _key(structure: FoundStructure, setting: Setting) -> _Key:
    return _Key(setting.scope, structure.name, structure.rois, setting.prescription_gy)


def _read(dvh: Dvh, setting: Setting, metrics: Iterable[str]) -> Readings:
    values = {
        metric: measurement(evaluate(parse_metric(metric), dvh, prescription_gy=setting.prescription_gy), dvh)
        for metric in dict.fromkeys(metrics)
    }
    curve = display_curve(dvh.samples.if_uncovered_zero)
    return Readings(dvh.in_grid, curve, homogeneity_index(dvh), values)


def _uncovered(value: MetricValue, dvh: Dvh) -> str:
    bounds = (value.if_uncovered_zero, value.if_uncovered_max)
    if dvh.uncovered_cc <= 0 or None in bounds or bounds[0] == bounds[1]:
        return ""
    words = f"{dvh.uncovered_cc:.3g} cc lie outside the dose grid: {bounds[0]:.6g} {value.unit}"
    return f"{words} with them at 0 Gy, {bounds[1]:.6g} at the highest dose on the face they cross"

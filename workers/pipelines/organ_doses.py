"""What the dose models need of each plan: mean doses of lungs, heart and liver, integral dose of the body."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from imaging.dicom.rt_structure import Roi
from trial_core.domain.criteria import Measurement, ScopeKind
from trial_core.domain.protocol import Protocol
from trial_core.domain.report import PlanIndex, ResultRow
from trial_core.services.dose_models import BODY, HEART, INTEGRAL, LIVER, LUNGS, MEAN
from workers.pipelines.measuring import Measurer, Setting
from workers.pipelines.plan_settings import plan_setting
from workers.pipelines.prepared_plans import PreparedPlan
from workers.pipelines.structure_lookup import FoundStructure

ORGANS = (LUNGS, HEART, LIVER)
VOLUME = "Volume[cc]"
_METRICS = {**dict.fromkeys(ORGANS, (MEAN,)), BODY: (MEAN, VOLUME)}


def organ_dose_steps(plans: Sequence[PreparedPlan]) -> int:
    """How many DVHs they take, at most."""
    return len(_METRICS) * len(plans)


def organ_doses(
    plans: Sequence[PreparedPlan],
    protocol: Protocol,
    rows: Sequence[ResultRow],
    doubts: Mapping[str, str],
    tick: Callable[[], None],
) -> dict[str, tuple[PlanIndex, ...]]:
    """Give the doses of each plan by its key, in physical dose of the plan's share.

    Parameters
    ----------
    rows
        What was measured for the criteria: a mean dose that is there is taken as it is.
    doubts
        By key of plan: why its dose is not to be believed; such a plan's doses have no value.
    tick
        Called after each DVH that had to be made.

    Notes
    -----
    For EDIC (Xu 2020, doi 10.1016/j.radonc.2020.02.015): integral dose is mean dose of the body x its volume.
    """
    return _OrganDoses(plans, protocol, rows, doubts, tick).by_plan()


class _OrganDoses:
    """Measurers of its own: the report's curves are those of the criteria.

    The uncertainty takes most of the time, and is needed only where a part lies outside the dose grid.
    """

    def __init__(
        self,
        plans: Sequence[PreparedPlan],
        protocol: Protocol,
        rows: Sequence[ResultRow],
        doubts: Mapping[str, str],
        tick: Callable[[], None],
    ) -> None:
        self._plans = plans
        self._names = {name: name for name in ORGANS} | {BODY: protocol.body or BODY}
        self._known = {rule.name for rule in protocol.structures}
        self._doubts = doubts
        metrics = {self._names[name]: each for name, each in _METRICS.items()}
        self._quick = Measurer(metrics, tick)
        self._with_uncertainty = Measurer(metrics, lambda: None)
        self._from_rows = {
            (row.plan_key, row.structure): Measurement(value=row.value, reason=row.reason)
            for row in rows
            if row.scope_kind is ScopeKind.PLAN and row.metric == MEAN
        }

    def by_plan(self) -> dict[str, tuple[PlanIndex, ...]]:
        self._measure_all()
        return {plan.key: tuple(self._of(plan)) for plan in self._plans}

    def _measure_all(self) -> None:
        """Each structure once for all plans on its structure set."""
        together: dict[tuple[str, tuple[Roi, ...]], tuple[FoundStructure, list[Setting]]] = {}
        for plan in self._plans:
            for name in self._to_measure(plan):
                found = plan.lookup.find(self._names[name])
                together.setdefault((name, found.rois), (found, []))[1].append(plan_setting(plan, None))
        self._quick.measure_all(list(together.values()), with_uncertainty=False)

    def _to_measure(self, plan: PreparedPlan) -> list[str]:
        return [
            name
            for name, here in self._names.items()
            if (plan.key, name) not in self._from_rows and here in self._known and not self._why_not(plan)
        ]

    def _why_not(self, plan: PreparedPlan) -> str:
        return plan.obstacle or self._doubts.get(plan.key, "")

    def _of(self, plan: PreparedPlan) -> Iterator[PlanIndex]:
        for name in ORGANS:
            mean = self._from_rows.get((plan.key, name)) or self._measured(plan, name, MEAN)
            yield PlanIndex(
                id=MEAN, label="Mean dose", structure=name, value=mean.value, unit="Gy", reason=mean.reason
            )
        yield self._integral(plan)

    def _integral(self, plan: PreparedPlan) -> PlanIndex:
        mean, volume = self._measured(plan, BODY, MEAN), self._measured(plan, BODY, VOLUME)
        return PlanIndex(
            id=INTEGRAL,
            label="Integral dose",
            structure=BODY,
            value=None if mean.value is None or volume.value is None else mean.value * volume.value,
            unit="Gy cc",
            reason=mean.reason,
        )

    def _measured(self, plan: PreparedPlan, name: str, metric: str) -> Measurement:
        why, here = self._why_not(plan), self._names[name]
        if why or here not in self._known:
            return Measurement(value=None, reason=why or f"the protocol has no structure {here}")
        found = plan.lookup.find(here)
        (measured,) = self._quick.measure(found, [plan_setting(plan, None)], with_uncertainty=False)
        value = measured.evaluate(metric)
        if value.value is not None or value.if_uncovered_zero is None:
            return value
        (measured,) = self._with_uncertainty.measure(found, [plan_setting(plan, None)])
        return measured.evaluate(metric)

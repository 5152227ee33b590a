"""A plan's dose as the setting that structures are measured in."""

from __future__ import annotations

from workers.pipelines.measuring import Setting
from workers.pipelines.prepared_plans import PreparedPlan
from workers.pipelines.targets import PlanTarget


def plan_setting(plan: PreparedPlan, target: PlanTarget | None) -> Setting:
    """The plan's dose; percent doses refer to the prescription of the target, else to the plan's."""
    prescription = plan.prescription_gy(target) if target else plan.plan_prescription_gy
    return Setting(plan.key, plan.dose, plan.obstacle, prescription)

"""Reads arms, phases, regimens and the general rules of a protocol file."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from trial_core.domain.protocol import (
    Arm,
    Permitted,
    Phase,
    PlausibleDose,
    Prescription,
    Range,
    Regimen,
    StoppingRule,
    StructureRule,
    SumRule,
    TargetRule,
    VerdictRule,
)
from trial_core.protocols.provenance import PROVENANCE_KEYS, read_provenance
from trial_core.protocols.section import Section

_REGIMEN_KEYS = (
    "id",
    "label",
    "required",
    "prescription",
    "permitted",
    "plan_prescribes",
    "plan_labels",
    "radiation",
    "targets",
    *PROVENANCE_KEYS,
)
_PHASE_KEYS = ("id", "label", "arms", "subjects", "stopping_rule", *PROVENANCE_KEYS)
_PERMITTED_KEYS = ("dose_gy", "fractions", "dose_per_fraction_gy")
_REGISTRATION_KEYS = ("surfaces_within_mm", "aside_within_mm")


def read_regimens(file: Section, structures: Sequence[StructureRule]) -> tuple[Regimen, ...]:
    """The regimens; their ids are unique."""
    regimens = []
    for section in file.sections("regimens", _REGIMEN_KEYS):
        regimens.append(_regimen(section, structures))
        unique(section, "id", [regimen.id for regimen in regimens])
    return tuple(regimens)


def read_arms(file: Section, regimens: Collection[str]) -> tuple[Arm, ...]:
    """The arms and what radiotherapy they get."""
    arms = []
    for section in file.sections("arms", ("id", "label", "regimens")):
        given = section.known_texts("regimens", regimens, "regimen")
        arms.append(Arm(id=section.text("id"), label=section.text("label"), regimens=given))
        unique(section, "id", [arm.id for arm in arms])
    return tuple(arms)


def read_phases(file: Section, arms: Collection[str]) -> tuple[Phase, ...]:
    """The phases with their stopping rules."""
    phases = []
    for section in file.sections("phases", _PHASE_KEYS):
        phases.append(_phase(section, arms))
        unique(section, "id", [phase.id for phase in phases])
    return tuple(phases)


def read_plausible_dose(file: Section) -> PlausibleDose:
    """The guard against per-fraction, percent and wrong-target doses."""
    section = file.section("plausible_dose", ("tolerance_percent", *PROVENANCE_KEYS))
    tolerance = section.positive("tolerance_percent")
    if tolerance >= 100:
        section.problem("tolerance_percent", f"is {tolerance:g}; at 100 and above it guards nothing")
    return PlausibleDose(tolerance_percent=tolerance, provenance=read_provenance(section))


def read_sum_rule(file: Section, regimens: Collection[str]) -> SumRule | None:
    """Whose structure set gives the organs of the sum; no such section, no sum."""
    if not file.has("sum"):
        return None
    section = file.section("sum", ("structures_from", "registration", *PROVENANCE_KEYS))
    regimen = section.known("structures_from", regimens, "regimen")
    limits = section.section("registration", _REGISTRATION_KEYS) if section.has("registration") else None
    return SumRule(
        structures_from=regimen,
        provenance=read_provenance(section),
        surfaces_within_mm=limits.optional_positive("surfaces_within_mm") if limits else None,
        aside_within_mm=limits.optional_positive("aside_within_mm") if limits else None,
    )


def read_verdict_rule(file: Section) -> VerdictRule:
    """How many acceptable variations are unacceptable."""
    section = file.section("verdict", ("variations_make_unacceptable", *PROVENANCE_KEYS))
    count = section.count("variations_make_unacceptable")
    return VerdictRule(variations_make_unacceptable=count, provenance=read_provenance(section))


def unique(section: Section, key: str, values: Sequence[str]) -> None:
    """Note a problem where the last of the values was there before."""
    if values and values[-1] and values[-1] in values[:-1]:
        section.problem(key, f"'{values[-1]}' is given twice")


def _regimen(section: Section, structures: Sequence[StructureRule]) -> Regimen:
    prescription, is_known = _prescription(section.section("prescription", ("dose_gy", "fractions")))
    regimen = Regimen(
        id=section.text("id"),
        label=section.text("label"),
        required=section.flag("required"),
        prescription=prescription,
        permitted=_permitted(section, prescription, compare=is_known),
        plan_prescribes=section.flag("plan_prescribes", default=False),
        label_patterns=section.texts("plan_labels"),
        targets=tuple(_target(each, structures) for each in section.sections("targets", _TARGET_KEYS)),
        provenance=read_provenance(section),
        radiation=section.texts("radiation", default=()),
    )
    for index, rule in enumerate(regimen.targets):
        if rule.structure and rule.structure in [each.structure for each in regimen.targets[:index]]:
            section.problem("targets", f"'{rule.structure}' is given twice")
    if regimen.id in ("sum physical", "sum EQD2"):
        section.problem("id", f"'{regimen.id}' is the name of a sum")
    return regimen


_TARGET_KEYS = ("structure", "each", "dose_gy")


def _target(section: Section, structures: Sequence[StructureRule]) -> TargetRule:
    name = section.known("structure", [rule.name for rule in structures], "structure")
    rule = next((rule for rule in structures if rule.name == name), None)
    if rule is not None and (rule.every or rule.made_from):
        section.problem(
            "structure", f"'{name}' is a group or made from others; a target is a contoured structure"
        )
    return TargetRule(
        structure=name, each=section.flag("each", default=False), dose_gy=section.optional_positive("dose_gy")
    )


def _prescription(section: Section) -> tuple[Prescription, bool]:
    """The prescription, and whether it is one: of a refused one nothing more is to be said."""
    dose_gy, fractions = section.positive("dose_gy"), section.count("fractions")
    # A fraction count that was refused reads as 1 here: nothing divides by 0 before the file is refused.
    return Prescription(dose_gy=dose_gy, fractions=max(fractions, 1)), dose_gy > 0 and fractions > 0


def _permitted(regimen: Section, default: Prescription, *, compare: bool) -> Permitted:
    exactly = Permitted(
        dose_gy=_only(default.dose_gy),
        fractions=_only(default.fractions),
        dose_per_fraction_gy=_only(default.dose_per_fraction_gy),
    )
    if not regimen.has("permitted"):
        return exactly
    section = regimen.section("permitted", _PERMITTED_KEYS)
    permitted = Permitted(**{key: _range(section, key) for key in _PERMITTED_KEYS})
    if compare and not permitted.allows(default.dose_gy, default.fractions):
        words = f"{default.dose_gy:g} Gy in {default.fractions}"
        regimen.problem("permitted", f"does not permit the regimen's own prescription of {words}")
    return permitted


def _only(value: float) -> Range:
    return Range(minimum=value, maximum=value)


def _range(permitted: Section, key: str) -> Range:
    if not permitted.has(key):
        return Range()
    section = permitted.section(key, ("minimum", "maximum"))
    low, high = section.optional_positive("minimum"), section.optional_positive("maximum")
    if low is not None and high is not None and low > high:
        section.problem("minimum", f"is {low:g}, above the maximum of {high:g}")
    return Range(minimum=low, maximum=high)


def _phase(section: Section, arms: Collection[str]) -> Phase:
    return Phase(
        id=section.text("id"),
        label=section.text("label"),
        arms=section.known_texts("arms", arms, "arm"),
        subjects=section.count("subjects") if section.has("subjects") else None,
        stopping_rule=_stopping_rule(section) if section.has("stopping_rule") else None,
        provenance=read_provenance(section),
    )


def _stopping_rule(phase: Section) -> StoppingRule:
    section = phase.section("stopping_rule", ("subjects", "event", "consequence"))
    return StoppingRule(
        subjects=section.count("subjects"),
        event=section.text("event"),
        consequence=section.text("consequence"),
    )

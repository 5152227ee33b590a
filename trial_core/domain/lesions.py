"""Lesions at baseline: which may be targets, by RECIST 1.1 (doi 10.1016/j.ejca.2008.10.026)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

LYMPH_NODES = "lymph nodes"
"""All lymph nodes are one organ."""


class LesionRole(StrEnum):
    """How a baseline lesion is followed."""

    TARGET = "target"
    NON_TARGET = "non-target"


@dataclass(frozen=True, kw_only=True)
class Lesion:
    """A lesion found at baseline.

    Attributes
    ----------
    baseline_mm
        Long axis; of a lymph node the short axis. None: not measured.
    slice_thickness_mm
        Of the baseline scan; None: not known.
    primary
        The oesophageal primary.
    irradiated_on_study
        Treated by LDRT or CFRT of this trial: it stays in the sum, flagged.
    irradiated_before, grown_since
        Irradiated before baseline, and grown since.
    """

    id: str
    organ: str
    role: LesionRole
    node: bool = False
    primary: bool = False
    baseline_mm: float | None = None
    slice_thickness_mm: float | None = None
    irradiated_on_study: bool = False
    irradiated_before: bool = False
    grown_since: bool = False

    @property
    def organ_key(self) -> str:
        """The organ as it is counted: lymph nodes are one."""
        return LYMPH_NODES if self.node else self.organ.strip().casefold()


@dataclass(frozen=True, kw_only=True)
class RecistRules:
    """What RECIST 1.1 fixes, and what this protocol adds (`primary_is_target`, intervals of table 3)."""

    most_targets: int = 5
    most_targets_an_organ: int = 2
    long_axis_mm: float = 10.0
    thin_slice_mm: float = 5.0
    node_target_mm: float = 15.0
    node_normal_below_mm: float = 10.0
    too_small_mm: float = 5.0
    primary_is_target: bool = False
    confirmation_days: int = 28
    minimum_stable_days: int = 42


@dataclass(frozen=True, kw_only=True, order=True)
class LesionProblem:
    """Why a lesion, or the choice of lesions, does not stand; `lesion` is empty for the choice as a whole."""

    lesion: str
    message: str
    action: str


def lesion_problems(lesions: Sequence[Lesion], rules: RecistRules) -> tuple[LesionProblem, ...]:
    """All that is wrong with the lesions of a baseline; empty where they stand."""
    problems = [problem for lesion in lesions for problem in _of_one(lesion, rules)]
    return tuple(sorted([*problems, *_of_all(lesions, rules)]))


def is_measurable(lesion: Lesion, rules: RecistRules) -> bool:
    """Node: short axis >= 15 mm; else long axis >= 10 mm, and twice the slices where they are thick."""
    if lesion.baseline_mm is None:
        return False
    return lesion.baseline_mm >= _least_mm(lesion, rules)


def _least_mm(lesion: Lesion, rules: RecistRules) -> float:
    if lesion.node:
        return rules.node_target_mm
    thickness_mm = lesion.slice_thickness_mm or 0.0
    return max(rules.long_axis_mm, 2 * thickness_mm if thickness_mm > rules.thin_slice_mm else 0.0)


def _of_one(lesion: Lesion, rules: RecistRules) -> Iterable[LesionProblem]:
    for name, value in (("diameter", lesion.baseline_mm), ("slice thickness", lesion.slice_thickness_mm)):
        if value is not None and not (math.isfinite(value) and value > 0):
            yield LesionProblem(
                lesion=lesion.id, message=f"has a {name} of {value:g} mm", action=f"Correct the {name}."
            )
            return
    if lesion.role is LesionRole.TARGET:
        yield from _of_a_target(lesion, rules)
    elif lesion.node and lesion.baseline_mm is not None and lesion.baseline_mm < rules.node_normal_below_mm:
        yield LesionProblem(
            lesion=lesion.id,
            message=f"is a node of {lesion.baseline_mm:g} mm short axis, which is normal",
            action="Leave it out, or correct the diameter.",
        )


def _of_a_target(lesion: Lesion, rules: RecistRules) -> Iterable[LesionProblem]:
    if not is_measurable(lesion, rules):
        size = "not measured" if lesion.baseline_mm is None else f"{lesion.baseline_mm:g} mm"
        axis = "short axis" if lesion.node else "long axis"
        yield LesionProblem(
            lesion=lesion.id,
            message=f"is not measurable: {size}, a target needs {_least_mm(lesion, rules):g} mm {axis}",
            action="Follow it as a non-target lesion, or correct the measurement.",
        )
    if not lesion.node and lesion.slice_thickness_mm is None:
        yield LesionProblem(
            lesion=lesion.id,
            message="has no slice thickness; a target is twice as long as thick slices",
            action="Enter the slice thickness of the baseline scan.",
        )
    if lesion.irradiated_before and not lesion.grown_since:
        yield LesionProblem(
            lesion=lesion.id,
            message="was irradiated before baseline and has not grown since",
            action="Follow it as a non-target lesion, or record that it has grown.",
        )
    if lesion.primary and not rules.primary_is_target:
        yield LesionProblem(
            lesion=lesion.id,
            message="is the oesophageal primary, which this protocol follows as non-target",
            action="Follow it as a non-target lesion.",
        )


def _of_all(lesions: Sequence[Lesion], rules: RecistRules) -> Iterable[LesionProblem]:
    targets = [lesion for lesion in lesions if lesion.role is LesionRole.TARGET]
    if len(targets) > rules.most_targets:
        yield _too_many(f"{len(targets)} targets; at most {rules.most_targets}")
    for organ, count in sorted(Counter(lesion.organ_key for lesion in targets).items()):
        if count > rules.most_targets_an_organ:
            yield _too_many(f"{count} targets in {organ}; at most {rules.most_targets_an_organ} an organ")
    for name, count in sorted(Counter(lesion.id for lesion in lesions).items()):
        if count > 1:
            yield LesionProblem(
                lesion=name, message=f"is given {count} times", action="Give each lesion its own name."
            )


def _too_many(message: str) -> LesionProblem:
    return LesionProblem(lesion="", message=message, action="Follow the others as non-target lesions.")

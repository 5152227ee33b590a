"""The curves of a report as a DVH shows them: their doses, names, groups, styles and axes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from trial_core.domain.criteria import ScopeKind
from trial_core.domain.report import CourseReport, Curve, ResultRow
from web.figures.theme import COLOURS, DASHES, SYMBOLS
from web.words import t

CONTOURS_OF = ", contours of "
"""Between a sum and the structure set whose contours it was judged with, where these are not its own."""

STRUCTURE_SYMBOLS = tuple(symbol for symbol in SYMBOLS if not symbol.startswith("triangle"))
"""Triangles are the criteria's; seven symbols and eight colours tell 56 structures apart."""

GLYPHS = {"circle": "●", "square": "■", "diamond": "◆", "cross": "✚", "x": "✖", "star": "★", "hexagon": "⬢"}
"""The symbols as characters, for lists beside the plot."""

SAME_VOLUME = 0.001
"""Relative: volumes of one structure sampled on two grids differ by less."""


class DoseAxis(StrEnum):
    """What the dose is shown in."""

    GY = "Gy"
    PERCENT = "%"


class VolumeAxis(StrEnum):
    """What the volume is shown in."""

    PERCENT = "%"
    CC = "cc"


class Group(StrEnum):
    """Which structures are shown at one click."""

    ALL = "all"
    NONE = "none"
    TARGETS = "targets"
    ORGANS = "organs"


@dataclass(frozen=True)
class DoseChoice:
    """One dose to plot: a plan, the physical sum, or the EQD2 sum."""

    key: str
    label: str


@dataclass(frozen=True, kw_only=True)
class DvhView:
    """What of a report is drawn, and how; `row` is the number of the criterion that is looked at."""

    doses: tuple[str, ...]
    structures: tuple[str, ...]
    dose_axis: DoseAxis = DoseAxis.GY
    volume_axis: VolumeAxis = VolumeAxis.PERCENT
    row: int | None = None


def dose_choices(report: CourseReport) -> tuple[DoseChoice, ...]:
    """List the doses that have curves, plans first, each once."""
    found: dict[str, str] = {}
    for curve in report.curves:
        found.setdefault(dose_key(curve), _dose_label(report, curve))
    return tuple(DoseChoice(key, label) for key, label in found.items())


def dose_key(item: Curve | ResultRow) -> str:
    """Name the dose of a curve or a criterion."""
    return item.plan_key if item.scope_kind is ScopeKind.PLAN and item.plan_key else item.scope_kind.value


def dose_dash(report: CourseReport, key: str) -> str:
    """Give the dash of a dose: the same for every structure."""
    keys = [choice.key for choice in dose_choices(report)]
    return DASHES[keys.index(key) % len(DASHES)]


def richest_dose(report: CourseReport) -> str:
    """Name the dose that has most structures."""
    keys = [choice.key for choice in dose_choices(report)]
    return max(keys, key=lambda key: len({curve_name(one) for one in report.curves if dose_key(one) == key}))


def sum_words(kind: ScopeKind, alpha_beta_gy: float | None) -> str:
    """Name a sum."""
    if kind is ScopeKind.SUM_EQD2 and alpha_beta_gy is not None:
        return t("Sum, EQD2 (α/β = {ratio} Gy)", ratio=f"{alpha_beta_gy:g}")
    return t("Sum, EQD2") if kind is ScopeKind.SUM_EQD2 else t("Sum, physical dose")


def curve_name(curve: Curve) -> str:
    """Name a curve: its structure, and whose contours where another set draws it otherwise."""
    return f"{curve.structure}{contours_of(curve)}"


def contours_of(item: Curve | ResultRow) -> str:
    """Give the part of a scope that says whose contours; empty where they are its own."""
    _, words, file = item.scope.partition(CONTOURS_OF)
    return words + file


def structures_of(report: CourseReport) -> tuple[str, ...]:
    """List the structures that have a curve, in the report's order."""
    return tuple(dict.fromkeys(map(curve_name, report.curves)))


def structures_in_group(report: CourseReport, group: Group) -> tuple[str, ...]:
    """List the structures of a group; targets are what a plan prescribes to."""
    targets = {
        name for plan in report.plans for one in plan.targets for name in (one.name, one.site_structure)
    }
    names = structures_of(report)
    are_targets = [name.partition(CONTOURS_OF)[0] in targets for name in names]
    match group:
        case Group.ALL:
            return names
        case Group.NONE:
            return ()
        case Group.TARGETS:
            return tuple(name for name, is_target in zip(names, are_targets, strict=True) if is_target)
        case Group.ORGANS:
            return tuple(name for name, is_target in zip(names, are_targets, strict=True) if not is_target)


def structure_style(report: CourseReport, structure: str) -> tuple[str, str]:
    """Give colour and symbol of a structure: the same in every dose."""
    names = structures_of(report)
    index = names.index(structure) if structure in names else 0
    return COLOURS[index % len(COLOURS)], STRUCTURE_SYMBOLS[index % len(STRUCTURE_SYMBOLS)]


def curve_of(report: CourseReport, row: ResultRow) -> str | None:
    """Name the curve of a criterion: by the protocol's name, or a target's by its own name in the files."""
    names = (row.structure, row.site_structures[0] if len(row.site_structures) == 1 else row.structure)
    known = structures_of(report)
    return next((full for name in names if (full := name + contours_of(row)) in known), None)


def percent_of_gy(report: CourseReport, item: Curve | ResultRow) -> float | None:
    """Give percent of the plan's prescription per Gy; a sum of plans has no one prescription."""
    known = {plan.key: plan.prescription_gy for plan in report.plans}
    prescription_gy = known.get(item.plan_key or "") if item.scope_kind is ScopeKind.PLAN else None
    return 100 / prescription_gy if prescription_gy else None


def volume_of_row_cc(report: CourseReport, row: ResultRow) -> float | None:
    """Give the volume of a criterion's structure; None where it is not known for certain."""
    same = [
        one for one in report.structures if (one.name, one.site_names) == (row.structure, row.site_structures)
    ]
    return _one_volume(row, [(one.scope, one.volume_cc) for one in same])


def volume_of_curve_cc(report: CourseReport, curve: Curve) -> float | None:
    """Give the volume of a curve's structure; None where it is not known for certain."""
    same = [
        one
        for one in report.structures
        if curve.structure == one.name or (curve.structure,) == one.site_names
    ]
    return _one_volume(curve, [(one.scope, one.volume_cc) for one in same])


def _one_volume(item: Curve | ResultRow, found: Iterable[tuple[str, float | None]]) -> float | None:
    """Take the volume in the item's own scope; elsewhere it counts where all scopes agree."""
    known = [(scope, volume_cc) for scope, volume_cc in found if volume_cc]
    volumes = [cc for scope, cc in known if scope == item.scope] or [cc for _, cc in known]
    return volumes[0] if volumes and max(volumes) - min(volumes) <= SAME_VOLUME * max(volumes) else None


def _dose_label(report: CourseReport, curve: Curve) -> str:
    labels = {plan.key: plan.label for plan in report.plans}
    return labels.get(curve.plan_key or "") or sum_words(curve.scope_kind, None)

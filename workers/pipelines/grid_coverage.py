"""Findings on structures that leave a dose grid: how much, how far, of which plan, and what that means."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dosimetry.accumulation.point_sum import Dose
from dosimetry.dvh import dose_volume_histograms
from dosimetry.sampling.collecting import RegionInGrid
from imaging.findings import Finding, FindingCode, error, info, warning
from trial_core.domain.protocol import Protocol
from workers.pipelines.measuring import Measurer
from workers.pipelines.prepared_plans import PreparedPlan
from workers.pipelines.structure_lookup import FoundStructure
from workers.pipelines.sums import CourseSum

_EXPORT_LARGER = "Export this dose on a grid that covers the structure."


@dataclass(frozen=True)
class GridOf:
    """Whose dose grid it is: its file, and the plan's label where there is a plan to name."""

    file: str | None
    plan: str | None = None

    @property
    def words(self) -> str:
        """The grid in a sentence."""
        return "the dose grid" if self.plan is None else f"the dose grid of plan '{self.plan}'"


def grid_finding(
    structure: str, dvh: RegionInGrid, grid: GridOf, *, others_cover: bool = False, judged: bool = True
) -> Finding | None:
    """What must be said of a structure in one dose grid; None where it lies within the voxel centres.

    Parameters
    ----------
    structure
        Its name.
    dvh
        Of the structure in that dose alone.
    grid
        Whose grid it is.
    others_cover
        Part of a sum whose other grids hold some of the structure: wholly outside this one, it still has
        bounds.
    judged
        False for what stands beside the criteria (BODY leaves most dose grids): worth a note, no warning.
    """
    if dvh.wholly_outside and not others_cover:
        return _wholly_outside(structure, dvh, grid, error if judged else info)
    if dvh.uncovered_cc > 0:
        return _partly_outside(structure, dvh, grid, warning if judged else info)
    if dvh.beyond_centres_cc > 0:
        return _beyond_centres(structure, dvh, grid)
    return None


def course_grid_findings(
    protocol: Protocol, plans: Sequence[PreparedPlan], total: CourseSum | None, measurer: Measurer
) -> list[Finding]:
    """What must be said of all structures measured so far, in each plan and each part of the sum."""
    by_key = {plan.key: plan for plan in plans}
    judged = {rule.name for rule in protocol.structures}
    said: dict[_Part, Finding | None] = {}
    for part, in_grid in _parts(measurer, total, by_key):
        said.setdefault(
            part,
            grid_finding(
                _name(part.structure),
                in_grid,
                _grid_of(part.plan),
                others_cover=part.others_cover,
                judged=part.structure.name in judged,
            ),
        )
    return [found for found in said.values() if found]


@dataclass(frozen=True)
class _Part:
    """A structure in one plan's dose; `others_cover`: wholly outside it, and partly inside another's."""

    structure: FoundStructure
    plan: PreparedPlan
    others_cover: bool = False


_PartInGrid = tuple[_Part, RegionInGrid]


def _parts(
    measurer: Measurer, total: CourseSum | None, by_key: Mapping[str, PreparedPlan]
) -> Iterator[_PartInGrid]:
    in_sum: set[FoundStructure] = set()
    for scope, measured in measurer.all_measured():
        structure = measured.structure
        if measured.readings is None:
            continue
        if scope in by_key:
            yield _Part(structure, by_key[scope]), measured.readings.in_grid
        elif total is not None and structure not in in_sum:
            in_sum.add(structure)  # physical and EQD2 meet the same grids
            yield from _parts_of_sum(structure, measured.readings.in_grid, total, by_key)


def _parts_of_sum(
    structure: FoundStructure, whole: RegionInGrid, total: CourseSum, by_key: Mapping[str, PreparedPlan]
) -> Iterator[_PartInGrid]:
    """A sum tells what any plan leaves uncovered, and not which: the structure in each plan's dose alone."""
    if structure.region is None or whole.beyond_centres_cc <= 0:
        return
    own = _sum_of(structure, total)
    doses = [Dose((layer,)) for layer in own.layers]
    alone = dose_volume_histograms(structure.region, doses, with_uncertainty=False)
    for described, dvh in zip(own.described, alone, strict=True):
        others_cover = dvh.wholly_outside and not whole.wholly_outside
        yield _Part(structure, by_key[described.plan_key], others_cover), dvh.in_grid


def _sum_of(structure: FoundStructure, total: CourseSum) -> CourseSum:
    """The sum in whose structure set a structure was found: each places the doses for its own frame."""
    own = (each for each in total.beside if each.lookup and each.lookup.find(structure.name) is structure)
    return next(own, total)


_Kind = Callable[..., Finding]


def _wholly_outside(structure: str, dvh: RegionInGrid, grid: GridOf, kind: _Kind) -> Finding:
    return kind(
        FindingCode.STRUCTURE_OUTSIDE_GRID,
        f"The structure ({_cc(dvh.volume_cc)} cc) lies wholly outside {grid.words}: it has a volume and "
        "no dose there. Nothing of it is evaluable by this dose alone, and it is never taken as 0 Gy",
        action=_EXPORT_LARGER,
        file=grid.file,
        structure=structure,
    )


def _partly_outside(structure: str, dvh: RegionInGrid, grid: GridOf, kind: _Kind) -> Finding:
    part, each = ("wholly", "in the sum each") if dvh.wholly_outside else ("partly", "each")
    return kind(
        FindingCode.STRUCTURE_OUTSIDE_GRID,
        f"The structure lies {part} outside {grid.words}: {_cc(dvh.uncovered_cc)} of {_cc(dvh.volume_cc)} cc "
        f"are more than half a voxel past its outermost voxel centres. Their dose is not known: {each} "
        "metric is taken with them at 0 Gy and at the highest dose on the face they cross",
        action=_EXPORT_LARGER,
        file=grid.file,
        structure=structure,
    )


def _beyond_centres(structure: str, dvh: RegionInGrid, grid: GridOf) -> Finding:
    return info(
        FindingCode.STRUCTURE_BEYOND_GRID,
        f"The structure reaches past the outermost voxel centres of {grid.words}: {_reach(dvh)}; "
        f"{_cc(dvh.beyond_centres_cc)} cc in all, none of it by more than half a voxel. The dose at the edge "
        "counts there",
        file=grid.file,
        structure=structure,
    )


def _reach(dvh: RegionInGrid) -> str:
    """Contours and the volume between and past them reach differently far: both are said."""
    ends = (
        f"{dvh.beyond_centres_mm:.2f} mm with the half plane distance that a solid ends past its last contour"
    )
    if dvh.outline_beyond_centres_mm <= 0:
        return f"its contours do not, its volume does by {ends}"
    return f"its contours by {dvh.outline_beyond_centres_mm:.2f} mm, its volume by {ends}"


def _cc(volume: float) -> str:
    return f"{volume:.0f}" if volume >= 1000 else f"{volume:.4g}"


def _name(structure: FoundStructure) -> str:
    """The ROI's name; that of the protocol where the structure is made from several."""
    return structure.site_names[0] if len(structure.site_names) == 1 else structure.name


def _grid_of(plan: PreparedPlan) -> GridOf:
    dose = plan.assigned.linked.dose
    return GridOf(dose.files[0] if dose and dose.files else None, plan.label)

"""From a course and a protocol to the report with verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from imaging.course import Course, read_course
from imaging.findings import Finding
from imaging.intake import take_in
from trial_core.code_version import code_version
from trial_core.domain.given_names import SaidName, names_input
from trial_core.domain.jobs import Stage
from trial_core.domain.persons_word import AcceptedWord
from trial_core.domain.protocol import Protocol
from trial_core.domain.report import (
    CourseReport,
    DeliveryFact,
    OpenItem,
    PlanCheckResult,
    PlanIndex,
    PlanReport,
    ResultRow,
    SumReport,
)
from trial_core.domain.verdict import Judgement, judge_together
from workers.pipelines.approvals import approval_findings
from workers.pipelines.checked_course import CheckedCourse
from workers.pipelines.course_obstacles import course_obstacles, mixed_patients
from workers.pipelines.criterion_results import CriterionResults
from workers.pipelines.delivery import delivery_of, fractions_given
from workers.pipelines.grid_coverage import course_grid_findings
from workers.pipelines.measuring import Measurer
from workers.pipelines.missing_structures import missing_structures
from workers.pipelines.named_structures import named_structures
from workers.pipelines.organ_doses import organ_dose_steps, organ_doses
from workers.pipelines.plan_checks import check_plan
from workers.pipelines.plausibility import Plausibility, explained, plausibility
from workers.pipelines.prepared_plans import PreparedPlan, prepare_plans
from workers.pipelines.prescription_findings import prescription_findings
from workers.pipelines.report_assembly import (
    curves,
    findings_as_json,
    input_files,
    plan_report,
    structure_reports,
)
from workers.pipelines.reviewed_placement import Placing
from workers.pipelines.sets_apart import sets_apart
from workers.pipelines.structure_doubts import structure_doubts
from workers.pipelines.sum_contours import contour_findings
from workers.pipelines.sum_parts import against_parts
from workers.pipelines.sums import CourseSum, sum_of_course
from workers.pipelines.target_indices import measure_outside, plan_indices
from workers.pipelines.unjudged_targets import unjudged_targets
from workers.pipelines.untreated_targets import untreated_targets
from workers.pipelines.unused_objects import unused_findings

Progress = Callable[[str, int, int], None]
"""Takes a `Stage`, the steps of it that are done and its steps in all."""


def check_paths(
    paths: Iterable[Path], protocol: Protocol, scratch: Path, progress: Progress | None = None
) -> CourseReport:
    """Take in, read and check what a user hands over.

    Parameters
    ----------
    paths
        Folders, ZIP archives and single files.
    protocol
        What to judge by.
    scratch
        An existing, private folder for inflated archives; the caller removes it.
    progress
        Called as `progress(stage, done, total)`.
    """
    tell = progress or _tell_nobody
    given = list(paths)
    tell(Stage.TAKING_IN, 0, len(given))
    intake = take_in(given, scratch)
    tell(Stage.READING, 0, len(intake.files))
    course = read_course(intake)
    tell(Stage.READING, len(intake.files), len(intake.files))
    return check_course(course, protocol, progress=progress)


def check_course(
    course: Course,
    protocol: Protocol,
    *,
    accepted: Sequence[AcceptedWord] = (),
    progress: Progress | None = None,
) -> CourseReport:
    """Check a course that `imaging` has read.

    Parameters
    ----------
    accepted
        What people said to open items of an earlier check: it counts for exactly these items.

    Notes
    -----
    Never raises for what is in the files: what cannot be evaluated is said in the report, with its reason.
    """
    return check_with_doses(course, protocol, accepted=accepted, progress=progress).report


def check_with_doses(
    course: Course,
    protocol: Protocol,
    *,
    accepted: Sequence[AcceptedWord] = (),
    names: Sequence[SaidName] = (),
    progress: Progress | None = None,
) -> CheckedCourse:
    """Check a course as `check_course` does, and give the doses and structures along with the report.

    `names`: what people said that structures of these files are; an input of the report as the files are.
    """
    named = protocol.with_names(one.name for one in names)
    check = _Check(course, named, progress or _tell_nobody, accepted, names)
    report = check.report()
    return CheckedCourse(course, named, check.plans, check.total, report)


class _Check:
    """One check: the parts in the order in which they need each other."""

    def __init__(
        self,
        course: Course,
        protocol: Protocol,
        tell: Progress,
        accepted: Sequence[AcceptedWord],
        names: Sequence[SaidName],
    ) -> None:
        self.course = course
        self.names = names
        self.accepted = accepted
        self.items: list[OpenItem] = []
        self.total: CourseSum | None = None
        self.protocol = protocol
        self.tell = tell
        self.plans, self.findings = prepare_plans(course, protocol)
        self.findings += [each for plan in self.plans for each in prescription_findings(plan)]
        self.given, said = fractions_given(course)
        self.findings += said
        self.untreated = untreated_targets(self.plans, protocol)
        self.obstacles = course_obstacles(course, protocol, self.plans, self.untreated)
        self.organs: dict[str, tuple[PlanIndex, ...]] = {}
        self._steps_done = 0
        self._steps = _steps(protocol, self.plans)

    def report(self) -> CourseReport:
        measurer = Measurer(_metrics_asked(self.protocol), self._step)
        self.tell(Stage.MEASURING, 0, self._steps)
        guards = {
            plan.key: explained(plausibility(plan, self.protocol, measurer), plan, self.accepted)
            for plan in self.plans
        }
        self.items += [guard.item for guard in guards.values() if guard.item]
        doubts = {key: guard.doubt for key, guard in guards.items() if guard.doubt}
        self.total = total = self._sum(doubts)
        rows = self._rows(total, doubts, measurer)
        measure_outside(self.plans, self.protocol, measurer, doubts)
        self.organs = organ_doses(self.plans, self.protocol, rows, doubts, self._step)
        checks = {plan.key: check_plan(plan, self.course, self.protocol) for plan in self.plans}
        plans = tuple(
            self._plan(plan, guards[plan.key], rows, checks[plan.key], measurer) for plan in self.plans
        )
        self.tell(Stage.MEASURING, self._steps, self._steps)
        self.tell(Stage.JUDGING, 0, 1)
        everything = [each for plan in self.plans for each in checks[plan.key]]
        judgement = self._judge(rows, everything, self._why_no_course(doubts, total))
        self._find(guards.values())
        self.findings += course_grid_findings(self.protocol, self.plans, total, measurer)
        self.tell(Stage.JUDGING, 1, 1)
        return self._put_together(judgement, plans, rows, total, measurer)

    def _put_together(
        self,
        judgement: Judgement,
        plans: tuple[PlanReport, ...],
        rows: tuple[ResultRow, ...],
        total: CourseSum | None,
        measurer: Measurer,
    ) -> CourseReport:
        return CourseReport(
            protocol=self.protocol.reference,
            code_version=code_version(),
            inputs=(*input_files(self.course), *names_input([one.name for one in self.names])),
            verdict=judgement.verdict,
            reasons=judgement.reasons,
            plans=plans,
            results=rows,
            counted=judgement.counted,
            sums=_sum_reports(self.protocol, total),
            structures=structure_reports(self.protocol, self.plans, total, measurer),
            delivery=self._delivery(),
            findings=findings_as_json([*self.course.findings, *self._beside_refusals()]),
            curves=curves(self.plans, self.protocol, total, measurer),
            open_items=tuple(self.items),
        )

    def _step(self) -> None:
        self._steps_done += 1
        self.tell(Stage.MEASURING, min(self._steps_done, self._steps), self._steps)

    def _sum(self, doubts: dict[str, str]) -> CourseSum | None:
        obstacles = [each.words for each in self.obstacles]
        placing = Placing(self.course, self.accepted, self.protocol.sum_rule)
        total, said = sum_of_course(
            self.course, self.protocol, self.plans, doubts=doubts, obstacles=obstacles, placing=placing
        )
        self.items += placing.items
        self.findings += said
        return total

    def _rows(
        self, total: CourseSum | None, doubts: dict[str, str], measurer: Measurer
    ) -> tuple[ResultRow, ...]:
        results = CriterionResults(
            self.protocol,
            self.plans,
            total,
            doubts,
            measurer,
            untreated=self.untreated,
            no_course="; ".join(mixed_patients(self.course)),
        )
        rows, said = against_parts(results.rows())
        self.findings += [*contour_findings(self.course, self.protocol, total), *said]
        return rows

    def _plan(
        self,
        plan: PreparedPlan,
        guard: Plausibility,
        rows: Sequence[ResultRow],
        checks: tuple[PlanCheckResult, ...],
        measurer: Measurer,
    ) -> PlanReport:
        own = [row for row in rows if row.plan_key == plan.key]
        obstacles = [each for each in (plan.obstacle, guard.doubt, *mixed_patients(self.course)) if each]
        indices = (*plan_indices(plan, self.protocol, measurer, guard.doubt), *self.organs[plan.key])
        return plan_report(plan, guard.targets, checks, indices, self._judge(own, checks, obstacles))

    def _judge(
        self, rows: Sequence[ResultRow], checks: Sequence[PlanCheckResult], obstacles: Sequence[str]
    ) -> Judgement:
        return judge_together(rows, checks, self.protocol.verdict_rule, obstacles=obstacles)

    def _why_no_course(self, doubts: Mapping[str, str], total: CourseSum | None) -> list[str]:
        """Each of them makes the course not evaluable; the sum only where nothing else explains it."""
        plans = [(plan.label, doubts.get(plan.key), plan.share) for plan in self.plans]
        reasons = [each.words for each in self.obstacles]
        reasons += [f"plan '{label}': {doubt}" for label, doubt, _ in plans if doubt]
        reasons += [share.problem for _, _, share in plans if share and share.problem]
        if not reasons and total is not None and total.reason:
            reasons.append(f"the sum is not evaluable: {total.reason}")
        return list(dict.fromkeys(reasons))

    def _find(self, guards: Iterable[Plausibility]) -> None:
        lookups = list(dict.fromkeys(plan.lookup for plan in self.plans))
        self.findings += [finding for guard in guards for finding in guard.findings]
        self.findings += [finding for lookup in lookups for finding in lookup.findings()]
        self.findings += named_structures(self.names, self.course, self.protocol)
        self.findings += [each.finding for each in self.obstacles if each.finding]
        said = {finding.structure for finding in self.findings}
        self.findings += unjudged_targets(self.plans, self.protocol, said)
        self.findings += missing_structures(self.plans, self.protocol)
        self.findings += structure_doubts(self.plans, self.protocol)
        self.findings += sets_apart(self.plans, self.protocol)
        self.findings += [*unused_findings(self.course), *approval_findings(self.course)]

    def _beside_refusals(self) -> list[Finding]:
        """What the check found; nothing where no file could be used: the refusals say it all."""
        nothing_read = not self.plans and not any(file.used for file in self.course.files)
        return [] if nothing_read and self.course.findings else self.findings

    def _delivery(self) -> tuple[DeliveryFact, ...]:
        facts = (delivery_of(plan, self.course, self.given) for plan in self.plans)
        return tuple(fact for fact in facts if fact is not None)


def _tell_nobody(_stage: str, _done: int, _total: int) -> None:
    return None


def _metrics_asked(protocol: Protocol) -> dict[str, tuple[str, ...]]:
    """What the protocol's criteria ask of each structure."""
    names = dict.fromkeys(criterion.structure for criterion in protocol.criteria)
    return {
        name: tuple(each.metric for each in protocol.criteria if each.structure == name) for name in names
    }


def _steps(protocol: Protocol, plans: Sequence[PreparedPlan]) -> int:
    """How many DVHs there are to make, at most."""
    scopes = {(criterion.structure, scope) for criterion in protocol.criteria for scope in criterion.scopes}
    return len(scopes) + sum(len(plan.targets) + 1 for plan in plans) + organ_dose_steps(plans)


def _sum_reports(protocol: Protocol, total: CourseSum | None) -> tuple[SumReport, ...]:
    if total is None:
        return ()
    eqd2 = {
        protocol.structure(criterion.structure).alpha_beta_gy
        for criterion in protocol.criteria
        if any(scope.kind.value == "sum EQD2" for scope in criterion.scopes)
    }
    betas = sorted(beta for beta in eqd2 if beta is not None)
    return tuple(total.report(beta) for beta in (None, *betas))

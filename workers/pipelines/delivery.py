"""What the treatment records say was delivered, beside what was planned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from imaging.course import Course
from imaging.dicom.rt_plan import RtPlan
from imaging.findings import Finding, FindingCode, warning
from trial_core.domain.delivered_fractions import DeliveredFraction, delivered_fractions
from trial_core.domain.queries import Query, QueryCode
from trial_core.domain.report import DeliveryFact
from workers.pipelines.prepared_plans import PreparedPlan
from workers.pipelines.submitted_course import beam_records

Given = Mapping[str, Sequence[DeliveredFraction]]
"""By SOP Instance UID of a plan: its delivered fractions, by number."""

_COMPARE = "Compare with the record-and-verify system."
_SAID_OF_THE_FILE = (QueryCode.DELIVERY_TYPE, QueryCode.FRACTION_NUMBER)
"""What the reader of a record has noted already, with the file and its element."""


def fractions_given(course: Course) -> tuple[Given, list[Finding]]:
    """Join the records of a course as the patient's record does, and say what is partial or contradictory."""
    plans = {linked.plan.sop_instance_uid: linked.plan for linked in course.plans}
    own = [record for record in beam_records(course) if record.plan in plans]
    beams = {uid: plan.fraction_beams for uid, plan in plans.items()}
    fractions, queries = delivered_fractions(own, beams)
    given = {uid: _of(uid, fractions) for uid in plans}
    findings = [_asked(query, plans) for query in queries if query.code not in _SAID_OF_THE_FILE]
    return given, findings + [each for uid, plan in plans.items() for each in _doubts(plan, given[uid])]


def delivery_of(plan: PreparedPlan, course: Course, given: Given) -> DeliveryFact | None:
    """Fractions of one plan by its records; None where no record names the plan.

    Delivered dose = planned x delivered / planned fractions; a partial fraction counts and is named.
    """
    uid = plan.assigned.plan.sop_instance_uid
    if not any(record.plan_uid == uid for record in course.records):
        return None
    delivered = given.get(uid, ())
    partial = [each.fraction for each in delivered if each.partial]
    return DeliveryFact(
        plan_key=plan.key,
        planned_fractions=plan.assigned.planned_fractions,
        delivered_fractions=len(delivered),
        partial_fractions=len(partial),
        delivered_gy=_delivered_gy(plan, len(delivered)),
        message=_message(plan, len(delivered), partial),
    )


def _of(uid: str, fractions: Sequence[DeliveredFraction]) -> list[DeliveredFraction]:
    return sorted((each for each in fractions if each.plan == uid), key=lambda each: each.fraction)


def _asked(query: Query, plans: Mapping[str, RtPlan]) -> Finding:
    """A query of the record as a finding of the check; the plan is named by its file."""
    uid, _, rest = query.about.removeprefix("plan ").partition(", ")
    plan = plans.get(uid)
    about = rest if plan else query.about
    message = f"{about[:1].upper()}{about[1:]}: {query.message}."
    code = FindingCode.RECORD_CONTRADICTORY
    return warning(code, message, action=query.action, file=plan.file if plan else None)


def _doubts(plan: RtPlan, delivered: Sequence[DeliveredFraction]) -> Iterator[Finding]:
    """Which fractions are partial, and whether more were delivered than planned."""
    if partial := [str(each.fraction) for each in delivered if each.partial]:
        message = f"Fraction {', '.join(partial)} was delivered in part only."
        yield warning(FindingCode.RECORD_PARTIAL, message, action=_COMPARE, file=plan.file)
    planned = plan.planned_fractions
    if planned is not None and any(each.fraction > planned for each in delivered):
        message = f"Records tell of fraction {delivered[-1].fraction}, but the plan has {planned}."
        yield warning(FindingCode.RECORD_CONTRADICTORY, message, action=_COMPARE, file=plan.file)


def _delivered_gy(plan: PreparedPlan, delivered: int) -> float | None:
    planned_gy, planned = _planned_gy(plan), plan.assigned.planned_fractions
    return None if planned_gy is None or not planned else planned_gy * delivered / planned


def _planned_gy(plan: PreparedPlan) -> float | None:
    """What the plan itself states, of several doses the highest; the protocol's where it states none.

    With other fractions than the protocol's, what a plan that states nothing gives is not known.
    """
    stated = [target.stated_gy for target in plan.targets if target.stated_gy is not None]
    if stated:
        return max(stated)
    share, prescription = plan.share, plan.plan_prescription_gy
    if share is None or prescription is None or share.weight == 0:
        return None
    whole = share.fractions / share.weight
    return prescription / share.weight if plan.assigned.planned_fractions == round(whole) else None


def _message(plan: PreparedPlan, delivered: int, partial: Sequence[int]) -> str:
    expected = plan.share.fractions if plan.share else None
    words = [f"partial: {', '.join(map(str, partial))}"] if partial else []
    if expected is not None and delivered > expected:
        words.append(f"more than the {expected} fractions that this plan is to give")
    return "; ".join(words)

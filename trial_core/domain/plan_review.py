"""Review of a checked course and the decision on it: what people state, and what a decision needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from trial_core.domain.criteria import Verdict
from trial_core.domain.report import CourseReport


class ReviewForm(StrEnum):
    """Kinds of forms about a submission; the value is the form's kind on record."""

    REVIEW = "plan review"  # PlanReview; occasion: the submission's id, a slash, the discipline
    DECISION = "plan decision"  # PlanDecision; occasion: the submission's id
    WORD = "plan statement"  # persons_word.PersonsWord; occasion: the submission's id, a slash, the item


class Discipline(StrEnum):
    """As what somebody reviews; a decision needs one review of each, by two people."""

    ONCOLOGY = "radiation oncology"
    PHYSICS = "medical physics"


class ReviewOutcome(StrEnum):
    """What a reviewer comes to."""

    NO_OBJECTION = "no objection"
    OBJECTION = "objection"


class DecisionOutcome(StrEnum):
    """What is decided of a submission."""

    PER_PROTOCOL = "accepted per protocol"
    WITH_VARIATION = "accepted with variation"
    REJECTED = "rejected: resubmit"

    @property
    def accepts(self) -> bool:
        """Whether a patient may be treated so."""
        return self is not DecisionOutcome.REJECTED


@dataclass(frozen=True, kw_only=True)
class ItemComment:
    """A comment on one item of the report (`review_items`)."""

    item: str
    words: str


@dataclass(frozen=True, kw_only=True)
class PlanReview:
    """One reviewer's statement about one content of a submission.

    Attributes
    ----------
    judged_sha256
        The content: the report's hash without the version of the code.
    not_contoured
        "If present" structures that are not contoured, and that the reviewer confirms to be absent.
    """

    submission_id: str
    discipline: Discipline
    judged_sha256: str
    outcome: ReviewOutcome
    comments: tuple[ItemComment, ...] = ()
    not_contoured: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PlanDecision:
    """The decision on one content of a submission, beside the verdict that the program gave."""

    submission_id: str
    judged_sha256: str
    verdict: Verdict
    outcome: DecisionOutcome
    reason: str


@dataclass(frozen=True, kw_only=True)
class StandingReview:
    """A review that is signed and holds for the content as it is now; `logins` of who signed it."""

    review: PlanReview
    logins: frozenset[str]


_EXPECTED = {
    Verdict.PER_PROTOCOL: DecisionOutcome.PER_PROTOCOL,
    Verdict.ACCEPTABLE_VARIATION: DecisionOutcome.WITH_VARIATION,
    Verdict.UNACCEPTABLE_DEVIATION: DecisionOutcome.REJECTED,
    Verdict.NOT_EVALUABLE: DecisionOutcome.REJECTED,
}


def not_contoured(report: CourseReport) -> tuple[str, ...]:
    """Structures that the protocol asks for if present, and that nobody drew in a plan or in the sum."""
    return tuple(sorted({row.structure for row in report.results if row.verdict is Verdict.NOT_CONTOURED}))


def review_items(report: CourseReport) -> tuple[str, ...]:
    """What a comment can be about: the course, a plan, one of its checks, a result, a structure."""
    items = ["course"]
    for plan in report.plans:
        items.append(plan.key)
        items += [f"{plan.key}: {check.id}" for check in plan.checks]
    items += [f"result {row.number}" for row in report.results]
    return tuple(dict.fromkeys([*items, *(f"structure {each.name}" for each in report.structures)]))


def review_problems(review: PlanReview, report: CourseReport) -> tuple[str, ...]:
    """Why a review cannot be entered, each in words; nothing where it can."""
    return tuple(_review_problems(review, report))


def _review_problems(review: PlanReview, report: CourseReport) -> Iterator[str]:
    items = review_items(report)
    for comment in review.comments:
        if comment.item not in items:
            yield f"there is no item {comment.item!r} in this report. Comment on one that is there"
        if not comment.words.strip():
            yield f"the comment on {comment.item!r} is empty. Write it, or leave it out"
    for name in sorted(set(review.not_contoured) - set(not_contoured(report))):
        yield f"{name!r} is not among the structures that are not contoured. Look at the report anew"
    if review.outcome is ReviewOutcome.OBJECTION and not review.comments:
        yield "an objection needs a comment that says what it is"


def decision_problems(
    decision: PlanDecision, report: CourseReport, reviews: Sequence[StandingReview]
) -> tuple[str, ...]:
    """What a decision lacks, each in words; nothing where it can be made."""
    missing = [
        f"no signed review of this content in {each.value}"
        for each in Discipline
        if not any(one.review.discipline is each for one in reviews)
    ]
    if len(reviews) > 1 and len(frozenset().union(*(one.logins for one in reviews))) < len(reviews):
        missing.append("one person reviewed in both disciplines; a second person must")
    if not decision.reason.strip():
        missing.append("a reason")
    if decision.outcome.accepts:
        confirmed = {name for one in reviews for name in one.review.not_contoured}
        left = [name for name in not_contoured(report) if name not in confirmed]
        missing += [f"no reviewer confirmed that {', '.join(left)} is absent"] if left else []
    return tuple(missing)


def contradictions(decision: PlanDecision, reviews: Iterable[StandingReview]) -> tuple[str, ...]:
    """What a decision goes against: the automatic verdict, or a reviewer; shown wherever it is."""
    found = []
    if decision.outcome is not _EXPECTED[decision.verdict]:
        found.append(f"'{decision.outcome}' although the automatic verdict is '{decision.verdict}'")
    if decision.outcome.accepts:
        found += [
            f"'{decision.outcome}' although the reviewer in {each.review.discipline} objects"
            for each in reviews
            if each.review.outcome is ReviewOutcome.OBJECTION
        ]
    return tuple(found)

"""What a patient's record says of a printed report: whether it counts, who reviewed and decided, by what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from trial_core.domain.access import Role
from trial_core.domain.plan import SubmissionState, SubmissionView
from trial_core.domain.plan_review import DecisionOutcome, Discipline, ReviewOutcome
from trial_core.domain.report import CourseReport
from trial_core.domain.signing import Meaning, SignedState
from trial_core.services.plan_decision import DecisionView, SignedReview
from trial_core.services.signed_report import SignedReport
from workers.reports.marks import Mark
from workers.reports.pdf.parts import Band, Box, Fact
from workers.reports.pdf.words import Words

_REVIEWED = {ReviewOutcome.NO_OBJECTION: "met", ReviewOutcome.OBJECTION: "unacceptable"}
_DECIDED = {
    DecisionOutcome.PER_PROTOCOL: "met",
    DecisionOutcome.WITH_VARIATION: "variation",
    DecisionOutcome.REJECTED: "unacceptable",
}


@dataclass(frozen=True, kw_only=True)
class Record:
    """A report's place on the record.

    Attributes
    ----------
    signed
        None before anybody could have signed.
    newer_version
        Of the subject's plans; None where the report is of the newest.
    synthetic
        The whole installation is a demonstration.
    """

    view: SubmissionView
    signed: SignedReport | None
    newer_version: int | None
    synthetic: bool

    @property
    def decision(self) -> DecisionView | None:
        """The decision on the submission, where there is one."""
        return None if self.signed is None else self.signed.state.decision


def bands(record: Record | None, words: Words) -> list[Band]:
    """Give what every page says of the verdict at its top."""
    return list(_bands(record, words))


def standing_box(record: Record | None, words: Words) -> Box | None:
    """Give the decision in two lines, to stand beside the verdict."""
    if record is None:
        return None
    decision = record.decision
    if decision is None:
        return Box(words.say("Decision"), Mark(words.say("Not decided yet"), "absent"))
    signers = [_signed_by(each, words) for each in decision.signatures]
    return Box(words.say("Decision"), _decision_mark(decision, words), lines=signers)


def signed_boxes(report: CourseReport, record: Record, words: Words) -> list[Box]:
    """Give reviews and decision with every signature on them."""
    found = () if record.signed is None else record.signed.state.reviews
    by_discipline = {each.review.discipline: each for each in found}
    boxes = [_review_box(report, record, one, by_discipline.get(one), words) for one in Discipline]
    return [*boxes, _decision_box(record, words)]


def submission_facts(record: Record, words: Words) -> list[Fact]:
    """Give who handed what over and when, and by which hashes it is known."""
    say, summary = words.say, record.view.summary
    result = None if record.signed is None else record.signed.state.result
    facts = [
        Fact(say("Subject"), summary.subject_code),
        Fact(say("Site"), summary.site_code),
        Fact(say("Version"), str(summary.version)),
        Fact(say("Submission"), summary.submission_id, mono=True),
        Fact(say("Submitted by"), summary.submitter_name),
        Fact(say("Submitted"), moment(summary.submitted_at)),
    ]
    if result is not None:
        facts.append(Fact(say("Checked"), moment(result.created_at)))
        facts.append(Fact(say("Content that is signed (SHA-256)"), result.judged_sha256, mono=True))
    return facts


def moment(at: datetime | None) -> str:
    """Give a moment in UTC and say so."""
    return "–" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"


def _bands(record: Record | None, words: Words) -> Iterator[Band]:
    say = words.say
    if record is None:
        yield Band(
            "absent", say("On no trial's record: a check by itself, without subject, review or signature.")
        )
        return
    if record.synthetic:
        yield Band(
            "absent", say("Synthetic demonstration: every subject, person, date and file in it is made up.")
        )
    yield from _state_bands(record.view.summary.state, words)
    if record.newer_version is not None:
        yield Band(
            "variation", say("Not the newest: version {newer} replaced this one.", newer=record.newer_version)
        )
    decision = record.decision
    if decision is not None and not decision.holds:
        yield Band("variation", say("The decision is void: the content was changed after it."))
    elif decision is not None and decision.decision.outcome is DecisionOutcome.REJECTED:
        yield Band("unacceptable", say("Rejected: no patient may be treated by these plans."))


def _state_bands(state: SubmissionState, words: Words) -> Iterator[Band]:
    if state is SubmissionState.AWAITING_CONFIRMATION:
        yield Band(
            "variation",
            words.say("This verdict does not count yet: a person has to say whose files these are."),
        )
    elif state is SubmissionState.BLOCKED:
        yield Band("unacceptable", words.say("This verdict does not count: the files are another patient's."))
    elif state is not SubmissionState.CHECKED:
        yield Band(
            "unacceptable", words.say("This verdict does not count: {state}.", state=words.word(state))
        )


def _review_box(
    report: CourseReport, record: Record, discipline: Discipline, found: SignedReview | None, words: Words
) -> Box:
    title = words.say("Review: {discipline}", discipline=words.word(discipline).lower())
    if found is None:
        return Box(title, Mark(words.say("Not reviewed yet"), "absent"))
    review = found.review
    holds = any(each.valid for each in found.signatures)
    mark = Mark(words.word(review.outcome), _REVIEWED[review.outcome]) if holds else _void(words)
    items = item_words(report, words)
    facts = [Fact(items.get(each.item, each.item), each.words) for each in review.comments]
    if review.not_contoured:
        facts.insert(0, Fact(words.say("Confirmed as absent"), ", ".join(review.not_contoured)))
    return Box(title, mark, [*facts, *_signatures(record, found.signatures, words)])


def _decision_box(record: Record, words: Words) -> Box:
    say, found = words.say, record.decision
    if found is None:
        return Box(say("Decision"), Mark(say("Not decided yet"), "absent"))
    facts = [Fact(say("Reason"), found.decision.reason)]
    facts += [Fact(say("Goes against"), words.sentence(each)) for each in found.contradicts]
    return Box(
        say("Decision"), _decision_mark(found, words), [*facts, *_signatures(record, found.signatures, words)]
    )


def _decision_mark(found: DecisionView, words: Words) -> Mark:
    outcome = found.decision.outcome
    return Mark(words.word(outcome), _DECIDED[outcome]) if found.holds else _void(words)


def _void(words: Words) -> Mark:
    return Mark(words.say("Void: the content was changed after it"), "unknown")


def _signatures(record: Record, states: Sequence[SignedState], words: Words) -> Iterator[Fact]:
    say = words.say
    anchors: Mapping[str, str] = {} if record.signed is None else record.signed.anchors
    if not states:
        yield Fact(say("Signature"), say("Nobody has signed."))
    for state in states:
        signature = state.signature
        yield Fact(say("Signature") if state.valid else say("Void signature"), _signed_by(state, words))
        yield Fact(say("Meaning"), words.word_from(Meaning, signature.meaning))
        yield Fact(say("Signed content (SHA-256)"), signature.content_sha256, mono=True)
        missing = say("no entry of this signature: have the trail verified")
        yield Fact(say("Audit trail, entry and hash"), anchors.get(signature.id, missing), mono=True)


def _signed_by(state: SignedState, words: Words) -> str:
    signature = state.signature
    role = words.word_from(Role, signature.role).lower()
    who = f"{signature.full_name} ({role}), {moment(signature.signed_at)}"
    return who if state.valid else words.say("{who}: VOID, the content was changed after it", who=who)


def item_words(report: CourseReport, words: Words) -> dict[str, str]:
    """Name what a review's comment can be about, as a reader of the report knows it."""
    known = {"course": words.say("The whole course")}
    for plan in report.plans:
        known[plan.key] = plan.label
        known |= {f"{plan.key}: {each.id}": f"{plan.label}: {each.label}" for each in plan.checks}
    for row in report.results:
        known[f"result {row.number}"] = f"{row.number}. {row.structure} {row.metric}, {row.scope}"
    return known

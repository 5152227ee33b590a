"""What one subject's record comes to: responses, PFS with its variants, survival, and the open queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from trial_core.domain.best_response import best_response
from trial_core.domain.clinical_forms import QueryAnswer, query_key
from trial_core.domain.clinical_record import ClinicalRecord, examination_days
from trial_core.domain.consent import had_consented
from trial_core.domain.leaving import follow_up_exit
from trial_core.domain.lesions import Lesion, RecistRules
from trial_core.domain.overall_survival import SurvivalResult, overall_survival
from trial_core.domain.pfs import PfsResult, PfsRules, PfsVariant, progression_free_survival, rules_of
from trial_core.domain.pfs_history import PfsHistory, TherapyKind, assessment_of, history_until
from trial_core.domain.populations import PopulationFacts
from trial_core.domain.queries import Query, QueryCode, in_order
from trial_core.domain.response import OverallResponse, VisitResponse, derive_responses
from trial_core.domain.subject import Phase
from trial_core.domain.systemic import cycle_queries


class OutcomeRules(Protocol):
    """What a record is judged by: the protocol's conduct, or the rules that a data cut froze."""

    @property
    def pfs(self) -> PfsRules:
        """The ordered rules of PFS."""

    @property
    def response(self) -> RecistRules:
        """RECIST 1.1 and what the protocol adds."""


@dataclass(frozen=True, kw_only=True)
class OpenQuery:
    """A query that nobody has answered yet; `key` is what an answer names."""

    key: str
    query: Query


@dataclass(frozen=True, kw_only=True)
class SubjectOutcome:
    """All that is derived from one subject's record.

    Attributes
    ----------
    pfs
        By variant; empty where the subject's clock has not started.
    best, best_confirmed
        Best overall response, plain and with CR and PR confirmed; None before the start.
    queries, open_queries
        All that is unclear, and what of it nobody has answered.
    """

    responses: tuple[VisitResponse, ...]
    pfs: tuple[tuple[PfsVariant, PfsResult], ...]
    survival: SurvivalResult | None
    best: OverallResponse | None
    best_confirmed: OverallResponse | None
    queries: tuple[Query, ...]
    open_queries: tuple[OpenQuery, ...]

    def pfs_of(self, variant: PfsVariant) -> PfsResult | None:
        """PFS by one variant."""
        return dict(self.pfs).get(variant)


def derive_outcome(record: ClinicalRecord, rules: OutcomeRules, *, today: date) -> SubjectOutcome:
    """Derive everything from a record.

    Parameters
    ----------
    today
        The day on which it is asked, or the day of the data cut that the record was reduced to
        (`clinical_record.record_until`); nothing later counts.
    """
    responses = derive_responses(_lesions(record), record.visits, rules.response, record.by_hand)
    history = pfs_history(record, responses)
    known = None if history is None else history_until(history, today)
    pfs = () if known is None else tuple(_pfs(known, rules))
    survival = _survival(record, today)
    queries = in_order(
        [
            *_of(responses, pfs, survival),
            *_of_consent(record),
            *_of_cycles(record, today),
            *_of_radiotherapy(record),
        ]
    )
    return SubjectOutcome(
        responses=responses,
        pfs=pfs,
        survival=survival,
        best=_best(known, rules, confirmed=False),
        best_confirmed=_best(known, rules, confirmed=True),
        queries=queries,
        open_queries=unanswered(record.answers, queries),
    )


def unanswered(answers: Iterable[QueryAnswer], queries: Iterable[Query]) -> tuple[OpenQuery, ...]:
    """Give the queries that no answer speaks of, in their wording of now."""
    answered = {(each.code, each.about, each.message) for each in answers}
    return tuple(
        OpenQuery(key=query_key(query), query=query)
        for query in queries
        if (query.code, query.about, query.message) not in answered
    )


def pfs_history(record: ClinicalRecord, responses: Iterable[VisitResponse]) -> PfsHistory | None:
    """What PFS is derived from; None before the subject's clock has started."""
    started = record.subject.start
    if started is None:
        return None
    start, origin = started
    return PfsHistory(
        start=start,
        origin=origin,
        arm_has_radiotherapy=record.subject.has_radiotherapy,
        baseline=None if record.baseline is None else record.baseline.assessment,
        assessments=tuple(assessment_of(each) for each in responses),
        therapies=record.therapies,
        death_on=record.died_on,
        left=follow_up_exit(record.leavings),
        clinical_progressions=tuple(each.on for each in record.clinical_progressions),
    )


def alive_days(record: ClinicalRecord) -> tuple[date, ...]:
    """Days on which the subject was seen or known to be alive: contacts, visits and treatment."""
    visits = [on for visit in record.visits for on in examination_days(visit)]
    return tuple(sorted({*(each.on for each in record.contacts), *visits, *record.treatment_days}))


def population_facts(record: ClinicalRecord) -> PopulationFacts | None:
    """What the subject's populations are decided by; None for one that was never enrolled."""
    subject = record.subject
    if subject.phase is None:
        return None
    days = record.treatment_days
    return PopulationFacts(
        code=subject.label,
        phase=subject.phase,
        enrolled_on=subject.enrolled_on,
        randomised_on=subject.randomised_on if subject.phase is Phase.IIB else None,
        arm=subject.arm,
        first_treatment_on=days[0] if days else None,
        first_radiotherapy_on=min(record.fraction_days, default=None),
        violated_criteria=_violated(record),
        major_deviations=subject.major_deviations,
        data_use_withdrawn=record.data_use_withdrawn,
    )


def _violated(record: ClinicalRecord) -> tuple[str, ...]:
    found = [each.criterion for each in record.violations]
    return tuple(dict.fromkeys([*found, *record.subject.failed_criteria]))


def _lesions(record: ClinicalRecord) -> tuple[Lesion, ...]:
    return () if record.baseline is None else record.baseline.lesions


def _pfs(history: PfsHistory, rules: OutcomeRules) -> Iterable[tuple[PfsVariant, PfsResult]]:
    for variant in PfsVariant:
        yield variant, progression_free_survival(history, rules_of(variant, rules.pfs))


def _survival(record: ClinicalRecord, today: date) -> SurvivalResult | None:
    started = record.subject.start
    if started is None:
        return None
    start, origin = started
    alive_on = [on for on in alive_days(record) if start <= on <= today]
    return overall_survival(start, origin, died_on=record.died_on, alive_on=alive_on)


def _best(history: PfsHistory | None, rules: OutcomeRules, *, confirmed: bool) -> OverallResponse | None:
    if history is None:
        return None
    dated = [(each.event_on or each.on, each.overall) for each in history.assessments if each.on is not None]
    placed = [(on, overall) for on, overall in dated if on is not None and on >= history.start]
    return best_response(placed, history.start, rules.response, confirmed=confirmed)


def _of(
    responses: Iterable[VisitResponse],
    pfs: Iterable[tuple[PfsVariant, PfsResult]],
    survival: SurvivalResult | None,
) -> Iterable[Query]:
    for response in responses:
        yield from response.queries
    for _variant, result in pfs:
        yield from result.queries
    if survival is not None:
        yield from survival.queries


def _of_consent(record: ClinicalRecord) -> Iterator[Query]:
    """A consent whose date was corrected to after the enrolment that it was asked for."""
    enrolled_on = record.subject.enrolled_on
    if enrolled_on is None or not record.consents or had_consented(record.consents, enrolled_on):
        return
    yield Query(
        code=QueryCode.NO_CONSENT,
        about=f"enrolment of {enrolled_on}",
        message=f"the first consent is of {min(record.consents).on}, after the enrolment",
        action="Correct the date that is wrong. If both are right, say here how it came to that.",
    )


def _of_cycles(record: ClinicalRecord, today: date) -> tuple[Query, ...]:
    return cycle_queries(record.cycles, today=today, died_on=record.died_on)


def _of_radiotherapy(record: ClinicalRecord) -> Iterator[Query]:
    """Fractions in an arm without radiotherapy that no therapy speaks of: nobody knows what they went to.

    To a tumour lesion they are a new therapy for PFS, to anything else they are not.
    """
    first_on = min(record.fraction_days, default=None)
    if record.subject.has_radiotherapy or record.subject.start is None or first_on is None:
        return
    entered = [each for each in record.therapies if each.kind is TherapyKind.RADIOTHERAPY]
    if any(each.started_on is not None and each.started_on <= first_on for each in entered):
        return
    yield Query(
        code=QueryCode.RADIOTHERAPY_AGAINST_ARM,
        about=f"radiotherapy from {first_on}",
        message="fractions were delivered, and no therapy says whether they went to a tumour lesion",
        action="Enter the radiotherapy as a therapy from that day: to a tumour lesion it ends PFS.",
    )

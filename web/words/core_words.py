"""Words that come from the trial core: the values of its closed sets, each with its own translation.

The set's name is the context: "unknown" of an outcome and of a plan check are two entries of `core.po`.
A set that people get to see is added to `CORE_WORDS`; a test then asks for every value's translation.
"""

from __future__ import annotations

from enum import StrEnum

from trial_core.domain import (
    access,
    clinical_forms,
    criteria,
    delivered_fractions,
    delivery,
    delivery_deviations,
    dose_states,
    eligibility,
    jobs,
    leaving,
    lesions,
    persons_word,
    pfs,
    pfs_history,
    plan,
    plan_changes,
    plan_review,
    plan_standing,
    populations,
    protocol,
    protocol_changes,
    queries,
    readings,
    receiving,
    report,
    response,
    serious_events,
    signing,
    study_state,
    subject,
    subject_forms,
    systemic,
    target_response,
    time_line_entries,
    toxicity,
    visit_plan,
)
from web.words.translate import tc

CORE_WORDS: tuple[type[StrEnum], ...] = (
    access.Permission,
    access.Role,
    clinical_forms.ClinicalForm,
    criteria.Requirement,
    criteria.ScopeKind,
    criteria.Verdict,
    delivered_fractions.DeliverySource,
    delivered_fractions.DeliveryType,
    delivery.DeviationClass,
    delivery_deviations.DeliveryDeviationKind,
    dose_states.DoseState,
    eligibility.Answer,
    eligibility.EligibilityStatus,
    eligibility.QuestionKind,
    jobs.JobKind,
    jobs.JobState,
    jobs.Stage,
    leaving.EndOfTreatmentReason,
    leaving.LeavingKind,
    lesions.LesionRole,
    persons_word.WordKind,
    pfs.NewTherapy,
    pfs.PfsReason,
    pfs.PfsVariant,
    pfs_history.ExitKind,
    pfs_history.Origin,
    pfs_history.TherapyKind,
    plan.SubmissionState,
    plan.WhyConfirm,
    plan_changes.ChangeKind,
    plan_review.DecisionOutcome,
    plan_review.Discipline,
    plan_review.ReviewForm,
    plan_review.ReviewOutcome,
    plan_standing.StandingEventKind,
    populations.Population,
    protocol.CheckId,
    protocol_changes.ProtocolChangeKind,
    protocol_changes.ProtocolPart,
    queries.QueryCode,
    readings.NonTargetStatus,
    readings.Size,
    receiving.WhyWaiting,
    report.CheckStatus,
    report.CheckWeight,
    report.StructureStatus,
    response.NonTargetResponse,
    response.OverallResponse,
    serious_events.ReportClock,
    signing.Meaning,
    study_state.StudyAction,
    study_state.StudyState,
    subject.Arm,
    subject.Phase,
    subject.SubjectStatus,
    subject_forms.SubjectForm,
    systemic.CycleStatus,
    target_response.TargetResponse,
    time_line_entries.EntryKind,
    time_line_entries.Lane,
    toxicity.Attribution,
    toxicity.Outcome,
    toxicity.Treatment,
    visit_plan.VisitStanding,
)


def word(member: StrEnum) -> str:
    """Give the word of a member of one of `CORE_WORDS`.

    Raises
    ------
    KeyError
        The set is not among them: add it, and its words to `core.po`.
    """
    if type(member) not in CORE_WORDS:
        raise KeyError(type(member).__name__)
    return tc(type(member).__name__, member.value)


def word_from(kind: type[StrEnum], text: str) -> str:
    """Give the word of a value as it is kept in a report or a form; one that the set has not is itself."""
    return word(kind(text)) if text in set(kind) else text

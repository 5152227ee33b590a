"""What progression-free survival is derived from: a subject's assessments, therapies, death and exit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from trial_core.domain.response import OverallResponse, VisitResponse
from trial_core.domain.subject import Phase


class Origin(StrEnum):
    """Where the clock starts; the two are never pooled silently."""

    REGISTRATION = "registration (IIa)"
    RANDOMISATION = "randomisation (IIb)"


class TherapyKind(StrEnum):
    """Kinds of anticancer therapy."""

    SYSTEMIC = "systemic"
    RADIOTHERAPY = "radiotherapy"
    SURGERY = "surgery"
    OTHER = "other"


class ExitKind(StrEnum):
    """Ways to leave follow-up; leaving treatment alone ends no follow-up and is none of them."""

    WITHDRAWAL = "withdrawal from follow-up"
    LOST = "loss to follow-up"


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """A tumour assessment: its overall response and, of a progression, the day that showed it first.

    `on` is the day the assessment was complete; None where no date was entered.
    """

    label: str
    on: date | None
    overall: OverallResponse
    progression_on: date | None = None

    @property
    def is_progression(self) -> bool:
        """Whether imaging shows progression."""
        return self.overall is OverallResponse.PD

    @property
    def is_adequate(self) -> bool:
        """Adequate: overall response other than NE."""
        return self.overall is not OverallResponse.NE

    @property
    def event_on(self) -> date | None:
        """The day of progression, if it is one: the earliest that shows it, else the assessment's."""
        return (self.progression_on or self.on) if self.is_progression else None


@dataclass(frozen=True, kw_only=True)
class Therapy:
    """Anticancer therapy that a subject got.

    Attributes
    ----------
    per_protocol
        Given as the protocol has it: its PD-1 inhibitor, chemotherapy, LDRT or CFRT.
    to_tumour
        Of radiotherapy: to a tumour lesion.
    """

    label: str
    kind: TherapyKind
    started_on: date | None
    per_protocol: bool
    to_tumour: bool = True


@dataclass(frozen=True, kw_only=True)
class Exit:
    """How and when the subject left follow-up."""

    kind: ExitKind
    on: date


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """The tumour assessment before treatment; `adequate` as the investigator found it, `reason` if not."""

    on: date | None
    adequate: bool
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class PfsHistory:
    """Everything about one subject that progression-free survival is derived from.

    Attributes
    ----------
    start, origin
        Registration in IIa, randomisation in IIb.
    arm_has_radiotherapy
        Whether the subject's arm gets LDRT and CFRT; the run-in does, arm B does not.
    clinical_progressions
        Days of clinical progression without imaging: no PD, but a query.
    """

    start: date
    origin: Origin
    arm_has_radiotherapy: bool
    baseline: Baseline | None
    assessments: tuple[Assessment, ...] = ()
    therapies: tuple[Therapy, ...] = ()
    death_on: date | None = None
    left: Exit | None = None
    clinical_progressions: tuple[date, ...] = ()


def assessment_of(response: VisitResponse) -> Assessment:
    """A visit's response, derived from its lesions, as PFS takes it."""
    return Assessment(
        label=response.label,
        on=response.on,
        overall=response.overall,
        progression_on=response.progression_on,
    )


def clock_start(
    phase: Phase, *, registered_on: date | None, randomised_on: date | None
) -> tuple[date, Origin] | None:
    """Day and origin of a subject's clock; None where it has not started."""
    match phase:
        case Phase.IIA:
            return None if registered_on is None else (registered_on, Origin.REGISTRATION)
        case Phase.IIB:
            return None if randomised_on is None else (randomised_on, Origin.RANDOMISATION)


def therapies_against_arm(therapies: Iterable[Therapy], *, arm_has_radiotherapy: bool) -> tuple[Therapy, ...]:
    """Radiotherapy to a tumour lesion in an arm that gets none: each a protocol deviation."""
    if arm_has_radiotherapy:
        return ()
    deviating = [each for each in therapies if each.kind is TherapyKind.RADIOTHERAPY and each.to_tumour]
    return tuple(sorted(deviating, key=lambda each: (each.started_on or date.max, each.label)))


def history_until(history: PfsHistory, cut: date) -> PfsHistory:
    """What was so on the day of a data cut; a progression is known from the day that shows it first."""
    return replace(
        history,
        assessments=tuple(
            each for each in history.assessments if not _is_after(each.event_on or each.on, cut)
        ),
        therapies=tuple(each for each in history.therapies if not _is_after(each.started_on, cut)),
        death_on=None if _is_after(history.death_on, cut) else history.death_on,
        left=None if history.left is not None and history.left.on > cut else history.left,
        clinical_progressions=tuple(on for on in history.clinical_progressions if on <= cut),
    )


def _is_after(day: date | None, cut: date) -> bool:
    return day is not None and day > cut

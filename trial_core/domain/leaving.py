"""How a subject leaves treatment, follow-up or the trial's data, and what each of them ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from trial_core.domain.pfs_history import Exit, ExitKind


class LeavingKind(StrEnum):
    """Ways to leave; each ends only what its name says."""

    END_OF_TREATMENT = "end of treatment"
    WITHDRAWAL_FROM_TREATMENT = "withdrawal from treatment"
    WITHDRAWAL_FROM_FOLLOW_UP = "withdrawal from follow-up"
    WITHDRAWAL_OF_DATA_USE = "withdrawal of data use"
    LOST_TO_FOLLOW_UP = "lost to follow-up"


class EndOfTreatmentReason(StrEnum):
    """Why treatment ended."""

    COMPLETED = "completed as planned"
    PROGRESSION = "progression"
    CLINICAL_PROGRESSION = "clinical progression without imaging"
    TOXICITY = "toxicity"
    DEATH = "death"
    SUBJECT_DECISION = "subject's decision"
    INVESTIGATOR_DECISION = "investigator's decision"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """One way of leaving on one day; `reason` is of the end of treatment, `words` explain any of them."""

    kind: LeavingKind
    on: date
    reason: EndOfTreatmentReason | None = None
    words: str = ""


_FROM_FOLLOW_UP = {
    LeavingKind.WITHDRAWAL_FROM_FOLLOW_UP: ExitKind.WITHDRAWAL,
    LeavingKind.WITHDRAWAL_OF_DATA_USE: ExitKind.WITHDRAWAL,
    LeavingKind.LOST_TO_FOLLOW_UP: ExitKind.LOST,
}


def leaving_problem(
    given: Sequence[Leaving],
    new: Leaving,
    *,
    enrolled_on: date | None,
    today: date,
    died_on: date | None = None,
) -> str | None:
    """Say why a way of leaving cannot be entered, or None when it can."""
    if new.on > today:
        return f"{new.on} lies in the future. Correct the date."
    if enrolled_on is None or new.on < enrolled_on:
        return "the subject was not enrolled on that day. Correct the date."
    if died_on is not None and new.on > died_on:
        return f"the subject died on {died_on}. Correct the date that is wrong."
    if any(each.kind is new.kind for each in given):
        return f"'{new.kind}' is there already. Correct it with a reason."
    return _reason_problem(new)


def follow_up_exit(leavings: Iterable[Leaving]) -> Exit | None:
    """When and how the subject left follow-up, the earliest; None while it is followed."""
    exits = [(each.on, _FROM_FOLLOW_UP[each.kind]) for each in leavings if each.kind in _FROM_FOLLOW_UP]
    if not exits:
        return None
    on, kind = min(exits)
    return Exit(kind=kind, on=on)


def _reason_problem(new: Leaving) -> str | None:
    if new.kind is not LeavingKind.END_OF_TREATMENT:
        return None if new.reason is None else "only the end of treatment has such a reason. Say it in words."
    if new.reason is None:
        return "the end of treatment needs its reason. Choose one."
    if new.reason is EndOfTreatmentReason.OTHER and not new.words.strip():
        return "'other' needs words. Say why."
    return None

"""Marks of the printed report in the reader's language; the shapes are those of the HTML report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from trial_core.domain.criteria import Verdict
from trial_core.domain.report import CheckStatus, CheckWeight, PlanCheckResult
from workers.reports import marks
from workers.reports.marks import WORST_FIRST, Mark
from workers.reports.pdf.words import Words


def verdict_mark(verdict: Verdict, words: Words) -> Mark:
    """Give the mark of a verdict."""
    return Mark(words.word(verdict), marks.verdict_mark(verdict).shape)


def check_mark(check: PlanCheckResult, words: Words) -> Mark:
    """Give the mark of a plan check: its outcome and what that counts as."""
    shape = marks.check_mark(check).shape
    match check.status:
        case CheckStatus.PASSED:
            return Mark(words.say("Passed"), shape)
        case CheckStatus.FAILED:
            return Mark(words.say("Failed: {weight}", weight=_weight(check.weight, words)), shape)
        case CheckStatus.UNKNOWN:
            return Mark(words.say("Not known: {weight}", weight=_weight(check.weight, words)), shape)


def severity_mark(severity: str, words: Words) -> Mark:
    """Give the mark of a finding's severity."""
    shape = marks.severity_mark(severity).shape
    said = {"error": words.say("Error"), "warning": words.say("Warning"), "info": words.say("Note")}
    return Mark(said.get(severity, severity), shape)


def tally(verdicts: Iterable[Verdict], words: Words) -> list[Mark]:
    """Count verdicts, worst first; what does not occur is left out."""
    counts = Counter(verdicts)
    found = ((counts[each], verdict_mark(each, words)) for each in WORST_FIRST if counts[each])
    return [Mark(f"{count} {mark.word.lower()}", mark.shape) for count, mark in found]


def _weight(weight: CheckWeight, words: Words) -> str:
    match weight:
        case CheckWeight.UNACCEPTABLE:
            return words.say("unacceptable")
        case CheckWeight.VARIATION:
            return words.say("variation")
        case CheckWeight.NOT_EVALUABLE:
            return words.say("not evaluable")
        case CheckWeight.NOTE:
            return words.say("note only")

"""Verdicts, outcomes of checks and severities as a word, a shape and a colour; the word is always there."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from trial_core.domain.criteria import Verdict
from trial_core.domain.report import CheckStatus, CheckWeight, PlanCheckResult


@dataclass(frozen=True)
class Mark:
    """A word with the name of its shape, which is the name of its colour too."""

    word: str
    shape: str


_VERDICT_SHAPES = {
    Verdict.PER_PROTOCOL: "met",
    Verdict.ACCEPTABLE_VARIATION: "variation",
    Verdict.UNACCEPTABLE_DEVIATION: "unacceptable",
    Verdict.NOT_EVALUABLE: "unknown",
    Verdict.NOT_CONTOURED: "absent",
}
WORST_FIRST = (
    Verdict.UNACCEPTABLE_DEVIATION,
    Verdict.NOT_EVALUABLE,
    Verdict.ACCEPTABLE_VARIATION,
    Verdict.PER_PROTOCOL,
    Verdict.NOT_CONTOURED,
)
_WEIGHTS = {
    CheckWeight.UNACCEPTABLE: ("unacceptable", "unacceptable"),
    CheckWeight.VARIATION: ("variation", "variation"),
    CheckWeight.NOT_EVALUABLE: ("not evaluable", "unknown"),
    CheckWeight.NOTE: ("note only", "absent"),
}
_SEVERITIES = {
    "error": Mark("Error", "unacceptable"),
    "warning": Mark("Warning", "variation"),
    "info": Mark("Note", "absent"),
}


def verdict_mark(verdict: Verdict) -> Mark:
    """Give the mark of a verdict."""
    return Mark(verdict.value[:1].upper() + verdict.value[1:], _VERDICT_SHAPES[verdict])


def check_mark(check: PlanCheckResult) -> Mark:
    """Give the mark of a plan check: its outcome and what that counts as."""
    words, shape = _WEIGHTS[check.weight]
    match check.status:
        case CheckStatus.PASSED:
            return Mark("Passed", "met")
        case CheckStatus.FAILED:
            return Mark(f"Failed: {words}", shape)
        case CheckStatus.UNKNOWN:
            return Mark(f"Not known: {words}", shape)


def severity_mark(severity: str) -> Mark:
    """Give the mark of a finding's severity."""
    return _SEVERITIES.get(severity, Mark(severity, "variation"))


def tally(verdicts: Iterable[Verdict]) -> list[tuple[int, Mark]]:
    """Count verdicts, worst first; what does not occur is left out."""
    counts = Counter(verdicts)
    return [(counts[verdict], verdict_mark(verdict)) for verdict in WORST_FIRST if counts[verdict]]

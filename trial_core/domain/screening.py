"""What is entered between registration and randomisation: eligibility, screening failure, strata."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from trial_core.domain.conduct import Stratum
from trial_core.domain.eligibility import EligibilityQuestion, GivenAnswer


@dataclass(frozen=True, kw_only=True)
class EligibilityForm:
    """The answers to a protocol's questions; `questions_sha256` says to which, should they change."""

    protocol_version: str
    questions_sha256: str
    answers: tuple[GivenAnswer, ...]


@dataclass(frozen=True, kw_only=True)
class ScreeningFailure:
    """Why a screened subject does not enter: the criteria it failed, or another reason in words."""

    on: date
    criteria: tuple[str, ...]
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class FactorLevel:
    """The level of one factor of stratification."""

    factor: str
    level: str


@dataclass(frozen=True, kw_only=True)
class StrataForm:
    """The levels that the site entered; the centre is known without it."""

    levels: tuple[FactorLevel, ...]


@dataclass(frozen=True, kw_only=True)
class StratumFound:
    """A subject's stratum, or what is missing for it, in words."""

    name: str
    missing: tuple[str, ...]


def questions_sha256(questions: Sequence[EligibilityQuestion]) -> str:
    """Hash the questions as they are put: a form answered before they changed is another form."""
    plain = json.dumps([asdict(question) for question in questions], sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()


def stratum_of(factors: Sequence[Stratum], *, site_code: str, entered: StrataForm | None) -> StratumFound:
    """Give the stratum of a subject: one level of each factor, in the protocol's order.

    A factor without levels is the centre.
    """
    given = {each.factor: each.level for each in (entered.levels if entered else ())}
    parts, missing = [], []
    for factor in factors:
        level = site_code if not factor.levels else given.get(factor.id)
        if level is None:
            missing.append(f"{factor.label} ({', '.join(factor.levels)})")
        else:
            parts.append(f"{factor.id}={level}")
    return StratumFound(name="; ".join(parts), missing=tuple(missing))


def strata_problem(factors: Sequence[Stratum], form: StrataForm) -> str | None:
    """Say why levels cannot be entered, or None when they can; some may still be missing."""
    known = {factor.id: factor for factor in factors if factor.levels}
    names = [each.factor for each in form.levels]
    for each in form.levels:
        if each.factor not in known:
            return f"{each.factor!r} is no factor that is entered. Use {', '.join(known) or 'none'}."
        if names.count(each.factor) > 1:
            return f"{each.factor!r} is given twice. Keep one level."
        if each.level not in known[each.factor].levels:
            levels = ", ".join(known[each.factor].levels)
            return f"{each.factor!r} has no level {each.level!r}. Choose one of: {levels}."
    return None


def all_strata(factors: Sequence[Stratum], sites: Sequence[str]) -> tuple[str, ...]:
    """Name every stratum there can be: each level of each factor with each of the others."""
    names: list[list[str]] = [[]]
    for factor in factors:
        levels = factor.levels or tuple(sites)
        names = [[*name, f"{factor.id}={level}"] for name in names for level in levels]
    return tuple("; ".join(name) for name in names)


def levels_of(stratum: str) -> dict[str, str]:
    """Read a stratum's name again: factor to level."""
    parts = [part.partition("=") for part in stratum.split("; ") if part]
    return {factor: level for factor, _, level in parts}

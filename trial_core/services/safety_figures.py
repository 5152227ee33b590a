"""The safety rule in figures: how likely it stops the study, and the limits of the rate seen so far."""

from __future__ import annotations

from dataclasses import dataclass

from trial_core.db.repositories import subjects
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.protocol import Protocol
from trial_core.domain.subject import Phase
from trial_core.services.authorise import require
from trial_core.services.conduct_of import deaths_that_hold, run_in_size
from trial_core.services.safety_facts import safety_count
from trial_core.statistics.stopping_rule import ProportionLimits, clopper_pearson, probability_of_stop

TRUE_RATES = (0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.10, 0.15, 0.20)


@dataclass(frozen=True, kw_only=True)
class SafetyFigures:
    """What the rule does at each true rate of counted deaths, and what the run-in has shown.

    Attributes
    ----------
    stops
        Pairs of true rate and probability that a full run-in stops the study.
    limits
        Exact 95 % limits of counted over enrolled; None while nobody is enrolled.
    """

    run_in_size: int
    stop_at: int
    stops: tuple[tuple[float, float], ...]
    counted: int
    enrolled: int
    limits: ProportionLimits | None


def safety_figures(db: Database, actor: Actor, *, protocol: Protocol) -> SafetyFigures:
    """Give the operating characteristics of the rule and the rate so far.

    Raises
    ------
    NotAuthorised, ProtocolLacks
    """
    require(actor, Permission.SEE_STUDY)
    stop_at, size = deaths_that_hold(protocol), run_in_size(protocol)
    with db.read() as connection:
        counted = len(safety_count(connection, limit=stop_at).counted)
        enrolled = len(subjects.of_phase(connection, Phase.IIA))
    return SafetyFigures(
        run_in_size=size,
        stop_at=stop_at,
        stops=tuple((rate, probability_of_stop(size, rate, stop_at=stop_at)) for rate in TRUE_RATES),
        counted=counted,
        enrolled=enrolled,
        limits=clopper_pearson(counted, enrolled) if enrolled else None,
    )

"""Accrual: who was enrolled when, by phase and site, against the size that the protocol gives to a phase."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from trial_core.db.form_content import from_plain
from trial_core.db.repositories import accounts, forms, subjects
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.protocol import Protocol
from trial_core.domain.subject import Phase, Subject, SubjectStatus
from trial_core.domain.subject_forms import Enrolment, SubjectForm
from trial_core.services.authorise import reach_of, require


@dataclass(frozen=True, kw_only=True)
class SiteAccrual:
    """Subjects of one site: enrolled in each phase, and in screening now."""

    site: str
    enrolled: dict[Phase, int]
    in_screening: int
    screening_failures: int


@dataclass(frozen=True, kw_only=True)
class PhaseAccrual:
    """Subjects of one phase, of all sites.

    Attributes
    ----------
    planned
        None where the protocol gives no size.
    enrolled_on
        Days of enrolment, in order.
    """

    phase: Phase
    planned: int | None
    enrolled_on: tuple[date, ...]


@dataclass(frozen=True, kw_only=True)
class Accrual:
    """Totals by phase, and the sites in the actor's reach."""

    phases: tuple[PhaseAccrual, ...]
    sites: tuple[SiteAccrual, ...]


def accrual(db: Database, actor: Actor, *, protocol: Protocol) -> Accrual:
    """Count the enrolled: totals for everybody who sees subjects, by site within the actor's reach.

    Raises
    ------
    NotAuthorised
    """
    require(actor, Permission.SEE_SUBJECTS)
    reach = reach_of(actor)
    with db.read() as connection:
        found = subjects.of_site(connection, reach)
        days = [
            from_plain(form.content, Enrolment)
            for form in forms.standing_of_all(connection, SubjectForm.ENROLMENT)
        ]
        sites = [code for code, _ in accounts.sites(connection) if reach in (None, code)]
    return Accrual(
        phases=tuple(_of_phase(phase, days, protocol) for phase in Phase),
        sites=tuple(_of_site(code, [each for each in found if each.site_code == code]) for code in sites),
    )


def _of_phase(phase: Phase, enrolments: list[Enrolment], protocol: Protocol) -> PhaseAccrual:
    planned = next((each.subjects for each in protocol.phases if each.id == phase.value), None)
    on = sorted(each.on for each in enrolments if each.phase is phase)
    return PhaseAccrual(phase=phase, planned=planned, enrolled_on=tuple(on))


def _of_site(code: str, found: list[Subject]) -> SiteAccrual:
    phases = Counter(each.phase for each in found)
    states = Counter(each.status for each in found)
    return SiteAccrual(
        site=code,
        enrolled={phase: phases[phase] for phase in Phase},
        in_screening=states[SubjectStatus.SCREENING],
        screening_failures=states[SubjectStatus.SCREENING_FAILURE],
    )

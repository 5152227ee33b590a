"""Grade 5 events of the run-in as their adjudicators see them: each decides before seeing the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from trial_core.db.repositories import forms, subjects
from trial_core.db.repositories.forms import FormVersion
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission, may
from trial_core.domain.clinical_forms import ClinicalForm
from trial_core.domain.safety_rule import Adjudication, DeathEvent
from trial_core.domain.subject import Phase
from trial_core.services.authorise import require
from trial_core.services.safety_facts import adverse_event, run_in_deaths


@dataclass(frozen=True, kw_only=True)
class DeathToJudge:
    """One grade 5 event of the run-in.

    Attributes
    ----------
    event
        With every adjudication; `shown` has those that this reader may see.
    own_site
        The reader's site or entry: somebody else has to decide.
    """

    event: DeathEvent
    on: date
    shown: tuple[Adjudication, ...]
    own: Adjudication | None
    own_site: bool

    @property
    def decided(self) -> int:
        """How many adjudicators have decided on it as it stands now."""
        return len({each.adjudicator for each in self.event.adjudications})

    @property
    def waits(self) -> bool:
        """Whether adjudicators have to decide: they do not agree yet, and it is no death by progression."""
        return self.event.settled is None and not self.event.is_progression


def deaths_to_judge(db: Database, actor: Actor) -> tuple[DeathToJudge, ...]:
    """List the run-in's grade 5 events, open ones first, deaths by progression last.

    An adjudicator sees what the others decided only after having decided: two judge independently.

    Raises
    ------
    NotAuthorised
    """
    require(actor, Permission.SEE_STUDY)
    with db.read() as connection:
        run_in = dict(subjects.of_phase(connection, Phase.IIA))
        entered = {
            form.occasion: form
            for form in forms.standing_of_some(connection, ClinicalForm.ADVERSE_EVENT, run_in)
        }
        found = [_to_judge(connection, actor, each, entered[each.id]) for each in run_in_deaths(connection)]
    return tuple(sorted(found, key=_order))


def _order(each: DeathToJudge) -> tuple[bool, bool, date, str]:
    return not each.waits, each.event.is_progression, each.on, each.event.id


def _to_judge(connection: Connection, actor: Actor, event: DeathEvent, form: FormVersion) -> DeathToJudge:
    own = [each for each in event.adjudications if each.adjudicator == actor.login]
    blind = may(actor.role, Permission.ADJUDICATE) and not own and event.settled is None
    versions = forms.history(connection, subject_id=form.subject_id, kind=form.kind, occasion=form.occasion)
    site = subjects.by_id(connection, form.subject_id).site_code
    return DeathToJudge(
        event=event,
        on=max(adverse_event(form).grades).on,
        shown=() if blind else event.adjudications,
        own=max(own, default=None),
        own_site=site == actor.site_code or actor.login in {each.entered_by for each in versions},
    )

"""An installation's record with hostile text in every free field, put there through the services."""

from __future__ import annotations

from tests.web.installation import Installation
from trial_core.domain.clinical_forms import BaselineForm, Contact
from trial_core.domain.delivery_forms import TypedFraction
from trial_core.domain.lesions import Lesion, LesionRole
from trial_core.domain.pfs_history import Baseline, Therapy, TherapyKind
from trial_core.domain.systemic import AgentDose, Cycle
from trial_core.protocols.reader import read_protocol
from trial_core.services import cycles, delivery, follow_up
from trial_core.services.conduct_of import conduct_of

TAIL = "gpj.exe"
"""What follows the mark that turns round: nothing of ours may come after it in the same isolate."""
MARKUP = '<img src=x onerror="window.hurt=1">'
TURNED = f"a\u202e{TAIL}"
FORMULA = "=cmd|' /C calc'!A0"
LONG = "🫁 " + "w" * 1990
HOSTILE = f"{MARKUP} {FORMULA} {TURNED}"


def plant(home: Installation, code: str) -> None:
    """Enter every form with a free text, of a subject that is enrolled."""
    who, today = home.people["oncologist"], home.db.now().date()
    services = (home.db, conduct_of(read_protocol()), who)
    lesion = Lesion(id=TURNED, organ=MARKUP, role=LesionRole.TARGET, baseline_mm=30.0, slice_thickness_mm=3.0)
    baseline = BaselineForm(assessment=Baseline(on=today, adequate=True, reason=""), lesions=(lesion,))
    follow_up.enter_baseline(*services, code=code, baseline=baseline)
    follow_up.enter_contact(*services, code=code, contact=Contact(on=today, how=LONG))
    therapy = Therapy(label=HOSTILE, kind=TherapyKind.OTHER, started_on=today, per_protocol=False)
    follow_up.enter_therapy(*services, code=code, therapy=therapy)
    fraction = TypedFraction(plan=HOSTILE[:64], fraction=1, on=today)
    delivery.enter_fraction(*services, code=code, fraction=fraction)
    typed = TypedFraction(plan=TURNED, fraction=1, on=today)
    delivery.enter_fraction(*services, code=code, fraction=typed)
    agents = (AgentDose(agent=TURNED, unit=MARKUP, planned=1.0, given=1.0),)
    cycle = Cycle(number=1, planned_on=today, given_on=today, agents=agents, reason=HOSTILE)
    cycles.enter_cycle(*services, code=code, cycle=cycle)

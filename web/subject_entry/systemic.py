"""Forms of systemic therapy: a cycle with its agents, and anticancer therapy outside the protocol."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trial_core.db.form_content import from_plain
from trial_core.db.repositories.forms import FormVersion
from trial_core.domain.access import Permission
from trial_core.domain.clinical_forms import ClinicalForm
from trial_core.domain.pfs_history import Therapy, TherapyKind
from trial_core.domain.systemic import AgentDose, Cycle, CycleStatus
from trial_core.follow_up_errors import EntryImpossible
from trial_core.services import cycles, follow_up
from trial_core.services.form_history import newest_forms
from web.forms import Answers, Context, Field, FieldKind, Option
from web.house import actor, house
from web.reading.study_protocol import conduct
from web.subject_entry.entry import (
    Entry,
    Group,
    changing,
    content_shown,
    day_field,
    entry_form,
    given_day,
    number_text,
    options_of,
    yes_no,
)
from web.words import later, t, word

MOST_AGENTS = 5
_STATES = (CycleStatus.PLANNED, CycleStatus.GIVEN, CycleStatus.OMITTED)


def cycle_fields(context: Context) -> tuple[Field, ...]:
    """Ask for a cycle; a new one begins with the agents and planned doses of the last."""
    on_record = content_shown(context, Cycle)
    known = _cycles(context["code"])
    last = on_record or (known[-1] if known else None)
    agents = last.agents if last else ()
    state = _state(on_record)
    return (
        *(() if on_record else (_number(len(known) and known[-1].number),)),
        day_field("planned", t("Planned for"), on_record.planned_on if on_record else None, latest=None),
        Field(
            "state",
            t("The cycle is"),
            FieldKind.CHOICE,
            required=True,
            options=tuple(Option(each.value, word(each)) for each in _STATES),
            value=state.value,
        ),
        day_field(
            "given",
            t("Given on"),
            on_record.given_on if on_record else None,
            shown_when=("state", (CycleStatus.GIVEN.value,)),
        ),
        Field(
            "agents",
            t("Number of agents"),
            FieldKind.CHOICE,
            required=True,
            options=tuple(Option(str(number), str(number)) for number in range(1, MOST_AGENTS + 1)),
            value=str(max(1, len(agents))),
        ),
        *(field for number in range(MOST_AGENTS) for field in _agent(number, agents, on_record is not None)),
        Field(
            "why",
            t("Why anything differs from the plan"),
            FieldKind.LONG_TEXT,
            longest=500,
            value=on_record.reason if on_record else "",
            hint=t("Another day, another dose, or a cycle that was left out. Without it there is a query."),
        ),
    )


def _number(last: int) -> Field:
    return Field(
        "number",
        t("Number of the cycle"),
        FieldKind.NUMBER,
        required=True,
        whole=True,
        least=1,
        most=99,
        value=str(last + 1),
    )


def _state(cycle: Cycle | None) -> CycleStatus:
    if cycle is None or cycle.given_on is not None:
        return CycleStatus.GIVEN
    return CycleStatus.OMITTED if cycle.omitted else CycleStatus.PLANNED


def _agent(number: int, agents: tuple[AgentDose, ...], on_record: bool) -> Iterator[Field]:
    agent = agents[number] if number < len(agents) else None
    counts = tuple(str(each) for each in range(number + 1, MOST_AGENTS + 1))
    title = t("Agent {number}", number=number + 1)
    place: dict[str, Any] = {"section": title, "shown_when": ("agents", counts)}
    dose: dict[str, Any] = {"kind": FieldKind.NUMBER, "least": 0, "most": 100_000, **place}
    yield Field(
        f"agent-{number}", t("Name"), required=True, longest=64, value=agent.agent if agent else "", **place
    )
    yield Field(
        f"unit-{number}",
        t("Unit of the dose"),
        required=True,
        longest=16,
        value=agent.unit if agent else "mg",
        **place,
    )
    planned = number_text(agent.planned) if agent else ""
    yield Field(f"planned-{number}", t("Planned dose"), required=True, value=planned, **dose)
    given = number_text(agent.given) if agent and on_record else ""
    yield Field(f"given-{number}", t("Given dose"), hint=t("0: left out"), value=given, **dose)


def save_cycle(context: Context, answers: Answers) -> FormVersion:
    """Enter a cycle."""
    on_record = content_shown(context, Cycle)
    cycle = Cycle(
        number=on_record.number if on_record else answers.whole("number") or 0,
        planned_on=given_day(answers, "planned"),
        given_on=answers.day("given"),
        agents=tuple(_agent_of(answers, number) for number in range(answers.whole("agents") or 0)),
        omitted=answers.text("state") == CycleStatus.OMITTED,
        reason=answers.text("why"),
    )
    return cycles.enter_cycle(
        house().db, conduct(), actor(), code=context["code"], cycle=cycle, **changing(context, answers)
    )


def _agent_of(answers: Answers, number: int) -> AgentDose:
    return AgentDose(
        agent=answers.text(f"agent-{number}"),
        unit=answers.text(f"unit-{number}"),
        planned=answers.number(f"planned-{number}") or 0.0,
        given=answers.number(f"given-{number}"),
    )


def _cycles(code: str) -> list[Cycle]:
    found = newest_forms(house().db, actor(), code=code)
    standing = [each for each in found if each.kind == ClinicalForm.CYCLE and not each.void]
    return sorted((from_plain(each.content, Cycle) for each in standing), key=lambda each: each.number)


def _take_cycle_back(code: str, occasion: str, reason: str) -> FormVersion:
    return cycles.take_back_cycle(
        house().db, conduct(), actor(), code=code, number=int(occasion), reason=reason
    )


def therapy_fields(context: Context) -> tuple[Field, ...]:
    """Ask for an anticancer therapy beside the cycles and fractions of the protocol."""
    on_record = content_shown(context, Therapy)
    label = Field(
        "label",
        t("Therapy"),
        required=True,
        longest=64,
        hint=t("What it is, as in: docetaxel; stereotactic radiotherapy to L3."),
    )
    return (
        *(() if on_record else (label,)),
        Field(
            "kind",
            t("Kind"),
            FieldKind.CHOICE,
            required=True,
            options=options_of(TherapyKind),
            value=on_record.kind.value if on_record else "",
        ),
        Field(
            "to-tumour",
            t("Given to a tumour lesion"),
            FieldKind.YES_NO,
            required=True,
            value=yes_no(on_record.to_tumour if on_record else None),
            shown_when=("kind", (TherapyKind.RADIOTHERAPY.value,)),
        ),
        day_field("on", t("Started on"), on_record.started_on if on_record else None, required=False),
        Field(
            "per-protocol",
            t("Is it the protocol's own therapy?"),
            FieldKind.YES_NO,
            required=True,
            value=yes_no(on_record.per_protocol if on_record else None),
            hint=t("A new therapy that is not ends follow-up for progression."),
        ),
    )


def save_therapy(context: Context, answers: Answers) -> FormVersion:
    """Enter a therapy."""
    on_record = content_shown(context, Therapy)
    to_tumour = answers.yes("to-tumour")
    therapy = Therapy(
        label=on_record.label if on_record else answers.text("label"),
        kind=TherapyKind(answers.text("kind")),
        started_on=answers.day("on"),
        per_protocol=answers.yes("per-protocol") is True,
        to_tumour=True if to_tumour is None else to_tumour,
    )
    return follow_up.enter_therapy(
        house().db, conduct(), actor(), code=context["code"], therapy=therapy, **changing(context, answers)
    )


def _take_therapy_back(code: str, occasion: str, reason: str) -> FormVersion:
    return follow_up.take_back_follow_up(
        house().db,
        conduct(),
        actor(),
        code=code,
        kind=ClinicalForm.THERAPY,
        occasion=occasion,
        reason=reason,
    )


ENTRIES = (
    Entry(
        slug="cycle",
        title=later("Cycle of systemic therapy"),
        kind=ClinicalForm.CYCLE,
        group=Group.TREATMENT,
        permission=Permission.ENTER_CLINICAL,
        form=entry_form("cycle", cycle_fields, save_cycle),
        take_back=_take_cycle_back,
    ),
    Entry(
        slug="therapy",
        title=later("Other anticancer therapy"),
        kind=ClinicalForm.THERAPY,
        group=Group.TREATMENT,
        permission=Permission.ENTER_CLINICAL,
        form=entry_form("therapy", therapy_fields, save_therapy, {EntryImpossible: "on"}),
        take_back=_take_therapy_back,
    ),
)

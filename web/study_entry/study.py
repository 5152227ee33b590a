"""Forms of the study: its steps, adjudication, the statement on toxicity, lists; each for those who may."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from trial_core.domain.access import Permission, may
from trial_core.domain.signing import Meaning
from trial_core.domain.study_state import StudyState
from trial_core.enrolment_errors import FormRefused
from trial_core.errors import MissingReason, SignInRefused, TrialError
from trial_core.services import allocation_lists, deaths, safety, study, toxicity_statement
from trial_core.services.deaths import DeathToJudge
from web.components.frame import Content
from web.forms import Answers, Context, Field, FieldKind, Form, Option, Saved, form_card
from web.forms.fields import PASSWORD
from web.house import actor, house
from web.reading.study_protocol import protocol
from web.words import Later, later, t

_HERE = "/study"
_LONGEST_REASON = 500


class Place(Enum):
    """Where on the page a form stands."""

    STATE = "state"
    DEATHS = "deaths"
    LISTS = "lists"


@dataclass(frozen=True)
class Offered:
    """A form with its title and button, who may send it, and when it is offered."""

    place: Place
    form: Form
    title: Later
    submit: Later
    permission: Permission
    when: Callable[[], bool]


def forms_for(place: Place) -> list[Content]:
    """Give the forms of one place that the person who asks may send now."""
    return [
        form_card(each.form, Context(), title=str(each.title), submit=str(each.submit))
        for each in _OFFERED
        if each.place is place and may(actor().role, each.permission) and each.when()
    ]


def _state() -> StudyState:
    return study.study_now(house().db).state


def _in(*states: StudyState) -> Callable[[], bool]:
    return lambda: _state() in states


def _agreed(_context: Context) -> tuple[Field, ...]:
    return (Field("sure", t("Yes: this cannot be taken back"), FieldKind.TICK, required=True),)


def _reason(hint: str = "") -> Field:
    return Field(
        "reason_given",
        t("Reason"),
        FieldKind.LONG_TEXT,
        hint=hint or t("Without anything that names a person."),
        required=True,
        longest=_LONGEST_REASON,
    )


def _close_run_in(_context: Context, answers: Answers) -> Saved:
    study.close_the_run_in(house().db, actor(), protocol=protocol(), password=answers.password)
    return Saved(t("Run-in closed"), go=_HERE)


def _open_iib(_context: Context, answers: Answers) -> Saved:
    study.open_phase_iib(house().db, actor(), protocol=protocol(), password=answers.password)
    return Saved(t("Phase IIb opened"), go=_HERE)


def _close(_context: Context, answers: Answers) -> Saved:
    study.close_the_recruitment(house().db, actor(), password=answers.password)
    return Saved(t("Recruitment closed"), go=_HERE)


def _lift(_context: Context, answers: Answers) -> Saved:
    study.lift_the_hold(
        house().db,
        actor(),
        protocol=protocol(),
        reason=answers.text("reason_given"),
        password=answers.password,
    )
    return Saved(t("Hold lifted"), go=_HERE)


def _state_toxicity(_context: Context, answers: Answers) -> Saved:
    toxicity_statement.state_toxicity_acceptable(house().db, actor(), password=answers.password)
    return Saved(t("Statement on the toxicity profile"), go=_HERE)


def _waiting() -> list[DeathToJudge]:
    listed = deaths.deaths_to_judge(house().db, actor())
    return [each for each in listed if each.waits and not each.own_site]


def _adjudication(_context: Context) -> Sequence[Field]:
    options = tuple(Option(each.event.id, _name(each)) for each in _waiting())
    return (
        Field("event", t("Event"), FieldKind.CHOICE, required=True, options=options),
        Field("related", t("Related to study treatment"), FieldKind.YES_NO, required=True),
        _reason(t("What it rests on; the sponsor and the other adjudicators will read it.")),
    )


def _name(each: DeathToJudge) -> str:
    again = t("decided, can be changed") if each.own is not None else t("to be decided")
    return f"{each.event.subject}, {each.event.term}, {each.on.isoformat()} ({again})"


def _adjudicate(_context: Context, answers: Answers) -> Saved:
    safety.adjudicate(
        house().db,
        actor(),
        event_id=answers.text("event"),
        related=bool(answers.yes("related")),
        reason=answers.text("reason_given"),
        protocol=protocol(),
        password=answers.password,
    )
    return Saved(t("Adjudication"), go=_HERE)


def _slots(_context: Context) -> Sequence[Field]:
    return (_slots_field(),)


def _slots_field() -> Field:
    return Field(
        "slots",
        t("Slots in each list, at least"),
        FieldKind.NUMBER,
        required=True,
        whole=True,
        least=1,
        most=allocation_lists.MOST_SLOTS,
    )


def _make_lists(_context: Context, answers: Answers) -> Saved:
    allocation_lists.make_lists(
        house().db, actor(), protocol=protocol(), key=_key(), slots=answers.whole("slots") or 0
    )
    return Saved(t("Randomisation lists made and sealed"), go=_HERE)


def _extension(_context: Context) -> Sequence[Field]:
    options = tuple(Option(each, each) for each in _used_up())
    stratum = Field("stratum", t("Stratum"), FieldKind.CHOICE, required=True, options=options)
    return (stratum, _slots_field(), _reason())


def _extend(_context: Context, answers: Answers) -> Saved:
    allocation_lists.extend_list(
        house().db,
        actor(),
        stratum=answers.text("stratum"),
        protocol=protocol(),
        key=_key(),
        slots=answers.whole("slots") or 0,
        reason=answers.text("reason_given"),
    )
    return Saved(t("Randomisation list extended"), go=_HERE)


def _open_lists(_context: Context, _answers: Answers) -> Saved:
    allocation_lists.open_lists(house().db, actor(), protocol=protocol(), key=_key())
    return Saved(t("Randomisation lists opened"), go=_HERE)


def _used_up() -> list[str]:
    newest = {each.stratum: each for each in allocation_lists.list_states(house().db, actor())}
    return [stratum for stratum, each in newest.items() if each.exhausted]


def _key() -> bytes:
    return house().settings.secrets().randomisation_key


def _step(
    name: str, fields: Callable[[Context], Sequence[Field]], save: Callable[[Context, Answers], Saved]
) -> Form:
    """Give the form of a change of the study's state: signed by the person who makes it."""
    refused_at: dict[type[TrialError], str] = {MissingReason: "reason_given", SignInRefused: PASSWORD}
    return Form(name, fields, save, meaning=Meaning.STUDY_STEP, refused_at=refused_at)


_OFFERED = (
    Offered(
        Place.STATE,
        _step("close-run-in", _agreed, _close_run_in),
        later("Close the run-in"),
        later("Close the run-in"),
        Permission.CONDUCT_STUDY,
        _in(StudyState.RUN_IN),
    ),
    Offered(
        Place.STATE,
        _step("open-iib", _agreed, _open_iib),
        later("Open phase IIb"),
        later("Open phase IIb"),
        Permission.CONDUCT_STUDY,
        _in(StudyState.OBSERVATION),
    ),
    Offered(
        Place.STATE,
        _step("close-recruitment", _agreed, _close),
        later("Close recruitment"),
        later("Close recruitment for good"),
        Permission.CONDUCT_STUDY,
        _in(StudyState.IIB),
    ),
    Offered(
        Place.STATE,
        _step("lift-hold", lambda _: (_reason(),), _lift),
        later("Lift the hold"),
        later("Lift the hold"),
        Permission.ADJUDICATE,
        _in(StudyState.HELD),
    ),
    Offered(
        Place.DEATHS,
        Form(
            "adjudicate",
            _adjudication,
            _adjudicate,
            meaning=Meaning.ADJUDICATED,
            refused_at={FormRefused: "event", SignInRefused: PASSWORD},
        ),
        later("Adjudicate a death"),
        later("Put the decision on record"),
        Permission.ADJUDICATE,
        lambda: bool(_waiting()),
    ),
    Offered(
        Place.STATE,
        Form(
            "toxicity-statement",
            lambda _: (),
            _state_toxicity,
            meaning=Meaning.TOXICITY_ACCEPTABLE,
            refused_at={SignInRefused: PASSWORD},
        ),
        later("State that the toxicity profile is acceptable"),
        later("Sign"),
        Permission.ADJUDICATE,
        _in(StudyState.RUN_IN, StudyState.OBSERVATION, StudyState.HELD),
    ),
    Offered(
        Place.LISTS,
        Form("make-lists", _slots, _make_lists),
        later("Make and seal randomisation lists"),
        later("Make a list for every stratum that has none"),
        Permission.MANAGE_LISTS,
        _in(StudyState.RUN_IN, StudyState.OBSERVATION, StudyState.IIB, StudyState.HELD),
    ),
    Offered(
        Place.LISTS,
        Form("extend-list", _extension, _extend),
        later("Extend a randomisation list that is used up"),
        later("Extend the list"),
        Permission.MANAGE_LISTS,
        lambda: _state() is StudyState.IIB and bool(_used_up()),
    ),
    Offered(
        Place.LISTS,
        Form("open-lists", _agreed, _open_lists),
        later("Open the randomisation lists"),
        later("Open the lists"),
        Permission.MANAGE_LISTS,
        _in(StudyState.CLOSED, StudyState.TERMINATED),
    ),
)
FORMS = tuple(each.form for each in _OFFERED)

"""Randomisation step by step: what is complete, the stratum, one's password, and then the arm."""

from __future__ import annotations

from dash import Dash, dcc, html

from trial_core.domain.access import Permission, may
from trial_core.domain.subject import Phase, Subject, SubjectStatus
from trial_core.services import randomisation, subjects
from trial_core.services.screening_record import screening_record
from web.components.frame import Content, Page, head
from web.components.notices import Tone, notice
from web.components.tables import facts
from web.components.verdict import sentence_case
from web.forms import Answers, Context, Field, FieldKind, Form, Saved, form_card, register_form
from web.forms.fields import PASSWORD
from web.house import actor, house
from web.pages.subject_form import crumbs
from web.reading.study_protocol import conduct, protocol
from web.route import route
from web.sections import Section
from web.words import t, word


def page(code: str) -> Page:
    """Give the steps, or the arm once there is one."""
    subject = subjects.subject_record(house().db, actor(), code=code).subject
    title = t("Randomisation of {code}", code=code)
    body = [head(t("Randomisation"), crumbs=crumbs(code)), *_steps(code, subject)]
    return Page(title, Section.SUBJECTS, body)


def _steps(code: str, subject: Subject) -> list[Content]:
    if subject.arm is not None:
        return [_allocated(code, subject)]
    waits = subject.status is SubjectStatus.ENROLLED and subject.phase is Phase.IIB
    if not waits or not may(actor().role, Permission.RANDOMISE):
        words = t("A subject is randomised once it is enrolled in phase IIb, by the staff of its site.")
        return [notice(Tone.INFO, t("There is nothing to do here. "), words)]
    missing = randomisation.randomisation_conditions(house().db, actor(), code=code, protocol=protocol())
    found = [_conditions(code, missing), _stratum(code, subject)]
    if missing:
        return found
    return [*found, form_card(FORM, Context({"code": code}), title=t("3. Sign"), submit=t("Randomise"))]


def _conditions(code: str, missing: tuple[str, ...]) -> Content:
    if missing:
        lines = html.Ul([html.Li(sentence_case(words)) for words in missing])
        link = dcc.Link(t("Complete the screening"), href=f"/subjects/{code}/screening", className="button")
        inside: list[Content] = [notice(Tone.WARN, t("Still missing:"), lines), link]
    else:
        words = t("Consent, signed eligibility and the state of the study.")
        inside = [notice(Tone.GOOD, t("Everything is complete. "), words)]
    return html.Section([html.H2(t("1. Conditions")), *inside], className="card")


def _stratum(code: str, subject: Subject) -> Content:
    record = screening_record(house().db, actor(), code=code, protocol=protocol())
    given = {each.factor: each.level for each in record.strata.levels} if record.strata else {}
    pairs: list[tuple[str, Content]] = [
        (each.label, given.get(each.id, subject.site_code if each.id == "site" else "–"))
        for each in conduct().strata
    ]
    hint = t("A level cannot be changed after randomisation, which uses it.")
    said = html.P(hint, className="muted small")
    return html.Section([html.H2(t("2. Stratum")), facts(pairs), said], className="card")


def _allocated(code: str, subject: Subject) -> Content:
    arm = "–" if subject.arm is None else word(subject.arm)
    return html.Section(
        [
            html.H2(t("Allocated")),
            html.P(t("Arm {arm}", arm=arm), className="allocation"),
            dcc.Link(t("To the subject"), href=f"/subjects/{code}", className="button"),
        ],
        className="card",
    )


def fields(_context: Context) -> tuple[Field, ...]:
    """Ask for the password."""
    hint = t("With it you randomise this subject. The arm is shown at once and cannot be taken back.")
    return (Field(PASSWORD, t("Your password"), FieldKind.PASSWORD, required=True, longest=1024, hint=hint),)


def save(context: Context, answers: Answers) -> Saved:
    """Randomise, and show the arm."""
    db, who = house().db, actor()
    randomisation.randomise(
        db,
        who,
        code=context["code"],
        protocol=protocol(),
        key=house().settings.secrets().randomisation_key,
        password=answers.password,
    )
    return Saved("", go=f"/subjects/{context['code']}/randomise")


def register(app: Dash) -> None:
    """Randomise by the button, or Enter."""
    register_form(app, FORM)


FORM = Form("randomise", fields, save)
ROUTES = (route("/subjects/{code}/randomise", page),)

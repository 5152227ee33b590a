"""A subject's screening: consent, the eligibility questions, their signature, strata, screening failure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import dcc, html

from trial_core.domain.access import Permission, may
from trial_core.domain.conduct import ConductPart
from trial_core.domain.eligibility import EligibilityStatus
from trial_core.domain.subject import Subject, SubjectStatus
from trial_core.services import screening, subjects
from trial_core.services.screening_record import ScreeningRecord, screening_record
from web.components import screening_parts as parts
from web.components.frame import Content, Page, head
from web.components.marks import said
from web.components.notices import Tone, notice
from web.components.screening_parts import Ids
from web.components.screening_questions import (
    answers_table,
    question_fields,
)
from web.components.verdict import sentence_case
from web.door.kinds import Kind
from web.house import actor, house
from web.reading.study_protocol import conduct, protocol
from web.route import route
from web.sections import Section
from web.words import name_words, t, word

_OPEN = (SubjectStatus.SCREENING, SubjectStatus.ENROLLED)


@dataclass(frozen=True)
class View:
    """What the page shows of one subject, and whether this person may enter it."""

    code: str
    subject: Subject
    record: ScreeningRecord

    @property
    def may_manage(self) -> bool:
        """Whether this person manages subjects."""
        return may(actor().role, Permission.MANAGE_SUBJECTS)

    @property
    def may_enter(self) -> bool:
        """Whether this person may enter anything while the subject is where it is."""
        return self.may_manage and self.subject.status in _OPEN


def page(code: str) -> Page:
    """Give the screening of one subject, to be entered or to be read."""
    view = view_of(code)
    crumbs = [dcc.Link(t("Subjects"), href="/subjects"), " / ", dcc.Link(code, href=f"/subjects/{code}")]
    seen = view.record.form_version
    body = [
        head(t("Screening"), crumbs=crumbs),
        dcc.Store(id=Ids.CODE, data=code),
        dcc.Store(id=Ids.SEEN, data="" if seen is None else str(seen)),
        _card(t("Consent"), html.Div(consent_of(view), id=Ids.CONSENT), html.Div(id=Ids.CONSENT_ANSWER)),
        _card(t("Eligibility"), *_eligibility(view)),
        _card(t("Signature of an investigator"), *_signature(view)),
        _strata_card(view),
        _failure(view),
    ]
    return Page(t("Screening of {code}", code=code), Section.SUBJECTS, body)


def view_of(code: str) -> View:
    """Read the screening of one subject in the person's reach."""
    db, who = house().db, actor()
    subject = subjects.subject_record(db, who, code=code).subject
    return View(code, subject, screening_record(db, who, code=code, protocol=protocol()))


def _card(title: str, *body: Content) -> Content:
    return html.Section([html.H2(title), *body], className="card")


def consent_of(view: View) -> Content:
    """Give the inside of the consent's card."""
    record, known = view.record, screening.list_consent_forms(house().db)
    return parts.consent_body(record.consents, record.consent_versions, known, may_enter=view.may_enter)


def _eligibility(view: View) -> list[Content]:
    record, questions = view.record, conduct().questions
    answers = {each.question: each for each in record.answers}
    if not view.may_enter:
        failed = record.eligibility.failed if record.eligibility else ()
        return [_judged(record), answers_table(questions, answers, failed)]
    return [
        _judged(record),
        *question_fields(questions, answers),
        parts.field(t("Reason for the correction"), Ids.REASON, shown=record.form_version is not None),
        parts.button(Ids.SAVE, t("Save the answers")),
        html.Div(id=Ids.SAVE_ANSWER),
    ]


def _judged(record: ScreeningRecord) -> Content:
    if record.form_version is None:
        return html.P(t("The questions have not been answered."), className="muted")
    title = t("Version {version} is on record. ", version=record.form_version)
    found = record.eligibility
    if found is None:
        return notice(Tone.WARN, title, t("The protocol's questions have changed since; answer them again."))
    words = [sentence_case(word(found.status))]
    words += [t("Criteria failed: {criteria}", criteria=_listed(found.failed))] if found.failed else []
    words += [t("Not answered: {questions}", questions=_listed(found.unanswered))] if found.unanswered else []
    tone = Tone.GOOD if found.status is EligibilityStatus.ELIGIBLE else Tone.WARN
    return notice(tone, title, [html.Div(each) for each in words])


def _listed(questions: Sequence[str]) -> str:
    return ", ".join(map(name_words, questions))


def _signature(view: View) -> list[Content]:
    return [html.Div(parts.signatures_list(view.record.signatures)), _sign_step(view)]


def _sign_step(view: View) -> Content:
    record = view.record
    if any(each.valid for each in record.signatures) or view.subject.status not in _OPEN:
        return None
    eligible = record.eligibility is not None and record.eligibility.status is EligibilityStatus.ELIGIBLE
    if record.form_version is None or not eligible:
        return html.P(t("To be signed once the saved answers say that the subject is eligible."))
    if view.may_enter and may(actor().role, Permission.SIGN_ELIGIBILITY):
        return parts.sign_fields(record.form_version)
    return html.P(t("An investigator of the site has to sign the saved answers."))


def strata_of(view: View) -> Content:
    """Give the inside of the strata's card; after randomisation, which used them, they are only read."""
    record, seen = view.record, view.record.strata_version
    fields = parts.strata_fields(
        conduct().strata,
        record.strata,
        site=view.subject.site_code,
        may_enter=view.may_enter and view.subject.arm is None,
    )
    return [dcc.Store(id=Ids.STRATA_SEEN, data="" if seen is None else str(seen)), fields]


def _strata_card(view: View) -> Content:
    if not conduct().strata:
        return None
    assumed = conduct().assumed(ConductPart.RANDOMISATION)
    lines = [html.P(said(words), className="muted small") for words in assumed]
    return _card(
        t("Strata"), html.Div(strata_of(view), id=Ids.STRATA), html.Div(id=Ids.STRATA_ANSWER), *lines
    )


def _failure(view: View) -> Content:
    failure = view.record.failure
    if failure is not None:
        ended = view.subject.status is SubjectStatus.SCREENING_FAILURE
        known = parts.failure_on_record(failure, may_reopen=view.may_manage and ended)
        return _card(t("Screening failure"), html.Div(known))
    if view.subject.status is SubjectStatus.SCREENING and view.may_manage:
        return _card(t("Screening failure"), parts.failure_fields())
    return None


ROUTES = (route("/subjects/{code}/screening", page),)
KINDS = {f"{Ids.CODE}.data": Kind.GIVEN_TEXT}

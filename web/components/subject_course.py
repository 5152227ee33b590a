"""Parts of a subject's page that derive from its record: delivery, responses, queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dash import dcc, html

from trial_core.db.repositories.forms import FormVersion
from trial_core.domain.clinical_forms import ClinicalForm
from trial_core.domain.delivery import DeliverySummary, DeviationClass, Gap
from trial_core.domain.delivery_deviations import DeliveryDeviationKind
from trial_core.domain.delivery_forms import ListedDeviation
from trial_core.domain.pfs import PfsVariant
from trial_core.domain.pfs_history import Therapy
from trial_core.domain.response import VisitResponse
from trial_core.domain.subject_outcome import SubjectOutcome
from trial_core.domain.target_response import TargetSum
from trial_core.services.delivery_reading import DeliveryView
from trial_core.services.outcomes import ClinicalView
from web.components.frame import Content
from web.components.marks import said
from web.components.numbers import gray
from web.components.plan_names import with_plan_names
from web.components.tables import facts, table
from web.components.verdict import sentence_case
from web.subject_entry.delivery import deviation_words
from web.subject_entry.derived import percent, sum_words
from web.subject_entry.entry import form_href
from web.words import name_words, t, tn, word

_MOST_GAPS = 4
_TONES = {
    None: "pending",
    DeviationClass.NONE: "per_protocol",
    DeviationClass.MINOR: "acceptable_variation",
    DeviationClass.MAJOR: "unacceptable_deviation",
}


def delivery_card(view: DeliveryView) -> Content:
    """Give what was delivered of each course against what was planned."""
    if not view.courses and not view.other_fractions:
        said = t("No course is planned yet: it comes with the plans that are submitted.")
        return _card(t("Radiotherapy"), html.P(said, className="muted"))
    parts = [_courses(view.courses), _others(view), _deviations(view), _unread(view)]
    return _card(t("Radiotherapy"), *parts)


def _courses(courses: Sequence[DeliverySummary]) -> Content:
    if not courses:
        return None
    columns = (
        t("Course"),
        t("Fractions"),
        t("Dose so far"),
        t("From prescription"),
        t("Deviation"),
        t("First to last"),
        t("Days"),
        t("Missed days"),
    )
    caption = t("Delivered against planned")
    return table(caption, columns, [_course(each) for each in courses], numeric=columns[2:4])


def _course(course: DeliverySummary) -> Content:
    planned = course.course
    partial = tn("{n} in part", "{n} in part", len(course.partial)) if course.partial else ""
    first, last = course.first_on, course.last_on
    days = "–"
    if course.overall_days is not None:
        days = t("{n} of {planned} planned", n=course.overall_days, planned=course.planned_overall_days)
    return html.Tr(
        [
            html.Th(name_words(planned.regimen), scope="row"),
            html.Td(
                [
                    t("{given} of {planned}", given=course.delivered_fractions, planned=planned.fractions),
                    html.Span(partial, className="sub") if partial else None,
                ],
                className="nowrap",
            ),
            html.Td(
                t(
                    "{given} of {planned}",
                    given=gray(course.delivered_dose_gy),
                    planned=gray(planned.dose_gy),
                ),
                className="number",
            ),
            html.Td(percent(course.difference_percent), className="number"),
            html.Td(_deviation(course)),
            html.Td(_span(first, last)),
            html.Td(days, className="nowrap"),
            html.Td(_missed(course)),
        ]
    )


def _span(first: date | None, last: date | None) -> Content:
    if first is None or last is None:
        return "–"
    return html.Span(t("{first} to {last}", first=first, last=last), className="nowrap")


def _deviation(course: DeliverySummary) -> Content:
    tone = _TONES[course.deviation]
    words = t("Goes on") if course.deviation is None else sentence_case(word(course.deviation))
    return html.Span(words, className=f"verdict verdict-{tone}")


def _missed(course: DeliverySummary) -> Content:
    if not course.missed_days:
        return "0"
    gaps = [_gap(each) for each in course.gaps[:_MOST_GAPS]]
    if len(course.gaps) > _MOST_GAPS:
        gaps.append(t("and {n} more gaps", n=len(course.gaps) - _MOST_GAPS))
    return [str(len(course.missed_days)), *(html.Span(each, className="sub") for each in gaps)]


def _gap(gap: Gap) -> str:
    if gap.until is None:
        return t("{n} since {day}", n=gap.missed_days, day=gap.after)
    return t("{n} before {day}", n=gap.missed_days, day=gap.until)


def _others(view: DeliveryView) -> Content:
    if not view.other_fractions:
        return None
    plans = dict.fromkeys(each.plan for each in view.other_fractions)
    counts = [
        t("{plan}: {n} fractions", plan=plan, n=sum(each.plan == plan for each in view.other_fractions))
        for plan in plans
    ]
    said = t(
        "On plans that are not in the newest submission, and in no dose here: {plans}.",
        plans="; ".join(counts),
    )
    return html.P(said)


def _deviations(view: DeliveryView) -> Content:
    items = [html.Li([deviation_words(each, view), _said_to(each)]) for each in view.deviations]
    items += [html.Li(_against_arm(each)) for each in view.against_arm]
    if not items:
        return None
    return html.Div([html.H3(t("Deviations of delivery"), className="second"), html.Ul(items)])


def _against_arm(therapy: Therapy) -> str:
    what = sentence_case(word(DeliveryDeviationKind.ARM_WITHOUT_RADIOTHERAPY))
    on = "–" if therapy.started_on is None else therapy.started_on.isoformat()
    return t("{what}: {therapy}, from {day}", what=what, therapy=therapy.label, day=on)


def _said_to(listed: ListedDeviation) -> Content:
    words = listed.words or t("Nobody has said anything to it yet.")
    if listed.words and listed.left:
        words = t("{words} (fractions since then are open)", words=listed.words)
    return html.Div(words, className="muted small")


def _unread(view: DeliveryView) -> Content:
    if not view.unread_versions:
        return None
    numbers = ", ".join(str(each) for each in view.unread_versions)
    said = t("Versions {numbers} have to be checked again before their records count.", numbers=numbers)
    return html.P(said)


def response_table(code: str, view: ClinicalView) -> Content:
    """Give the response of each assessment, and what survival they come to."""
    outcome = view.outcome
    if not outcome.responses and not view.visits:
        said = t("No tumour assessment is on record.")
        return _card(t("Response and survival"), html.P(said, className="muted"))
    columns = (
        t("Assessment"),
        t("Complete on"),
        t("Response"),
        t("Sum of targets"),
        t("From baseline"),
        t("From smallest"),
        t("Progression on"),
    )
    visits = {each.occasion: each for each in view.forms if each.kind == ClinicalForm.VISIT}
    rows = [_response(code, each, visits.get(each.label)) for each in outcome.responses]
    listing = table(t("Assessments, oldest first"), columns, rows, numeric=columns[3:6]) if rows else None
    return _card(t("Response and survival"), listing, facts(_survival(view, outcome)))


def _response(code: str, response: VisitResponse, form: FormVersion | None) -> Content:
    name = response.label if form is None else dcc.Link(response.label, href=form_href(code, form.id))
    hand = None
    if response.by_hand is not None:
        hand = html.Span(t("by hand; derived: {response}", response=word(response.derived)), className="sub")
    return html.Tr(
        [
            html.Td(name),
            html.Td("–" if response.on is None else response.on.isoformat(), className="nowrap"),
            html.Td([html.Strong(word(response.overall)), hand]),
            *(html.Td(each, className="number") for each in _sums(response.targets)),
            html.Td("–" if response.progression_on is None else response.progression_on.isoformat()),
        ]
    )


def _sums(targets: TargetSum | None) -> tuple[str, str, str]:
    if targets is None or targets.mm is None:
        return sum_words(targets), "–", "–"
    changes = percent(targets.from_baseline_percent), percent(targets.from_nadir_percent)
    return f"{float(targets.mm):.1f} mm", *changes


def _survival(view: ClinicalView, outcome: SubjectOutcome) -> list[tuple[str, Content]]:
    found: list[tuple[str, Content]] = []
    if outcome.best is not None and outcome.best_confirmed is not None:
        best = t(
            "{best} (confirmed: {confirmed})",
            best=word(outcome.best),
            confirmed=word(outcome.best_confirmed),
        )
        found.append((t("Best response"), best))
    pfs = outcome.pfs_of(PfsVariant.PRIMARY)
    if pfs is not None:
        found.append((t("Progression-free"), _days(pfs.days, event=pfs.event, why=word(pfs.reason))))
    if outcome.survival is not None:
        dead = outcome.survival.event
        why = t("died") if dead else t("last known to be alive")
        found.append((t("Survival"), _days(outcome.survival.days, event=dead, why=why)))
    waiting = next((each for each in reversed(view.visits) if not each.label), None)
    if waiting is not None:
        window = t(
            "{day} ({first} to {last}): {standing}",
            day=waiting.on,
            first=waiting.opens_on,
            last=waiting.closes_on,
            standing=word(waiting.standing),
        )
        found.append((t("Next scheduled assessment"), window))
    return found


def _days(days: int, *, event: bool, why: str) -> str:
    if event:
        return tn("event after {n} day: {why}", "event after {n} days: {why}", days, why=why)
    return tn("no event for {n} day: {why}", "no event for {n} days: {why}", days, why=why)


def queries_card(code: str, view: ClinicalView, delivery: DeliveryView, *, may_answer: bool) -> Content:
    """Give what is unclear in the record, and the way to answer it."""
    found = [each.query for each in (*view.outcome.open_queries, *delivery.open_queries)]
    title = t("Queries")
    if not found:
        return _card(title, html.P(t("Nothing is unclear."), className="muted"))
    items = [
        html.Li(
            [
                html.Strong(sentence_case(name_words(with_plan_names(each.about, delivery.courses)))),
                html.Div(said(f"{sentence_case(each.message.removesuffix('.'))}. {each.action}")),
                html.Span(word(each.code), className="sub muted small"),
            ]
        )
        for each in found
    ]
    answer = dcc.Link(t("Answer a query"), href=f"/subjects/{code}/query", className="button button-small")
    count = tn("{n} open query", "{n} open queries", len(found))
    return _card(f"{title}: {count}", html.Ul(items, className="queries"), answer if may_answer else None)


def _card(title: str, *body: Content) -> Content:
    return html.Section([html.H2(title), *body], className="card")

"""The figures of a data cut, phase IIa and IIb each by itself."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from trial_core.domain.access import Permission, may
from trial_core.domain.populations import Population
from trial_core.domain.subject import Phase
from web.components.cut_parts import endpoint_parts, predictions_table
from web.components.cut_toxicity import toxicity_parts
from web.components.figure import figure_card
from web.components.frame import Content, Page, head
from web.components.marks import said
from web.components.tables import facts
from web.figures import dose_response, forest, survival, swimmer, waterfall
from web.forms import Context, form_card
from web.house import actor
from web.reading.cuts import CutFigures, figures_of
from web.route import route
from web.sections import Section
from web.study_entry.cuts import REPEAT
from web.words import t, tn, word, word_from

_ENDPOINTS = ("pfs", "os")


def page(cut_id: str, phase: str) -> Page:
    """Give the figures of one phase of a cut."""
    chosen = Phase(phase) if phase in set(Phase) else Phase.IIB
    found = figures_of(cut_id)
    title = t("{label}: phase {phase}", label=found.cut.label, phase=word(chosen))
    body = [head(title, crumbs=[dcc.Link(t("Outcomes"), href="/outcomes")], action=_phases(cut_id, chosen))]
    return Page(title, Section.OUTCOMES, [*body, _facts(found, chosen), *_figures(found, chosen)])


def endpoints(figures: CutFigures, phase: Phase) -> dict[str, Any]:
    """Give both endpoints of a phase by the short names that addresses have."""
    found = figures.outcome["phases"][phase.value]
    return {"pfs": found["progression_free_survival"]["primary"], "os": found["overall_survival"]}


def forest_rows(figures: CutFigures, name: str) -> list[forest.Ratio]:
    """Give the rows of an endpoint's forest plot, of phase IIb."""
    long = {"pfs": "progression_free_survival", "os": "overall_survival"}[name]
    subgroups = figures.pictures["phases"][Phase.IIB.value]["forest"][long]
    return forest.ratios(endpoints(figures, Phase.IIB)[name], subgroups)


def _phases(cut_id: str, chosen: Phase) -> Content:
    links = [
        dcc.Link(
            t("Phase {phase}", phase=word(each)),
            href=f"/outcomes/{cut_id}/{each.value}",
            className="button" if each is chosen else "button button-quiet",
        )
        for each in Phase
    ]
    return html.Nav(links, className="actions", **{"aria-label": t("Phases")})


def _facts(figures: CutFigures, phase: Phase) -> Content:
    found, cut = figures.outcome["phases"][phase.value], figures.outcome["cut"]
    subjects = tn(
        "{n} subject, {population}",
        "{n} subjects, {population}",
        found["n"],
        population=word_from(Population, found["population"]),
    )
    protocol, version, _ = cut["protocol"]
    pairs = [
        (t("Analysed"), subjects),
        (t("Provisional, with open queries"), str(found["provisional"])),
        (t("Day of the cut"), cut["cut_on"]),
        (t("Protocol"), f"{protocol} {version}"),
        (t("Code"), html.Span(cut["code_version"], className="mono")),
        (t("Forms frozen (SHA-256)"), html.Span(cut["manifest_sha256"], className="mono")),
        (t("Outcomes (SHA-256)"), html.Span(figures.sha256, className="mono")),
    ]
    hint = html.P(t("The same cut gives the same bytes, whatever was entered since."), className="muted")
    repeat = form_card(
        REPEAT, Context({"cut": figures.cut.id}), title=t("Repeat"), submit=t("Compute everything anew")
    )
    what = html.Section([html.H2(t("What this rests on")), facts(pairs), _tables(figures)], className="card")
    return html.Div([what, html.Div([repeat, hint])], className="columns")


def _tables(figures: CutFigures) -> Content:
    """Give the tables by subject to who may see every subject's arm and outcome."""
    if not may(actor().role, Permission.SEE_OUTCOME_BY_ARM):
        return None
    at = f"/outcomes/{figures.cut.id}"
    links = [
        html.A(t("Dose and outcome, a row a subject and metric (CSV)"), href=f"{at}/dose-and-outcome.csv"),
        html.A(t("Every subject with populations, PFS and reasons (JSON)"), href=f"{at}/subjects.json"),
    ]
    return html.Div([html.H3(t("Tables by subject"), className="second"), html.Ul([*map(html.Li, links)])])


def _figures(figures: CutFigures, phase: Phase) -> list[Content]:
    if not figures.outcome["phases"][phase.value]["n"]:
        return [html.P(t("Nobody of this phase is analysed in this cut."), className="card")]
    cards = [_survival(figures, phase, name) for name in _ENDPOINTS]
    if phase is Phase.IIB:
        cards += [_forest(figures, name) for name in _ENDPOINTS]
    toxicity = toxicity_parts(figures.outcome, phase, csv_href=_csv(figures, phase, "toxicity"))
    return [*cards, _waterfall(figures, phase), _swimmer(figures, phase), toxicity, _dose(figures, phase)]


def _csv(figures: CutFigures, phase: Phase, name: str) -> str:
    return f"/outcomes/{figures.cut.id}/{phase.value}/{name}.csv"


def _endpoint_name(name: str) -> str:
    return t("Progression-free survival") if name == "pfs" else t("Overall survival")


def _survival(figures: CutFigures, phase: Phase, name: str) -> Content:
    endpoint = endpoints(figures, phase)[name]
    if endpoint is None:
        return None
    card = figure_card(
        f"survival-{name}",
        survival.survival_figure(endpoint),
        title=_endpoint_name(name),
        words=t("Kaplan-Meier with 95 % limits (log-log); a bar on the curve is a censored subject."),
        csv_href=_csv(figures, phase, name),
        height_px=460,
    )
    return html.Div([card, html.Section(endpoint_parts(endpoint), className="card")])


def _forest(figures: CutFigures, name: str) -> Content:
    rows = forest_rows(figures, name)
    if not rows:
        return None
    return figure_card(
        f"forest-{name}",
        forest.forest_figure(rows),
        title=t("{endpoint}: hazard ratios by stratum", endpoint=_endpoint_name(name)),
        words=t("Events / subjects behind each name; Cox with Efron's ties, Wald's 95 % limits."),
        csv_href=_csv(figures, Phase.IIB, f"forest-{name}"),
        height_px=forest.height_px(rows),
    )


def lanes_of(figures: CutFigures, phase: Phase) -> list[dict[str, Any]]:
    """Give what swimmer and waterfall plot are drawn from."""
    found: list[dict[str, Any]] = figures.pictures["phases"][phase.value]["subjects"]
    return found


def _waterfall(figures: CutFigures, phase: Phase) -> Content:
    lanes = lanes_of(figures, phase)
    left = waterfall.without_change(lanes)
    words = t(
        "Of the sum of diameters from baseline, over visits up to the first progression. "
        "Dotted: -30 % and +20 %; the letters are the best response."
    )
    if left:
        words += " " + t("Without a bar, for no sum is complete: {subjects}.", subjects=", ".join(left))
    return figure_card(
        "waterfall",
        waterfall.waterfall_figure(lanes),
        title=t("Best change of the target lesions"),
        words=words,
        csv_href=_csv(figures, phase, "waterfall"),
    )


def _swimmer(figures: CutFigures, phase: Phase) -> Content:
    lanes = lanes_of(figures, phase)
    return figure_card(
        "swimmer",
        swimmer.swimmer_figure(lanes),
        title=t("Course of each subject"),
        words=t("A lane ends on the day of death or when the subject was last known to be alive."),
        csv_href=_csv(figures, phase, "swimmer"),
        height_px=swimmer.height_px(lanes),
    )


def _dose(figures: CutFigures, phase: Phase) -> Content:
    groups = figures.dose[phase.value]
    figure = dose_response.dose_figure(groups, figures.pictures["pneumonitis_curves"])
    card = figure_card(
        "dose-response",
        figure,
        title=t("Dose and pneumonitis"),
        words=t(
            "Models beside what was seen: a mark at 100 % is a subject with the event, at 0 % one without."
        ),
        csv_href=_csv(figures, phase, "dose-response"),
    )
    reasons = [
        html.Li([f"{survival.group_name(group)}: ", said(why), f" ({n})"])
        for group, found in groups.items()
        for why, n in found["without_dose"].items()
    ]
    without = [html.H3(t("Without a dose")), html.Ul(reasons, className="reasons")] if reasons else []
    return html.Div([card, html.Section([predictions_table(groups), *without], className="card")])


ROUTES = (route("/outcomes/{cut_id}/{phase}", page),)

"""The pictures of a case, beside its numbers: the DVH with what can be switched in it, and the slices."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import dash_mantine_components as dmc
from dash import dcc, html

from trial_core.domain.pictures import PictureSet
from trial_core.domain.report import CourseReport, ResultRow
from trial_core.domain.rounding import shown, threshold
from web.components.criteria import dose_words
from web.components.frame import Content
from web.components.verdict import verdict_mark
from web.components.viewer import no_pictures, viewer
from web.figures.dvh import dvh_figure
from web.figures.dvh_curves import (
    GLYPHS,
    DoseAxis,
    DvhView,
    Group,
    VolumeAxis,
    curve_of,
    dose_choices,
    richest_dose,
    structure_style,
    structures_of,
)
from web.figures.sending import as_sent
from web.figures.theme import graph_config
from web.words import t


class Ids(StrEnum):
    """Components of the pictures; `CHOSEN` holds the number of the row that is looked at."""

    CHOSEN = "report-chosen"
    CHOSEN_WORDS = "report-chosen-words"
    DOSES = "report-doses"
    STRUCTURES = "report-structures"
    DOSE_AXIS = "report-dose-axis"
    VOLUME_AXIS = "report-volume-axis"
    DVH = "report-dvh"
    MISSING = "report-dvh-missing"


def group_id(group: Group) -> str:
    """Name the button of a group of structures."""
    return f"report-structures-{group}"


def dvh_card(report: CourseReport) -> Content:
    """Give the DVH with its switches."""
    title = html.H2(t("DVH"))
    if not report.curves:
        words = t("No dose could be measured in any structure; the findings say why.")
        return html.Section([title, html.P(words, className="muted")], className="card", id="dvh")
    view = DvhView(doses=(richest_dose(report),), structures=structures_of(report))
    graph = dcc.Graph(
        id=Ids.DVH,
        figure=as_sent(dvh_figure(report, view)),
        config=graph_config(),
        responsive=True,
        className="case-graph",
    )
    return html.Section(
        [
            html.Div([title, _structures(report, view), *_axes()], className="card-head"),
            _doses(report, view),
            html.Div(id=Ids.CHOSEN_WORDS, className="chosen-row", role="status"),
            graph,
            html.P(id=Ids.MISSING, className="caution small", hidden=True),
            html.P(
                t("◀ limit, ◁ ideal of a criterion; the tip points to what meets it."),
                className="muted small case-legend",
            ),
        ],
        className="card",
        id="dvh",
    )


def slices_card(
    submission_id: str, report: CourseReport, pictures: PictureSet | None, *, wide: bool
) -> Content:
    """Give the slices: one view beside the table, all three over the whole window."""
    if pictures is None or not pictures.scenes:
        body: Content = no_pictures()
        button = None
    else:
        body = viewer(submission_id, report, pictures)
        words = {"data-wide": t("All views"), "data-narrow": t("Back to the case")}
        button = html.Button(
            words["data-narrow"] if wide else words["data-wide"],
            type="button",
            className="button button-quiet button-small case-wide",
            **words,
        )
    return html.Section(
        [html.Div([html.H2(t("Slices")), button], className="card-head"), body],
        className=f"card case-slices{' is-wide' if wide else ''}",
        id="slices",
    )


def chosen_words(report: CourseReport, row: ResultRow) -> Content:
    """Say which criterion the pictures show."""
    value = shown(row.value, row.unit, (row.ideal, row.limit))
    words = t(
        "{number}. {structure} {metric}, {dose}: {value} {unit}, limit {limit}",
        number=row.number,
        structure=row.counts_as,
        metric=row.metric,
        dose=dose_words(report, row),
        value=value,
        unit=row.unit,
        limit=threshold(row.relation, row.limit, row.unit),
    )
    without = html.Span(t("It has no curve."), className="muted") if curve_of(report, row) is None else None
    return [html.Strong(words), verdict_mark(row.verdict), without]


def missing_words(report: CourseReport, view: DvhView) -> str:
    """Say why curves are missing on these axes; empty where none is."""
    sums = {"sum physical", "sum EQD2"} & set(view.doses)
    words = []
    if view.dose_axis is DoseAxis.PERCENT and sums:
        words.append(t("A sum of plans has no one prescription: it is shown in Gy alone."))
    if view.volume_axis is VolumeAxis.CC:
        words.append(t("A structure whose volume is not known is shown in % alone."))
    return " ".join(words)


def _structures(report: CourseReport, view: DvhView) -> Content:
    """Give the list of structures, folded: it opens over the plot."""
    group = dmc.CheckboxGroup(
        dmc.Stack([_structure(report, name) for name in view.structures], gap=5, mt=6),
        id=Ids.STRUCTURES,
        value=list(view.structures),
        label=t("Structures"),
    )
    buttons = [
        html.Button(words, id=group_id(each), type="button", className="button button-quiet button-small")
        for each, words in _groups().items()
    ]
    actions = html.Div(buttons, className="actions", role="group", **{"aria-label": t("Structures shown")})
    return html.Details(
        [html.Summary(t("Structures")), html.Div([actions, group], className="case-menu-body")],
        className="case-menu",
    )


def _groups() -> dict[Group, str]:
    return {
        Group.ALL: t("All"),
        Group.NONE: t("None"),
        Group.TARGETS: t("Targets"),
        Group.ORGANS: t("Organs"),
    }


def _structure(report: CourseReport, name: str) -> Content:
    colour, symbol = structure_style(report, name)
    glyph = html.Span(GLYPHS[symbol], className="glyph", style={"color": colour}, **{"aria-hidden": "true"})
    return dmc.Checkbox(label=[glyph, name], value=name, size="xs")


def _axes() -> list[Content]:
    return [
        _switch(Ids.DOSE_AXIS, t("Dose"), t("Dose axis"), [each.value for each in DoseAxis]),
        _switch(Ids.VOLUME_AXIS, t("Volume"), t("Volume axis"), [each.value for each in VolumeAxis]),
    ]


def _switch(name: str, words: str, label: str, values: Sequence[str]) -> Content:
    control = dmc.SegmentedControl(id=name, data=list(values), value=values[0], size="xs")
    return html.Div(
        [html.Span(words, className="small muted"), control],
        className="case-switch",
        role="group",
        **{"aria-label": label},
    )


def _doses(report: CourseReport, view: DvhView) -> Content:
    boxes = [dmc.Checkbox(label=each.label, value=each.key, size="xs") for each in dose_choices(report)]
    return dmc.CheckboxGroup(
        dmc.Group(boxes, gap="sm"),
        id=Ids.DOSES,
        value=list(view.doses),
        className="case-doses",
        **{"aria-label": t("Doses shown")},
    )

"""How every figure and grid looks: colours, dashes and symbols that are told apart in grey, and the layout.

Colours are Okabe and Ito's (https://jfly.uni-koeln.de/color/), darkened where they were too light on white:
told apart by the colour-blind. In grey they are not: so a figure never says anything by colour alone, a
series has a dash or a symbol, too. Text and grid lines take their colours from the style sheet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trial_core.domain.criteria import Verdict
from web.words import Language, chosen_language, t

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#b0568f", "#9a7500", "#2d8fc4", "#7a4fbf", "#8c5a3c")
DASHES = ("solid", "dash", "dot", "dashdot")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "hexagon")
NEUTRAL = "#7b868d"
"""Of what is no series: reference lines, legends that explain a dash."""

VERDICT_COLOURS: Mapping[Verdict, str] = {
    Verdict.PER_PROTOCOL: "#2a8c5c",
    Verdict.ACCEPTABLE_VARIATION: "#b97a00",
    Verdict.UNACCEPTABLE_DEVIATION: "#d03b30",
    Verdict.NOT_EVALUABLE: "#7178b0",
    Verdict.NOT_CONTOURED: NEUTRAL,
}
GRADE_COLOURS = ("#dfe5e8", "#b9d3e3", "#7fb0d0", "#e0a15a", "#c85a2b", "#5c1a12")
"""Toxicity from none or grade 0 to grade 5: ever darker, also in grey."""

# As in the style sheet: plotly measures legends and titles with it.
FONT = (
    "system-ui, -apple-system, Segoe UI, Noto Sans, PingFang SC, Microsoft YaHei, Noto Sans CJK SC, "
    "Source Han Sans SC, Liberation Sans, DejaVu Sans, Arial, sans-serif"
)


def series_style(index: int) -> dict[str, Any]:
    """Give colour, dash and symbol of a figure's series, told apart for the first 32."""
    return {
        "colour": COLOURS[index % len(COLOURS)],
        "dash": DASHES[index // len(COLOURS) % len(DASHES)],
        "symbol": SYMBOLS[index % len(SYMBOLS)],
    }


def layout(**more: Any) -> dict[str, Any]:
    """Give a figure's layout; `more` goes over it."""
    return {
        "autosize": True,
        "font": {"family": FONT, "size": 13},
        "margin": {"l": 60, "r": 16, "t": 16, "b": 48},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "colorway": list(COLOURS),
        "legend": {"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0.0},
        "modebar": {"bgcolor": "rgba(0,0,0,0)"},
        "hovermode": "closest",
        "hoverlabel": {"font": {"size": 13}},
        **more,
    }


def axis(title: str, **more: Any) -> dict[str, Any]:
    """Give an axis with its title; a unit stands in brackets behind it."""
    return {
        "title": {"text": as_text(title)},
        "rangemode": "tozero",
        "zeroline": True,
        "ticks": "outside",
        "tickcolor": "#9aa7ae",
        **more,
    }


def as_text(words: str) -> str:
    """Give words as plotly shows them: it reads a subset of HTML and %{} in titles, names and hovers."""
    escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("%{", "%\u200b{")


def graph_config() -> dict[str, Any]:
    """Give `config` of a `dcc.Graph`: few buttons, none that leads elsewhere, in the person's language."""
    config: dict[str, Any] = {
        "displaylogo": False,
        "responsive": True,
        "modeBarButtons": [["zoom2d", "pan2d", "resetScale2d"]],
    }
    if chosen_language() is Language.ENGLISH:
        return config
    words = {"Zoom": t("Zoom"), "Pan": t("Pan"), "Reset axes": t("Reset axes")}
    name = chosen_language().tag
    own = {"dictionary": words, "format": {}}
    return {**config, "locale": name, "locales": {name: own, name.partition("-")[0]: own}}

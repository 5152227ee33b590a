"""Dose-volume histograms as SVG for one page: curves by colour and dash, thresholds as triangles.

Nothing that a user wrote goes into the drawing: names stand in the legend beside it, in HTML. Colours are
names of CSS variables, so that one drawing serves light, dark and print.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HUES = 8
DASHES: tuple[tuple[float, ...], ...] = ((), (5, 2), (1.5, 1.5), (6, 2, 1.5, 2))
INK, GRID = "#010100", "#010200"
SIZE_INCHES = (9.6, 3.5)
_DRAWN_ID = re.compile(r'(id="|href="#|url\(#)(?=[mp][0-9a-f]{10})')
_GROUP_ID = re.compile(r'<g id="[^"]*">')
_PLACEHOLDER = re.compile(r"#0103(0[0-7])")


@dataclass(frozen=True)
class Stroke:
    """How a structure's line is drawn: one of `HUES` hues, one of `DASHES`."""

    hue: int
    dash: int

    @classmethod
    def number(cls, index: int) -> "Stroke":
        """Return the stroke of the n-th structure of a report: neighbours differ in grey as well."""
        return cls(index % HUES, (index + index // HUES) % len(DASHES))

    @property
    def dash_array(self) -> str:
        """The dash pattern as SVG writes it; empty for a solid line."""
        return " ".join(f"{length:g}" for length in DASHES[self.dash])


@dataclass(frozen=True)
class Line:
    """One cumulative DVH: at least `dose_gy[i]` in `volume_percent[i]` of the structure."""

    stroke: Stroke
    dose_gy: Sequence[float]
    volume_percent: Sequence[float]


@dataclass(frozen=True)
class Goal:
    """A threshold as a point of the plot; the curve is to pass below a ceiling and above a floor."""

    stroke: Stroke
    dose_gy: float
    volume_percent: float
    is_limit: bool
    is_ceiling: bool


def dvh_svg(lines: Sequence[Line], goals: Sequence[Goal], *, dose_label: str, prefix: str) -> str:
    """Draw DVHs as an SVG element.

    Parameters
    ----------
    lines, goals
        What to draw; goals lie over the lines, limits filled, ideals open.
    dose_label
        Title of the dose axis, of our own words.
    prefix
        Begins every id in the drawing: several drawings share a page.
    """
    from matplotlib import rc_context  # noqa: PLC0415  a second to import, and only a report needs it
    from matplotlib.figure import Figure  # noqa: PLC0415

    with rc_context({"svg.hashsalt": "dosegate", "svg.fonttype": "none", "font.size": 8.5}):
        figure = Figure(figsize=SIZE_INCHES)
        axes = figure.add_axes((0.055, 0.13, 0.935, 0.845))
        _draw(axes, lines, goals)
        _frame(axes, lines, goals, dose_label)
        return _as_element(figure, prefix)


def _draw(axes: "Axes", lines: Sequence[Line], goals: Sequence[Goal]) -> None:
    for line in lines:
        style = (0, DASHES[line.stroke.dash]) if DASHES[line.stroke.dash] else "solid"
        axes.plot(line.dose_gy, line.volume_percent, color=_hue(line.stroke), linewidth=1.5, linestyle=style)
    for goal in goals:
        axes.plot(
            [goal.dose_gy],
            [goal.volume_percent],
            marker="<" if goal.is_ceiling else ">",
            markersize=6,
            markeredgewidth=1.1,
            color=_hue(goal.stroke),
            fillstyle="full" if goal.is_limit else "none",
            clip_on=False,
            zorder=3,
        )


def _frame(axes: "Axes", lines: Sequence[Line], goals: Sequence[Goal], dose_label: str) -> None:
    doses_gy = [dose for line in lines for dose in line.dose_gy] + [goal.dose_gy for goal in goals]
    axes.set_xlim(0, 1.03 * max([1.0, *doses_gy]))
    axes.set_ylim(0, 102)
    axes.set_xlabel(dose_label, color=INK)
    axes.set_ylabel("Volume (%)", color=INK)
    axes.tick_params(colors=INK, length=3, width=0.7)
    axes.grid(color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.patch.set_visible(False)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(INK)
    axes.spines[["left", "bottom"]].set_linewidth(0.7)


def _hue(stroke: Stroke) -> str:
    return f"#01030{stroke.hue}"


def _as_element(figure: "Figure", prefix: str) -> str:
    """Return the figure as an SVG element: no prolog, no date, ids of its own, colours as CSS variables."""
    figure.patch.set_visible(False)
    buffer = io.StringIO()
    figure.savefig(
        buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
    )
    text = buffer.getvalue()
    text = _GROUP_ID.sub("<g>", text[text.index("<svg") :])
    text = _DRAWN_ID.sub(rf"\1{prefix}-", text)
    text = text.replace(INK, "var(--ink-soft)").replace(GRID, "var(--line)")
    text = _PLACEHOLDER.sub(lambda found: f"var(--hue-{int(found[1])})", text)
    return text.replace("<svg ", '<svg role="img" aria-label="Dose-volume histogram" class="dvh" ', 1).strip()

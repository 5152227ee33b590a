"""Notices: one sentence of what happened, one of what to do."""

from __future__ import annotations

from enum import StrEnum

from dash import html

from web.components.frame import Content


class Tone(StrEnum):
    """How a notice is meant; the title says it in words."""

    INFO = "info"
    GOOD = "good"
    WARN = "warn"
    STOP = "stop"


def notice(tone: Tone, title: str, body: Content = "", *, alert: bool = False) -> Content:
    """Give a notice; `alert` has it read out at once."""
    return html.Div(
        [html.Strong(title), html.Div(body)],
        className=f"notice notice-{tone}",
        role="alert" if alert else "status",
    )

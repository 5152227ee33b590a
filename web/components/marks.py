"""States of the trial as shape, word and colour; the word is always there."""

from __future__ import annotations

from enum import StrEnum

from dash import html

from web.components.frame import Content


class Mark(StrEnum):
    """How a state is meant; the value is its class in the style sheet, which has the shape."""

    GOOD = "per_protocol"
    WARN = "acceptable_variation"
    STOP = "unacceptable_deviation"
    OPEN = "not_evaluable"
    NONE = "not_contoured"
    PENDING = "pending"


def mark(meant: Mark, words: str) -> Content:
    """Give a state."""
    return html.Span(words, className=f"verdict verdict-{meant}")


def english(sentence: str) -> Content:
    """Give a sentence that the trial core writes in English, marked as such for screen readers."""
    return html.Span(sentence, lang="en")

"""States of the trial as shape, word and colour; the word is always there."""

from __future__ import annotations

from enum import StrEnum

from dash import html

from web.components.frame import Content
from web.words import sentence_words


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


def said(sentence: str) -> Content:
    """Give a sentence of a check or of the trial core: in the person's language, else marked as English."""
    words = sentence_words(sentence)
    return html.Span(sentence, lang="en") if words is None else html.Span(words)


def typed(words: str) -> Content:
    """Give what a person typed, in whatever language and direction, kept apart from what stands beside it.

    Where the trial core may have written it, too, as the reason for a hold, its sentence is said.
    """
    return html.Bdi(sentence_words(words) or words)

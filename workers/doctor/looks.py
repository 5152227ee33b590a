"""What the doctor says of one thing: how it is, and what to do where it is not well."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a thing is."""

    WELL = "well"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True)
class Look:
    """One thing that was looked at.

    Attributes
    ----------
    about
        What it is, in a word or two.
    said
        What was found, with figures and their units.
    action
        What to do; None where it is well.
    """

    about: str
    state: State
    said: str
    action: str | None = None


def well(about: str, said: str) -> Look:
    """Say that a thing is as it should be."""
    return Look(about, State.WELL, said)


def note(about: str, said: str, action: str) -> Look:
    """Say that a thing works and wants somebody's eye."""
    return Look(about, State.NOTE, said, action)


def wrong(about: str, said: str, action: str) -> Look:
    """Say that a thing does not work."""
    return Look(about, State.WRONG, said, action)

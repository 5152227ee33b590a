"""What a form asks for, where it was sent from, and what was answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

REASON = "reason"
PASSWORD = "password"  # noqa: S105 - the name of a field


class FieldKind(StrEnum):
    """What is typed or chosen."""

    TEXT = "text"
    LONG_TEXT = "long text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes or no"
    TICK = "tick"
    PASSWORD = "password"  # noqa: S105 - a kind of field


@dataclass(frozen=True)
class Option:
    """One of a choice: what is kept, and what is read."""

    value: str
    label: str


@dataclass(frozen=True)
class Field:
    """One field, in the words of the person who fills it in.

    Attributes
    ----------
    name
        By which `Answers` gives what was answered; a refusal whose `field` is this name is shown here.
    unit
        Of a number; stands behind it and is never translated.
    least, most
        Limits of a number, themselves allowed.
    whole
        A number without decimals.
    earliest, latest
        Limits of a date, themselves allowed.
    longest
        Characters of a text.
    value
        What stands there at first: a text (numbers and dates as they are typed, a choice by its value, a tick
        as "yes"), or several texts for `CHOICES`.
    shown_when
        Name of a choice or a yes-no, and the values of it with which this field is asked for.
    section
        Title of a group; fields of one section that follow one another stand side by side under it.
    """

    name: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    hint: str = ""
    required: bool = False
    unit: str = ""
    least: float | None = None
    most: float | None = None
    whole: bool = False
    earliest: date | None = None
    latest: date | None = None
    longest: int = 200
    options: tuple[Option, ...] = ()
    value: str | tuple[str, ...] = ""
    shown_when: tuple[str, tuple[str, ...]] | None = None
    section: str = ""


@dataclass(frozen=True)
class Context:
    """Of what a form is, as its page put it there: it comes back from the browser, so it is a claim only.

    Attributes
    ----------
    facts
        Codes and ids, small.
    seen_version
        The version of the record that the page showed, 0 where there was none.
    """

    facts: Mapping[str, str] = field(default_factory=dict)
    seen_version: int = 0

    def __getitem__(self, name: str) -> str:
        """Give one fact, empty where the browser left it out: no service finds anything by that."""
        return self.facts.get(name, "")


@dataclass(frozen=True)
class Answers:
    """What was answered: read by `web.forms.reading`, within the limits that the fields declare."""

    given: Mapping[str, str | tuple[str, ...]]

    def text(self, name: str) -> str:
        """Give a text without the spaces around it; empty where nothing was typed."""
        found = self.given.get(name, "")
        return found if isinstance(found, str) else ""

    def text_or_none(self, name: str) -> str | None:
        """Give a text or a choice, None where there is none."""
        return self.text(name) or None

    def number(self, name: str) -> float | None:
        """Give a number, None where nothing was typed."""
        return float(self.text(name)) if self.text(name) else None

    def whole(self, name: str) -> int | None:
        """Give a whole number, None where nothing was typed."""
        return int(self.text(name)) if self.text(name) else None

    def day(self, name: str) -> date | None:
        """Give a date, None where nothing was typed."""
        return date.fromisoformat(self.text(name)) if self.text(name) else None

    def yes(self, name: str) -> bool | None:
        """Give yes or no, None where it was not answered."""
        return {"yes": True, "no": False}.get(self.text(name))

    def ticked(self, name: str) -> bool:
        """Tell whether a box is ticked."""
        return self.text(name) == "yes"

    def choices(self, name: str) -> tuple[str, ...]:
        """Give what was chosen of several."""
        found = self.given.get(name, ())
        return found if isinstance(found, tuple) else ()

    @property
    def reason(self) -> str | None:
        """The reason for a change, None in a first version."""
        return self.text_or_none(REASON)

    @property
    def password(self) -> str:
        """The password of a signature, as it was typed."""
        return self.text(PASSWORD)

"""Words of the printed report, in the reader's language: the English text is the key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

CONTEXT = "of the printed report"
"""Under which a catalogue has these texts; the words of the trial core are under their set's name."""


@dataclass(frozen=True)
class Words:
    """Says texts in a language.

    Attributes
    ----------
    tag
        Of the language: "en", "zh-Hans".
    translate
        Gives a text by its context and its English words.
    sentence
        Gives a sentence that the check or the record wrote in English; one that it does not know stays so.
    """

    tag: str
    translate: Callable[[str, str], str]
    sentence: Callable[[str], str] = str

    def say(self, text: str, **values: object) -> str:
        """Give a text with its values put in; they are never read as a template.

        The text is a literal wherever this is called: so a test finds it and asks for its translation.
        """
        found = self.translate(CONTEXT, text)
        return found.format(**values) if values else found

    def word(self, member: StrEnum) -> str:
        """Give the word of a member of a set of the trial core, with a capital."""
        said = self.translate(type(member).__name__, member.value)
        return said[:1].upper() + said[1:]

    def word_from(self, kind: type[StrEnum], text: str) -> str:
        """Give the word of a value as it is on record; one that the set has not is itself."""
        return self.word(kind(text)) if text in set(kind) else text


ENGLISH = Words("en", lambda _context, text: text)

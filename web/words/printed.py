"""The words of the printed report: in the language of the person who asks for it, and all that there are."""

from __future__ import annotations

from pathlib import Path

from babel.messages.extract import extract

from web.words.catalogue import catalogue
from web.words.extraction import WEB, Text
from web.words.language import chosen_language
from web.words.sentences import name_words
from workers.reports.pdf.words import CONTEXT, Words

PRINTED = WEB.parent / "workers" / "reports" / "pdf"


def printed_words() -> Words:
    """Give what the report says its texts with."""
    language = chosen_language()
    known = catalogue(language)
    return Words(language.tag, lambda context, text: known.get((context, text), text), sentence=name_words)


def printed_texts() -> tuple[Text, ...]:
    """Give what the report says in words of its own, as a catalogue has to have it."""
    return tuple(text for path in sorted(PRINTED.glob("*.py")) for text in _texts_in(path))


def _texts_in(path: Path) -> list[Text]:
    with path.open("rb") as file:
        found = list(extract("python", file, keywords={Words.say.__name__: None}))
    return [Text(CONTEXT, (str(message),), f"{path.name}:{line}") for line, message, _, _ in found]

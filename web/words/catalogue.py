"""The catalogues of a language: every area's file read and merged, a contradiction refused."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from web.words.language import Language

LOCALES = Path(__file__).parents[1] / "locales"

Key = tuple[str | None, str]
"""Context (None for most) and English source text."""


class ContradictingCatalogues(Exception):  # noqa: N818 - named for what is so, as all refusals
    """Two catalogues translate one text differently."""

    def __init__(self, text: str, one: str, other: str) -> None:
        super().__init__(
            f"{text!r} is translated as {one!r} and as {other!r}. Use one, or tell them apart with tc()."
        )
        self.text = text


@cache
def catalogue(language: Language) -> dict[Key, str]:
    """Give the texts of a language by their English ones; those of English are themselves: none.

    Raises
    ------
    ContradictingCatalogues
    """
    found: dict[Key, str] = {}
    for path in sorted((LOCALES / language.value).glob("*.po")):
        for key, text in read_catalogue(path).items():
            if found.setdefault(key, text) != text:
                raise ContradictingCatalogues(key[1], found[key], text)
    return found


def read_catalogue(path: Path) -> dict[Key, str]:
    """Give one file's texts by their English ones; the empty and the doubtful are left out."""
    with path.open("rb") as file:
        read = read_po(file, locale=path.parent.name)
    return {key: text for message in read if message.id for key, text in _texts(message)}


def _texts(message: Message) -> Iterator[tuple[Key, str]]:
    """A text for a number has one key for each of its two English forms; Chinese has one form for both."""
    if message.fuzzy:
        return
    ids = (message.id,) if isinstance(message.id, str) else message.id
    strings = (message.string,) if isinstance(message.string, str) else message.string
    for each in ids:
        if strings and strings[-1]:
            yield (message.context, each), strings[-1]

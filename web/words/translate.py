"""Give a text in the language of the person who asks."""

from __future__ import annotations

from dataclasses import dataclass

from web.words.apart import apart
from web.words.catalogue import catalogue
from web.words.language import chosen_language


def t(text: str, **values: object) -> str:
    """Give a text with its values put in; the values are never read as a template or as markup."""
    return _said(None, text, values)


def tc(context: str, text: str, **values: object) -> str:
    """Give a text whose English word means different things in different places."""
    return _said(context, text, values)


def tn(one: str, many: str, n: int, **values: object) -> str:
    """Give a text by number; `{n}` in it is the number."""
    return _said(None, one if n == 1 else many, {"n": n, **values})


@dataclass(frozen=True)
class Later:
    """A text that is named at import and said when it is shown: `str()` says it."""

    text: str
    context: str | None = None

    def __str__(self) -> str:
        return _said(self.context, self.text, {})


def later(text: str) -> Later:
    """Name a text that is said when it is shown."""
    return Later(text)


def _said(context: str | None, text: str, values: dict[str, object]) -> str:
    found = catalogue(chosen_language()).get((context, text), text)
    return found.format(**{name: _apart(value) for name, value in values.items()}) if values else found


def _apart(value: object) -> object:
    return apart(value) if isinstance(value, str) else value

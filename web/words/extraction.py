"""Find every text that people read in our own files: what a catalogue has to translate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.extract import extract

from web.words.client import FUNCTION
from web.words.core_words import CORE_WORDS

WEB = Path(__file__).parents[1]

_METHODS = {".py": "python", ".html": "jinja2.ext:babel_extract", ".js": "javascript"}
_IN_PYTHON: Mapping[str, Any] = {"t": None, "later": None, "tn": (1, 2), "tc": ((1, "c"), 2)}
_IN_SCRIPTS: Mapping[str, Any] = {FUNCTION: None}


@dataclass(frozen=True, order=True)
class Text:
    """A text to be translated: its context, its one or two English forms, and a place where it is."""

    context: str
    ids: tuple[str, ...]
    where: str


def texts_in(path: Path) -> Iterator[Text]:
    """Give the texts of a module, a template or a script."""
    keywords = _IN_SCRIPTS if path.suffix == ".js" else _IN_PYTHON
    with path.open("rb") as file:
        for line, message, _, context in extract(_METHODS[path.suffix], file, keywords=keywords):
            ids = (message,) if isinstance(message, str) else tuple(message)
            yield Text(context or "", ids, f"{path.name}:{line}")


def texts_of_the_web() -> tuple[Text, ...]:
    """Give the texts of every module, template and script of the web."""
    paths = sorted(path for path in WEB.rglob("*") if path.suffix in _METHODS and path.is_file())
    return tuple(text for path in paths for text in texts_in(path))


def core_texts() -> tuple[Text, ...]:
    """Give the words of the trial core that people get to see."""
    return tuple(
        Text(kind.__name__, (member.value,), kind.__module__) for kind in CORE_WORDS for member in kind
    )

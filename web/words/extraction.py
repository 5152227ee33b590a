"""Find every text that people read in our own files: what a catalogue has to translate."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.extract import extract

from web.words.client import FUNCTION
from web.words.core_words import CORE_WORDS

WEB = Path(__file__).parents[1]
TRIAL_CORE = WEB.parent / "trial_core"

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


def refusal_texts() -> tuple[Text, ...]:
    """Give the sentence of every kind of refusal of the trial core, with places for its facts."""
    found: list[Text] = []
    for path in sorted(TRIAL_CORE.rglob("*errors.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for each in (node for node in tree.body if isinstance(node, ast.ClassDef)):
            found += [
                Text(each.name, (sentence,), f"{path.name}:{each.lineno}") for sentence in _sentences(each)
            ]
    return tuple(found)


def _sentences(kind: ast.ClassDef) -> Iterator[str]:
    for node in ast.walk(kind):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "super().__init__" and node.args:
            sentence = _with_places(node.args[0])
            if sentence is not None and not _PLACES_ALONE.fullmatch(sentence):
                yield sentence


def _with_places(node: ast.expr) -> str | None:
    """Give a text or f-string with `{name}` where a fact stands; None where it is put together otherwise."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    parts, names = [], list[str]()
    for each in node.values:
        if isinstance(each, ast.Constant):
            parts.append(str(each.value))
        elif isinstance(each, ast.FormattedValue):
            names.append(_fact_name(each.value, names))
            parts.append(f"{{{names[-1]}}}")
    return "".join(parts)


def _fact_name(node: ast.expr, taken: list[str]) -> str:
    """Name a fact by the last name in it that is no function: `'; '.join(missing)` is `missing`."""
    called = {id(each.func) for each in ast.walk(node) if isinstance(each, ast.Call)}
    names = [each.id for each in ast.walk(node) if isinstance(each, ast.Name) and id(each) not in called]
    name = (names or ["fact"])[-1].strip("_").lower()
    return name if name not in taken else f"{name}{taken.count(name) + 2}"


_PLACES_ALONE = re.compile(r"[^A-Za-z]*(\{[a-z_0-9]+\}[^A-Za-z]*)+")

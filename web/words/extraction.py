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
from web.words.sentences import CONTEXT, PLACE

WEB = Path(__file__).parents[1]
TRIAL_CORE = WEB.parent / "trial_core"
SENTENCES_OF = (
    "imaging/*.py",
    "imaging/dicom/*.py",
    "imaging/linking/*.py",
    "workers/pipelines/*.py",
    "trial_core/domain/*.py",
    *(
        f"trial_core/services/{name}.py"
        for name in ("enrolment", "jobs", "major_deviations", "plan_decision", "randomisation", "results")
    ),
    *(f"trial_core/services/{name}.py" for name in ("safety", "screening", "whose_files")),
)
"""Where findings, reasons and queries are written."""
SPOKEN_ELSEWHERE = (
    *("imaging/lone_dose.py", "imaging/dicom/rt_dose_export.py", "imaging/transforms.py"),
    *("workers/pipelines/accumul*.py", "workers/pipelines/gamma.py"),
    *("workers/pipelines/metrics.py", "workers/pipelines/dose_choice.py"),
)
"""Modules of these folders that the command line alone speaks with."""

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


def sentence_texts() -> tuple[Text, ...]:
    """Give the sentences of the checks and of the trial core, with numbered places for their facts."""
    root = WEB.parent
    elsewhere = {path for pattern in SPOKEN_ELSEWHERE for path in root.glob(pattern)}
    paths = [path for pattern in SENTENCES_OF for path in sorted(root.glob(pattern)) if path not in elsewhere]
    return tuple(text for path in paths for text in _sentences_in(path))


def _sentences_in(path: Path) -> Iterator[Text]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    passed_over = {id(each) for node in ast.walk(tree) for each in _no_sentences_in(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in passed_over:
            sentence = _with_numbers(node)
            if sentence is not None and _SENTENCE.search(PLACE.sub(" ", sentence)):
                yield Text(CONTEXT, (sentence.strip(),), f"{path.name}:{node.lineno}")


def _no_sentences_in(node: ast.AST) -> Iterator[ast.AST]:
    """Give the texts in a node that nobody is told: docstrings, parts of f-strings, closed sets, the log."""
    if isinstance(node, ast.JoinedStr):
        yield from (each for each in ast.walk(node) if each is not node)
    elif isinstance(node, ast.ClassDef) and any(ast.unparse(each) == "StrEnum" for each in node.bases):
        yield from (part for each in node.body if isinstance(each, ast.Assign) for part in ast.walk(each))
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    elif isinstance(node, ast.Call) and ast.unparse(node.func).startswith(("log.", "re.")):
        yield from (part for each in node.args for part in ast.walk(each))


def _with_numbers(node: ast.expr) -> str | None:
    named = _with_places(node)
    if not isinstance(node, ast.JoinedStr) or named is None:
        return named
    parts = re.split(r"\{[a-z_0-9]+\}", named)
    return "".join(part + (f"{{{at}}}" if at < len(parts) else "") for at, part in enumerate(parts, 1))


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


_SENTENCE = re.compile(r"[a-z]{2,}[^a-z-]* [^a-z-]*[a-z]{2,}", re.IGNORECASE)
_PLACES_ALONE = re.compile(r"[^A-Za-z]*(\{[a-z_0-9]+\}[^A-Za-z]*)+")

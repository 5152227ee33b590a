"""A YAML text as a tree that keeps its lines; what YAML can do and a protocol never needs is refused."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import yaml

from trial_core.protocols.errors import Problem, ProtocolError

LARGEST_FILE_BYTES = 1_000_000
DEEPEST_NESTING = 20
"""A protocol is three or four levels deep; deeper nesting exists to exhaust a parser."""

_TEXT_TAG = "tag:yaml.org,2002:str"
_NULL_TAG = "tag:yaml.org,2002:null"
_BOOL_TAG = "tag:yaml.org,2002:bool"
_INT_TAG = "tag:yaml.org,2002:int"
_FLOAT_TAG = "tag:yaml.org,2002:float"
_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
"""YAML 1.1 reads 045 as 37 and 1:30 as 90; a limit must mean what it says."""


@dataclass(frozen=True)
class Tree:
    """A value with the line it begins in."""

    value: str | int | float | bool | list[Tree] | dict[str, Tree] | None
    line: int


def read_tree(data: bytes, file: str) -> tuple[Tree, list[Problem]]:
    """Read one YAML document.

    Returns
    -------
    The tree, and the problems that do not keep the rest from being read: duplicate keys, infinite numbers.

    Raises
    ------
    ProtocolError
        if the text is no YAML, or uses anchors, aliases, tags, several documents or too much nesting.
    """
    text = _text(data, file)
    try:
        _refuse_what_is_never_needed(text, file)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise ProtocolError(file, [_syntax_problem(error)]) from error
    except yaml.YAMLError as error:
        raise ProtocolError(file, [Problem(1, "", f"not readable as YAML: {error}")]) from error
    if node is None:
        raise ProtocolError(file, [Problem(1, "", "the file is empty; a protocol is a mapping of fields")])
    problems: list[Problem] = []
    return _tree(node, "", problems), problems


def _text(data: bytes, file: str) -> str:
    if len(data) > LARGEST_FILE_BYTES:
        raise ProtocolError(file, [Problem(1, "", f"larger than {LARGEST_FILE_BYTES:,} bytes: no protocol")])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ProtocolError(file, [Problem(line, "", "not UTF-8 text; save the file as UTF-8")]) from error


def _refuse_what_is_never_needed(text: str, file: str) -> None:
    depth = documents = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        documents += isinstance(event, yaml.DocumentStartEvent)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        reason = _never_needed(event, documents, depth)
        if reason:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise ProtocolError(file, [Problem(line, "", reason)])


def _never_needed(event: yaml.Event, documents: int, depth: int) -> str:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        return "anchors and aliases (&, *) are not read; write the value out, or quote the text"
    if getattr(event, "tag", None):
        return "tags (!) are not read; quote the text"
    if documents > 1:
        return "one document in a file; remove '---'"
    return f"nested deeper than {DEEPEST_NESTING} levels" if depth > DEEPEST_NESTING else ""


def _syntax_problem(error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    words = " ".join(part for part in (error.context, error.problem) if part)
    return Problem(mark.line + 1 if mark else 1, "", f"not readable as YAML: {words}")


def _tree(node: yaml.Node, field: str, problems: list[Problem]) -> Tree:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return Tree(_mapping(node, field, problems), line)
    if isinstance(node, yaml.SequenceNode):
        children = enumerate(node.value)
        return Tree([_tree(child, f"{field}[{index}]", problems) for index, child in children], line)
    assert isinstance(node, yaml.ScalarNode)  # noqa: S101 - YAML has three kinds of nodes
    return Tree(_scalar(node, field, problems), line)


def _mapping(node: yaml.MappingNode, field: str, problems: list[Problem]) -> dict[str, Tree]:
    tree: dict[str, Tree] = {}
    for key, child in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or key.tag != _TEXT_TAG:
            problems.append(Problem(line, field, "a key must be a text; quote it"))
            continue
        name = f"{field}.{key.value}" if field else key.value
        if key.value in tree:
            problems.append(Problem(line, name, f"given twice; first in line {tree[key.value].line}"))
            continue
        tree[key.value] = _tree(child, name, problems)
    return tree


def _scalar(node: yaml.ScalarNode, field: str, problems: list[Problem]) -> str | int | float | bool | None:
    line = node.start_mark.line + 1
    if node.tag in (_INT_TAG, _FLOAT_TAG):
        return _number(node.value, line, field, problems)
    if node.tag == _NULL_TAG:
        return None
    if node.tag == _BOOL_TAG:
        return bool(yaml.constructor.SafeConstructor().construct_yaml_bool(node))
    return str(node.value)


def _number(text: str, line: int, field: str, problems: list[Problem]) -> int | float | None:
    if text.lstrip("-+").lower() in (".inf", ".nan"):
        problems.append(Problem(line, field, f"'{text}' is not a finite number"))
        return None
    if not _NUMBER.fullmatch(text):
        problems.append(Problem(line, field, f"'{text}' can be read in two ways; write it like 45 or 45.5"))
        return None
    value = float(text)
    if not math.isfinite(value):
        problems.append(Problem(line, field, "is not a finite number that can be worked with"))
        return None
    return int(text) if text.lstrip("-+").isdigit() else value

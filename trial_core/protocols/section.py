"""Typed access to one mapping of a protocol file; problems are collected and reading goes on."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import TypeVar

from trial_core.protocols.errors import Problem
from trial_core.protocols.yaml_lines import Tree

E = TypeVar("E", bound=StrEnum)
_KIND_NAMES = {str: "a text", bool: "true or false", list: "a list", dict: "a mapping", int: "a number"}


class Section:
    """A mapping of the file.

    Every reading method notes a problem (with line and path) where its key is missing or of the wrong type
    and then returns a harmless value; whoever collects the problems raises at the end.

    Parameters
    ----------
    tree, field
        The mapping and its path in the file.
    problems
        Where problems go.
    keys
        The keys that may stand here; any other is a problem.
    """

    def __init__(self, tree: Tree, field: str, problems: list[Problem], keys: Collection[str]) -> None:
        self.line = tree.line
        self.field = field
        self._problems = problems
        self._items: dict[str, Tree] = {}
        if not isinstance(tree.value, dict):
            self._note(tree.line, field, f"must be a mapping with {', '.join(keys)}")
            return
        self._items = tree.value
        for key in self._items:
            if key not in keys:
                known = ", ".join(keys)
                self._note(self._items[key].line, self.path(key), f"unknown field; known here: {known}")

    def path(self, key: str) -> str:
        """The path of a key of this section."""
        return f"{self.field}.{key}" if self.field else key

    def has(self, key: str) -> bool:
        """Whether the key is given."""
        return key in self._items

    def not_empty(self, key: str) -> None:
        """Note a problem with a list that names nothing."""
        if key in self._items and self._items[key].value == []:
            self.problem(key, "must not be empty")

    def problem(self, key: str, message: str) -> None:
        """Note a problem with a key of this section."""
        tree = self._items.get(key)
        self._note(tree.line if tree else self.line, self.path(key), message)

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not blank."""
        value = self._value(key, str, default)
        if isinstance(value, str) and not value.strip() and value != default:
            self.problem(key, "must not be blank")
        return value if isinstance(value, str) else ""

    def flag(self, key: str, default: bool | None = None) -> bool:
        """true or false."""
        return bool(self._value(key, bool, default))

    def number(self, key: str) -> float:
        """A finite number."""
        value = self._value(key, int, None)
        return float(value) if isinstance(value, int | float) else 0.0

    def optional_number(self, key: str) -> float | None:
        """A finite number, or nothing where the key is not given."""
        return self.number(key) if self.has(key) else None

    def positive(self, key: str) -> float:
        """A number above 0."""
        value = self.number(key)
        if value <= 0 and self._is_number(key):
            self.problem(key, f"is {value:g}; must be above 0")
        return value

    def optional_positive(self, key: str) -> float | None:
        """A number above 0, or nothing where the key is not given."""
        return self.positive(key) if self.has(key) else None

    def count(self, key: str) -> int:
        """A whole number of at least 1; one that was refused reads as 0."""
        value = self.number(key)
        if value >= 1 and value == int(value):
            return int(value)
        if self._is_number(key):
            self.problem(key, f"is {value:g}; must be a whole number of at least 1")
        return 0

    def counts(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers of at least 1."""
        trees = enumerate(self._list(key, None))
        return tuple(self._item(key, index, tree).count("") for index, tree in trees)

    def choice(self, key: str, kind: type[E], default: E | None = None) -> E:
        """One value of a closed set."""
        fallback = default or next(iter(kind))
        text = self._value(key, str, default.value if default else None)
        if not isinstance(text, str):
            return fallback
        if text not in list(kind):
            self.problem(key, f"is '{text}'; must be one of: {', '.join(kind)}")
            return fallback
        return kind(text)

    def known(self, key: str, names: Collection[str], what: str) -> str:
        """A text that names something the file defines elsewhere."""
        text = self.text(key)
        if text and text not in names:
            self.problem(key, f"'{text}' is no {what} of this protocol; known: {', '.join(names) or 'none'}")
        return text

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of texts that are not blank."""
        return tuple(text for _line, text in self._texts(key, default))

    def known_texts(
        self, key: str, names: Collection[str], what: str, default: tuple[str, ...] | None = None
    ) -> tuple[str, ...]:
        """A list of texts, each naming something the file defines elsewhere."""
        texts = list(self._texts(key, default))
        for line, text in texts:
            if text not in names:
                known = ", ".join(names) or "none"
                self._note(line, self.path(key), f"'{text}' is no {what} of this protocol; known: {known}")
        return tuple(text for _line, text in texts)

    def text_lists(self, key: str) -> tuple[tuple[str, ...], ...]:
        """A list of lists of texts; empty where the key is not given."""
        lists: list[tuple[str, ...]] = []
        for index, tree in enumerate(self._list(key, ())):
            inner = self._item(key, index, tree)
            inner.not_empty("")
            lists.append(inner.texts(""))
        return tuple(lists)

    def section(self, key: str, keys: Collection[str]) -> Section:
        """The mapping under a key."""
        if not self.has(key):
            self._missing(key)
            return Section(Tree({}, self.line), self.path(key), [], keys)
        return Section(self._items[key], self.path(key), self._problems, keys)

    def sections(self, key: str, keys: Collection[str]) -> Iterator[Section]:
        """The mappings in the list under a key; an empty list is a problem."""
        trees = self._list(key, None)
        self.not_empty(key)
        for index, tree in enumerate(trees):
            yield Section(tree, f"{self.path(key)}[{index}]", self._problems, keys)

    def _item(self, key: str, index: int, tree: Tree) -> Section:
        """One item of a list, under an empty key."""
        return Section(Tree({"": tree}, tree.line), f"{self.path(key)}[{index}]", self._problems, ("",))

    def _texts(self, key: str, default: tuple[str, ...] | None) -> Iterator[tuple[int, str]]:
        for index, tree in enumerate(self._list(key, default)):
            if isinstance(tree.value, str) and tree.value.strip():
                yield tree.line, tree.value
            else:
                self._note(tree.line, f"{self.path(key)}[{index}]", "must be a text; quote it")

    def _list(self, key: str, default: tuple[str, ...] | None) -> list[Tree]:
        value = self._value(key, list, default)
        if isinstance(value, tuple):
            return [Tree(text, self.line) for text in value]
        return value if isinstance(value, list) else []

    def _value(self, key: str, kind: type, default: object) -> object:
        if key not in self._items:
            if default is None:
                self._missing(key)
            return default
        value = self._items[key].value
        if not _is_of(value, kind):
            self.problem(key, f"must be {_KIND_NAMES[kind]}, is {_described(value)}")
            return default
        return value

    def _is_number(self, key: str) -> bool:
        return key in self._items and _is_of(self._items[key].value, int)

    def _missing(self, key: str) -> None:
        self._note(self.line, self.path(key), "is missing")

    def _note(self, line: int, field: str, message: str) -> None:
        self._problems.append(Problem(line, field.removesuffix("."), message))


def _is_of(value: object, kind: type) -> bool:
    if kind is int:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, kind)


def _described(value: object) -> str:
    if value is None:
        return "empty"
    if isinstance(value, list | dict):
        return _KIND_NAMES[type(value)]
    return f"'{value}'"

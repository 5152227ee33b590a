"""Every public service with the arguments it takes, found by looking: what is added is found, too.

A service is a public function of `trial_core.services` whose first parameter is the database. Functions whose
first parameter is a connection are steps of a use case, which has authorised already.
"""

from __future__ import annotations

import importlib
import inspect
import io
import pkgutil
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

import trial_core.services
from trial_core.db.session import Database
from trial_core.domain.conduct import Conduct
from trial_core.domain.protocol import Protocol
from trial_core.protocols.reader import read_protocol
from trial_core.store import ByteSource, Store

Service = Callable[..., Any]

PASSWORD = "correct horse battery"


@cache
def services() -> dict[str, Service]:
    """Find them: "module.function" -> function."""
    found: dict[str, Service] = {}
    for module_info in pkgutil.iter_modules(trial_core.services.__path__, "trial_core.services."):
        module = importlib.import_module(module_info.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            own = function.__module__ == module.__name__ and not name.startswith("_")
            if own and next(iter(inspect.signature(function).parameters), None) == "db":
                found[f"{module_info.name.rpartition('.')[2]}.{name}"] = function
    return found


def takes_actor(service: Service) -> bool:
    return "actor" in inspect.signature(service).parameters


def call(service: Service, given: Mapping[str, Any]) -> Any:
    """Call a service with what is given and, for its other parameters without default, some value."""
    hints = typing.get_type_hints(service)
    positional, named = [], {}
    for name, parameter in inspect.signature(service).parameters.items():
        if name not in given and parameter.default is not parameter.empty:
            continue
        value = given[name] if name in given else some(hints[name], f"{service.__name__}({name})")
        if parameter.kind is parameter.KEYWORD_ONLY:
            named[name] = value
        else:
            positional.append(value)
    return service(*positional, **named)


def some(kind: Any, where: str) -> Any:  # noqa: PLR0911 - one line a kind
    """Make a value of a type."""
    if kind in _VALUES:
        return _VALUES[kind]()
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return None if type(None) in parts else some(parts[0], where)
    if origin is typing.Literal:
        return parts[0]
    if origin in (tuple, list, Iterable, Sequence, typing.Sequence, frozenset, set):
        return ()
    if origin in (dict, Mapping):
        return {}
    if inspect.isclass(kind) and issubclass(kind, Enum):
        return next(iter(kind))
    if is_dataclass(kind):
        return _some_dataclass(kind, where)
    if origin is Callable or kind is Any:
        return lambda *_: None
    raise AssertionError(f"{where}: say in service_calls how to make a {kind}")


def _some_dataclass(kind: Any, where: str) -> Any:
    hints = typing.get_type_hints(kind)
    needed = (one for one in fields(kind) if one.default is MISSING and one.default_factory is MISSING)
    return kind(**{one.name: some(hints[one.name], f"{where}.{one.name}") for one in needed if one.init})


@cache
def _protocol() -> Protocol:
    return read_protocol()


def _conduct() -> Conduct:
    found = _protocol().conduct
    assert found is not None
    return found


_VALUES: dict[Any, Callable[[], Any]] = {
    str: lambda: "x",
    int: lambda: 1,
    float: lambda: 1.0,
    bool: lambda: False,
    bytes: lambda: b"k" * 32,
    date: lambda: date(2026, 2, 1),
    datetime: lambda: datetime(2026, 2, 1, tzinfo=UTC),
    object: lambda: "x",
    Path: lambda: Path("nowhere"),
    Protocol: _protocol,
    Conduct: _conduct,
    ByteSource: lambda: io.BytesIO(b""),
}


class Wrote(BaseException):
    """A service began to write: no error that a service may catch."""


class Rehearsal(Database):
    """A database on which nothing that is written stays."""

    writes_allowed = True

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        if not self.writes_allowed:
            raise Wrote
        with self.engine.connect().execution_options(writes=True) as connection:
            begun = connection.begin()
            try:
                yield connection
            finally:
                begun.rollback()


def has_store(service: Service) -> bool:
    return Store in typing.get_type_hints(service).values()

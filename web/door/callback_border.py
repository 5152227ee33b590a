"""What a callback may be sent: known callbacks with values of their kinds; anything else is refused unread.

Dash hands a request's JSON to callbacks as it comes. Here it is checked once; callbacks may trust it then.
A page declares kinds beside its ids, `KINDS = {f"{Ids.STRUCTURES}.value": Kind.TEXTS}`; of ids that are
patterns, as `{"type": "form-field", "form": ..., "field": ...}`, the type counts: `"form-field.value"`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

from dash import Dash
from flask import Flask, abort, request

from web.door.kinds import Kind, are_texts, fits, is_text
from web.words import t

CALLBACK_PATH = "/_dash-update-component"
MOST_PARTS = 512
"""Components that one pattern may stand for: fields of a form, rows of a list."""

_COUNTERS = frozenset({"n_clicks", "n_intervals", "n_submit", "submit_n_clicks"})
_WILDCARDS = (["ALL"], ["MATCH"], ["ALLSMALLER"])

Kinds = Mapping[str, Kind]


class KindDeclaredTwice(Exception):  # noqa: N818 - named for what is so, as all refusals
    """Two modules declare different kinds for one value."""

    def __init__(self, place: str) -> None:
        super().__init__(f"Two modules declare the kind of {place!r} differently. Name their ids apart.")
        self.place = place


def declared_kinds(modules: Iterable[ModuleType]) -> dict[str, Kind]:
    """Collect what modules declare in their `KINDS`.

    Raises
    ------
    KindDeclaredTwice
    """
    found: dict[str, Kind] = {}
    for module in modules:
        for place, kind in getattr(module, "KINDS", {}).items():
            if found.setdefault(str(place), kind) is not kind:
                raise KindDeclaredTwice(place)
    return found


def guard_callbacks(app: Dash, server: Flask, kinds: Kinds) -> None:
    """Refuse callbacks that no page of ours would send, before Dash reads them."""

    def check() -> None:
        if request.path == CALLBACK_PATH and request.method == "POST":
            _check(read_json(), app.callback_map, kinds)

    server.before_request(check)


def read_json() -> Any:
    """Read the request's JSON; what is none, or is nested without end, is None."""
    try:
        return json.loads(request.get_data())
    except (ValueError, RecursionError):
        return None


def _check(body: Any, known: Mapping[str, Any], kinds: Kinds) -> None:
    output = body.get("output") if isinstance(body, dict) else None
    callback = known.get(output) if isinstance(output, str) else None
    # one without a function of ours runs in the browser alone
    if callback is None or "callback" not in callback or not _fits(body, callback, kinds):
        abort(400, t("This is not a request of Dosegate's pages. Reload the page and try again."))


def _fits(body: dict[str, Any], callback: Mapping[str, Any], kinds: Kinds) -> bool:
    return (
        _are_values_of(body.get("inputs"), callback["inputs"], kinds)
        and _are_values_of(body.get("state", []), callback["state"], kinds)
        and _are_outputs(body.get("outputs"))
        and are_texts(body.get("changedPropIds", []))
    )


def _are_values_of(sent: Any, parts: list[dict[str, str]], kinds: Kinds) -> bool:
    return (
        isinstance(sent, list)
        and len(sent) == len(parts)
        and all(_is_value_of(one, part, kinds) for one, part in zip(sent, parts, strict=True))
    )


def _is_value_of(sent: Any, part: dict[str, str], kinds: Kinds) -> bool:
    if not part["id"].startswith("{"):
        return _is_one(sent, part["id"], part["property"], kinds)
    pattern = json.loads(part["id"])
    if ["ALL"] not in pattern.values() and ["ALLSMALLER"] not in pattern.values():
        return _is_one(sent, pattern, part["property"], kinds)
    return (
        isinstance(sent, list)
        and len(sent) <= MOST_PARTS
        and all(_is_one(one, pattern, part["property"], kinds) for one in sent)
    )


def _is_one(sent: Any, wanted: str | dict[str, Any], prop: str, kinds: Kinds) -> bool:
    if not isinstance(sent, dict) or sent.get("property") != prop:
        return False
    if not _is_id(sent.get("id"), wanted):
        return False
    if prop == "id":
        return bool(sent.get("value") == sent["id"])
    return fits(sent.get("value"), _kind_of(wanted, prop, kinds))


def _is_id(sent: Any, wanted: str | dict[str, Any]) -> bool:
    if isinstance(wanted, str) or not isinstance(sent, dict):
        return bool(sent == wanted)
    return sent.keys() == wanted.keys() and all(
        is_text(sent[key]) if value in _WILDCARDS else sent[key] == value for key, value in wanted.items()
    )


def _kind_of(wanted: str | dict[str, Any], prop: str, kinds: Kinds) -> Kind:
    if prop in _COUNTERS:
        return Kind.COUNT
    name = wanted if isinstance(wanted, str) else wanted.get("type", "")
    return kinds.get(f"{name}.{prop}", Kind.TEXT)


def _are_outputs(sent: Any) -> bool:
    if isinstance(sent, list):
        return len(sent) <= MOST_PARTS and all(map(_is_output_or_list, sent))
    return _is_output(sent)


def _is_output_or_list(sent: Any) -> bool:
    """A pattern for many components is a list among the outputs."""
    return all(map(_is_output, sent)) if isinstance(sent, list) else _is_output(sent)


def _is_output(sent: Any) -> bool:
    return isinstance(sent, dict) and _is_any_id(sent.get("id")) and is_text(sent.get("property"))


def _is_any_id(sent: Any) -> bool:
    return all(map(is_text, sent.values())) if isinstance(sent, dict) else is_text(sent)

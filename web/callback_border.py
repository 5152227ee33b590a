"""What a callback may be sent: known callbacks with values of their types; anything else is refused unread.

Dash hands a request's JSON to callbacks as it comes. Here it is checked once; callbacks may trust it then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dash import Dash
from flask import Flask, abort, request

CALLBACK_PATH = "/_dash-update-component"
MOST_CHARACTERS = 4096
MOST_NAMES = 4096

_LISTS = frozenset({"report-structures.value", "report-structures-offered.data"})
_MODELS = frozenset({"home-grid.filterModel"})
_NEVER_ABSENT = frozenset(
    {"submission-id.data", "report-submission.data", "subject-code.data", "screening-code.data"}
)
_COUNTERS = frozenset({"n_clicks", "n_intervals", "n_submit", "submit_n_clicks"})


def guard_callbacks(app: Dash, server: Flask) -> None:
    """Refuse callbacks that no page of ours would send, before Dash reads them."""

    def check() -> None:
        if request.path == CALLBACK_PATH and request.method == "POST":
            _check(read_json(), app.callback_map)

    server.before_request(check)


def read_json() -> Any:
    """Read the request's JSON; what is none, or is nested without end, is None."""
    try:
        return json.loads(request.get_data())
    except (ValueError, RecursionError):
        return None


def _check(body: Any, known: Mapping[str, Any]) -> None:
    output = body.get("output") if isinstance(body, dict) else None
    callback = known.get(output) if isinstance(output, str) else None
    if callback is None or not _fits(body, callback):
        abort(400, "This is not a request of Dosegate's pages. Reload the page and try again.")


def _fits(body: dict[str, Any], callback: Mapping[str, Any]) -> bool:
    return (
        _are_values_of(body.get("inputs"), callback["inputs"])
        and _are_values_of(body.get("state", []), callback["state"])
        and _are_outputs(body.get("outputs"))
        and _are_names(body.get("changedPropIds", []))
    )


def _are_values_of(sent: Any, parts: list[dict[str, str]]) -> bool:
    return (
        isinstance(sent, list)
        and len(sent) == len(parts)
        and all(_is_value_of(one, part) for one, part in zip(sent, parts, strict=True))
    )


def _is_value_of(sent: Any, part: dict[str, str]) -> bool:
    place = (part["id"], part["property"])
    return (
        isinstance(sent, dict)
        and (sent.get("id"), sent.get("property")) == place
        and _is_of_its_type(sent.get("value"), ".".join(place))
    )


def _is_of_its_type(value: Any, place: str) -> bool:
    if value is None:
        return place not in _NEVER_ABSENT
    if place.rpartition(".")[2] in _COUNTERS:
        return isinstance(value, int) and not isinstance(value, bool)
    if place in _MODELS:
        return _is_model(value)
    return _are_names(value) if place in _LISTS else _is_text(value)


def _is_model(value: Any) -> bool:
    """Tell whether a value is a small JSON object; as ASCII it can be stored whatever it holds."""
    return isinstance(value, dict) and len(json.dumps(value)) <= MOST_CHARACTERS


def _are_outputs(sent: Any) -> bool:
    outputs = sent if isinstance(sent, list) else [sent]
    return all(
        isinstance(one, dict) and _is_text(one.get("id")) and _is_text(one.get("property")) for one in outputs
    )


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= MOST_NAMES and all(map(_is_text, value))


def _is_text(value: Any) -> bool:
    """Tell whether a value is a text that can be stored and hashed; half of a surrogate pair cannot."""
    return (
        isinstance(value, str)
        and len(value) <= MOST_CHARACTERS
        and not any("\ud800" <= character <= "\udfff" for character in value)
    )

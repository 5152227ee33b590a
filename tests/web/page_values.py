"""What a page holds that a rightful person was shown: every value that its callbacks would send."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from flask.testing import FlaskClient

from tests.web.callbacks import pattern_key, post_callback
from web.routing import table

PROPS = ("data", "value", "checked", "filterModel")
FILLED = {"number": "1", "date": "2026-01-31", "yes or no": "yes", "text": "words", "long text": "words"}

Values = dict[str, Any]


def addresses(fields: Mapping[str, str]) -> list[str]:
    """Give the address of every page whose fields are known; `test_wrong_people` knows them all."""
    return [each.address.format(**fields) for each in table()]


def values_of(client: FlaskClient, path: str, *, typed: bool = True) -> Values:
    """Give the values of a page; with `typed` filled in where a person would have to type."""
    answer = post_callback(client, "..frame-page.children", {"frame-location.pathname": path})
    components = list(_components(answer.get_json()["response"]["frame-page"]["children"]))
    found = {key: value for each in components for key, value in _own(each, typed=typed)}
    filled = dict(_typed(components)) if typed else {}
    return {**found, **filled, "frame-location.pathname": path}


def _components(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, list):
        for each in node:
            yield from _components(each)
    elif isinstance(node, dict) and isinstance(node.get("props"), dict):
        yield node
        yield from _components(list(node["props"].values()))


def _own(component: dict[str, Any], *, typed: bool) -> Iterator[tuple[str, Any]]:
    props = component["props"]
    if "id" not in props:
        return
    for prop in (*PROPS, "id"):
        if prop in props:
            yield _key(props["id"], prop), props[prop]
    if component["type"] in ("Button", "ActionIcon"):
        yield _key(props["id"], "n_clicks"), 1
    if typed and component["type"] in ("Input", "Textarea", "TextInput") and not props.get("value"):
        yield _key(props["id"], "value"), "2026-01-31" if "on" in str(props["id"]).split("-") else "words"


def _typed(components: list[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Fill in the fields of forms, by the limits that each brings; of a choice the first."""
    options = {
        _key(each["props"]["id"], "value"): each["props"].get("data")
        for each in components
        if "id" in each["props"]
    }
    for each in components:
        one = each["props"].get("id")
        if not isinstance(one, dict) or one.get("type") != "form-rules":
            continue
        rules = each["props"]["data"]
        key = pattern_key("value", type="form-field", form=one["form"], field=one["field"])
        offered = options.get(key)
        if rules["kind"] == "choice" and offered:
            yield key, offered[0]["value"]
        elif rules["kind"] == "password":
            yield (
                pattern_key("value", type="form-secret", form=one["form"], field=one["field"]),
                "correct horse battery",
            )
        elif rules["kind"] in FILLED:
            yield key, rules["latest"] or rules["earliest"] or FILLED[rules["kind"]]


def _key(one: Any, prop: str) -> str:
    return pattern_key(prop, **one) if isinstance(one, dict) else f"{one}.{prop}"


def is_for(entry: dict[str, Any], values: Values) -> bool:
    """Tell whether a page with these values has what a callback reads."""
    parts = [*entry["inputs"], *entry["state"]]
    return any(_is_there(part, values) for part in parts)


def _is_there(part: dict[str, str], values: Values) -> bool:
    key = f"{part['id']}.{part['property']}"
    if not part["id"].startswith("{"):
        return key in values
    pattern = json.loads(part["id"])
    return any(
        one.startswith("{")
        and json.loads(one.rpartition(".")[0]).get("form") == pattern.get("form")
        and one.endswith(part["property"])
        for one in values
    )

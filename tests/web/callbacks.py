"""Post a Dash callback as the browser would."""

from __future__ import annotations

import json
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def dependencies(client: FlaskClient) -> list[dict[str, Any]]:
    """List every callback the server offers."""
    found = client.get("/_dash-dependencies").get_json()
    assert isinstance(found, list)
    return found


def post_callback(client: FlaskClient, output: str, values: dict[str, Any]) -> TestResponse:
    """Post the callback of an output; `values` are by "id.property", None for the rest."""
    one = next(entry for entry in dependencies(client) if entry["output"].startswith(output))
    return client.post("/_dash-update-component", json=payload(one, values))


def payload(entry: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """Give the body the renderer would send for a callback."""
    return {
        "output": entry["output"],
        "outputs": _outputs(entry["output"]),
        "inputs": [_value(part, values) for part in entry["inputs"]],
        "state": [_value(part, values) for part in entry["state"]],
        "changedPropIds": [f"{part['id']}.{part['property']}" for part in entry["inputs"][:1]],
    }


def pattern_key(prop: str, **parts: str) -> str:
    """Give the key of a value whose component's id is a pattern: as Dash writes it, and the property."""
    return json.dumps(parts, sort_keys=True, separators=(",", ":")) + f".{prop}"


def field_key(form: str, field: str, *, kind: str = "field", prop: str = "value") -> str:
    """Give the key of a field of a form."""
    return pattern_key(prop, type=f"form-{kind}", form=form, field=field)


def _value(part: dict[str, str], values: dict[str, Any]) -> Any:
    if not part["id"].startswith("{"):
        return {**part, "value": values.get(f"{part['id']}.{part['property']}")}
    pattern, prop = json.loads(part["id"]), part["property"]
    if ["ALL"] not in pattern.values():
        key = f"{part['id']}.{prop}"
        return {"id": pattern, "property": prop, "value": values.get(key)}
    ids = [found for key in values if (found := _id_of(key)) is not None and _is_like(found, pattern)]
    return [
        {
            "id": each,
            "property": prop,
            "value": each if prop == "id" else values.get(pattern_key(prop, **each)),
        }
        for each in ids
    ]


def _id_of(key: str) -> dict[str, str] | None:
    return json.loads(key.rpartition(".")[0]) if key.startswith("{") else None


def _is_like(found: dict[str, str], pattern: dict[str, Any]) -> bool:
    return found.keys() == pattern.keys() and all(
        value in (["ALL"], found[key]) for key, value in pattern.items()
    )


def _outputs(output: str) -> Any:
    if not output.startswith(".."):
        return _one(output)
    return [_one(part) for part in output.strip(".").split("...")]


def _one(text: str) -> dict[str, Any]:
    identifier, _, prop = text.rpartition(".")
    return {"id": json.loads(identifier) if identifier.startswith("{") else identifier, "property": prop}

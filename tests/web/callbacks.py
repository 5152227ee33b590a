"""Post a Dash callback as the browser would."""

from __future__ import annotations

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


def _value(part: dict[str, str], values: dict[str, Any]) -> dict[str, Any]:
    return {**part, "value": values.get(f"{part['id']}.{part['property']}")}


def _outputs(output: str) -> Any:
    if not output.startswith(".."):
        return _one(output)
    return [_one(part) for part in output.strip(".").split("...")]


def _one(text: str) -> dict[str, str]:
    identifier, _, prop = text.rpartition(".")
    return {"id": identifier, "property": prop}

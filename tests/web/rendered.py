"""A component as the browser gets it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from plotly.utils import PlotlyJSONEncoder


def rendered(component: Any) -> str:
    """Give the JSON of a component with everything in it."""
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


READ = (
    "children",
    "label",
    "title",
    "placeholder",
    "description",
    "aria-label",
    "headerName",
    "message",
    "name",
)
"""Properties of a component that people read."""


def texts_outside_english(node: Any) -> Iterator[str]:
    """Give every text that a page shows, but what it marks as English."""
    if isinstance(node, list):
        for each in node:
            yield from texts_outside_english(each)
    elif isinstance(node, dict):
        props = node.get("props", node)
        if isinstance(props, dict) and props.get("lang") != "en":
            yield from _texts_of(props)


def _texts_of(props: dict[str, Any]) -> Iterator[str]:
    for name, value in props.items():
        if isinstance(value, str):
            if name in READ:
                yield value
        elif name == "children" and isinstance(value, list):
            for each in value:
                if isinstance(each, str):
                    yield each
                else:
                    yield from texts_outside_english(each)
        elif name not in ("figure", "rowData"):
            yield from texts_outside_english(value)


def lists_in_lists(part: Any) -> list[Any]:
    """Give what stands as a list among a component's children: React breaks off at it (error 31)."""
    if isinstance(part, list):
        return [found for each in part for found in lists_in_lists(each)]
    if not isinstance(part, dict):
        return []
    children = part.get("children")
    nested = (
        [each for each in children if each and isinstance(each, list)] if isinstance(children, list) else []
    )
    return nested + [found for each in part.values() for found in lists_in_lists(each)]

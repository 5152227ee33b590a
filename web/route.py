"""A page's address: what a page module declares in its `ROUTES`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from web.components.frame import Page

_FIELD = re.compile(r"\{([a-z_]+)\}")
_PARTS = {"code": "[^/]{1,64}"}
_ID = "[0-9A-Za-z-]{1,64}"


@dataclass(frozen=True)
class Route:
    """An address pattern and the page it shows; named groups become the page's arguments."""

    address: str
    pattern: re.Pattern[str]
    page: Callable[..., Page]


def route(address: str, page: Callable[..., Page]) -> Route:
    """Give the route of an address as `/subjects/{code}`: `code` is any text, other fields are ids.

    Parameters
    ----------
    page
        Builds the page; is handed the address's fields by name.
    """
    parts = _FIELD.split(address)
    pattern = "".join(re.escape(part) if index % 2 == 0 else _group(part) for index, part in enumerate(parts))
    return Route(address, re.compile(pattern), page)


def _group(name: str) -> str:
    return f"(?P<{name}>{_PARTS.get(name, _ID)})"

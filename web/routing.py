"""Addresses to pages: one table, of what every module in `web.pages` declares.

A page module says `ROUTES = (route("/subjects/{code}", page),)`; beside it, where it needs them,
`register(app)` for its callbacks and `KINDS` for their values (`web.door.callback_border`); listed nowhere.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from types import ModuleType

from web import pages
from web.components.frame import Page
from web.route import Route


class AddressTakenTwice(Exception):  # noqa: N818 - named for what is so, as all refusals
    """Two page modules declare the same address."""

    def __init__(self, address: str) -> None:
        super().__init__(f"Two pages declare {address!r} in their ROUTES. Give one of them another address.")
        self.address = address


@cache
def page_modules() -> tuple[ModuleType, ...]:
    """Give the modules of all pages, by name."""
    found = pkgutil.walk_packages(pages.__path__, f"{pages.__name__}.")
    return tuple(importlib.import_module(each.name) for each in sorted(found, key=lambda one: one.name))


@cache
def table() -> tuple[Route, ...]:
    """Give every route; an address without fields comes before one whose field would take it.

    Raises
    ------
    AddressTakenTwice
    """
    found = [each for module in page_modules() for each in getattr(module, "ROUTES", ())]
    addresses = [each.address for each in found]
    for address in addresses:
        if addresses.count(address) > 1:
            raise AddressTakenTwice(address)
    return tuple(sorted(found, key=lambda each: (each.address.count("{"), each.address)))


def find(path: str) -> Callable[[], Page] | None:
    """Give the page of an address, ready to be built, or None."""
    for route in table():
        match = route.pattern.fullmatch(path)
        if match is not None:
            return lambda: route.page(**match.groupdict())
    return None

"""A person at the browser: signs in through the form, opens a page, follows a link on it, and so on."""

from __future__ import annotations

import gzip
import json
import random
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import quote, urlencode

_FIELD = re.compile(r'name="([^"]+)"[^>]*value="([^"]*)"')
_LINK = re.compile(r'"(?:subject_)?href": ?"(/[^"#?]*)"')
_PLACES = (
    (re.compile(r"^/subjects/(?!new$)[^/]+"), "/subjects/CODE"),
    (re.compile(r"[0-9a-f]{32}"), "ID"),
)
_NOT_FOLLOWED = re.compile(r"\.(csv|json|html|pdf|svg|png|css|js)$|^/assets/|^/subjects/[^/]+/.")
"""Files, which are no pages, and a subject's forms: each of these is read with its subject."""
REFUSED = "This cannot be shown"
REFRESH_S = 5.0
"""How often the work list asks whether it has changed, while it is looked at."""
REFRESHED = "/plans, its refresh"
_WORK_LIST = "/plans"
_SHOWN = re.compile(r'"data": ?"([0-9a-f]{64})"')
_FAULT = '"sendNotifications"'
"""A page that fails is answered with 200 and a message; a page that is refused is a page of its own."""


@dataclass(frozen=True)
class Click:
    """A page that was asked for: its address with codes and ids left out, and how long it took.

    Attributes
    ----------
    faulty
        The server failed, by its status or by the words of a callback's fault.
    """

    page: str
    seconds: float
    status: int
    size_bytes: int
    refused: bool
    faulty: bool


@dataclass
class Person:
    """One session; `pause_s` is the mean time between a page and the next click."""

    port: int
    login: str
    password: str
    draw: random.Random
    cookies: dict[str, str] = field(default_factory=dict)
    _connection: HTTPConnection | None = None
    _callbacks: list[dict[str, Any]] = field(default_factory=list)
    _shown: str | None = None

    def sign_in(self) -> None:
        """Sign in as the form does."""
        form = self._ask("GET", "/sign-in")[1].decode()
        fields = dict(_FIELD.findall(form)) | {"login": self.login, "password": self.password}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        status, _ = self._ask("POST", "/sign-in", urlencode(fields).encode(), kind)
        if status != 303:
            raise RuntimeError(f"{self.login} could not sign in: the server answered {status}.")
        self._callbacks = json.loads(self._ask("GET", "/_dash-dependencies")[1])

    def clicks(self, until: float, pause_s: float) -> Iterator[Click]:
        """Click until a time of the monotonic clock."""
        at, known = "/", {"/"}
        while time.monotonic() < until:
            click, links = self.open(at)
            yield click
            known |= links
            yield from self._stay(at, self.draw.expovariate(1 / pause_s) if pause_s else 0.0)
            at = self.draw.choice(sorted(links if links and self.draw.random() < 0.7 else known))

    def open(self, address: str) -> tuple[Click, set[str]]:
        """Open a page as the browser's script does; also give where it leads."""
        values = {"frame-location.pathname": address}
        click, text = self._call("..frame-page.children", values, place_of(address))
        self._shown = _shown(text)
        links = {each for each in _LINK.findall(text) if not _NOT_FOLLOWED.search(each)}
        return click, links

    def _stay(self, at: str, seconds: float) -> Iterator[Click]:
        """Look at a page; the work list refreshes itself meanwhile."""
        left = seconds
        while at == _WORK_LIST and self._shown and left > REFRESH_S:
            time.sleep(REFRESH_S)
            left -= REFRESH_S
            values = {"plans-refresh.n_intervals": 1, "plans-shown.data": self._shown}
            click, text = self._call("..plans-grid.rowData", values, REFRESHED)
            self._shown = _shown(text) or self._shown
            yield click
        time.sleep(left)

    def _call(self, output: str, values: dict[str, Any], page: str) -> tuple[Click, str]:
        """Post a callback with the values of its inputs and states, by "component.property"."""
        callback = next(each for each in self._callbacks if each["output"].startswith(output))
        body = json.dumps(_body(callback, values)).encode()
        began = time.perf_counter()
        status, answer = self._ask(
            "POST", "/_dash-update-component", body, {"Content-Type": "application/json"}
        )
        seconds = time.perf_counter() - began
        text = answer.decode().replace("\\u002f", "/")  # as Dash writes it
        faulty = status not in (200, 204) or _FAULT in text
        return Click(page, seconds, status, len(answer), REFUSED in text, faulty), text

    def _ask(
        self, method: str, address: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        if self._connection is None:
            self._connection = HTTPConnection("127.0.0.1", self.port, timeout=120)
        sent = {"Accept-Encoding": "gzip", "Origin": f"http://127.0.0.1:{self.port}", **(headers or {})}
        sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent["X-CSRFToken"] = self.cookies.get("_csrf_token", "")
        self._connection.request(method, quote(address, safe="/:?=&"), body, sent)
        answer = self._connection.getresponse()
        data = answer.read()
        self._keep_cookies(answer)
        zipped = answer.getheader("Content-Encoding") == "gzip"
        return answer.status, gzip.decompress(data) if zipped else data

    def _keep_cookies(self, answer: HTTPResponse) -> None:
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value


def _body(callback: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    names = [each.rpartition(".") for each in callback["output"].strip(".").split("...")]
    given = {kind: [_value(each, values) for each in callback[kind]] for kind in ("inputs", "state")}
    first = callback["inputs"][0]
    return {
        "output": callback["output"],
        "outputs": [{"id": name, "property": prop} for name, _, prop in names],
        **given,
        "changedPropIds": [f"{first['id']}.{first['property']}"],
    }


def _value(each: dict[str, str], values: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": each["id"],
        "property": each["property"],
        "value": values[f"{each['id']}.{each['property']}"],
    }


def _shown(text: str) -> str | None:
    """Give the hash by which the work list knows what it shows."""
    found = _SHOWN.search(text)
    return found[1] if found else None


def place_of(address: str) -> str:
    """Give an address with the subject's code and the ids left out."""
    for pattern, words in _PLACES:
        address = pattern.sub(words, address)
    return address

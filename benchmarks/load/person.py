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
_LINK = re.compile(r'"href": ?"(/[^"#?]*)"')
_PLACES = (
    (re.compile(r"^/subjects/(?!new$)[^/]+"), "/subjects/CODE"),
    (re.compile(r"[0-9a-f]{32}"), "ID"),
)
_NOT_FOLLOWED = re.compile(r"\.(csv|json|html|pdf|svg|png|css|js)$|^/assets/|^/subjects/[^/]+/.")
"""Files, which are no pages, and a subject's forms: each of these is read with its subject."""
REFUSED = "This cannot be shown"


@dataclass(frozen=True)
class Click:
    """A page that was asked for: its address with codes and ids left out, and how long it took."""

    page: str
    seconds: float
    status: int
    size_bytes: int
    refused: bool


@dataclass
class Person:
    """One session; `pause_s` is the mean time between a page and the next click."""

    port: int
    login: str
    password: str
    draw: random.Random
    cookies: dict[str, str] = field(default_factory=dict)
    _connection: HTTPConnection | None = None
    _callback: dict[str, Any] = field(default_factory=dict)

    def sign_in(self) -> None:
        """Sign in as the form does."""
        form = self._ask("GET", "/sign-in")[1].decode()
        fields = dict(_FIELD.findall(form)) | {"login": self.login, "password": self.password}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        status, _ = self._ask("POST", "/sign-in", urlencode(fields).encode(), kind)
        if status != 303:
            raise RuntimeError(f"{self.login} could not sign in: the server answered {status}.")
        listed = json.loads(self._ask("GET", "/_dash-dependencies")[1])
        self._callback = next(each for each in listed if each["output"].startswith("..frame-page.children"))

    def clicks(self, until: float, pause_s: float) -> Iterator[Click]:
        """Click until a time of the monotonic clock."""
        at, known = "/", {"/"}
        while time.monotonic() < until:
            click, links = self.open(at)
            yield click
            known |= links
            at = self.draw.choice(sorted(links if links and self.draw.random() < 0.7 else known))
            time.sleep(self.draw.expovariate(1 / pause_s) if pause_s else 0.0)

    def open(self, address: str) -> tuple[Click, set[str]]:
        """Open a page as the browser's script does; also give where it leads."""
        body = json.dumps(self._body(address)).encode()
        began = time.perf_counter()
        status, answer = self._ask(
            "POST", "/_dash-update-component", body, {"Content-Type": "application/json"}
        )
        seconds = time.perf_counter() - began
        text = answer.decode().replace("\\u002f", "/")  # as Dash writes it
        links = {each for each in _LINK.findall(text) if not _NOT_FOLLOWED.search(each)}
        return Click(place_of(address), seconds, status, len(answer), REFUSED in text), links

    def _body(self, address: str) -> dict[str, Any]:
        names = [each.rpartition(".") for each in self._callback["output"].strip(".").split("...")]
        return {
            "output": self._callback["output"],
            "outputs": [{"id": name, "property": prop} for name, _, prop in names],
            "inputs": [{"id": "frame-location", "property": "pathname", "value": address}],
            "changedPropIds": ["frame-location.pathname"],
        }

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


def place_of(address: str) -> str:
    """Give an address with the subject's code and the ids left out."""
    for pattern, words in _PLACES:
        address = pattern.sub(words, address)
    return address

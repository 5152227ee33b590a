"""Someone who submits through the web while its processes are killed: whatever breaks is tried again."""

from __future__ import annotations

import http.client
import http.cookiejar
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any

from tests.workers.installation import PASSWORD

_PATIENCE_S = 120.0
_ANSWER_WITHIN_S = 20


class RefusedError(Exception):
    """The server answered, and refused for good."""


class Person:
    """A browser without a window, signed in."""

    def __init__(self, port: int, login: str) -> None:
        self._home, self._login = f"http://127.0.0.1:{port}", login
        self._cookies = http.cookiejar.CookieJar()
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies)).open
        self.broken = 0
        self._csrf = ""

    def submit(self, subject: str, files: Mapping[str, bytes]) -> str:
        """Send a set and have it looked into; its id, once the server has acknowledged all of it."""
        submission = str(self._ask("POST", "/uploads", {"subject": subject})["submission"])
        for name, data in files.items():
            self._send(submission, name, data)
        self._ask("POST", f"/uploads/{submission}/finish", {})
        return submission

    def _send(self, submission: str, name: str, data: bytes) -> None:
        """Send a file from where the server has it, as the page does after a break."""
        announced = {"files": [{"name": name, "size": len(data), "modified": "1"}]}
        end = time.monotonic() + _PATIENCE_S
        while True:
            (state,) = self._ask("POST", f"/uploads/{submission}/files", announced)["files"]
            if state.get("complete"):
                return
            address = f"/uploads/{submission}/files/{state['upload']}?offset={state['received']}"
            try:
                self._once("PUT", address, data[state["received"] :])
            except (OSError, http.client.HTTPException, RefusedError):
                if time.monotonic() > end:
                    raise
                self.broken += 1
                time.sleep(0.1)

    def _ask(self, method: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        end = time.monotonic() + _PATIENCE_S
        while True:
            try:
                return self._once(method, path, json.dumps(body).encode())
            except (OSError, http.client.HTTPException):
                if time.monotonic() > end:
                    raise
                self.broken += 1
                time.sleep(0.1)

    def _once(self, method: str, path: str, data: bytes) -> dict[str, Any]:
        if not self._csrf:
            self._sign_in()
        kind = "application/octet-stream" if method == "PUT" else "application/json"
        headers = {"Content-Type": kind, "X-CSRFToken": self._csrf}
        address = f"{self._home}{path}"
        asked = urllib.request.Request(address, data=data, headers=headers, method=method)  # noqa: S310 - http
        try:
            with self._open(asked, timeout=_ANSWER_WITHIN_S) as answer:
                found = json.load(answer)
                assert isinstance(found, dict)
                return found
        except urllib.error.HTTPError as refusal:
            if refusal.code in (401, 403):
                self._csrf = ""
            if refusal.code in (400, 404, 409, 413):
                raise RefusedError(f"{path}: {refusal.code} {refusal.read(300)!r}") from refusal
            raise

    def _sign_in(self) -> None:
        with self._open(f"{self._home}/sign-in", timeout=_ANSWER_WITHIN_S) as page:
            token = re.search(r'name="form_token" value="([^"]+)"', page.read().decode())
        assert token is not None
        form = {"login": self._login, "password": PASSWORD, "form_token": token[1], "next": "/"}
        with self._open(f"{self._home}/sign-in", urllib.parse.urlencode(form).encode(), timeout=60):
            pass
        self._csrf = next((each.value or "" for each in self._cookies if each.name == "_csrf_token"), "")

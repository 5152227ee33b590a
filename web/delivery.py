"""How scripts and styles travel: compressed once, and kept by the browser."""

from __future__ import annotations

import gzip
import hashlib
import re

from flask import Flask, Response, request
from werkzeug.wsgi import ClosingIterator, FileWrapper

STATIC_PREFIXES = ("/assets/", "/_dash-component-suites/")
LEAST_BYTES = 1024
COMPRESSED_KEPT = 128
"""More than there are scripts; a script is some hundred kB when compressed."""

_LEVEL = 6
_WORTH_IT = ("text/", "application/javascript", "image/svg+xml", "application/json")
_FOR_GOOD = "public, max-age=31536000, immutable"
# Dash writes version and time of change into the address of most scripts: `dcc.v4_4_1m1795330895.js`
_WITH_VERSION = re.compile(r"\.v[0-9_]+m[0-9]+\.")


def deliver_well(server: Flask) -> None:
    """Compress what is static, once, and have the browser keep what never changes."""
    kept = _Compressed()

    def improve(response: Response) -> Response:
        if request.path.startswith(STATIC_PREFIXES) and response.status_code == 200:
            _keep_for_good(response)
            _compress(response, kept)
        return response

    server.after_request(improve)


def _keep_for_good(response: Response) -> None:
    # An asset's address holds the time of its last change.
    if _WITH_VERSION.search(request.path) or "m" in request.args:
        response.headers["Cache-Control"] = _FOR_GOOD


def _compress(response: Response, kept: _Compressed) -> None:
    if not (response.mimetype or "").startswith(_WORTH_IT):
        return
    response.vary.add("Accept-Encoding")
    response.direct_passthrough = False
    data = _read(response)
    if len(data) < LEAST_BYTES or request.accept_encodings["gzip"] <= 0:
        return
    response.set_data(kept.compressed(data))
    response.headers["Content-Encoding"] = "gzip"
    etag, _ = response.get_etag()
    if etag is not None:
        response.set_etag(etag, weak=True)  # the same script, but not the same bytes
        response.make_conditional(request)


def _read(response: Response) -> bytes:
    source = response.response
    data = response.get_data()
    if isinstance(source, ClosingIterator | FileWrapper):
        source.close()
    return data


class _Compressed:
    """What was compressed, by the hash of what it was made from: the address may bear any query."""

    def __init__(self) -> None:
        self._kept: dict[bytes, bytes] = {}

    def compressed(self, data: bytes) -> bytes:
        key = hashlib.sha256(data).digest()
        found = self._kept.get(key)
        if found is None:
            found = gzip.compress(data, _LEVEL, mtime=0)
            if len(self._kept) < COMPRESSED_KEPT:
                self._kept[key] = found
        return found

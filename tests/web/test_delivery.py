"""Scripts travel compressed and are kept by the browser; what is somebody's own is neither."""

from __future__ import annotations

import gzip
import re

from flask.testing import FlaskClient

from web.delivery import COMPRESSED_KEPT


def _scripts(client: FlaskClient) -> list[str]:
    return re.findall(r'<script src="([^"]+)"', client.get("/").get_data(as_text=True))


def test_scripts__arrive_compressed_and_are_kept_for_good(oncologist: FlaskClient) -> None:
    sizes = [0, 0]
    for address in _scripts(oncologist):
        plain = oncologist.get(address)
        packed = oncologist.get(address, headers={"Accept-Encoding": "gzip"})
        if "?m=" in address or re.search(r"\.v[0-9_]+m", address):
            assert "immutable" in packed.headers["Cache-Control"], address
        if packed.headers.get("Content-Encoding") == "gzip":
            assert gzip.decompress(packed.data) == plain.data
        sizes = [sizes[0] + len(plain.data), sizes[1] + len(packed.data)]
    assert sizes[0] > 3_000_000
    assert sizes[1] < sizes[0] / 3


def test_scripts__that_the_browser_has_already_are_not_sent_again(oncologist: FlaskClient) -> None:
    address = "/_dash-component-suites/plotly/package_data/plotly.min.js"
    first = oncologist.get(address, headers={"Accept-Encoding": "gzip"})
    assert first.headers["Content-Encoding"] == "gzip"
    again = oncologist.get(
        address, headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")


def test_pages__are_kept_by_nobody(oncologist: FlaskClient) -> None:
    for path in ("/", "/_dash-layout", "/uploads?subject=S01-001"):
        answer = oncologist.get(path, headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Content-Encoding" not in answer.headers


def test_scripts__asked_for_with_any_query_fill_no_memory(oncologist: FlaskClient) -> None:
    for number in range(COMPRESSED_KEPT // 8):
        answer = oncologist.get(f"/assets/upload.js?m={number}", headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip"

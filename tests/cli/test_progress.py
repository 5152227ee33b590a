"""How long the rest takes is said once somebody can know."""

import pytest

from cli.progress import time_left


@pytest.mark.parametrize(
    ("done", "total", "took_s", "words"),
    [
        (0, 10, 60, ""),
        (10, 10, 60, ""),
        (1, 10, 1, ""),
        (1, 0, 60, ""),
        (5, 10, 20, "about 20 s left"),
        (1, 11, 30, "about 5 min left"),
        (1, 1001, 36, "about 10.0 h left"),
    ],
)
def test_time_left(done: int, total: int, took_s: float, words: str) -> None:
    assert time_left(done, total, took_s) == words

"""Processors are dealt out to the workers of one machine."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workers.worker_group import shares_of


@given(st.integers(1, 64), st.integers(1, 64))
def test_shares__leave_no_processor_out_and_share_none_that_need_not_be(processors: int, count: int) -> None:
    shares = shares_of(range(processors), count)
    assert len(shares) == count
    assert all(shares)
    assert frozenset().union(*shares) == frozenset(range(processors))
    if count <= processors:
        assert sum(map(len, shares)) == processors
        assert max(map(len, shares)) - min(map(len, shares)) <= 1
    else:
        assert {len(share) for share in shares} == {1}

"""Randomisation lists: balanced blocks, a commitment that any change breaks, opening and verification."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trial_core.statistics.randomisation import (
    SALT_BYTES,
    AllocationList,
    CommitmentBrokenError,
    RandomisationError,
    SealedContentError,
    SealedList,
    UnbalancedBlockError,
    draw_list,
    open_sealed,
    seal,
    slots_out_of_order,
)

ARMS = ("A", "B")


def _list(slots: int = 40, seed: int | None = None) -> AllocationList:
    source = random.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311 - a repeatable test
    return draw_list("SCR-ESCC-01", "centre=01", arms=ARMS, slots=slots, source=source)


@given(st.integers(1, 300), st.integers())
def test_every_block__is_balanced_and_of_a_permitted_size(slots: int, seed: int) -> None:
    drawn = _list(slots, seed)
    assert all(len(block) in (4, 6) for block in drawn.blocks)
    assert all(block.count("A") == block.count("B") for block in drawn.blocks)
    assert slots <= len(drawn.allocations) < slots + 6


@given(st.integers(0, 2**32))
def test_imbalance__never_passes_half_the_largest_block(seed: int) -> None:
    allocations = _list(60, seed).allocations
    for end in range(len(allocations)):
        counts = Counter(allocations[:end])
        assert abs(counts["A"] - counts["B"]) <= 3


def test_blocks__come_in_every_order_and_both_sizes_equally_often() -> None:
    drawn = _list(30_000, seed=7)
    orders = Counter(drawn.blocks)
    sizes = Counter(len(block) for block in drawn.blocks)
    assert len(orders) == 6 + 20
    assert sizes[4] / sizes[6] == pytest.approx(1, abs=0.1)
    for order, count in orders.items():
        # Binomial spread about the even share; five standard deviations over 26 orders.
        share = sizes[len(order)] / (6 if len(order) == 4 else 20)
        assert abs(count - share) < 5 * share**0.5


def test_draw_list__takes_the_operating_systems_randomness() -> None:
    random.seed(1)
    first = draw_list("S", "x", arms=ARMS, slots=200)
    random.seed(1)
    assert first != draw_list("S", "x", arms=ARMS, slots=200)


def test_draw_list__rejects_blocks_that_cannot_be_balanced() -> None:
    with pytest.raises(UnbalancedBlockError) as refused:
        draw_list("S", "x", arms=ARMS, slots=10, block_sizes=(4, 5))
    assert refused.value.size == 5


@pytest.mark.parametrize(
    ("arms", "slots", "sizes"),
    [(("A",), 10, (4,)), (("A", "A"), 10, (4,)), (ARMS, 0, (4,)), (ARMS, 9, ()), (ARMS, 9, (0,))],
)
def test_draw_list__rejects_what_is_no_randomisation(
    arms: tuple[str, ...], slots: int, sizes: tuple[int, ...]
) -> None:
    with pytest.raises(RandomisationError):
        draw_list("S", "x", arms=arms, slots=slots, block_sizes=sizes)


def test_commitment__is_sha256_over_salt_and_list() -> None:
    drawn = _list(8, seed=3)
    sealed = SealedList(drawn, bytes(range(SALT_BYTES)))
    document = {"form": "dosegate randomisation list 1", "study": "SCR-ESCC-01", "stratum": "centre=01"}
    text = json.dumps({**document, "blocks": drawn.blocks}, sort_keys=True, separators=(",", ":"))
    assert sealed.commitment() == hashlib.sha256(bytes(range(SALT_BYTES)) + text.encode()).hexdigest()


def test_same_list__never_has_the_same_commitment_twice() -> None:
    drawn = _list(8, seed=3)
    commitments = {seal(drawn).commitment() for _ in range(50)}
    assert len(commitments) == 50
    assert len(seal(drawn).salt) * 8 == 256


@given(st.integers(1, 80), st.text(max_size=12))
@settings(max_examples=50)
def test_opening__gives_back_what_was_sealed(slots: int, stratum: str) -> None:
    sealed = seal(draw_list("研究", stratum, arms=ARMS, slots=slots))
    assert open_sealed(sealed.content(), sealed.commitment()) == sealed.allocation_list


@given(st.data())
@settings(max_examples=100)
def test_opening__finds_any_changed_byte(data: st.DataObject) -> None:
    sealed = seal(_list(20, seed=4))
    content = bytearray(sealed.content())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(CommitmentBrokenError):
        open_sealed(bytes(content), sealed.commitment())


def test_opening__finds_a_swapped_stratum() -> None:
    sealed = seal(_list(20))
    elsewhere = dataclasses.replace(sealed.allocation_list, stratum="centre=02")
    with pytest.raises(CommitmentBrokenError):
        open_sealed(SealedList(elsewhere, sealed.salt).content(), sealed.commitment())


@pytest.mark.parametrize(
    "text", [b"", b"no list", b"{}", b"[1]", b'{"form":"other","study":"","stratum":"","blocks":[]}']
)
def test_opening__rejects_bytes_that_never_were_a_list(text: bytes) -> None:
    content = bytes(SALT_BYTES) + text
    with pytest.raises(SealedContentError):
        open_sealed(content, hashlib.sha256(content).hexdigest())


def test_verification__names_the_slots_that_were_not_as_listed() -> None:
    drawn = _list(8, seed=5)
    revealed = list(drawn.allocations)
    assert slots_out_of_order(drawn, revealed[:5]) == ()
    revealed[3] = "B" if revealed[3] == "A" else "A"
    assert slots_out_of_order(drawn, [*revealed, "A"]) == (3, len(revealed))

"""Which subject a received set is of, and when a person has to say; which callers are a sender's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from trial_core.domain.identity import EarlierSet, IdentityHashes
from trial_core.domain.receiving import Sender, WhyWaiting, is_ae_title, match, plain_addresses

OURS = IdentityHashes("id", "name", "birth")
PLANS = {"RTPLAN": 1, "CT": 80}


def _confirmed(hashes: IdentityHashes = OURS) -> EarlierSet:
    return EarlierSet(1, hashes, confirmed=True)


def test_match__is_the_one_subject_whose_confirmed_set_bears_the_patient_id() -> None:
    assert match([OURS], {"s1": [_confirmed()]}, PLANS) == "s1"


def test_match__takes_what_an_absent_name_leaves_out_for_no_contradiction() -> None:
    assert match([IdentityHashes("id", None, None)], {"s1": [_confirmed()]}, PLANS) == "s1"


@pytest.mark.parametrize(
    ("hashes", "known", "counts", "why"),
    [
        ([OURS], {"s1": [_confirmed()]}, {"RTDOSE": 1}, WhyWaiting.NO_PLAN),
        ([IdentityHashes(None, "name", "birth")], {}, PLANS, WhyWaiting.NO_PATIENT_ID),
        ([OURS], {}, PLANS, WhyWaiting.UNKNOWN),
        ([OURS], {"s1": [EarlierSet(1, OURS, confirmed=False)]}, PLANS, WhyWaiting.UNKNOWN),
        ([OURS], {"s1": [_confirmed()], "s2": [_confirmed()]}, PLANS, WhyWaiting.SEVERAL),
        ([IdentityHashes("id", "other", "birth")], {"s1": [_confirmed()]}, PLANS, WhyWaiting.CONTRADICTS),
        (
            [OURS, IdentityHashes("id", "name", "other")],
            {"s1": [_confirmed()]},
            PLANS,
            WhyWaiting.CONTRADICTS,
        ),
    ],
)
def test_match__leaves_to_a_person(
    hashes: list[IdentityHashes],
    known: dict[str, list[EarlierSet]],
    counts: dict[str, int],
    why: WhyWaiting,
) -> None:
    assert match(hashes, known, counts) is why


def test_sender__calls_from_its_addresses_and_networks_alone() -> None:
    addresses = plain_addresses(["10.1.2.3", " 10.2.0.0/24", "::1"])
    assert addresses is not None
    sender = Sender("TPS", addresses, "S01", "u", datetime(2026, 1, 1, tzinfo=UTC))
    assert all(map(sender.calls_from, ("10.1.2.3", "10.2.0.77", "::1", "::ffff:10.1.2.3")))
    assert not any(map(sender.calls_from, ("10.1.2.4", "10.2.1.1", "::2")))


@pytest.mark.parametrize("addresses", [[], ["everywhere"], ["0.0.0.0/0"], ["10.0.0.0/8"], ["10.1.2.3", ""]])
def test_addresses__that_name_nobody_or_everybody_are_none(addresses: list[str]) -> None:
    assert plain_addresses(addresses) is None


@pytest.mark.parametrize("title", ["", " A", "A ", "A" * 17, "A\\B", "A\nB", "Ä"])
def test_ae_title__is_short_and_plain(title: str) -> None:
    assert not is_ae_title(title)
    assert is_ae_title("ECLIPSE_1 A")

"""The identity rule by itself: what is the same person, and what only looks different."""

from __future__ import annotations

from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial_core.domain.identity import (
    EarlierSet,
    IdentityHashes,
    IdentityProblem,
    KnownIdentity,
    PatientIdentity,
    hash_identity,
    judge_identity,
)

KEY = b"a key of the installation"
ABSENT_OR_NOT = st.none() | st.sampled_from(["one", "two"])
HASHES = st.builds(IdentityHashes, ABSENT_OR_NOT, ABSENT_OR_NOT, ABSENT_OR_NOT)


def _hashed(patient_id: str = "P1", name: str = "WANG^XIAO", birth_date: str = "19570302") -> IdentityHashes:
    return hash_identity(PatientIdentity(patient_id, name, birth_date), KEY)


@pytest.mark.parametrize(
    ("patient_id", "name", "birth_date"),
    [
        (" P1 ", "WANG^XIAO", "19570302"),
        ("p1", "Wang^Xiao", "19570302"),
        ("P1\0", "WANG^XIAO^^^", "19570302 "),
        ("P1", "WANG ^ XIAO", "1957.03.02"),
        ("P1", "WANG^XIAO=王^小", "19570302"),
        ("P1", "ＷＡＮＧ^ＸＩＡＯ", "19570302"),
    ],
)
def test_hash_identity__passes_over_what_dicom_calls_insignificant(
    patient_id: str, name: str, birth_date: str
) -> None:
    assert _hashed(patient_id, name, birth_date) == _hashed()


@pytest.mark.parametrize(
    ("patient_id", "name", "birth_date"),
    [
        ("P01", "WANG^XIAO", "19570302"),
        ("P1", "XIAO^WANG", "19570302"),
        ("P1", "WANGXIAO", "19570302"),
        ("P1", "=王^小", "19570302"),
        ("P1", "WANG^XIAO", "19570203"),
    ],
)
def test_hash_identity__tells_different_people_apart(patient_id: str, name: str, birth_date: str) -> None:
    assert _hashed(patient_id, name, birth_date) != _hashed()


def test_hash_identity__depends_on_the_key_and_the_field() -> None:
    other = hash_identity(PatientIdentity("P1", "WANG^XIAO", "19570302"), b"another key")
    assert not set(astuple(other)) & set(astuple(_hashed()))
    same_text = hash_identity(PatientIdentity("x", "x", "x"), KEY)
    assert len(set(astuple(same_text))) == 3


def test_hash_identity__of_what_is_absent_is_none() -> None:
    assert _hashed("", " ", "\0") == IdentityHashes(None, None, None)


def _judge(*identities: IdentityHashes, earlier: tuple[EarlierSet, ...] = ()) -> tuple[IdentityProblem, ...]:
    return judge_identity(identities, earlier=earlier, elsewhere=(), objects_elsewhere=False).problems


@given(one=HASHES, other=HASHES)
def test_judge_identity__blocks_two_sets_exactly_when_a_field_contradicts(
    one: IdentityHashes, other: IdentityHashes
) -> None:
    contradicts = any(a and b and a != b for a, b in zip(astuple(one), astuple(other), strict=True))
    assert (IdentityProblem.DIFFERS in _judge(one, earlier=(EarlierSet(1, other, True),))) == contradicts
    assert (IdentityProblem.MIXED in _judge(one, other)) == contradicts


@given(one=HASHES, confirmed=st.booleans(), other=HASHES)
def test_judge_identity__lets_pass_without_a_person_only_what_one_has_confirmed(
    one: IdentityHashes, other: IdentityHashes, confirmed: bool
) -> None:
    earlier = (EarlierSet(1, other, confirmed),)
    judgement = judge_identity([one], earlier=earlier, elsewhere=(), objects_elsewhere=False)
    whole_and_known = confirmed and one == other and all(astuple(one))
    assert judgement.needs_person == (not whole_and_known)


@given(parts=st.lists(HASHES, max_size=4))
def test_judge_identity__does_not_depend_on_the_order_of_the_files(parts: list[IdentityHashes]) -> None:
    assert _judge(*parts) == _judge(*reversed(parts))


@pytest.mark.parametrize(
    ("other", "same_site", "same_patient"),
    [
        (IdentityHashes("id", "name", "birth"), False, True),
        (IdentityHashes("id", "name", "other"), False, True),
        (IdentityHashes("id", "other", "birth"), False, True),
        (IdentityHashes("id", None, None), False, True),
        (IdentityHashes("id", "other", "other"), False, False),
        (IdentityHashes("id", "other", None), False, False),
        (IdentityHashes("id", "other", "other"), True, True),
        (IdentityHashes("other", "name", "birth"), False, True),
        (IdentityHashes("other", "name", "other"), True, False),
        (IdentityHashes("other", "name", None), True, False),
        (IdentityHashes("other", "other", "birth"), True, False),
        (IdentityHashes(None, None, None), True, False),
    ],
)
def test_judge_identity__knows_the_same_patient_elsewhere(
    other: IdentityHashes, same_site: bool, same_patient: bool
) -> None:
    judgement = judge_identity(
        [IdentityHashes("id", "name", "birth")],
        earlier=(),
        elsewhere=[KnownIdentity(other, same_site)],
        objects_elsewhere=False,
    )
    assert (IdentityProblem.PATIENT_ELSEWHERE in judgement.problems) == same_patient

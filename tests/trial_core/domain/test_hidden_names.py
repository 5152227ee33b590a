"""File names lose what names the patient, and nothing else; no two files come to have one name."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial_core.domain.file_names import file_and_folder_at_once
from trial_core.domain.hidden_names import names_without_patient
from trial_core.domain.identity import PatientIdentity

DOE = PatientIdentity("PID-77", "Doe^Johanna", "19580214")
LI = PatientIdentity("P1", "Li^Wei=李^伟", "")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("DOE_JOHANNA/CT.001.dcm", "(hidden)_(hidden)/CT.001.dcm"),
        ("export/johannadoe.zip", "export/(hidden).zip"),
        ("Doe 1958-02-14/RP.dcm", "(hidden) (hidden)/RP.dcm"),
        ("14.02.1958.zip/RD.dcm", "(hidden).zip/RD.dcm"),
        ("19580214.dcm", "(hidden).dcm"),
        ("pid-77 RS.dcm", "(hidden) RS.dcm"),
    ],
)
def test_name__that_names_the_patient_is_hidden_there(name: str, shown: str) -> None:
    assert names_without_patient([name], [DOE]) == {name: shown}


@pytest.mark.parametrize("name", ["CT.001.dcm", "liver/RS.dcm", "weight/RP.dcm", "2.25.19580.dcm"])
def test_name__that_names_nobody_stays(name: str) -> None:
    assert names_without_patient([name], [LI, DOE]) == {}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("李伟/CT.dcm", "(hidden)/CT.dcm"),
        ("LI_WEI/CT.dcm", "(hidden)_(hidden)/CT.dcm"),
        ("liwei1.zip", "(hidden)1.zip"),
    ],
)
def test_short_and_chinese_names__are_found_too(name: str, shown: str) -> None:
    assert names_without_patient([name], [LI]) == {name: shown}


def test_names__that_would_become_one_are_told_apart() -> None:
    names = ["doe/CT.dcm", "DOE/CT.dcm", "(hidden)/CT.dcm"]
    new = names_without_patient(names, [DOE])
    assert sorted(new) == ["DOE/CT.dcm", "doe/CT.dcm"]
    assert len({*new.values(), "(hidden)/CT.dcm"}) == 3


def test_file__does_not_come_to_bear_the_name_of_a_folder() -> None:
    new = names_without_patient(["doe", "johanna/CT.dcm"], [DOE])
    assert file_and_folder_at_once(new.values()) is None


def test_identity__that_names_nobody_hides_nothing() -> None:
    assert (
        names_without_patient(["a.dcm"], [PatientIdentity("", "", ""), PatientIdentity("", "^^", "1958")])
        == {}
    )


_NAMES = st.lists(st.text("aDoe19580214/_-.李(hidden)", min_size=1, max_size=20), unique=True, max_size=6)


@given(_NAMES)
def test_names__stay_apart_and_are_cleared_once_for_all(names: list[str]) -> None:
    new = names_without_patient(names, [DOE, LI])
    shown = [new.get(name, name) for name in names]
    assert len(set(shown)) == len(names)
    if file_and_folder_at_once(names) is None and not any("//" in name for name in names):
        assert file_and_folder_at_once(shown) is None
    assert names_without_patient(shown, [DOE, LI]) == {}
    assert not any(re.search(r"(?<![a-z])doe(?![a-z])|李", name.casefold()) for name in shown)

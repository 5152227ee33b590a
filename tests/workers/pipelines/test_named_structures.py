"""What the report says of a name that a person gave: a note, and a warning where the name contradicts it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from imaging.findings import Finding, Severity
from tests.workers.pipelines.checked import SCR
from tests.workers.pipelines.courses import SMALL_ANATOMY, cfrt, course, ldrt, structure_set
from trial_core.domain.given_names import GivenName, SaidName
from workers.pipelines.named_structures import named_structures

BOX = SMALL_ANATOMY["Heart"]


def _said(site_name: str, structure: str) -> Finding:
    structures = structure_set({site_name: BOX})
    name = SaidName(GivenName(site_name, structure), by="A physicist", at=datetime(2026, 1, 2, tzinfo=UTC))
    (found,) = named_structures([name], course(ldrt(structures), cfrt(structures)), SCR)
    return found


@pytest.mark.parametrize(
    ("site_name", "structure", "other"),
    [
        ("Leber", "Heart", "Liver"),
        ("肝脏", "Heart", "Liver"),
        ("Niere links", "Kidney_R", "Kidney_L"),
        ("Lunge rechts", "Lung_L", "Lung_R"),
        ("Myelon", "SpinalCord_PRV05", "SpinalCord"),
        ("Stomac", "Heart", "Stomach"),
    ],
)
def test_named__as_an_organ_that_its_words_deny_is_a_warning(
    site_name: str, structure: str, other: str
) -> None:
    found = _said(site_name, structure)
    assert found.severity is Severity.WARNING
    assert found.message.startswith(f"'{site_name}' is {structure} of the protocol, said A physicist, ")
    assert found.message.endswith(f"; by its words it would be {other}")
    assert found.structure == site_name


@pytest.mark.parametrize(
    ("site_name", "structure"), [("Herz", "Heart"), ("Niere links", "Kidney_L"), ("OAR 7", "Heart")]
)
def test_named__as_its_words_say_or_where_they_say_nothing_is_a_note(site_name: str, structure: str) -> None:
    assert _said(site_name, structure).severity is Severity.INFO

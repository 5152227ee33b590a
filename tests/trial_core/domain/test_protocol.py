"""Names, ranges and prescriptions of a protocol."""

import pytest

from trial_core.domain.protocol import Permitted, Prescription, Range, fits


@pytest.mark.parametrize(
    ("name", "pattern", "expected"),
    [
        ("SpinalCord", "SpinalCord", True),
        ("spinal cord", "SpinalCord", True),
        ("SPINAL_CORD", "SpinalCord", True),
        ("Spinal-Cord", "spinal.cord", True),
        ("SpinalCord_PRV05", "SpinalCord", False),
        ("PTV_50.4", "PTV50*", True),
        ("PTV", "PTV?", False),
        ("Lung[L]", "Lung[L]", True),
        ("LungL", "Lung[L]", False),
    ],
)
def test_fits__compares_names_without_case_spaces_and_underscores(
    name: str, pattern: str, expected: bool
) -> None:
    assert fits(name, pattern) is expected


def test_permitted__takes_its_own_ends_in_spite_of_binary_fractions() -> None:
    permitted = Permitted(
        dose_gy=Range(minimum=40, maximum=61.2),
        fractions=Range(),
        dose_per_fraction_gy=Range(minimum=1.8, maximum=2.0),
    )
    assert Prescription(dose_gy=46.8, fractions=26).dose_per_fraction_gy < 1.8
    assert permitted.allows(46.8, 26)
    assert permitted.allows(50.4, 28)
    assert permitted.allows(61.2, 34)
    assert permitted.allows(40.0, 20)
    assert not permitted.allows(50.4, 25)  # 2.016 Gy a fraction
    assert not permitted.allows(61.3, 34)

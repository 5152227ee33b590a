"""`dosegate accumulate`: the figures through real files, what is told about them, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pydicom
import pytest

from tests.cli.command import only_json
from tests.integration.summed_courses import (
    CFRT,
    LDRT,
    OTHER_FRAME,
    Dosegate,
    command_here,
    course,
    plan_and_dose,
    uniform,
    values_of,
)
from tests.support.dicom_builders import (
    FRAME,
    dose_array,
    dose_dataset,
    plan_content,
    record_dataset,
    write,
)


@pytest.fixture
def dosegate(capfd: pytest.CaptureFixture[str]) -> Dosegate:
    """The command in this process: what a process of its own costs is not what is tested here."""
    return command_here(capfd)


@pytest.mark.parametrize(("ratio", "expected"), [("10", 65.81), ("3", 66.384), ("2", 66.63)])
def test_accumulate__gives_the_figures_of_the_domain_notes(
    dosegate: Dosegate, tmp_path: Path, ratio: str, expected: float
) -> None:
    output = tmp_path / "sum.dcm"
    done = dosegate(
        "accumulate", course(tmp_path / "in"), "--alpha-beta", ratio, "--output", output, "--json", "-"
    )
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(values_of(output), expected, atol=1e-6)
    told = only_json(done)
    assert told["maximum_gy"] == pytest.approx(expected, abs=1e-6)
    assert (told["dose_type"], told["needs_review"], told["base_plan"]) == ("EFFECTIVE", False, "CFRT")
    assert [(plan["label"], plan["weight"], plan["uncovered_cc"]) for plan in told["plans"]] == [
        ("CFRT", 1.0, 0.0),
        ("LDRT", 1.0, 0.0),
    ]
    assert len(told["inputs"]) == 4
    assert pydicom.dcmread(output).PatientID == "TEST-1"
    assert "Test" not in done.stdout + done.stderr  # the patient's name


def test_accumulate__counts_fractions_as_told_and_as_delivered(dosegate: Dosegate, tmp_path: Path) -> None:
    """20 of 28 and all of 5; then 2 of 28 and 1 of 5 by the records. d stays the planned one."""
    records = [record_dataset(n, plan_uid=CFRT, content=plan_content(fractions=28)) for n in (1, 2)]
    records.append(record_dataset(1, plan_uid=LDRT, content=plan_content(fractions=5)))
    folder = course(tmp_path / "in", *records)
    for n, options in enumerate((["--fractions", "CFRT=20"], ["--delivered"])):
        output = tmp_path / f"sum{n}.dcm"
        done = dosegate("accumulate", folder, "--alpha-beta", "3", *options, "--output", output)
        assert done.returncode == 0, done.stderr
    eqd2 = [50.4 * (1.8 + 3) / 5, 15.0 * (3.0 + 3) / 5]
    np.testing.assert_allclose(values_of(tmp_path / "sum0.dcm"), eqd2[0] * 20 / 28 + eqd2[1], atol=1e-6)
    np.testing.assert_allclose(values_of(tmp_path / "sum1.dcm"), eqd2[0] * 2 / 28 + eqd2[1] / 5, atol=1e-6)


def test_accumulate__takes_an_alpha_beta_for_each_structure(dosegate: Dosegate, tmp_path: Path) -> None:
    output = tmp_path / "sum.dcm"
    both = ["--alpha-beta", "3", "--alpha-beta", "Cord=2"]
    done = dosegate("accumulate", course(tmp_path / "in"), *both, "--output", output)
    assert done.returncode == 0, done.stderr
    found = {round(float(value), 6) for value in np.unique(values_of(output))}
    assert found == {66.384, 66.63}


def test_accumulate__tells_what_a_grid_does_not_cover(dosegate: Dosegate, tmp_path: Path) -> None:
    folder = course(tmp_path / "in", shape=(5, 12, 7))
    told = {}
    for bound in ("zero", "highest"):
        output = tmp_path / f"{bound}.dcm"
        options = ["--physical", "--uncovered", bound, "--output", output, "--json", "-"]
        told[bound] = only_json(dosegate("accumulate", folder, *options))
    cc = [told[bound]["plans"][1]["uncovered_cc"] for bound in told]
    assert cc[0] == cc[1] == pytest.approx(5 * 12 * 7 * 4 * 5 * 3 / 1000)
    low, high = (values_of(tmp_path / f"{bound}.dcm") for bound in told)
    np.testing.assert_allclose(low[..., :7], 65.4, atol=1e-6)
    np.testing.assert_allclose(low[..., 7:], 50.4, atol=1e-6)
    np.testing.assert_allclose(high, 65.4, atol=1e-6)
    assert "NOT COVERED" in pydicom.dcmread(tmp_path / "zero.dcm").ImageComments


def test_accumulate__worst_case_takes_the_highest_dose_nearby(dosegate: Dosegate, tmp_path: Path) -> None:
    """The other plan rises by 0.2 Gy/mm along x: within 5 mm it is 1 Gy more."""
    slope = dose_array(lambda x, y, z: 20 + 0.2 * x + 0 * y * z, shape=(9, 30, 40), origin_mm=(-70, -70, -12))
    folder = tmp_path / "in"
    write(
        folder,
        *plan_and_dose(CFRT, "CFRT", 28, uniform(50.0)),
        *plan_and_dose(LDRT, "LDRT", 5, slope),
    )
    output = tmp_path / "sum.dcm"
    done = dosegate("accumulate", folder, "--physical", "--radar-mm", "5,2,2", "--output", output)
    assert done.returncode == 0, done.stderr
    x = -30.0 + 5.0 * np.arange(14)
    np.testing.assert_allclose(values_of(output), np.broadcast_to(71 + 0.2 * x, (5, 12, 14)), atol=1e-5)


REFUSED = {
    "neither kind": ([], "--physical"),
    "both kinds": (["--physical", "--alpha-beta", "3"], "one of the two"),
    "no ratio for the rest": (["--alpha-beta", "Cord=2"], "outside the named structures"),
    "no such structure": (["--alpha-beta", "3", "--alpha-beta", "Heart=2"], "no contours of 'Heart'"),
    "no such plan": (["--physical", "--fractions", "SBRT=3"], "no plan is called 'SBRT'"),
    "zero alpha/beta": (["--alpha-beta", "0"], "above 0 Gy"),
    "nothing counts": (["--physical", "--delivered"], "no fraction of any plan counts"),
    "no length": (["--physical", "--radar-mm", "3,nan,3"], "three lengths"),
    "nothing to restrict": (["--physical", "--radar-within", "Cord"], "--radar-mm"),
}


@pytest.fixture(scope="module")
def two_plans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return course(tmp_path_factory.mktemp("course") / "in")


@pytest.mark.parametrize("name", REFUSED)
def test_accumulate__refuses_in_words_and_writes_nothing(
    dosegate: Dosegate, two_plans: Path, tmp_path: Path, name: str
) -> None:
    options, words = REFUSED[name]
    done = dosegate("accumulate", two_plans, *options, "--output", tmp_path / "sum.dcm", "--json", "-")
    assert done.returncode == 2
    assert words in json.loads(done.stdout)["error"]
    assert list(tmp_path.iterdir()) == []


def test_accumulate__leaves_nothing_out_and_guesses_no_place(dosegate: Dosegate, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    plans = (CFRT, "CFRT", 28, uniform(50.0), FRAME), (LDRT, "LDRT", 5, uniform(9.0), OTHER_FRAME)
    write(foreign, *(each for plan in plans for each in plan_and_dose(*plan)))
    done = dosegate("accumulate", foreign, "--physical", "--output", tmp_path / "a.dcm")
    assert done.returncode == 2
    assert "no registration links the two" in done.stderr
    alone = course(tmp_path / "alone", dose_dataset(3.0, uid="1.2.3.99"))
    done = dosegate("accumulate", alone, "--physical", "--output", tmp_path / "b.dcm")
    assert done.returncode == 2
    assert "plan of a dose is missing" in done.stderr
    assert not list(tmp_path.glob("*.dcm"))


def test_accumulate__replaces_no_file(dosegate: Dosegate, two_plans: Path, tmp_path: Path) -> None:
    kept = tmp_path / "plan.dcm"
    kept.write_bytes(next(two_plans.glob("RTPLAN*")).read_bytes())
    before = kept.read_bytes()
    done = dosegate("accumulate", two_plans, "--physical", "--output", kept)
    assert done.returncode == 2
    assert kept.read_bytes() == before

"""`dosegate metrics` on real sets: the figures, the names, and null for what cannot be evaluated."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.command import DOSEGATE, SHARED_DATA, dosegate, dosegate_here, only_json
from tests.support.dicom_builders import dose_dataset, structure_dataset, write
from tests.support.small_course import write_small_course

on_real_data = pytest.mark.skipif(not SHARED_DATA.is_dir(), reason="../shared/data is not here")
EXAMPLE = SHARED_DATA / "dicompyler_example"


@pytest.fixture(scope="module")
def measured() -> subprocess.CompletedProcess[str]:
    return dosegate(
        "metrics", EXAMPLE, "--metric", "Mean[Gy]", "D95%[%]", "--metric", "V5 Gy[%]", "--json", "-"
    )


@on_real_data
def test_metrics__measures_every_roi_of_the_file(measured: subprocess.CompletedProcess[str]) -> None:
    assert measured.returncode == 0, measured.stderr
    document = only_json(measured)
    assert set(document) == {"structures", "findings"}
    assert len(document["structures"]) == 10
    for found in document["structures"].values():
        assert list(found) == ["volume_cc", "metrics"]
        assert list(found["metrics"]) == ["Mean[Gy]", "D95%[%]", "V5 Gy[%]"]


@on_real_data
def test_metrics__agree_with_the_planning_system(measured: subprocess.CompletedProcess[str]) -> None:
    structures = only_json(measured)["structures"]
    assert structures["Breast"]["volume_cc"] == pytest.approx(400.6, rel=0.01)
    assert structures["Breast"]["metrics"]["Mean[Gy]"] == pytest.approx(5.57, abs=0.04)
    assert structures["BODY"]["volume_cc"] == pytest.approx(14882, rel=0.003)
    assert structures["BODY"]["metrics"]["Mean[Gy]"] is not None


@on_real_data
def test_metrics__of_an_empty_roi_are_null_with_a_finding(measured: subprocess.CompletedProcess[str]) -> None:
    document = only_json(measured)
    assert set(document["structures"]["Areola"]["metrics"].values()) == {None}
    assert any(finding["structure"] == "Areola" for finding in document["findings"])


@on_real_data
def test_metrics__in_percent_without_a_prescription_are_null(
    measured: subprocess.CompletedProcess[str],
) -> None:
    assert all(found["metrics"]["D95%[%]"] is None for found in only_json(measured)["structures"].values())


@on_real_data
def test_metrics__in_percent_are_of_the_prescription_that_was_given() -> None:
    done = dosegate(
        "metrics", EXAMPLE, "--structure", "Breast", "--metric", "Max[%]", "Max[Gy]", "--prescription", "14",
        "--json=-",
    )  # fmt: skip
    found = only_json(done)["structures"]["Breast"]["metrics"]
    assert found["Max[%]"] == pytest.approx(found["Max[Gy]"] / 14 * 100)


@on_real_data
def test_metrics__are_shown_as_a_table_to_people() -> None:
    done = dosegate_here("metrics", EXAMPLE, "--structure", "Breast", "Areola", "--metric", "Mean[Gy]")
    assert done.returncode == 0
    head, *rows = done.stdout.splitlines()
    assert head.split() == ["structure", "volume", "cc", "Mean[Gy]"]
    assert [row.split()[0] for row in rows] == ["Breast", "Areola"]
    assert rows[1].split()[-1] == "–"


@on_real_data
def test_metrics__of_an_unknown_structure_exit_2() -> None:
    done = dosegate_here("metrics", EXAMPLE, "--structure", "Brest", "--metric", "Mean[Gy]", "--json", "-")
    assert done.returncode == 2
    document = only_json(done)
    assert "Brest" in document["error"]
    assert document["structures"] == {}
    assert "structure-unknown" in [finding["code"] for finding in document["findings"]]


def test_metrics__of_several_doses_name_them_and_an_example_to_run(tmp_path: Path) -> None:
    write_small_course(tmp_path)
    done = dosegate_here("metrics", tmp_path, "--metric", "Mean[Gy]", "--json", "-")
    assert done.returncode == 2
    error = only_json(done)["error"]
    assert "there are 2 doses" in error
    assert "'RD.LDRT.dcm'; 'RD.CFRT.dcm'" in error or "'RD.CFRT.dcm'; 'RD.LDRT.dcm'" in error
    assert "Hand over one of them with its structure set" in error
    example = error[error.index("dosegate metrics") : error.index("'Mean[Gy]'")] + "Mean[Gy]"
    ran = subprocess.run(
        [DOSEGATE, *example.split()[1:], "--structure", "Heart"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


def test_metrics__of_structure_sets_that_could_both_be_meant_name_them(tmp_path: Path) -> None:
    square = [[[-10.0, -10.0, 0.0], [10.0, -10.0, 0.0], [0.0, 10.0, 0.0]]]
    sets = [structure_dataset({"PTV": square}, uid=f"1.2.3.{number}") for number in (1, 2)]
    write(tmp_path, dose_dataset(), *sets)
    done = dosegate_here("metrics", tmp_path, "--metric", "Mean[Gy]", "--json", "-")
    assert done.returncode == 2
    error = only_json(done)["error"]
    assert "'RTSTRUCT.002.dcm', 'RTSTRUCT.003.dcm'" in error
    assert "such as: dosegate metrics RTSTRUCT.002.dcm RTDOSE.001.dcm" in error


def test_metrics__of_a_structure_set_of_another_frame_of_reference_say_so(tmp_path: Path) -> None:
    square = [[[-10.0, -10.0, 0.0], [10.0, -10.0, 0.0], [0.0, 10.0, 0.0]]]
    write(tmp_path, dose_dataset(), structure_dataset({"PTV": square}, uid="1.2.3.1", frame_uid="1.2.3.99"))
    done = dosegate_here("metrics", tmp_path, "--metric", "Mean[Gy]", "--json", "-")
    assert done.returncode == 2
    document = only_json(done)
    assert "different frames of reference" in document["error"]
    assert "frame-of-reference-mismatch" in [finding["code"] for finding in document["findings"]]


@on_real_data
def test_metrics__without_a_structure_set_exit_2_with_findings() -> None:
    done = dosegate_here("metrics", SHARED_DATA / "feet_first", "--metric", "Mean[Gy]", "--json", "-")
    assert done.returncode == 2
    assert only_json(done)["error"]
    assert "Traceback" not in done.stderr

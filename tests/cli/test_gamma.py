"""`dosegate gamma` as a user runs it: three keys whenever computed, and a refusal that says why else."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from cli.arguments import read_arguments
from cli.errors import WrongArgumentsError
from imaging.synthetic.header import write_object
from imaging.synthetic.rt_dose import DoseArray, DoseLabel
from tests.cli.command import dosegate, dosegate_here, only_json
from tests.support.dicom_builders import ORIENTATIONS, Floats, dose_array, dose_dataset, structure_dataset
from tests.support.hostile import dose_with_scaling

CRITERIA = ("--dose-percent", "3", "--distance-mm", "2")
SHAPE = (8, 10, 10)


def _bump(x: Floats, y: Floats, z: Floats) -> Floats:
    return np.asarray(40 * np.exp(-((x**2 + 1.5 * y**2 + 0.7 * z**2) / 400)))


def _moved(x: Floats, y: Floats, z: Floats) -> Floats:
    return np.asarray(1.01 * _bump(x - 1.5, y + 1, z - 0.5))


def _around_zero(orientation: tuple[float, ...]) -> tuple[float, float, float]:
    """Where the first voxel lies if the grid's middle lies at 0, however it is turned."""
    row, column = np.array(orientation[:3]), np.array(orientation[3:])
    half = (4.5 * 4.0 * row) + (4.5 * 4.0 * column) + (3.5 * 3.0 * np.cross(row, column))
    x, y, z = (-half).tolist()
    return x, y, z


def _turned(position: str, dose_at: object = _bump) -> DoseArray:
    orientation = ORIENTATIONS[position]
    return dose_array(
        dose_at,  # type: ignore[arg-type]
        shape=SHAPE,
        origin_mm=_around_zero(orientation),
        pixel_spacing_mm=(4.0, 4.0),
        orientation=orientation,
    )


def _file(folder: Path, name: str, dose: DoseArray | float = 10.0, label: DoseLabel | None = None) -> Path:
    return write_object(folder / f"{name}.dcm", dose_dataset(dose, label=label))


def test_gamma__answers_with_exactly_three_keys(tmp_path: Path) -> None:
    dose = _file(tmp_path, "dose", _turned("HFS"))
    done = dosegate("gamma", dose, dose, *CRITERIA, "--json", "-")
    assert done.returncode == 0
    document = only_json(done)
    assert list(document) == ["pass_rate_percent", "points", "mean_gamma"]
    assert (document["pass_rate_percent"], document["mean_gamma"]) == (100, 0)
    assert isinstance(document["points"], int)


def test_gamma__options_reach_the_result(tmp_path: Path) -> None:
    reference, evaluation = (
        _file(tmp_path, "ref", _turned("HFS")),
        _file(tmp_path, "eval", _turned("HFS", _moved)),
    )
    found = {}
    for options in ((), ("--local",), ("--cutoff-percent", "50"), ("--max-gamma", "1.2")):
        done = dosegate_here("gamma", reference, evaluation, *CRITERIA, *options, "--json", "-")
        assert done.returncode == 0
        found[options[:1]] = only_json(done)
    plain = found[()]
    assert 0 < plain["pass_rate_percent"] < 100
    assert found[("--local",)]["mean_gamma"] > plain["mean_gamma"]
    assert found[("--cutoff-percent",)]["points"] < plain["points"]
    assert found[("--max-gamma",)]["mean_gamma"] < plain["mean_gamma"]
    assert found[("--max-gamma",)]["pass_rate_percent"] == plain["pass_rate_percent"]


@pytest.fixture(scope="module")
def head_first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, float]]:
    """A head-first dose, and the gamma of another against it."""
    folder = tmp_path_factory.mktemp("head-first")
    dose = _file(folder, "dose", _turned("HFS"))
    other = _file(folder, "other", _turned("HFS", _moved))
    return dose, only_json(dosegate_here("gamma", other, dose, *CRITERIA, "--json", "-"))


@pytest.mark.parametrize("position", ["FFS", "FFP", "HFDL", "FFDR"])
def test_gamma__is_as_right_in_any_position_as_head_first(
    position: str, head_first: tuple[Path, dict[str, float]], tmp_path: Path
) -> None:
    """The same voxels in the same places, stored as another position stores them."""
    dose, expected = head_first
    turned = _file(tmp_path, position, _turned(position, _moved))
    found = only_json(dosegate_here("gamma", turned, dose, *CRITERIA, "--json", "-"))
    assert found["points"] == expected["points"]
    assert found["pass_rate_percent"] == expected["pass_rate_percent"]
    assert found["mean_gamma"] == pytest.approx(expected["mean_gamma"], rel=1e-6)


def test_gamma__of_grids_that_do_not_meet_is_the_cap_and_is_said(tmp_path: Path) -> None:
    here = _file(tmp_path, "here", 10.0)
    there = _file(tmp_path, "there", dose_array(lambda x, y, z: 0 * x + 10.0, origin_mm=(900.0, 0.0, 0.0)))
    done = dosegate_here("gamma", here, there, *CRITERIA, "--json", "-")
    assert done.returncode == 0
    assert only_json(done) == {"pass_rate_percent": 0, "points": 840, "mean_gamma": 2}
    assert "840 of 840 points lie outside" in done.stderr


def test_gamma__of_no_dose_has_no_rate_and_it_is_said(tmp_path: Path) -> None:
    nothing, some = _file(tmp_path, "nothing", 0.0), _file(tmp_path, "some", 10.0)
    done = dosegate_here("gamma", nothing, some, *CRITERIA, "--json", "-")
    assert done.returncode == 0
    assert only_json(done) == {"pass_rate_percent": None, "points": 0, "mean_gamma": None}
    assert "0 Gy everywhere" in done.stderr


def test_gamma__of_two_patients_or_of_a_beam_against_a_plan_is_said(tmp_path: Path) -> None:
    mine = _file(tmp_path, "mine")
    theirs, beam = dose_dataset(), dose_dataset(label=DoseLabel(summation_type="BEAM", beam_number=1))
    theirs.PatientID, theirs.PatientName = "somebody else", "Secret^Name"
    done = dosegate_here(
        "gamma", mine, write_object(tmp_path / "theirs.dcm", theirs), *CRITERIA, "--json", "-"
    )
    assert only_json(done)["pass_rate_percent"] == 100
    assert "different patients (PatientID)" in done.stderr
    assert "Secret" not in done.stderr
    done = dosegate_here("gamma", mine, write_object(tmp_path / "beam.dcm", beam), *CRITERIA, "--json", "-")
    assert "The dose is of kind BEAM, that of mine.dcm of kind PLAN" in done.stderr


def test_gamma__without_json_is_a_table_and_with_a_file_writes_it(tmp_path: Path) -> None:
    dose, result = _file(tmp_path, "dose"), tmp_path / "gamma.json"
    done = dosegate_here("gamma", dose, dose, *CRITERIA)
    assert done.stdout.split() == ["pass", "rate", "100.00", "%", "points", "840", "mean", "gamma", "0.000"]
    assert dosegate_here("gamma", dose, dose, *CRITERIA, "--json", result).stdout == ""
    assert json.loads(result.read_text()) == {"pass_rate_percent": 100, "points": 840, "mean_gamma": 0}


REFUSED = {
    "relative": (DoseLabel(units="RELATIVE"), "relative, not in Gy"),
    "error": (DoseLabel(dose_type="ERROR"), "type ERROR"),
    "effective": (DoseLabel(dose_type="EFFECTIVE"), "different quantities"),
}


@pytest.mark.parametrize(("label", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_gamma__refuses_what_is_no_comparable_dose(label: DoseLabel, said: str, tmp_path: Path) -> None:
    done = dosegate_here(
        "gamma", _file(tmp_path, "ref"), _file(tmp_path, "eval", label=label), *CRITERIA, "--json", "-"
    )
    assert done.returncode == 2
    document = only_json(done)
    assert said in document["error"]
    assert [finding["file"] for finding in document["findings"]] == ["eval.dcm"]
    assert said in done.stderr


def test_gamma__refuses_what_is_no_dose_file(tmp_path: Path) -> None:
    dose = _file(tmp_path, "dose")
    (tmp_path / "note.txt").write_text("a note")
    others = {
        write_object(tmp_path / "structures.dcm", structure_dataset({})): "not RT Dose",
        dose_with_scaling(tmp_path / "scaling.dcm", "NaN"): "DoseGridScaling",
        tmp_path / "note.txt": "text file",
        tmp_path: "not a file",
        tmp_path / "absent.dcm": "no such file",
    }
    for path, said in others.items():
        done = dosegate_here("gamma", dose, path, *CRITERIA, "--json", "-")
        assert done.returncode == 2
        assert said in only_json(done)["error"]
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("option", "value"),
    [
        *(("--dose-percent", value) for value in ("0", "-3", "nan", "three", "101")),
        *(("--distance-mm", value) for value in ("0", "inf", "-1")),
        *(("--cutoff-percent", value) for value in ("-1", "101")),
        *(("--max-gamma", value) for value in ("0", "-1", "100")),
    ],
)
def test_arguments__out_of_range_are_refused_by_name(option: str, value: str) -> None:
    with pytest.raises(WrongArgumentsError) as refusal:
        read_arguments("gamma", ["a", "b", *CRITERIA, option, value])
    assert option in str(refusal.value)
    assert repr(value) in str(refusal.value)


def test_arguments__criteria_are_asked_for() -> None:
    with pytest.raises(WrongArgumentsError, match=r"--dose-percent.*--distance-mm"):
        read_arguments("gamma", ["a", "b"])

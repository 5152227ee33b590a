"""The complete real set by a protocol of the tests' own, and metrics of every real set."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from trial_core.domain.criteria import Verdict
from trial_core.protocols.reader import read_protocol
from workers.pipelines.metrics import MetricsRefusedError, compute_metrics
from workers.pipelines.plan_check import check_paths

ROOT = Path(__file__).parents[3]
DATA = ROOT.parent / "shared" / "data"
BREAST = DATA / "dicompyler_example"
PROTOCOL = ROOT / "tests" / "support" / "protocols" / "breast_14_in_7.yaml"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not there")


def _metrics(
    paths: Sequence[Path],
    scratch: Path,
    *,
    structures: Sequence[str] = (),
    metrics: Sequence[str] = ("Mean[Gy]", "D95%[%]"),
    prescription_gy: float | None = None,
) -> dict[str, Any]:
    return compute_metrics(paths, structures, metrics, prescription_gy, scratch)


def _codes(result: dict[str, Any], structure: str | None) -> set[str]:
    return {each["code"] for each in result["findings"] if each["structure"] == structure}


@pytest.fixture(scope="module")
def breast(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return _metrics([BREAST], tmp_path_factory.mktemp("scratch"))


def test_metrics__of_the_breast_set_are_those_known_from_elsewhere(breast: dict[str, Any]) -> None:
    structures = breast["structures"]
    assert structures["Breast"]["volume_cc"] == pytest.approx(400.6, rel=0.01)
    assert structures["Breast"]["metrics"]["Mean[Gy]"] == pytest.approx(5.57, abs=0.04)
    assert structures["BODY"]["volume_cc"] == pytest.approx(14882, rel=0.003)
    assert structures["BODY"]["metrics"]["Mean[Gy]"] is not None
    assert structures["Heart"]["metrics"]["Mean[Gy]"] == pytest.approx(0.648, abs=0.005)
    assert structures["Tumor Bed"]["metrics"]["Mean[Gy]"] == pytest.approx(14.29, abs=0.02)


def test_metrics__an_empty_structure_is_null_and_a_finding(breast: dict[str, Any]) -> None:
    assert breast["structures"]["Areola"] == {
        "volume_cc": None,
        "metrics": {"Mean[Gy]": None, "D95%[%]": None},
    }
    assert _codes(breast, "Areola") == {"structure-empty"}


def test_metrics__body_beyond_the_outermost_centres_is_a_finding_with_its_volume(
    breast: dict[str, Any],
) -> None:
    (said,) = [each for each in breast["findings"] if each["code"] == "structure-beyond-grid"]
    assert said["structure"] == "BODY"
    assert said["file"] == "rtdose.dcm"
    assert "BODY" not in said["message"]  # the structure has its own field
    assert "its contours by 0.84 mm, its volume by 1.50 mm" in said["message"]
    assert " cc in all" in said["message"]


def test_metrics__percent_without_a_prescription_is_null_and_said_once(breast: dict[str, Any]) -> None:
    assert all(each["metrics"]["D95%[%]"] is None for each in breast["structures"].values())
    assert [each["code"] for each in breast["findings"]].count("prescription-missing") == 1


def test_metrics__percent_is_of_the_prescription_that_was_given(tmp_path: Path) -> None:
    wanted = ["D95%[%]", "D95%[Gy]", " D95%[ Gy ]"]
    result = _metrics([BREAST], tmp_path, structures=["Tumor Bed"], metrics=wanted, prescription_gy=14.0)
    found = result["structures"]["Tumor Bed"]["metrics"]
    assert list(found) == wanted  # verbatim, as typed
    assert found["D95%[%]"] == pytest.approx(100 * found["D95%[Gy]"] / 14)
    assert found[" D95%[ Gy ]"] == found["D95%[Gy]"]
    assert list(result["structures"]) == ["Tumor Bed"]


def test_metrics__need_neither_plan_nor_ct(breast: dict[str, Any], tmp_path: Path) -> None:
    alone = _metrics([BREAST / "rtss.dcm", BREAST / "rtdose.dcm"], tmp_path)
    assert alone["structures"] == breast["structures"]


def test_metrics__the_trap_in_the_dvh_sequence_is_found(breast: dict[str, Any]) -> None:
    assert "dvh-disagrees-with-grid" in _codes(breast, None)


def test_metrics__an_unknown_structure_is_refused_with_the_known_names(tmp_path: Path) -> None:
    with pytest.raises(MetricsRefusedError, match=r"no structure 'Brest'.*'Breast'"):
        _metrics([BREAST], tmp_path, structures=["Heart", "Brest"])


@pytest.mark.parametrize(
    ("paths", "words"),
    [
        (["dicompyler_example/rtss.dcm"], "no dose"),
        (["dicompyler_example/rtdose.dcm"], "no structure set"),
        (["feet_first"], "2 doses"),
        (["mislabelled"], "no dose"),
        (["brachy"], "more than one patient"),
    ],
)
def test_metrics__what_cannot_be_computed_is_refused_with_findings(
    paths: list[str], words: str, tmp_path: Path
) -> None:
    with pytest.raises(MetricsRefusedError, match=words) as caught:
        _metrics([DATA / path for path in paths], tmp_path)
    assert caught.value.findings
    json.dumps(caught.value.findings, allow_nan=False)


@pytest.mark.parametrize("prescription_gy", [0.0, -1.0, float("nan"), float("inf")])
def test_metrics__refuses_a_prescription_that_is_none(prescription_gy: float, tmp_path: Path) -> None:
    with pytest.raises(MetricsRefusedError, match="prescription"):
        _metrics([BREAST], tmp_path, prescription_gy=prescription_gy)


def test_metrics__of_beams_are_of_their_sum_without_the_empty_fourth(tmp_path: Path) -> None:
    result = _metrics([DATA / "rtkit_samples" / "simple_phantom_case"], tmp_path, metrics=["Max[Gy]"])
    assert max(each["metrics"]["Max[Gy]"] for each in result["structures"].values()) <= 6.25 + 5.53 + 6.04
    assert {"dose-all-zero", "object-set-aside"} <= _codes(result, None)


def test_check__of_the_breast_set_ends_with_a_verdict_for_each_criterion(tmp_path: Path) -> None:
    protocol = read_protocol(PROTOCOL)
    report = check_paths([BREAST], protocol, tmp_path)
    assert {row.criterion: row.verdict for row in report.results} == {
        "Tumor Bed D95%[%]": Verdict.PER_PROTOCOL,
        "Tumor Bed D0.03cc[%]": Verdict.PER_PROTOCOL,
        "Heart Mean[Gy]": Verdict.PER_PROTOCOL,
        "Lung_L V5Gy[%]": Verdict.ACCEPTABLE_VARIATION,
        "Breast Mean[Gy]": Verdict.PER_PROTOCOL,
        "Breast-Block V10Gy[cc]": Verdict.UNACCEPTABLE_DEVIATION,
        "Areola Mean[Gy]": Verdict.NOT_EVALUABLE,
        "Thyroid Mean[Gy]": Verdict.NOT_CONTOURED,
    }
    assert report.verdict is Verdict.UNACCEPTABLE_DEVIATION
    assert report.sums == ()
    assert report.plans[0].targets[0].plan_prescription_gy == 14.0


@pytest.mark.parametrize("folder", sorted(path.name for path in DATA.glob("*") if path.is_dir()))
def test_check__of_any_real_set_ends_with_a_report(folder: str, tmp_path: Path) -> None:
    report = check_paths([DATA / folder], read_protocol("SCR-ESCC-01"), tmp_path)
    assert report.verdict is not Verdict.PER_PROTOCOL
    assert report.findings

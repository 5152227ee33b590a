"""Every region is shown by a name of its own; the name that a region has in the file is nobody else's."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imaging.dicom.rt_structure import StructureSet
from imaging.findings import FindingCode
from tests.imaging.reading import codes, parse_dataset
from tests.support.dicom_builders import structure_dataset


def _shown(folder: Path, *names: str) -> tuple[list[str], list[FindingCode]]:
    dataset = structure_dataset({str(index): [] for index in range(len(names))})
    for item, name in zip(dataset.StructureSetROISequence, names, strict=True):
        item.ROIName = name
    structures, findings = parse_dataset(dataset, folder)
    assert isinstance(structures, StructureSet)
    said = [code for code in codes(findings) if code.value != "structure-empty"]
    return [roi.name for roi in structures.rois], said


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (("Heart", "Heart"), ["Heart", "Heart #2"]),
        (("Heart", "Heart", "Heart #2"), ["Heart", "Heart #3", "Heart #2"]),
        (("Heart #2", "Heart", "Heart"), ["Heart #2", "Heart", "Heart #3"]),
        (("Heart", "Heart #2", "Heart", "Heart #2"), ["Heart", "Heart #2", "Heart #3", "Heart #2 #2"]),
        (("", "ROI 1"), ["ROI 1 #2", "ROI 1"]),
    ],
)
def test_region__whose_name_looks_like_a_numbered_one_keeps_it(
    tmp_path: Path, names: tuple[str, ...], shown: list[str]
) -> None:
    found, said = _shown(tmp_path, *names)
    assert found == shown
    assert len(said) == sum(name != own for name, own in zip(shown, names, strict=True))


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.sampled_from(["A", "A #2", "A #2 #2", "B", "ROI 2", ""]), min_size=1, max_size=7))
def test_region__first_of_its_name_is_shown_by_it(tmp_path: Path, names: list[str]) -> None:
    shown, _ = _shown(tmp_path, *names)
    assert len(set(shown)) == len(names)
    for name in set(names) - {""}:
        assert shown[names.index(name)] == name

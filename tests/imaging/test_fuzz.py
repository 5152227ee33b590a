"""Files cut short, flipped and spliced at random: read or refused, no exception, no wild number."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian

from imaging.dicom.elements import quiet_pydicom
from imaging.dicom.part10 import read_part10
from imaging.dicom.rt_dose import RtDose
from imaging.dicom.rt_structure import StructureSet
from imaging.errors import RefusedError
from imaging.linking.identity import read_identity
from imaging.linking.objects import Parsed, parse
from imaging.received import ReceivedFile
from imaging.synthetic.header import write_object
from imaging.synthetic.registration import RegisteredFrame, spatial_registration
from tests.support.dicom_builders import (
    STUDY,
    ct_datasets,
    dose_array,
    dose_dataset,
    plan_content,
    plan_dataset,
    record_dataset,
    structure_dataset,
)

SQUARE = [[-10, -10, 0], [10, -10, 0], [10, 10, 0], [-10, 10, 0]]


def _registration() -> Dataset:
    frames = RegisteredFrame("1.2.3.1", np.eye(4)), RegisteredFrame("1.2.3.2", np.eye(4))
    return spatial_registration(STUDY, "1.2.3.9", fixed=frames[0], moving=frames[1])


def _sources() -> dict[str, Dataset]:
    return {
        "ct": ct_datasets(z_mm=(0.0,), matrix=2)[0],
        "structures": structure_dataset({"PTV": [SQUARE], "GTV": [SQUARE]}),
        "plan": plan_dataset(plan_content(beams=1)),
        "dose": dose_dataset(dose_array(lambda x, y, z: 20 + 0.1 * x, shape=(2, 3, 3))),
        "record": record_dataset(1),
        "registration": _registration(),
    }


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("originals")
    found = {}
    for name, dataset in _sources().items():
        found[name] = write_object(folder / f"{name}.dcm", dataset).read_bytes()
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
        found[f"{name} implicit"] = write_object(folder / f"{name}.i.dcm", dataset).read_bytes()
    return found


KINDS = [f"{name}{suffix}" for name in _sources() for suffix in ("", " implicit")]


def read(data: bytes, path: Path) -> Parsed | None:
    """Read bytes as the course does, without its net: an exception other than a refusal fails the test."""
    path.write_bytes(data)
    with quiet_pydicom():
        try:
            file = read_part10(ReceivedFile(path, path.name, len(data), ""))
            read_identity(file.item)
            return parse(file)
        except RefusedError:
            return None


def assert_sane(parsed: Parsed | None) -> None:
    """Whatever was read holds finite numbers only."""
    if isinstance(parsed, RtDose):
        assert np.isfinite(parsed.grid.values_gy).all()
        assert (parsed.grid.values_gy >= 0).all()
        assert np.isfinite(parsed.grid.index_to_patient_mm).all()
    if isinstance(parsed, StructureSet):
        for roi in parsed.rois:
            for points in roi.structure.contours if roi.structure else ():
                assert np.isfinite(points).all()


FUZZ = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=120,
)


@pytest.mark.parametrize("kind", KINDS)
def test_originals__are_read(originals: dict[str, bytes], tmp_path: Path, kind: str) -> None:
    assert read(originals[kind], tmp_path / "a.dcm") is not None


@FUZZ
@given(kind=st.sampled_from(KINDS), keep=st.floats(0.0, 1.0))
def test_files_cut_short__are_refused_or_read(
    originals: dict[str, bytes], tmp_path: Path, kind: str, keep: float
) -> None:
    data = originals[kind]
    assert_sane(read(data[: int(len(data) * keep)], tmp_path / "a.dcm"))


@FUZZ
@given(
    kind=st.sampled_from(KINDS),
    flips=st.lists(
        st.tuples(st.floats(0.0, 1.0, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=8
    ),
)
def test_files_with_flipped_bytes__are_refused_or_read(
    originals: dict[str, bytes], tmp_path: Path, kind: str, flips: list[tuple[float, int]]
) -> None:
    data = bytearray(originals[kind])
    for place, mask in flips:
        data[132 + int((len(data) - 132) * place)] ^= mask
    assert_sane(read(bytes(data), tmp_path / "a.dcm"))


@FUZZ
@given(
    kind=st.sampled_from(KINDS),
    place=st.floats(0.0, 1.0, exclude_max=True),
    junk=st.one_of(
        st.binary(min_size=1, max_size=12), st.sampled_from([b"\xff" * 4, b"NaN", b"\\", b"1e999"])
    ),
)
def test_files_with_bytes_overwritten__are_refused_or_read(
    originals: dict[str, bytes], tmp_path: Path, kind: str, place: float, junk: bytes
) -> None:
    data = bytearray(originals[kind])
    at = 132 + int((len(data) - 132 - len(junk)) * place)
    data[at : at + len(junk)] = junk
    assert_sane(read(bytes(data), tmp_path / "a.dcm"))


@pytest.mark.long
@settings(FUZZ, max_examples=30_000)
@given(
    kind=st.sampled_from(KINDS),
    flips=st.lists(
        st.tuples(st.floats(0.0, 1.0, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=8
    ),
)
def test_files_with_flipped_bytes__are_refused_or_read_for_long(
    originals: dict[str, bytes], tmp_path: Path, kind: str, flips: list[tuple[float, int]]
) -> None:
    data = bytearray(originals[kind])
    for place, mask in flips:
        data[132 + int((len(data) - 132) * place)] ^= mask
    assert_sane(read(bytes(data), tmp_path / "a.dcm"))

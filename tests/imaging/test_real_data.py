"""Real DICOM-RT from several systems: every folder is read, with what its SOURCES.md says must come out."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from imaging.course import Course, FileKind, LinkedBy, read_course
from imaging.dicom.rt_dose import DoseSummation
from imaging.findings import FindingCode, Severity
from imaging.intake import take_in
from tests.imaging.reading import codes
from tests.support.hostile import zip_of_files

DATA = Path(__file__).parents[3] / "shared/data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is absent")
pytestmark = needs_data

Reader = Callable[[str], Course]


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    return lambda name: read_course(take_in([DATA / name], tmp_path))


def found(course: Course) -> set[FindingCode]:
    return set(codes(course.findings))


def folders() -> list[str]:
    return (
        sorted(str(path.relative_to(DATA)) for path in DATA.rglob("*") if path.is_dir())
        if DATA.is_dir()
        else []
    )


@pytest.mark.parametrize("name", ["", *folders()])
def test_every_folder__is_read_without_an_exception(read: Reader, name: str) -> None:
    course = read(name)
    assert course.files
    for file in course.files:
        assert file.used == (file.reason is None)
    for finding in course.findings:
        assert set(finding.as_json()) == {
            "code",
            "severity",
            "file",
            "element",
            "structure",
            "message",
            "action",
        }
        assert not Path(finding.file or "").is_absolute()


def test_every_single_file__is_read_without_an_exception(tmp_path: Path) -> None:
    for path in sorted(DATA.rglob("*.dcm")):
        course = read_course(take_in([path], tmp_path))
        assert FindingCode.DICOM_CORRUPT not in found(course), path.name


def test_no_finding__shows_whose_files_they_are(read: Reader) -> None:
    for name in ("dicompyler_example", "rtkit_samples/simple_phantom_case", "feet_first"):
        course = read(name)
        assert course.patient is not None
        shown = " ".join(f"{one.message} {one.action}" for one in course.findings)
        for secret in (course.patient.patient_id, course.patient.name, course.patient.birth_date):
            assert not secret or len(secret) < 3 or secret not in shown


def test_dicompyler_example__is_complete_and_coherent(read: Reader) -> None:
    course = read("dicompyler_example")
    (linked,) = course.plans
    assert linked.dose is not None
    assert linked.dose.summation is DoseSummation.PLAN
    assert linked.dose.grid.shape == (98, 129, 194)
    assert linked.dose.grid.spacing_mm == pytest.approx((2.5, 2.5, 3.0))
    assert linked.dose.grid.maximum_gy == pytest.approx(14.68, abs=0.005)
    assert linked.structure_set_linked_by is LinkedBy.PLAN
    assert linked.plan.planned_fractions == 7
    assert linked.plan.dose_references[0].target_prescription_gy == 14.0
    assert len(linked.plan.beams) == 4
    (structures,) = course.structure_sets
    assert len(structures.rois) == 10
    contours = [points for roi in structures.rois if roi.structure for points in roi.structure.contours]
    assert len(contours) == 441
    assert sum(map(len, contours)) > 80_000


def test_dicompyler_example__has_an_empty_areola(read: Reader) -> None:
    course = read("dicompyler_example")
    areola = course.structure_sets[0].roi_by_name("Areola")
    assert areola is not None
    assert areola.structure is None
    assert [one.structure for one in course.findings if one.code is FindingCode.STRUCTURE_EMPTY] == ["Areola"]


def test_dicompyler_example__has_curves_in_percent_that_say_gy(read: Reader) -> None:
    (finding,) = [
        one for one in read("dicompyler_example").findings if one.code is FindingCode.DVH_DISAGREES_WITH_GRID
    ]
    assert "percent of 14 Gy" in finding.message
    assert "104.86" in finding.message


def test_dicompyler_example__lacks_its_ct(read: Reader) -> None:
    absent = [one for one in read("dicompyler_example").findings if one.code is FindingCode.REFERENCE_ABSENT]
    assert [one.severity for one in absent] == [Severity.WARNING]


def test_feet_first__grids_run_from_plus_to_minus_100(read: Reader) -> None:
    course = read("feet_first")
    assert len(course.doses_without_plan) == 2
    for one in course.doses_without_plan:
        centres = one.dose.grid.voxel_centres_mm()
        assert centres[0, ..., 2] == pytest.approx(100.0)
        assert centres[-1, ..., 2] == pytest.approx(-100.0)
        assert centres[0, 0, 0, 0] == pytest.approx(99.904, abs=1e-3)
        assert centres[0, 0, -1, 0] == pytest.approx(99.904 - 200.0, abs=1e-3)


def test_feet_first__non_square_grid_without_header_is_refused_with_its_reason(read: Reader) -> None:
    course = read("feet_first")
    (refused,) = [file for file in course.files if file.kind is FileKind.UNREADABLE]
    assert refused.name == "rtdose_non_square_pixels.dcm"
    assert FindingCode.DICOM_PREFIX_MISSING in found(course)


def test_phantom__sums_three_beams_and_refuses_the_fourth(read: Reader) -> None:
    course = read("rtkit_samples/simple_phantom_case")
    (linked,) = course.plans
    assert linked.dose is not None
    assert linked.dose.summation is DoseSummation.BEAM
    assert len(linked.dose.files) == 3
    assert linked.dose.grid.maximum_gy == pytest.approx(17.17, abs=0.01)
    (zero,) = [one for one in course.findings if one.code is FindingCode.DOSE_ALL_ZERO]
    assert "1, 2, 3" in zero.message
    assert [file.used for file in course.files if file.name == zero.file] == [False]


def test_phantom__beams_have_the_maxima_that_sources_tell(tmp_path: Path) -> None:
    doses = sorted((DATA / "rtkit_samples/simple_phantom_case").glob("RD*"))
    course = read_course(take_in(doses, tmp_path))
    maxima = sorted(one.dose.grid.maximum_gy for one in course.doses_without_plan)
    np.testing.assert_allclose(maxima, [5.53, 6.04, 6.25], atol=0.005)


def test_phantom__images_are_set_aside_with_a_reason(read: Reader) -> None:
    aside = [
        file for file in read("rtkit_samples/simple_phantom_case").files if file.kind is FileKind.OTHER_DICOM
    ]
    assert len(aside) == 6
    assert all("RT Image" in (file.reason or "") for file in aside)


def test_phantom__ct_stands_75_mm_apart(read: Reader) -> None:
    (series,) = read("rtkit_samples/simple_phantom_case").ct_series
    assert (len(series.slices), series.spacing_mm, series.is_regular) == (5, 75.0, True)


def test_phantom__in_a_zip_of_honest_180_to_1_is_taken(tmp_path: Path) -> None:
    images = sorted((DATA / "rtkit_samples/simple_phantom_case").glob("CT*"))
    archive = zip_of_files(tmp_path / "ct.zip", images)
    intake = take_in([archive], tmp_path)
    assert (len(intake.files), intake.findings) == (5, ())


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("single_brachy_plan", FindingCode.BRACHYTHERAPY_SET_ASIDE),
        ("single_cr", FindingCode.OBJECT_SET_ASIDE),
        ("single_rt_image", FindingCode.OBJECT_SET_ASIDE),
        ("single_empty_dose", FindingCode.DOSE_GEOMETRY_INVALID),
        ("single_dose", FindingCode.REFERENCE_ABSENT),
        ("single_plan", FindingCode.PLAN_WITHOUT_DOSE),
        ("single_struct", FindingCode.CONTOUR_TYPE_SET_ASIDE),
    ],
)
def test_rtkit_single_files__say_what_they_are(read: Reader, name: str, code: FindingCode) -> None:
    assert code in found(read(f"rtkit_samples/{name}"))


@pytest.mark.parametrize("name", ["HDR", "PDR", "rotated"])
def test_brachytherapy__is_set_aside_and_its_structures_are_read(tmp_path: Path, name: str) -> None:
    course = read_course(take_in(sorted((DATA / "brachy").glob(f"*{name}*")), tmp_path))
    assert course.plans == ()
    assert found(course) >= {FindingCode.BRACHYTHERAPY_SET_ASIDE, FindingCode.CONTOUR_TYPE_SET_ASIDE}
    (structures,) = course.structure_sets
    assert sum(roi.structure is not None for roi in structures.rois) >= 2


def test_brachytherapy__folder_mixes_patients_and_makes_no_course(read: Reader) -> None:
    course = read("brachy")
    assert FindingCode.PATIENT_MISMATCH in found(course)
    assert course.structure_sets == ()


def test_mislabelled__is_a_structure_set_by_its_sop_class(read: Reader) -> None:
    course = read("mislabelled")
    assert len(course.structure_sets) == 1
    assert found(course) >= {
        FindingCode.MODALITY_CONTRADICTS_SOP_CLASS,
        FindingCode.FRAME_OF_REFERENCE_MISSING,
    }

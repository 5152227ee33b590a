"""A small course as datasets, and what was found in one."""

from pydicom.dataset import Dataset

from imaging.course import Course
from imaging.findings import FindingCode
from tests.imaging.reading import codes
from tests.support.dicom_builders import (
    ct_datasets,
    ct_series,
    dose_dataset,
    plan_dataset,
    structure_dataset,
)


def square(z_mm: float) -> list[list[float]]:
    """One contour: a square of 20 mm."""
    return [[-10, -10, z_mm], [10, -10, z_mm], [10, 10, z_mm], [-10, 10, z_mm]]


def contours() -> dict[str, list[list[list[float]]]]:
    """A planning target on three planes."""
    return {"PTV": [square(z) for z in (-3.0, 0.0, 3.0)]}


def whole_course() -> list[Dataset]:
    """CT, structure set, plan and dose that belong together."""
    return [*ct_datasets(), structure_dataset(contours(), on=ct_series()), plan_dataset(), dose_dataset()]


def found(course: Course) -> set[FindingCode]:
    """The codes of all findings of a course."""
    return set(codes(course.findings))

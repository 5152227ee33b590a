"""RT Doses: a grid of Gray becomes one RTDOSE object."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.uid import RTDoseStorage, RTPlanStorage, RTStructureSetStorage

from imaging.synthetic.ct import AXIAL
from imaging.synthetic.header import decimal, decimals, items, new_object, reference
from imaging.synthetic.identity import Study

GRID_FRAME_OFFSET_VECTOR = 0x3004000C


@dataclass(frozen=True)
class DoseArray:
    """Dose values with the place they lie at.

    Attributes
    ----------
    values
        (planes, rows, columns); Gray, or percent where the units say RELATIVE.
    origin_mm
        ImagePositionPatient: centre of the first voxel of the first plane, patient mm.
    pixel_spacing_mm
        (row spacing, column spacing).
    offsets_mm
        GridFrameOffsetVector as it is written.
    """

    values: npt.NDArray[np.float64]
    origin_mm: tuple[float, float, float]
    pixel_spacing_mm: tuple[float, float]
    offsets_mm: tuple[float, ...]
    orientation: tuple[float, ...] = AXIAL


@dataclass(frozen=True)
class DoseLabel:
    """What an RTDOSE says of itself (PS3.3 C.8.8.3).

    Attributes
    ----------
    bits
        BitsAllocated, 16 or 32.
    plan_uid
        The plan it belongs to; None writes no reference.
    beam_number
        For SummationType BEAM, the beam.
    scaling
        DoseGridScaling; None takes the smallest that fits the maximum, to six digits.
    """

    bits: int = 32
    units: str = "GY"
    dose_type: str = "PHYSICAL"
    summation_type: str = "PLAN"
    plan_uid: str | None = None
    structure_set_uid: str | None = None
    beam_number: int | None = None
    scaling: float | None = None


def rt_dose(
    study: Study, uid: str, frame_uid: str, dose: DoseArray, label: DoseLabel, *, series: str = "dose"
) -> Dataset:
    """Return an RT Dose object (PS3.3 A.18)."""
    dataset = new_object(study, RTDoseStorage, uid, modality="RTDOSE", series=series)
    dataset.InstanceNumber = 1
    dataset.ContentDate, dataset.ContentTime = study.date, study.time
    dataset.FrameOfReferenceUID = frame_uid
    dataset.PositionReferenceIndicator = ""
    _set_geometry(dataset, dose)
    _set_label(dataset, label)
    _set_pixels(dataset, dose.values, label)
    return dataset


def _set_geometry(dataset: Dataset, dose: DoseArray) -> None:
    dataset.ImageOrientationPatient = decimals(dose.orientation)
    dataset.ImagePositionPatient = decimals(dose.origin_mm)
    dataset.PixelSpacing = decimals(dose.pixel_spacing_mm)
    dataset.SliceThickness = None
    dataset.NumberOfFrames = len(dose.offsets_mm)
    dataset.FrameIncrementPointer = GRID_FRAME_OFFSET_VECTOR
    dataset.GridFrameOffsetVector = decimals(dose.offsets_mm)


def _set_label(dataset: Dataset, label: DoseLabel) -> None:
    dataset.DoseUnits = label.units
    dataset.DoseType = label.dose_type
    dataset.DoseSummationType = label.summation_type
    dataset.TissueHeterogeneityCorrection = "IMAGE"
    if label.plan_uid is not None:
        dataset.ReferencedRTPlanSequence = items(_plan_reference(label.plan_uid, label.beam_number))
    if label.structure_set_uid is not None:
        dataset.ReferencedStructureSetSequence = items(
            reference(RTStructureSetStorage, label.structure_set_uid)
        )


def _plan_reference(plan_uid: str, beam_number: int | None) -> Dataset:
    item = reference(RTPlanStorage, plan_uid)
    if beam_number is not None:
        beam = Dataset()
        beam.ReferencedBeamNumber = beam_number
        group = Dataset()
        group.ReferencedFractionGroupNumber = 1
        group.ReferencedBeamSequence = items(beam)
        item.ReferencedFractionGroupSequence = items(group)
    return item


def _set_pixels(dataset: Dataset, values: npt.NDArray[np.float64], label: DoseLabel) -> None:
    scaling_text = decimal(label.scaling if label.scaling is not None else _scaling(values, label.bits))
    stored = np.rint(values / float(scaling_text))
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows, dataset.Columns = values.shape[1:]
    dataset.BitsAllocated = dataset.BitsStored = label.bits
    dataset.HighBit = label.bits - 1
    dataset.PixelRepresentation = 0
    dataset.DoseGridScaling = scaling_text
    dataset.PixelData = stored.astype(f"<u{label.bits // 8}").tobytes()


def _scaling(values: npt.NDArray[np.float64], bits: int) -> float:
    """Return a scaling of six digits that leaves room above the highest dose, 1 for an empty one."""
    highest = float(values.max())
    largest_stored = 2.0 ** min(bits, 26) - 1.0
    return float(f"{highest * 1.001 / largest_stored:.6g}") if highest > 0 else 1.0

"""Pictures that are kept for a submission without a check: a small volume with a dose of known values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tests.web.installation import Installation
from tests.web.lattices import lattice, voxel_centres_mm
from trial_core.domain.criteria import ScopeKind
from trial_core.domain.pictures import (
    DosePart,
    DosePicture,
    Outlines,
    PictureSet,
    Scene,
    Spot,
    StructurePicture,
    Volume,
)
from trial_core.picture_store import Keep, PictureStore
from trial_core.services import submissions

CT = lattice("FFS", shape=(8, 24, 32), spacing_mm=(2.0, 2.0, 3.0))
DOSE = lattice("HFS", shape=(6, 12, 14), spacing_mm=(3.0, 3.0, 3.0), centre_mm=(4.0, -2.0, 1.0))
HOSTILE = "<img src=x onerror=alert(1)>"


def hounsfield() -> NDArray[np.int16]:
    """From -1000 to 999, mixed so that neighbours differ."""
    return (np.arange(np.prod(CT.shape)) * 7919 % 2000 - 1000).astype(np.int16).reshape(CT.shape)


def dose_gy(points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """A dose that is known everywhere."""
    found: NDArray[np.float64] = 30.0 + points_mm @ np.array([0.5, -0.25, 0.75])
    return found


def keep_pictures(home: Installation, submission_id: str) -> PictureSet:
    """Keep pictures of the report that stands for a submission."""
    view = submissions.submission_view(home.db, home.people["oncologist"], submission_id=submission_id)
    pictures = PictureStore(home.store.folder)
    pictures.keep(view.summary.report_sha256 or "", _pictures)
    found = pictures.find(view.summary.report_sha256 or "")
    assert found is not None
    return found


def in_memory() -> PictureSet:
    """The same pictures; their arrays are nowhere."""
    return _pictures(lambda _: "0" * 64)


def _pictures(keep: Keep) -> PictureSet:
    values = dose_gy(voxel_centres_mm(DOSE)).astype(np.float32)
    dose = DosePicture(
        key="one",
        label=HOSTILE,
        kind=ScopeKind.PLAN,
        plan_key="plan-1",
        alpha_beta_gy=None,
        volume=Volume(sha256=keep(values), lattice=DOSE),
        highest_gy=float(values.max()),
        prescription_gy=30.0,
        placed_by="",
        needs_review=False,
        parts=(DosePart(label="plan", lattice=DOSE),),
    )
    lacking = DosePart(label="the other plan", lattice=lattice("HFS", centre_mm=(20.0, 0.0, 0.0)))
    total = replace(
        dose,
        key="sum",
        kind=ScopeKind.SUM_PHYSICAL,
        plan_key=None,
        prescription_gy=None,
        parts=(*dose.parts, lacking),
    )
    ct = Volume(sha256=keep(hounsfield()), lattice=CT)
    return PictureSet(scenes=(_scene(keep, (dose, total), ct),))


def _scene(keep: Keep, doses: tuple[DosePicture, ...], ct: Volume) -> Scene:
    square = np.array([[-8, -8, -1.5], [8, -8, -1.5], [8, 8, -1.5], [-8, 8, -1.5]], dtype=np.float32)
    point = (1.0, 2.0, -1.5)
    structure = StructurePicture(
        name=HOSTILE,
        protocol_names=("Heart",),
        first_contour=0,
        contours=1,
        normal=(0.0, 0.0, 1.0),
        spacing_mm=3.0,
        centre_mm=(0.0, 0.0, -1.5),
        spots=(Spot(dose_key="one", hottest_mm=point, hottest_gy=29.0, coldest_mm=point, coldest_gy=28.0),),
    )
    outlines = Outlines(
        points_sha256=keep(square), starts_sha256=keep(np.array([0, 4], dtype=np.int64)), points=4, contours=1
    )
    return Scene(
        key="scene-1",
        label=HOSTILE,
        patient_position="FFS",
        lattice=ct.lattice,
        ct=ct,
        no_ct=None,
        ct_is_interpolated=False,
        doses=doses,
        structures=(structure,),
        places=(),
        outlines=outlines,
    )

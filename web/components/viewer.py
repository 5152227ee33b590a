"""The slice viewer: what a page puts in its place, and how another part of the page sends it somewhere.

    pictures = web.pictures.slices.pictures_of(submission_id)           # None: `no_pictures()` in its place
    viewer(submission_id, report, pictures)                    # on the page, once
    Output(GO_TO, "data") <- go_to(row)                        # a click on a criterion

The callback behind `GO_TO` is registered once for all pages, by `web.pages.report`.
The script `assets/viewer.js` fills the element and asks `web.pictures.slices` for slices.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, dcc, html

from trial_core.domain.criteria import ScopeKind
from trial_core.domain.pictures import DosePicture, Lattice, NoCt, PictureSet, Scene, Spot, StructurePicture
from trial_core.domain.report import CourseReport, ResultRow
from web.components.frame import Content
from web.components.notices import Tone, notice
from web.pictures.planes import Slices, View, letters, slices_of
from web.pictures.slices import NOT_KNOWN
from web.words import later, t

GO_TO = "viewer-go-to"
"""A `dcc.Store`: what `go_to` gives, written into its `data`, moves the viewer."""
_WENT = "viewer-went"

# Those of the DVH, in its order, lightened for a dark ground; told apart by the colour-blind.
COLOURS = ("#56a9e8", "#ff8a3d", "#2fd3a4", "#e79ac9", "#e6cf3c", "#9fd8ff", "#b9a0ff", "#d9a77c")
_NO_CT = {
    NoCt.ABSENT: later("No CT of the structure set was handed over."),
    NoCt.OTHER_FRAME: later(
        "The CT lies in another frame of reference than the structures and is not shown."
    ),
    NoCt.ONE_SLICE: later("The CT has one slice and is not shown."),
    NoCt.COMPRESSED: later("The CT's pixels are compressed and are not shown: export it uncompressed."),
    NoCt.UNREADABLE: later("The CT's pixels cannot be read and are not shown."),
}
_PERCENT_LEVELS = (107, 100, 95, 80, 50, 30)
_GY_LEVELS = (60, 50, 45, 40, 30, 20, 10, 5)


def viewer(submission_id: str, report: CourseReport, pictures: PictureSet) -> Content:
    """Give the viewer of a submission's pictures."""
    content = {
        "slices": f"/slices/{submission_id}",
        "notKnown": NOT_KNOWN,
        "scenes": [_scene(scene, report) for scene in pictures.scenes],
    }
    data = json.dumps(content, separators=(",", ":"))
    return html.Div([html.Div(className="viewer", **{"data-viewer": data}), *_stores()])


def no_pictures() -> Content:
    """Say that no pictures are kept, and what to do; a click on a criterion then moves nothing."""
    return html.Div([_none_kept(), *_stores()])


def _stores() -> list[Content]:
    return [dcc.Store(id=GO_TO), dcc.Store(id=_WENT)]


def _none_kept() -> Content:
    return notice(
        Tone.INFO,
        t("No pictures kept. "),
        t(
            "If the check has just ended, they take some seconds: reload the page. Pictures of older checks "
            "were not kept, or have been removed: have the plan checked again."
        ),
    )


def go_to(row: ResultRow) -> dict[str, Any]:
    """Give where to look at a criterion: its structure, in its dose, at the hottest or coldest spot."""
    return {
        "structure": row.structure,
        "sites": list(row.site_structures),
        "kind": row.scope_kind.value,
        "plan": row.plan_key,
        "alphaBeta": row.alpha_beta_gy,
        "spot": "coldest" if row.relation == ">=" else "hottest",
    }


def register_viewer(app: Dash) -> None:
    """Let what is written into `GO_TO` move the viewer; in the browser, nothing is asked of the server."""
    app.clientside_callback(
        ClientsideFunction("dosegate_viewer", "go"),
        Output(_WENT, "data"),
        Input(GO_TO, "data"),
        prevent_initial_call=True,
    )


def _scene(scene: Scene, report: CourseReport) -> dict[str, Any]:
    return {
        "label": scene.label,
        "position": scene.patient_position,
        "hasCt": scene.ct is not None,
        "ctNotice": _ct_notice(scene),
        "views": {view.value: _view(slices_of(scene.lattice, view)) for view in View},
        "doses": [_dose(dose) for dose in scene.doses],
        "structures": [
            _structure(structure, number, scene, report) for number, structure in enumerate(scene.structures)
        ],
        "places": [
            {"structure": place.structure, "sites": list(place.sites), "spots": _spots(place.spots, scene)}
            for place in scene.places
        ],
    }


def _ct_notice(scene: Scene) -> str:
    if scene.no_ct:
        return str(_NO_CT[scene.no_ct])
    if scene.ct_is_interpolated:
        return t("Slices of the CT are missing or uneven: what is shown between them is interpolated.")
    return ""


def _view(slices: Slices) -> dict[str, Any]:
    right, down = letters(slices.right_mm), letters(slices.down_mm)
    return {
        "count": slices.count,
        "rows": slices.rows,
        "columns": slices.columns,
        "origin": slices.origin_mm.tolist(),
        "next": slices.next_mm.tolist(),
        "down": slices.down_mm.tolist(),
        "right": slices.right_mm.tolist(),
        "letters": {
            "left": letters(-slices.right_mm),
            "right": right,
            "top": letters(-slices.down_mm),
            "bottom": down,
        },
    }


def _dose(dose: DosePicture) -> dict[str, Any]:
    return {
        "label": _dose_words(dose),
        "kind": dose.kind.value,
        "plan": dose.plan_key,
        "alphaBeta": dose.alpha_beta_gy,
        "highest": dose.highest_gy,
        "prescription": dose.prescription_gy,
        "notice": _dose_notice(dose),
        "levels": list(_PERCENT_LEVELS if dose.prescription_gy else _levels_gy(dose.highest_gy)),
        "parts": [{"label": part.label, **_reach(part.lattice)} for part in dose.parts],
    }


def _dose_words(dose: DosePicture) -> str:
    match dose.kind:
        case ScopeKind.PLAN:
            return dose.label
        case ScopeKind.SUM_PHYSICAL:
            return t("Sum, physical dose")
        case ScopeKind.SUM_EQD2:
            return t("Sum, EQD2 (α/β = {ratio} Gy)", ratio=f"{dose.alpha_beta_gy:g}")


def _dose_notice(dose: DosePicture) -> str:
    if dose.needs_review:
        return t("Placed by a registration that nobody has accepted yet: look at it before you rely on it.")
    return ""


def _levels_gy(highest_gy: float) -> tuple[int, ...]:
    return tuple(level for level in _GY_LEVELS if level < highest_gy)


def _reach(lattice: Lattice) -> dict[str, Any]:
    """Where a plan's dose is known: the box of its voxels, as the browser tests a point against it."""
    planes = lattice.plane_offsets_mm or tuple(range(lattice.shape[0]))
    _, nj, ni = lattice.shape
    half = _half_planes(planes, lattice)
    return {
        "toScene": list(lattice.index_to_scene_mm),
        "low": [-0.5, -0.5, min(planes) - half[0]],
        "high": [ni - 0.5, nj - 0.5, max(planes) + half[1]],
    }


def _half_planes(planes: tuple[float, ...], lattice: Lattice) -> tuple[float, float]:
    """Half the distance of the lowest and of the highest two planes, in coordinates along them."""
    if len(planes) == 1:
        column = lattice.index_to_scene_mm
        unit_mm = (column[2] ** 2 + column[6] ** 2 + column[10] ** 2) ** 0.5
        half = (lattice.plane_thickness_mm or unit_mm) / unit_mm / 2
        return half, half
    ordered = sorted(planes)
    return (ordered[1] - ordered[0]) / 2, (ordered[-1] - ordered[-2]) / 2


def _structure(
    structure: StructurePicture, number: int, scene: Scene, report: CourseReport
) -> dict[str, Any]:
    return {
        "name": structure.name,
        "protocol": list(structure.protocol_names),
        "colour": _colour(structure, number, report),
        "shown": bool(structure.protocol_names),
        "centre": list(structure.centre_mm),
        "spots": _spots(structure.spots, scene),
    }


def _spots(spots: Sequence[Spot], scene: Scene) -> list[dict[str, Any]]:
    """Each as its dose's place in the list, the two points in mm."""
    keys = [dose.key for dose in scene.doses]
    return [
        {
            "dose": keys.index(spot.dose_key),
            "hottest": list(spot.hottest_mm),
            "coldest": list(spot.coldest_mm),
        }
        for spot in spots
    ]


def _colour(structure: StructurePicture, number: int, report: CourseReport) -> str:
    """The colour of the structure's curve in the DVH; for a structure without one, any."""
    order = list(dict.fromkeys(curve.structure for curve in report.curves))
    own = (structure.name, *structure.protocol_names)
    place = next((order.index(name) for name in own if name in order), len(order) + number)
    return COLOURS[place % len(COLOURS)]

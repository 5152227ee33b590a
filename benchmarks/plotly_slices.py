"""The viewer's slices as Plotly draws them: CT as a WebP layout image, dose, isodoses, outlines as traces."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import plotly
from numpy.typing import NDArray
from PIL import Image

from tests.web.installation import Installation
from trial_core.domain.criteria import ScopeKind
from trial_core.domain.pictures import Scene
from trial_core.picture_store import PictureStore
from trial_core.services.pictures import kept_pictures
from web.pictures.dose_cut import dose_on
from web.pictures.outline_cut import Contours, outlines_on
from web.pictures.planes import Slices, View, slices_of

_LEVELS_GY = (5, 50, 7.5)
_PAGE = """<!doctype html><body><div id="plot" style="width: 660px; height: 660px"></div>
<script src="plotly.js"></script><script>
const slices = %s, durations = [], plot = document.getElementById("plot");
const layout = (one) => ({
  margin: {l: 0, r: 0, t: 0, b: 0}, showlegend: false, xaxis: {range: [0, one.columns], visible: false},
  yaxis: {range: [one.rows, 0], visible: false, scaleanchor: "x"},
  images: [{source: one.ct, x: 0, y: 0, sizex: one.columns, sizey: one.rows, xref: "x", yref: "y",
            sizing: "stretch", layer: "below"}],
});
const painted = () => new Promise((ok) => requestAnimationFrame(() => setTimeout(ok)));
(async () => {
  for (const one of slices) {
    const start = performance.now();
    await Plotly.react(plot, one.traces, layout(one), {staticPlot: false});
    await painted();
    durations.push(performance.now() - start);
  }
  window.durations = durations.slice(1);
  document.body.dataset.done = "1";
})();
</script>"""


def plotly_page(home: Installation, submission_id: str, count: int, folder: Path) -> Path:
    """Write a page that draws so many axial slices one after the other and keeps how long each took."""
    pictures = kept_pictures(home.db, home.store, home.people["oncologist"], submission_id=submission_id)
    assert pictures is not None  # noqa: S101 - the check has just kept them
    scene = pictures.scenes[0]
    store, slices = PictureStore(home.store.folder), slices_of(scene.lattice, View.AXIAL)
    first = (slices.count - count) // 2
    drawn = [_slice(store, scene, slices, first + n) for n in range(count + 1)]
    (folder / "plotly.js").write_text(
        (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_text()
    )
    page = folder / "plotly.html"
    page.write_text(_PAGE % json.dumps(drawn))
    return page


def _slice(store: PictureStore, scene: Scene, slices: Slices, number: int) -> dict[str, Any]:
    dose = next(each for each in scene.doses if each.kind is ScopeKind.SUM_PHYSICAL)
    values = dose_on(
        _array(store, dose.volume.sha256, "<f4", dose.volume.lattice.shape),
        dose.volume.lattice,
        slices,
        number,
    )
    fine = [[None if np.isnan(one) else round(float(one), 2) for one in row] for row in values[::3, ::3]]
    grid = {"z": fine, "x0": 0, "dx": 3, "y0": 0, "dy": 3, "showscale": False, "hoverinfo": "skip"}
    start, end, size = _LEVELS_GY
    lines = {"type": "contour", "contours": {"coloring": "lines", "start": start, "end": end, "size": size}}
    return {
        "rows": slices.rows,
        "columns": slices.columns,
        "ct": _webp(store, scene, slices, number),
        "traces": [
            {"type": "heatmap", "opacity": 0.35, "colorscale": "Plasma", **grid},
            {**lines, **grid},
            *_outlines(store, scene, slices, number),
        ],
    }


def _webp(store: PictureStore, scene: Scene, slices: Slices, number: int) -> str:
    assert scene.ct is not None  # noqa: S101 - the synthetic course has one
    hu = slices.cut(_array(store, scene.ct.sha256, "<i2", scene.ct.lattice.shape), number)
    grey = np.clip((hu + 160.0) / 400 * 255, 0, 255).astype(np.uint8)
    data = io.BytesIO()
    Image.fromarray(grey).save(data, "WEBP", quality=80, method=0)
    return "data:image/webp;base64," + base64.b64encode(data.getvalue()).decode()


def _outlines(store: PictureStore, scene: Scene, slices: Slices, number: int) -> list[dict[str, Any]]:
    kept = scene.outlines
    contours = Contours(
        _array(store, kept.points_sha256, "<f4", (kept.points, 3)),
        _array(store, kept.starts_sha256, "<i8", (kept.contours + 1,)),
    )
    found = outlines_on(contours, scene.structures, slices, number)
    shown = [each for each in found if scene.structures[each.structure].protocol_names]
    return [
        {"type": "scatter", "mode": "lines", "x": line[:, 0].tolist(), "y": line[:, 1].tolist()}
        for each in shown
        for line in each.lines
    ]


def _array(store: PictureStore, sha256: str, dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
    return np.asarray(np.memmap(store.path(sha256), dtype=dtype, mode="r", shape=shape))

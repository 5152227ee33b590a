"""Even-odd rule: which points lie inside a set of closed polygons."""

# ruff: noqa: PLR0917 - kernels take plain arrays and scalars, by position

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel
from dosimetry.kernels.outline_axes import in_unit_box
from dosimetry.kernels.segment_rows import is_inside, rows_of


@kernel
def inside_raster(
    segments: NDArray[np.float64], u0: float, v0: float, step: float, nv: int, nu: int
) -> NDArray[np.bool_]:
    """Whether raster points (v0 + j step, u0 + i step) are inside; segments (m, 4) as u, v, u, v in mm."""
    toggles = np.zeros((nv, nu + 1), dtype=np.bool_)
    for m in range(segments.shape[0]):
        ua, va, ub, vb = segments[m, 0], segments[m, 1], segments[m, 2], segments[m, 3]
        low, high = min(va, vb), max(va, vb)
        first = max(0, int(np.ceil((low - v0) / step)) - 1)
        last = min(nv - 1, int(np.floor((high - v0) / step)) + 1)
        for j in range(first, last + 1):
            v = v0 + j * step
            if (va <= v) != (vb <= v):
                u = ua + (v - va) / (vb - va) * (ub - ua)
                column = int(np.floor((u - u0) / step)) + 1
                column = min(max(column, 0), nu)
                toggles[j, column] = not toggles[j, column]
    inside = np.zeros((nv, nu), dtype=np.bool_)
    for j in range(nv):
        state = False
        for i in range(nu):
            state = state != toggles[j, i]
            inside[j, i] = state
    return inside


@kernel
def inside_points(segments: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether points (n, 2) are inside polygons given as segments (m, 4), mm."""
    inside = np.zeros(points.shape[0], dtype=np.bool_)
    for n in range(points.shape[0]):
        inside[n] = is_in_outline(segments, points[n, 0], points[n, 1])
    return inside


@kernel
def is_in_outline(segments: NDArray[np.float64], u: float, v: float) -> bool:
    """Whether a point is inside polygons given as segments (m, 4), mm."""
    state = False
    for m in range(segments.shape[0]):
        va, vb = segments[m, 1], segments[m, 3]
        if (va <= v) != (vb <= v):
            crossing = segments[m, 0] + (v - va) / (vb - va) * (segments[m, 2] - segments[m, 0])
            if u >= crossing:
                state = not state
    return state


@kernel
def any_along_inside(segments: NDArray[np.float64], outline: NDArray[np.float64], steps: int) -> bool:
    """Whether any of `steps` points from the start of each segment of an outline (m, 4) is inside polygons.

    Stops at the first: neighbouring sections mostly overlap.
    """
    if segments.shape[0] == 0 or outline.shape[0] == 0:
        return False
    if is_in_outline(segments, outline[0, 0], outline[0, 1]):
        return True
    low, per_mm, starts, members = rows_of(segments)
    for n in range(outline.shape[0]):
        ua, va = outline[n, 0], outline[n, 1]
        du, dv = outline[n, 2] - ua, outline[n, 3] - va
        for step in range(steps):
            t = step / steps
            if is_inside(segments, starts, members, low, per_mm, ua + t * du, va + t * dv):
                return True
    return False


@kernel
def covers_outline(
    outline: NDArray[np.float64], boundary: NDArray[np.float64], inner: NDArray[np.float64], steps: int
) -> bool:
    """Whether all of `inner` (n, 4) lies in an outline (m, 4) with a boundary (b, 4), without touching it.

    So many points from the start of each segment are asked.
    """
    for axis in range(2):
        low = min(boundary[:, axis].min(), boundary[:, axis + 2].min())
        high = max(boundary[:, axis].max(), boundary[:, axis + 2].max())
        if inner[:, axis].min() < low or inner[:, axis].max() > high:
            return False
    low, per_mm, starts, members = rows_of(outline)
    for n in range(inner.shape[0]):
        ua, va = inner[n, 0], inner[n, 1]
        du, dv = inner[n, 2] - ua, inner[n, 3] - va
        for step in range(steps):
            t = step / steps
            if not is_inside(outline, starts, members, low, per_mm, ua + t * du, va + t * dv):
                return False
    return not any_along_inside(inner, boundary, steps)


@kernel
def boxes_meet(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    """Whether the boxes around the starts of the segments (m, 4) of two outlines share a point."""
    for axis in range(2):
        if one[:, axis].min() > other[:, axis].max() or other[:, axis].min() > one[:, axis].max():
            return False
    return True


@kernel
def outlines_meet(one: NDArray[np.float64], other: NDArray[np.float64], steps: int) -> bool:
    """Whether the insides of two outlines (m, 4) share a point: so many along each segment are asked."""
    if not boxes_meet(one, other):
        return False
    return any_along_inside(other, one, steps) or any_along_inside(one, other, steps)


@kernel
def shared_of_union(one: NDArray[np.float64], other: NDArray[np.float64], cells: int) -> float:
    """Share of the union of two outlines (m, 4) that both hold, on so many cells a side from -1 to 1."""
    step = 2.0 / cells
    first = -1.0 + step / 2
    here = inside_raster(one, first, first, step, cells, cells)
    there = inside_raster(other, first, first, step, cells, cells)
    both, either = 0, 0
    for j in range(cells):
        for i in range(cells):
            both += here[j, i] and there[j, i]
            either += here[j, i] or there[j, i]
    return both / max(either, 1)


@kernel
def shared_in_joint_box(one: NDArray[np.float64], other: NDArray[np.float64], cells: int) -> float:
    """As `shared_of_union`, of outlines in mm on so many cells a side of the box around both."""
    middle, half = np.empty(2), np.empty(2)
    for axis in range(2):
        low = min(one[:, axis].min(), other[:, axis].min())
        high = max(one[:, axis].max(), other[:, axis].max())
        middle[axis], half[axis] = (low + high) / 2, (high - low) / 2
    axes = np.eye(2)
    return shared_of_union(
        in_unit_box(one, axes, middle, half), in_unit_box(other, axes, middle, half), cells
    )

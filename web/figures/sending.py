"""Figures as they are sent: their arrays as bytes, which the browser takes over as they are."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import plotly.io as pio
from numpy.typing import NDArray


def as_sent(figure: Mapping[str, Any]) -> dict[str, Any]:
    """Give a figure with the arrays of its traces packed, and with Plotly's own look.

    Parameters
    ----------
    figure
        As plotly.js takes it: `data`, a list of traces whose properties may be numpy arrays, and `layout`.
    """
    traces = [{name: _packed(value) for name, value in trace.items()} for trace in figure["data"]]
    return {**figure, "data": traces, "layout": {"template": _template(), **figure["layout"]}}


@cache
def _template() -> dict[str, Any]:
    """Give the look that Plotly's own figures come with."""
    found: dict[str, Any] = pio.templates[pio.templates.default].to_plotly_json()
    return found


def _packed(value: Any) -> Any:
    return packed(value) if isinstance(value, np.ndarray) else value


def packed(array: NDArray[np.float64]) -> dict[str, str]:
    """Give an array as plotly.js takes bytes (a "typed array"): little endian, rows in turn."""
    data = {"dtype": "f8", "bdata": b64encode(array.astype("<f8").tobytes()).decode("ascii")}
    return data if array.ndim == 1 else {**data, "shape": ", ".join(map(str, array.shape))}

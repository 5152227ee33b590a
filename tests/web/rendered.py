"""A component as the browser gets it."""

from __future__ import annotations

import json
from typing import Any

from plotly.utils import PlotlyJSONEncoder


def rendered(component: Any) -> str:
    """Give the JSON of a component with everything in it."""
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)

"""What the server has loaded before it answers anybody."""

from __future__ import annotations

import subprocess
import sys


def test_application__has_loaded_what_plotly_would_see_half_loaded() -> None:
    asked = "import sys, web.app; print('pandas' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "True"

"""Set one document as PDF in a process of its own: what that takes of memory, and of time, ends with it.

The typesetter keeps what it has set for the next time, some 600 MB after ten reports: a web process is
not to carry that. The process reads JSON, writes a PDF, and opens nothing but our templates and fonts.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Semaphore
from typing import Any

TEMPLATES = Path(__file__).parents[1] / "templates"
LONGEST_SECONDS = 60
MOST_BYTES = 4 * 1024**3
"""Of addresses, which are many more than bytes in use: a document of 300 pages needs 0.5 GB."""
_FEW_THREADS = {"RAYON_NUM_THREADS": "2", "MALLOC_ARENA_MAX": "2"}
"""One for each processor would reserve more addresses than that on a large machine."""
_at_once = Semaphore(2)
"""Setting takes a core for half a second: who asks at the same time as two others waits for it."""


class NotSet(Exception):  # noqa: N818 - named for what is so
    """A document could not be set; `said` is what the typesetter said of it."""

    def __init__(self, said: str) -> None:
        super().__init__("The report could not be set as PDF. Take it as HTML, and tell the administrator.")
        self.said = said


@dataclass(frozen=True)
class Setting:
    """What a document is set with: folders of fonts, and the standards that it has to meet."""

    font_folders: Sequence[str]
    standards: Sequence[str]


def set_document(template: str, data: Any, setting: Setting) -> bytes:
    """Set a template with its data.

    Raises
    ------
    NotSet
        The typesetter refused, took too long or too much.
    """
    order = {
        "template": template,
        "data": json.dumps(data, ensure_ascii=False),
        "font_folders": list(setting.font_folders),
        "standards": list(setting.standards),
    }
    command = [sys.executable, "-I", "-m", __name__]
    with _at_once:
        try:
            done = subprocess.run(  # noqa: S603  our own module; what is foreign goes in by its input
                command,
                input=json.dumps(order).encode(),
                env={**os.environ, **_FEW_THREADS},
                capture_output=True,
                timeout=LONGEST_SECONDS,
                check=True,
            )
        except subprocess.TimeoutExpired as problem:
            raise NotSet(f"not done after {LONGEST_SECONDS} s") from problem
        except subprocess.CalledProcessError as problem:
            raise NotSet(problem.stderr.decode(errors="replace")) from problem
    return done.stdout


def main() -> None:
    """Read an order from standard input, and write the PDF to standard output."""
    import typst  # noqa: PLC0415  20 MB, and only this process needs it

    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    order = json.load(sys.stdin.buffer)
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=order["font_folders"]
    )
    pdf = typst.compile(
        TEMPLATES / order["template"],
        root=TEMPLATES,
        font_paths=fonts,
        sys_inputs={"report": order["data"]},
        pdf_standards=order["standards"],
    )
    sys.stdout.buffer.write(pdf)


if __name__ == "__main__":
    main()

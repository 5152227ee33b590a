"""The image's health check: is the server ready (`web`), is a worker of this host heard of (`worker`)?"""

from __future__ import annotations

import socket
import sys
import urllib.error
import urllib.request
from contextlib import closing

from trial_core.db.session import Database
from trial_core.services.presence import is_silent, present, time_told
from trial_core.settings import Settings, read_settings

READY = "/health/ready"
_ANSWER_WITHIN_S = 10


def main(arguments: list[str]) -> int:
    """Say in a line what is wrong; 0 where nothing is."""
    kind = arguments[0] if len(arguments) == 1 else ""
    if kind not in ("web", "worker"):
        print("usage: healthy.py web|worker")
        return 2
    settings = read_settings()
    problem = _web_problem(settings) if kind == "web" else _worker_problem(settings)
    print(problem or "healthy")
    return 1 if problem else 0


def _web_problem(settings: Settings) -> str | None:
    address = f"http://127.0.0.1:{settings.port}{READY}"
    try:
        with urllib.request.urlopen(address, timeout=_ANSWER_WITHIN_S):
            return None
    except urllib.error.HTTPError as answer:
        return f"{READY} answers {answer.code}: {answer.read(200).decode(errors='replace').strip()}"
    except OSError as problem:
        return f"The server does not answer ({type(problem).__name__})."


def _worker_problem(settings: Settings) -> str | None:
    with closing(Database(settings.database_url)) as db:
        here = [each for each in present(db) if each.host == socket.gethostname()]
        at = time_told(db)  # by the clock that workers say by, whatever this machine's is
        if any(not is_silent(each, at) for each in here):
            return None
    return "No worker of this host has said lately that it is there."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

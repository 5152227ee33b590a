"""Lines of the log: for people, or as JSON with the id of the request or job."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.cli.command import dosegate

_PROGRAM = """
import logging
from trial_core.services.journal import on_request
from workers.log import log_to_standard_error
log_to_standard_error("worker")
with on_request("job-7"):
    logging.getLogger("workers.jobs").warning("Job %s\\nbroke off", "7")
logging.getLogger("web.requests").debug("request", extra={"facts": {"status": 200}})
logging.getLogger("somebody.else").info("unheard")
"""


def _said(kind: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        env={"DOSEGATE_LOG": kind, "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr.splitlines()


def test_json_lines__bear_the_job_and_their_facts() -> None:
    job, request = map(json.loads, _said("json"))
    assert job["request"] == "job-7"
    assert job["message"] == "Job 7\nbroke off"
    assert (job["level"], job["process"], job["room"]) == ("WARNING", "worker", "workers.jobs")
    assert request["status"] == 200
    assert request["request"].startswith("run-")


def test_text_lines__are_for_people_and_name_no_request() -> None:
    lines = _said("text")
    assert lines[0].endswith("worker WARNING Job 7")
    assert "request" not in "\n".join(lines)


@pytest.mark.parametrize("subcommand", ["worker", "serve"])
def test_unknown_kind_of_log__is_refused(subcommand: str, tmp_path: object) -> None:
    environment = {"DOSEGATE_LOG": "xml", "DOSEGATE_DATA": str(tmp_path), "DOSEGATE_PORT": "8423"}
    done = dosegate(subcommand, environment=environment)
    assert done.returncode == 2
    assert "DOSEGATE_LOG" in done.stderr

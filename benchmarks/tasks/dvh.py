"""All DVHs of the real set, from DICOM files, without uncertainties."""

from __future__ import annotations

import shutil

from benchmarks.environments import Environment, environment, own_environment
from benchmarks.inputs import REAL_SET, ct_stack
from benchmarks.report import SIDE_BY_SIDE, Section, number, problems, ratio, side_by_side
from benchmarks.running import Measurement, run_script

GOAL_TIMES = 15


def section(repeats: int) -> Section:
    """Measure us and the peers."""
    own = own_environment()
    ours = run_script("dosegate", own, "ours/dvh.py", REAL_SET, repeats=repeats)
    peers = [
        _peer("dosemetrics 0.4.1", "dosemetrics", "dosemetrics_dvh.py", repeats),
        _peer("dicompyler-core 0.5.6", "dicompyler-core", "dicompyler_dvh.py", repeats),
        _peer("pyCERR 2.5.1", "pycerr", "pycerr_dvh.py", repeats, ct_stack()),
        _plastimatch("plastimatch", "study", repeats),
    ]
    coarse = _plastimatch("plastimatch, on the dose grid", "grid", repeats)
    return Section(
        "DVHs of the real set",
        f"All structures, files read included. Goal: {GOAL_TIMES} times as fast as the fastest peer.",
        SIDE_BY_SIDE,
        side_by_side(ours, [*peers, coarse]),
        (_fastest(ours, peers), *_REMARKS, *problems([ours, *peers, coarse])),
    )


_REMARKS = (
    """pyCERR rasterises on the CT. Of the set's CT one slice is left, so it was given 98 copies of it;
  without, it finds one plane of one structure.""",
    """plastimatch's last row makes masks on the dose grid first, in two commands. The goal refers to its own
  command for a study, so this row does not count as the fastest peer.""",
)


def _fastest(ours: Measurement, peers: list[Measurement]) -> str:
    times = [(found, peer.name) for peer in peers if (found := ratio(peer, ours)) is not None]
    if not times:
        return "No peer finished."
    found, name = min(times)
    return f"Fastest peer: {name}, {number(found)} times our time (goal {GOAL_TIMES})."


def _peer(name: str, room: str, script: str, repeats: int, folder: object = REAL_SET) -> Measurement:
    return run_script(name, environment(room), f"peers/{script}", folder, repeats=repeats)


def _plastimatch(name: str, way: str, repeats: int) -> Measurement:
    own = own_environment()
    is_there = shutil.which("plastimatch") is not None
    where = (
        own
        if is_there
        else Environment(name, own.python, "is not installed (Debian: apt install plastimatch)")
    )
    return run_script(name, where, "ours/plastimatch_dvh.py", REAL_SET, way, repeats=repeats)

"""Arguments of every subcommand; argparse alone, so that `--help` is quick."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from pathlib import Path

from cli.accumulate_arguments import add_accumulation
from cli.errors import CommandError, RefusalCode
from cli.installation_arguments import (
    add_administrator,
    add_backup,
    add_doctor,
    add_import_embedded,
    add_receive,
    add_recheck,
    add_restore,
    add_run,
    add_serve,
    add_verify_audit,
    add_worker,
)
from cli.parser import ArgumentParser, Once, add_json

STANDARD_OUTPUT = "-"

EXIT_STATUSES = """exit status:
  check    0 nothing is unacceptable; 1 something is unacceptable or not evaluable
  recheck  0 all is asked for, or with --wait done; 1 a re-check failed
  doctor   0 nothing is wrong; 1 something is
  verify-audit, restore, import-embedded  0 the audit trail is whole; 1 it is broken
  metrics  0 a result was produced, whatever it found; so for survival, gamma and accumulate
  all      2 the input or an argument cannot be used; 130 stopped by Ctrl-C"""


def read_arguments(subcommand: str, arguments: Sequence[str]) -> argparse.Namespace:
    """Read the arguments of one subcommand; PATHs and options may come in any order.

    Raises
    ------
    WrongArgumentsError
        what does not fit, with the usage to look at.
    """
    parser = _parser(subcommand)
    if subcommand in WITH_PATHS:
        return _read_with_paths(parser, arguments)
    return parser.parse_args(arguments)


def _parser(subcommand: str) -> ArgumentParser:
    purpose, add_arguments = SUBCOMMANDS[subcommand]
    parser = ArgumentParser(
        prog=f"dosegate {subcommand}",
        description=purpose,
        allow_abbrev=False,
        epilog=EXIT_STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser)
    return parser


def _read_with_paths(parser: ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace:
    namespace = parser.parse_intermixed_args(arguments)
    if not namespace.paths:
        namespace.paths = _paths_behind_a_list(namespace)
    if not namespace.paths:
        parser.error(
            "PATH is missing: name the folder, ZIP or files to read, before the options or after `--`"
        )
    return namespace


def _paths_behind_a_list(namespace: argparse.Namespace) -> list[str]:
    """Give back the PATHs that an option taking several values swallowed: `--metric A B FOLDER`."""
    for name in ("metric", "structure"):
        values = getattr(namespace, name, None) or []
        kept = len(values)
        while kept > 1 and Path(values[kept - 1]).exists():
            kept -= 1
        if kept < len(values):
            paths = values[kept:]
            setattr(namespace, name, values[:kept])
            return paths
    return []


def _add_check(parser: ArgumentParser) -> None:
    _add_paths(parser)
    parser.add_argument(
        "--protocol",
        metavar="ID|FILE",
        help="a protocol that comes with Dosegate, or a YAML file (default: SCR-ESCC-01)",
    )
    add_json(parser, "write the report as JSON; - is standard output")
    parser.add_argument("--html", action=Once, metavar="FILE", help="write the report as one HTML file")
    parser.add_argument("--pdf", action=Once, metavar="FILE", help="write the report as PDF, A4, to print")


def _add_metrics(parser: ArgumentParser) -> None:
    _add_paths(parser)
    parser.add_argument(
        "--structure",
        metavar="NAME",
        nargs="+",
        action="extend",
        help="ROI names as in the file (default: all)",
    )
    parser.add_argument(
        "--metric",
        metavar="EXPR",
        nargs="+",
        action="extend",
        required=True,
        help="such as D95%%[Gy] or V20Gy[%%]",
    )
    parser.add_argument("--prescription", metavar="GY", type=_positive_gy, help="what %% of dose refers to")
    add_json(parser, "write the result as JSON; - is standard output")


def _add_survival(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE.csv", help="UTF-8, with a header; before the options")
    parser.add_argument("--duration", metavar="C", required=True, help="column: days of follow-up")
    parser.add_argument(
        "--event", metavar="C", required=True, help="column: 1 or TRUE event, 0 or FALSE censored"
    )
    parser.add_argument("--group", metavar="C", required=True, help="column: what is compared")
    parser.add_argument("--strata", metavar="C", nargs="+", action="extend", help="columns to stratify by")
    parser.add_argument(
        "--reference", metavar="G", help="group to compare with (default: first in sort order)"
    )
    parser.add_argument(
        "--tau",
        metavar="DAYS",
        type=_positive_days,
        help="horizon of the restricted mean (default: the smallest of the groups' largest times)",
    )
    parser.add_argument(
        "--at", metavar="DAYS", nargs="+", action="extend", type=_days, help="days to read survival off at"
    )
    add_json(parser, "write the result as JSON; - is standard output")


def _add_gamma(parser: ArgumentParser) -> None:
    parser.add_argument("reference", metavar="REF", help="RTDOSE file whose voxels are evaluated")
    parser.add_argument("evaluation", metavar="EVAL", help="RTDOSE file that is interpolated and searched")
    percent, length = _number_above(0, "a percentage", 100), _number_above(0, "a length in mm", 100)
    parser.add_argument(
        "--dose-percent",
        metavar="P",
        type=percent,
        required=True,
        help="dose criterion: percent of the reference maximum",
    )
    parser.add_argument("--distance-mm", metavar="MM", type=length, required=True, help="distance criterion")
    parser.add_argument("--local", action="store_true", help="percent of the voxel's own reference dose")
    parser.add_argument(
        "--cutoff-percent",
        metavar="P",
        type=_percent_from_0,
        default=10.0,
        help="leave out voxels below this percent of the reference maximum (default: 10)",
    )
    parser.add_argument(
        "--max-gamma",
        metavar="G",
        type=_number_above(0, "a gamma", 10),
        default=2.0,
        help="cap, also where there is no evaluation dose within reach (default: 2)",
    )
    add_json(parser, "write the result as JSON; - is standard output")


def _add_accumulate(parser: ArgumentParser) -> None:
    _add_paths(parser)
    add_accumulation(parser)
    add_json(parser, "write what has to be known about the sum as JSON; - is standard output")


def _add_demo(parser: ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", help="a new or empty folder")
    parser.add_argument(
        "--seed", metavar="N", type=_whole_number, default=1, help="same seed, same bytes (default: 1)"
    )
    parser.add_argument(
        "--fault", metavar="NAME", nargs="+", action="extend", default=[], help="plant faults (see below)"
    )
    parser.add_argument("--small", action="store_true", help="a smaller grid, for quick trials")
    parser.epilog = f"faults:\n{fault_lines()}\n\n{EXIT_STATUSES}"


def fault_lines() -> str:
    """List the faults of a synthetic course with what each does, a line each."""
    from imaging.synthetic.faults import Fault

    width = max(map(len, Fault)) + 2
    return "\n".join(f"  {fault.value:<{width}}{fault.effect}" for fault in Fault)


def _add_nothing(_parser: ArgumentParser) -> None:
    return


def _add_paths(parser: ArgumentParser) -> None:
    parser.add_argument(
        "paths", metavar="PATH", nargs="*", help="folders, ZIP archives or single files, in any order"
    )


def _positive_gy(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise _no_prescription(f"{text!r} is not a number; write it like 50.4.") from None
    if not (math.isfinite(value) and value > 0):
        raise _no_prescription(f"{text!r} is not a dose above 0 Gy; write it like 50.4.")
    return value


def _no_prescription(problem: str) -> CommandError:
    return CommandError(f"--prescription: {problem}", code=RefusalCode.PRESCRIPTION_INVALID)


def _days(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days") from None
    if not (math.isfinite(value) and value >= 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days of 0 or more")
    return value


def _positive_days(text: str) -> float:
    value = _days(text)
    if value == 0:
        raise argparse.ArgumentTypeError("0 days leave nothing to average")
    return value


def _number_above(lowest: float, what: str, highest: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        value = _finite(text)
        if value is None or not lowest < value <= highest:
            raise argparse.ArgumentTypeError(f"{text!r} is not {what} above {lowest:g} up to {highest:g}")
        return value

    return read


def _percent_from_0(text: str) -> float:
    value = _finite(text)
    if value is None or not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is not a percentage from 0 to 100")
    return value


def _finite(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _whole_number(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 0 or more")
    return int(text)


SUBCOMMANDS: dict[str, tuple[str, Callable[[ArgumentParser], None]]] = {
    "check": ("Judge a course (CT, RTSTRUCT, RTPLAN, RTDOSE) by a protocol.", _add_check),
    "metrics": ("Dose metrics of any RTSTRUCT and RTDOSE, with or without plan and CT.", _add_metrics),
    "survival": ("Survival by group from a CSV file: medians, tests, hazard ratio.", _add_survival),
    "gamma": ("Gamma index of one RTDOSE against another.", _add_gamma),
    "accumulate": (
        "Add the plans of a course on one grid: physical dose or EQD2, as RTDOSE.",
        _add_accumulate,
    ),
    "demo": ("Write a synthetic LDRT + CFRT course as DICOM files.", _add_demo),
    "verify-audit": ("Verify the audit trail of an installation, entry by entry.", add_verify_audit),
    "replace-audit-key": ("Go on with another key of the audit trail; the server is stopped.", _add_nothing),
    "clear-names": (
        "Replace names of files on record that tell whose they are; once, after an upgrade.",
        _add_nothing,
    ),
    "serve": ("Serve the web application and keep its worker running, until Ctrl-C.", add_serve),
    "worker": ("Do the jobs of an installation, until Ctrl-C.", add_worker),
    "receive": ("Take plans from planning systems over the DICOM network, until Ctrl-C.", add_receive),
    "migrate": ("Create the tables of the database, or bring them up to date.", _add_nothing),
    "recheck": ("Have the plans on record checked again, as after an amendment.", add_recheck),
    "doctor": ("Look whether everything that this installation needs is there and well.", add_doctor),
    "add-administrator": ("Make the account that makes all others.", add_administrator),
    "backup": ("Add a backup of this moment to a folder of backups, while the server runs.", add_backup),
    "restore": ("Put a backup into an empty database and a new data folder.", add_restore),
    "import-embedded": ("Move the study of an embedded installation to PostgreSQL.", add_import_embedded),
    "run": ("Check a synthetic course, load the demo study and serve it: what `make run` does.", add_run),
    "warm-up": ("Compile the dose kernels once and keep them for the next start.", _add_nothing),
}
WITH_PATHS = ("check", "metrics", "accumulate")
WITH_JSON = (*WITH_PATHS, "survival", "gamma", "verify-audit", "doctor")

"""Options of `dosegate accumulate`: argparse alone, so that `--help` is quick."""

from __future__ import annotations

import argparse
import math

_REGISTRATIONS = ("file", "rigid", "deformable", "computed")


def add_accumulation(parser: argparse.ArgumentParser) -> None:
    """Add everything but PATHs and `--json`."""
    parser.add_argument("--output", metavar="SUM.dcm", required=True, help="RTDOSE to write; a new file")
    _add_kind(parser)
    _add_counting(parser)
    _add_place(parser)
    _add_uncertainty(parser)


def _add_kind(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--alpha-beta",
        metavar="G|NAME=G",
        type=_named_ratio,
        action="append",
        default=[],
        help="sum EQD2: alpha/beta in Gy, and NAME=G for structures of the base plan (the first one holds)",
    )
    parser.add_argument("--physical", action="store_true", help="sum physical doses")


def _add_counting(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--fractions",
        metavar="PLAN=N",
        type=_named_count,
        action="append",
        default=[],
        help="how many fractions of a plan (label or file) count (default: those planned)",
    )
    parser.add_argument(
        "--delivered", action="store_true", help="count the fractions that the treatment records tell of"
    )


def _add_place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--base", metavar="PLAN", help="in whose frame the sum lies (default: the plan of most fractions)"
    )
    parser.add_argument(
        "--grid-like", metavar="PLAN", help="whose dose grid the sum takes (default: the base plan's)"
    )
    parser.add_argument(
        "--spacing-mm", metavar="MM", type=_length, help="voxels of this size over that grid instead"
    )
    parser.add_argument(
        "--registration",
        choices=_REGISTRATIONS,
        default="file",
        help="between frames of reference: the one among the files (default), the rigid or the deformable "
        "one of them, or computed from the CTs; each needs a person's review",
    )
    parser.add_argument(
        "--uncovered",
        choices=("zero", "highest"),
        default="zero",
        help="where a plan's grid does not reach it counts as 0 Gy, or as the highest dose on the face",
    )
    parser.add_argument(
        "--bits", choices=("16", "32"), default="32", help="of the written integers (default: 32)"
    )


def _add_uncertainty(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--radar-mm",
        metavar="X,Y,Z",
        type=_axes,
        help="all plans but the base one by their highest dose within this ellipsoid (semi-axes, mm)",
    )
    parser.add_argument(
        "--radar-within", metavar="NAME", help="restrict that to a structure of the base plan"
    )


def _named_ratio(text: str) -> tuple[str | None, float]:
    name, _, number = text.rpartition("=")
    value = _number(number)
    if value is None or value <= 0 or ("=" in text and not name):
        raise argparse.ArgumentTypeError(f"{text!r} is no alpha/beta above 0 Gy; write 3 or SpinalCord=2")
    return name or None, value


def _named_count(text: str) -> tuple[str, float]:
    name, _, number = text.rpartition("=")
    value = _number(number)
    if not name or value is None or value < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no plan and its fractions; write 'CFRT=20'")
    return name, value


def _length(text: str) -> float:
    value = _number(text)
    if value is None or not 0.1 <= value <= 50:
        raise argparse.ArgumentTypeError(f"{text!r} is not a length from 0.1 to 50 mm")
    return value


def _axes(text: str) -> tuple[float, float, float]:
    values = [_number(part) for part in text.split(",")]
    if len(values) == 1:
        values *= 3
    known = [value for value in values if value is not None and 0 <= value <= 50]
    if len(known) != 3 or len(values) != 3 or not any(known):
        raise argparse.ArgumentTypeError(f"{text!r} is not three lengths from 0 to 50 mm; write 3,3,5")
    return known[0], known[1], known[2]


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None

"""Arguments of the subcommands that serve an installation and look after it."""

from __future__ import annotations

import argparse

from cli.parser import ArgumentParser, Once, add_json


def add_serve(parser: ArgumentParser) -> None:
    """Add what `serve` takes."""
    parser.add_argument(
        "--port", metavar="N", type=_port, help="port on 127.0.0.1 (default: DOSEGATE_PORT or 8050)"
    )
    parser.add_argument(
        "--no-worker", action="store_true", help="serve only; `dosegate worker` does the work elsewhere"
    )
    parser.add_argument(
        "--processes",
        metavar="N",
        type=_count,
        help="with PostgreSQL: web processes on the port (default: one a processor, 2 to 8)",
    )


def add_run(parser: ArgumentParser) -> None:
    """Add what `run` takes."""
    parser.add_argument(
        "--port", metavar="N", type=_port, help="port on 127.0.0.1 (default: DOSEGATE_PORT or 8050)"
    )


def add_verify_audit(parser: ArgumentParser) -> None:
    """Add what `verify-audit` takes."""
    parser.add_argument(
        "--anchor",
        action=Once,
        metavar="FILE",
        help="a copy of audit-anchors.jsonl kept elsewhere, or lines of count and head from signed reports "
        "(default: the anchors of the data folder)",
    )
    add_json(parser, "write what was found as JSON; - is standard output")


def add_worker(parser: ArgumentParser) -> None:
    """Add what `worker` takes."""
    parser.add_argument(
        "--concurrency",
        metavar="N",
        type=_count,
        default=1,
        help="workers at once, each on its share of the processors (default: 1, on all of them)",
    )


def add_recheck(parser: ArgumentParser) -> None:
    """Add what `recheck` takes."""
    parser.add_argument("--reason", metavar="TEXT", required=True, help="why, for the audit trail")
    parser.add_argument("--site", metavar="CODE", help="plans of this site alone")
    parser.add_argument("--subject", metavar="CODE", help="plans of this subject alone")
    parser.add_argument(
        "--all",
        action="store_true",
        help="those, too, whose result was made by this protocol file and this program",
    )
    parser.add_argument("--wait", action="store_true", help="until the workers are done, with progress")


def add_receive(parser: ArgumentParser) -> None:
    """Add what `receive` takes."""
    parser.add_argument(
        "--allow",
        nargs="+",
        metavar=("AE SITE", "ADDRESS"),
        help="let a system send instead of listening: its AE title, its site, the addresses it calls from",
    )
    parser.add_argument("--retire", metavar="AE", help="let a system send no more instead of listening")
    parser.add_argument("--senders", action="store_true", help="list who may send instead of listening")


def add_doctor(parser: ArgumentParser) -> None:
    """Add what `doctor` takes."""
    add_json(parser, "write what was found as JSON; - is standard output")


def add_administrator(parser: ArgumentParser) -> None:
    """Add what `add-administrator` takes."""
    parser.add_argument("login", metavar="LOGIN", help="the name to sign in with")
    parser.add_argument(
        "--name", metavar="NAME", required=True, help="the person's full name, as signatures bear it"
    )


def add_backup(parser: ArgumentParser) -> None:
    """Add what `backup` takes."""
    parser.add_argument("folder", metavar="FOLDER", help="of backups: each adds what is new to it")


def add_restore(parser: ArgumentParser) -> None:
    """Add what `restore` takes."""
    parser.add_argument(
        "folder", metavar="FOLDER", help="of backups (the newest is taken), or one backup in it"
    )


def add_import_embedded(parser: ArgumentParser) -> None:
    """Add what `import-embedded` takes."""
    parser.add_argument("folder", metavar="FOLDER", help="the DOSEGATE_DATA of the embedded installation")


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to 256")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; choose a number from 1024 to 65535")
    return int(text)

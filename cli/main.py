"""The `dosegate` command: reads arguments, then imports only what the subcommand uses."""

from __future__ import annotations

import argparse
import importlib
import itertools
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

from cli.arguments import EXIT_STATUSES, STANDARD_OUTPUT, SUBCOMMANDS, WITH_JSON, read_arguments
from cli.errors import CommandError, RefusalCode, WrongArgumentsError
from cli.inputs import NO_ROOM, no_room
from cli.output import put_on_standard_output, say, show, take_any_letter, to_json, write_whole

UNUSABLE = 2
INTERRUPTED = 130
PIPE_CLOSED = 141
TERMINATED = 143
TRACE = "DOSEGATE_TRACE"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    signal.signal(signal.SIGTERM, _terminate)
    take_any_letter()
    try:
        status = _answer(given)
        sys.stdout.flush()  # here, where what takes nothing can still be left
        return status
    except BrokenPipeError:
        _leave_what_takes_nothing()
        return PIPE_CLOSED
    except OSError:  # standard output or error is full, and there is nobody left to tell
        _leave_what_takes_nothing()
        return UNUSABLE


def _answer(given: Sequence[str]) -> int:
    try:
        status = _run(given)
        sys.stdout.flush()
        return status
    except CommandError as refusal:
        return _refuse(refusal, given)
    except KeyboardInterrupt:
        say("Stopped.")
        return INTERRUPTED
    except BrokenPipeError:
        raise
    except OSError as problem:
        return _refuse(no_room() if problem.errno in NO_ROOM else _fault(problem), given)
    except Exception as problem:  # noqa: BLE001 - status 1 is a verdict: a fault of the program must not look like one
        return _refuse(_refusal(problem) or _fault(problem), given)


def _run(given: Sequence[str]) -> int:
    if not given or given[0] in ("-h", "--help"):
        show([_overview()])
        return 0 if given else UNUSABLE
    if given[0] == "--version":
        show([_version()])
        return 0
    if given[0] not in SUBCOMMANDS:
        raise WrongArgumentsError(
            "dosegate", f"there is no subcommand {given[0]!r}; choose from {', '.join(SUBCOMMANDS)}"
        )
    namespace = _arguments_or_help(given)
    return _command(given[0])(namespace) if namespace else 0


def _arguments_or_help(given: Sequence[str]) -> argparse.Namespace | None:
    try:
        return read_arguments(given[0], given[1:])
    except SystemExit:  # argparse's way to end after --help; errors come as WrongArgumentsError
        return None


def _command(subcommand: str) -> Callable[[argparse.Namespace], int]:
    run: Callable[[argparse.Namespace], int] = importlib.import_module(
        f"cli.{subcommand.replace('-', '_')}"
    ).run
    return run


def _overview() -> str:
    width = max(map(len, SUBCOMMANDS)) + 2
    lines = [f"  {name:<{width}}{purpose}" for name, (purpose, _) in SUBCOMMANDS.items()]
    return "\n".join(
        [
            "usage: dosegate SUBCOMMAND ...",
            "",
            "DICOM-RT plans in, protocol verdicts out.",
            "",
            *lines,
            "",
            "`dosegate SUBCOMMAND --help` tells more.",
            "",
            EXIT_STATUSES,
        ]
    )


def _version() -> str:
    from importlib.metadata import version  # asked for by this option alone

    return f"dosegate {version('dosegate')}"


def _refuse(refusal: CommandError, given: Sequence[str]) -> int:
    _answer_in_json(refusal, given)
    beside = [finding for finding in refusal.about_input if finding["message"] not in refusal.message]
    if beside:
        from cli.verdict_table import finding_lines  # only where there is something to tell

        say("\n".join(finding_lines(beside, colour=False)))
    say(f"dosegate: {refusal.message}")
    return UNUSABLE


def _answer_in_json(refusal: CommandError, given: Sequence[str]) -> None:
    """Put the refusal where the result was to go: an older result left there would pass for this one's."""
    target = _json_target(given)
    if target is None:
        return
    nothing: dict[str, Any] = {"structures": {}} if given[0] == "metrics" else {}
    document = to_json({**nothing, "findings": refusal.findings, "error": refusal.message})
    if target == STANDARD_OUTPUT:
        with suppress(CommandError):
            put_on_standard_output(document)
    elif refusal.code is not RefusalCode.STANDARD_OUTPUT_REFUSED:  # then the file has the result already
        with suppress(CommandError):  # the file itself may be what cannot be written
            write_whole(Path(target), document, "--json")


def _refusal(problem: Exception) -> CommandError | None:
    """What the record refuses in words of its own, such as a database that another program holds."""
    from trial_core.errors import TrialError  # where something was refused alone

    if not isinstance(problem, TrialError):
        return None
    return CommandError(problem.message, code=RefusalCode.INPUT_UNUSABLE)


def _fault(problem: Exception) -> CommandError:
    # The places, not the message: a message may quote what stands in a patient's file.
    places = traceback.extract_tb(problem.__traceback__)
    if os.environ.get(TRACE):
        say("".join(traceback.format_list(places)))
    where = f"{Path(places[-1].filename).name}, line {places[-1].lineno}"
    return CommandError(
        f"A fault of the program, not of your input: {type(problem).__name__} in {where}. "
        f"No result was produced. Please report this; {TRACE}=1 in the environment shows the way there.",
        code=RefusalCode.PROGRAM_FAULT,
    )


def _json_target(given: Sequence[str]) -> str | None:
    """FILE or - of `--json`, also where the arguments as a whole cannot be read."""
    if not given or given[0] not in WITH_JSON:
        return "-" if ("--json", "-") in itertools.pairwise(given) or "--json=-" in given else None
    apart = [after for before, after in itertools.pairwise(given) if before == "--json"]
    joined = [each.removeprefix("--json=") for each in given if each.startswith("--json=")]
    targets = [each for each in (*apart, *joined) if each == "-" or not each.startswith("-")]
    return targets[0] if len(targets) == 1 else None  # of two, nobody knows which was meant: words alone


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(TERMINATED)  # an exception, not the end: scratch folders are removed on its way


def _leave_what_takes_nothing() -> None:
    # The interpreter flushes both once more at its end, which would complain again and end with 120.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            os.dup2(nowhere, stream.fileno())


if __name__ == "__main__":
    sys.exit(main())

"""The parser of every subcommand: it raises instead of ending the process, and takes a place once."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

from cli.errors import WrongArgumentsError


class ArgumentParser(argparse.ArgumentParser):
    """argparse that raises instead of leaving the process, so that `--json -` can answer in JSON."""

    def error(self, message: str) -> NoReturn:
        """Raise the problem as `WrongArgumentsError`."""
        raise WrongArgumentsError(self.prog, message)


class Once(argparse.Action):
    """Takes one value, and refuses a second one instead of forgetting the first."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Keep the value.

        Raises
        ------
        WrongArgumentsError
            the option was given before.
        """
        if getattr(namespace, self.dest) is not None:
            parser.error(f"{option_string} was given twice: name one place for the result")
        setattr(namespace, self.dest, values)


def add_json(parser: ArgumentParser, purpose: str) -> None:
    """Let the result be written as JSON."""
    parser.add_argument("--json", action=Once, metavar="FILE|-", help=purpose)

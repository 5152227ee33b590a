"""The `dosegate` command: reads arguments, then imports only what the subcommand uses."""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit status."""
    raise NotImplementedError

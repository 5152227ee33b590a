"""What a backup or a restore refuses, with the facts and what to do."""

# ruff: noqa: N818 - named for what is so, as all refusals

from __future__ import annotations

from pathlib import Path

from trial_core.errors import TrialError


class NoInstallation(TrialError):
    """There is nothing to take out."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} holds no installation. Set DOSEGATE_DATA (and DOSEGATE_DATABASE_URL) to "
            "those of the server."
        )


class BackupNotFound(TrialError):
    """A folder without a finished backup."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} holds no finished backup. Name the folder that `dosegate backup` wrote to."
        )


class BackupOfAnotherKind(TrialError):
    """A backup in a format that this program does not know."""

    def __init__(self, backup: Path) -> None:
        super().__init__(f"{backup} was made by another version of Dosegate. Restore it with that version.")


class BackupBroken(TrialError):
    """A backup whose files are not what was written."""

    def __init__(self, backup: Path, problem: str) -> None:
        super().__init__(
            f"The backup {backup} is broken: {problem}. Nothing was restored; use an earlier one."
        )


class BytesLost(TrialError):
    """Bytes that the record names and that are missing or changed."""

    def __init__(self, lost: int, first: str, place: Path) -> None:
        super().__init__(
            f"{lost} files that the record names are missing or changed in {place}; the first is {first}. "
            "Bring them back from an earlier backup, then run this again."
        )
        self.lost = lost


class NotEmpty(TrialError):
    """An installation that a restore would mix with another."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what}. A restore goes into an empty database and a new data folder: set DOSEGATE_DATA and "
            "DOSEGATE_DATABASE_URL to such."
        )


class AnotherSchema(TrialError):
    """An empty database whose tables are of another version than the backup's."""

    def __init__(self, found: str, wanted: str) -> None:
        super().__init__(
            f"The database has tables of version {found}, the backup is of version {wanted}. Give it a "
            "database without tables; they are made and brought up to date."
        )


class NotAsItWas(TrialError):
    """Rows that do not come out as they went in."""

    def __init__(self, table: str, expected: int, found: int) -> None:
        super().__init__(
            f"Table {table}: {found} rows came out, {expected} went in, or they differ. "
            "Nothing was restored; please report this."
        )


class AlreadyServices(TrialError):
    """A move from the embedded database to itself."""

    def __init__(self) -> None:
        super().__init__(
            "DOSEGATE_DATABASE_URL names no PostgreSQL database: there is nowhere to move to. Set it to the "
            "address of the new, empty database."
        )

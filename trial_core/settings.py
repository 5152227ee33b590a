"""What the environment sets (data folder, database, broker, address) and the secrets of the data folder."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from trial_core.audit_outside import AuditOutside
from trial_core.domain.audit_chain import AuditKey
from trial_core.errors import SettingError

_DATABASES = ("sqlite", "postgresql")
_BROKERS = ("filesystem", "redis", "rediss")
_SECRETS_FILE = "secrets.json"
_DEMO_FILE = "demo-study.txt"
_DEMO_WORDS = "This folder holds Dosegate's demo study. Every subject, person and date in it is made up.\n"
_SECRET_BYTES = 32
_SHORTEST_TOKEN = 24
_FIRST_KEYS = ("identity_key", "session_key")
# Installations made before them get these the first time they are asked for.
_LATER_KEYS = ("randomisation_key", "audit_key")
_BEFORE = "audit_keys_before"


@dataclass(frozen=True)
class Secrets:
    """Keys of this installation.

    Losing `identity_key` means that earlier sets can't be recognised; without `randomisation_key` no sealed
    list ever opens again. With another `audit_key` older entries of the trail fail to verify: one that is
    replaced by `Settings.replace_audit_key` stays among `audit_keys_before`, the newest of them first.
    """

    identity_key: bytes = field(repr=False)
    session_key: bytes = field(repr=False)
    randomisation_key: bytes = field(repr=False)
    audit_key: bytes = field(repr=False)
    audit_keys_before: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Settings:
    """Settings of one installation; read once by `read_settings`, then handed down."""

    data_folder: Path
    database_url: str = field(repr=False)
    broker_url: str = field(repr=False)
    host: str
    port: int
    database_owner_url: str | None = field(default=None, repr=False)
    public_url: str | None = None
    metrics_token: str | None = field(default=None, repr=False)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))

    @property
    def has_services(self) -> bool:
        """Tell whether the record lies with a server: several web processes and nodes may then work on it."""
        return urlsplit(self.database_url).scheme.partition("+")[0] == "postgresql"

    @property
    def is_https(self) -> bool:
        """Tell whether people reach this installation by https: its cookies then go no other way."""
        return self.public_url is not None and urlsplit(self.public_url).scheme == "https"

    @property
    def public_host(self) -> str | None:
        """Give the host, and the port where one is named, of the public URL."""
        return urlsplit(self.public_url).netloc if self.public_url is not None else None

    @property
    def store_folder(self) -> Path:
        """Where the store keeps its bytes."""
        return self.data_folder / "store"

    @property
    def queue_folder(self) -> Path:
        """Where Celery's filesystem transport keeps its messages."""
        return self.data_folder / "queue"

    @property
    def files_beside_the_record(self) -> tuple[Path, ...]:
        """Name what of an installation is neither in database nor store, the audit anchors apart."""
        return (self.data_folder / _SECRETS_FILE, self.data_folder / _DEMO_FILE)

    @property
    def has_secrets(self) -> bool:
        """Tell whether this is an installation already; asking makes no key."""
        return (self.data_folder / _SECRETS_FILE).exists()

    @property
    def is_demo(self) -> bool:
        """Tell whether this installation holds the demo study: every page and report then says so."""
        return (self.data_folder / _DEMO_FILE).exists()

    def mark_as_demo(self) -> None:
        """Say for good that all of this installation is synthetic; before anything of it is on record."""
        (self.data_folder / _DEMO_FILE).write_text(_DEMO_WORDS, encoding="utf-8")

    def secrets(self) -> Secrets:
        """Give the installation's keys; the first call makes them, in a file of mode 0600."""
        path = self.data_folder / _SECRETS_FILE
        if not path.exists():
            _make_secrets(path)
        keys = _read_keys(path)
        if not all(name in keys for name in _LATER_KEYS):
            keys = _add_later_keys(path)
        return _checked(path, keys)

    def audit_outside(self) -> AuditOutside:
        """Give what of the audit trail is outside the database: its key, and the folder of its anchors."""
        known = self.secrets()
        older = tuple(AuditKey(each) for each in known.audit_keys_before)
        return AuditOutside(AuditKey(known.audit_key, older), self.data_folder)

    def replace_audit_key(self) -> None:
        """Draw another key for the audit trail and keep the old one to verify its entries.

        With the server and its workers stopped: what still has the old key in memory can write no more. The
        next start seals the old entries with the new key (`services.audit_trail.seal_old_entries`).
        """
        path = self.data_folder / _SECRETS_FILE
        self.secrets()
        with _alone_in(path.parent):
            keys = _read_keys(path)
            before = [keys["audit_key"], *_texts_before(path, keys)]
            _draft(path, {**keys, "audit_key": _new_key(), _BEFORE: before}).replace(path)


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read `DOSEGATE_DATA`, `_DATABASE_URL`, `_BROKER_URL`, `_HOST`, `_PORT`; makes the data folder (0700).

    `DOSEGATE_METRICS_TOKEN` lets whoever bears it read `/metrics`; without it nobody does.
    `DOSEGATE_PUBLIC_URL` is the address that people open, where a proxy stands before the server.
    `DOSEGATE_DATABASE_OWNER_URL` is for a start that creates or upgrades tables which the program's own role
    does not own; it need not be there afterwards.
    `DOSEGATE_TIME_ZONE` is that of the trial's calendar; without it the day begins and ends by UTC.

    Raises
    ------
    SettingError
        Names the variable and what is wrong with it.
    """
    env = os.environ if environment is None else environment
    folder = _data_folder(env.get("DOSEGATE_DATA") or ".dosegate")
    return Settings(
        data_folder=folder,
        database_url=_database_url(
            env.get("DOSEGATE_DATABASE_URL") or f"sqlite:///{folder / 'dosegate.sqlite'}"
        ),
        broker_url=_broker_url(env.get("DOSEGATE_BROKER_URL") or "filesystem://"),
        host=_host(env.get("DOSEGATE_HOST") or "127.0.0.1"),
        port=_port(env.get("DOSEGATE_PORT") or "8050"),
        database_owner_url=_owner_url(env.get("DOSEGATE_DATABASE_OWNER_URL")),
        public_url=_public_url(env.get("DOSEGATE_PUBLIC_URL")),
        metrics_token=_metrics_token(env.get("DOSEGATE_METRICS_TOKEN")),
        zone=_zone(env.get("DOSEGATE_TIME_ZONE") or "UTC"),
    )


def _data_folder(text: str) -> Path:
    folder = Path(text).expanduser().absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingError("DOSEGATE_DATA", f"cannot make the folder {folder} ({error.strerror}).") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SettingError("DOSEGATE_DATA", f"the folder {folder} cannot be written to. Choose another.")
    return folder


def _metrics_token(text: str | None) -> str | None:
    if text and (len(text) < _SHORTEST_TOKEN or not text.isascii() or not text.isprintable()):
        raise SettingError(
            "DOSEGATE_METRICS_TOKEN", f"use {_SHORTEST_TOKEN} printable ASCII characters or more."
        )
    return text or None


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise SettingError(
            "DOSEGATE_TIME_ZONE",
            f"{text!r} is no time zone that is known here; use one such as Asia/Shanghai.",
        ) from error


def _owner_url(text: str | None) -> str | None:
    return _database_url(text, "DOSEGATE_DATABASE_OWNER_URL") if text else None


def _database_url(text: str, variable: str = "DOSEGATE_DATABASE_URL") -> str:
    scheme, separator, rest = text.partition(":")
    base = scheme.partition("+")[0]
    if not separator or not rest.startswith("//") or base not in _DATABASES:
        raise SettingError(
            variable,
            f"begins with {scheme!r}; use sqlite:///FILE or postgresql://USER@HOST/NAME.",
        )
    return f"postgresql+psycopg:{rest}" if base == "postgresql" else f"sqlite:{rest}"


def _broker_url(text: str) -> str:
    scheme = urlsplit(text).scheme
    if scheme not in _BROKERS:
        raise SettingError(
            "DOSEGATE_BROKER_URL", f"begins with {scheme!r}; use filesystem:// or redis://HOST:PORT/0."
        )
    return text


def _public_url(text: str | None) -> str | None:
    if not text:
        return None
    try:
        parts = urlsplit(text)
        known = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:  # no address at all, or no port
        known = False
    if not known or parts.path not in ("", "/") or parts.query or parts.fragment or parts.username:
        raise SettingError(
            "DOSEGATE_PUBLIC_URL",
            f"{text!r} is not the address of a site; use https://HOST or https://HOST:PORT.",
        )
    return text


def _host(text: str) -> str:
    if not text.strip() or any(character.isspace() or character == "/" for character in text):
        raise SettingError("DOSEGATE_HOST", f"{text!r} is not a host name or address; use 127.0.0.1.")
    return text


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise SettingError("DOSEGATE_PORT", f"{text!r} is not a port; use a number from 1 to 65535.")
    return int(text)


def _make_secrets(path: Path) -> None:
    draft = _draft(path, {name: _new_key() for name in (*_FIRST_KEYS, *_LATER_KEYS)})
    try:
        _link_unless_there(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _add_later_keys(path: Path) -> dict[str, Any]:
    """Add the keys that are missing, and touch no other."""
    with _alone_in(path.parent):
        keys = _read_keys(path)
        added = {name: _new_key() for name in _LATER_KEYS if name not in keys}
        if added:
            _bytes_of(path, keys, _FIRST_KEYS)  # a file that was cut off is restored, never completed
            keys = {**keys, **added}
            _draft(path, keys).replace(path)
        return keys


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Let one process at a time change what is in a folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _draft(path: Path, keys: Mapping[str, Any]) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        json.dump(keys, file)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _link_unless_there(draft: Path, path: Path) -> None:
    # A link, unlike a rename, never replaces: of two first uses at once, both read the keys of one.
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return


def _read_keys(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_mode & 0o077:
            raise SettingError("DOSEGATE_DATA", f"others may read {path}. Run: chmod 600 on it.")
        keys = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _unreadable(path) from error
    if not isinstance(keys, dict):
        raise _unreadable(path)
    return keys


def _checked(path: Path, keys: Mapping[str, Any]) -> Secrets:
    before = _texts_before(path, keys)
    names = tuple(f"replaced {number}" for number in range(len(before)))
    old = _bytes_of(path, dict(zip(names, before, strict=True)), names)
    return Secrets(
        **_bytes_of(path, keys, (*_FIRST_KEYS, *_LATER_KEYS)), audit_keys_before=tuple(old.values())
    )


def _texts_before(path: Path, keys: Mapping[str, Any]) -> list[str]:
    found = keys.get(_BEFORE, [])
    if not isinstance(found, list):
        raise _unreadable(path)
    return found


def _bytes_of(path: Path, keys: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, bytes]:
    try:
        found = {name: bytes.fromhex(keys[name]) for name in names}
    except (ValueError, KeyError, TypeError) as error:
        raise _unreadable(path) from error
    if any(len(key) < _SECRET_BYTES for key in found.values()):
        raise SettingError("DOSEGATE_DATA", f"a key in {path} is too short. Restore it from its backup.")
    return found


def _new_key() -> str:
    return secrets.token_hex(_SECRET_BYTES)


def _unreadable(path: Path) -> SettingError:
    return SettingError("DOSEGATE_DATA", f"{path} cannot be read as keys. Restore it from its backup.")

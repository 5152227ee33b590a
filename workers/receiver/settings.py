"""What the environment sets for the listener, each refused in words where it cannot be used."""

from __future__ import annotations

import ipaddress
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from trial_core.domain.receiving import AE_TITLE_RULE, is_ae_title
from trial_core.errors import SettingError

_MIB = 1024**2
_NAMES = ("CERTIFICATE", "KEY", "CA")


@dataclass(frozen=True)
class ReceiverSettings:
    """Settings of one listener.

    Attributes
    ----------
    tls
        The files of certificate, key and the CA that senders' certificates are signed by; None without TLS.
    quiet_s
        So long nothing has come when a set is taken to be complete.
    """

    ae_title: str
    host: str
    port: int
    tls: tuple[Path, Path, Path] | None
    quiet_s: float
    pdu_bytes: int
    associations: int
    idle_s: float
    object_bytes: int
    waiting_bytes: int


def read_receiver_settings(environment: Mapping[str, str] | None = None) -> ReceiverSettings:
    """Read `DOSEGATE_RECEIVE_*`; `docs/dicom-network.md` lists them.

    Raises
    ------
    SettingError
    """
    env = os.environ if environment is None else environment
    host = env.get("DOSEGATE_RECEIVE_HOST") or "127.0.0.1"
    tls = _tls(env)
    _refuse_open(host, tls, allowed=env.get("DOSEGATE_RECEIVE_WITHOUT_TLS") or "no")
    return ReceiverSettings(
        ae_title=_ae_title(env.get("DOSEGATE_RECEIVE_AE") or "DOSEGATE"),
        host=host,
        port=_whole(env, "PORT", 11112, 0, 65535),
        tls=tls,
        quiet_s=_seconds(env, "QUIET_S", 60.0),
        pdu_bytes=_whole(env, "PDU_BYTES", 65536, 4096, _MIB),
        associations=_whole(env, "ASSOCIATIONS", 10, 1, 100),
        idle_s=_seconds(env, "IDLE_S", 60.0),
        object_bytes=_whole(env, "OBJECT_MIB", 2048, 1, 8192) * _MIB,
        waiting_bytes=_whole(env, "WAITING_MIB", 51200, 1, 10_000_000) * _MIB,
    )


def tls_context(settings: ReceiverSettings) -> ssl.SSLContext | None:
    """Give the TLS side of a server that asks every sender for a certificate; None without TLS.

    Raises
    ------
    SettingError
    """
    if settings.tls is None:
        return None
    certificate, key, ca = settings.tls
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # the least of PS3.15 B.9 (BCP 195)
    context.verify_mode = ssl.CERT_REQUIRED
    try:
        context.load_cert_chain(certificate, key)
        context.load_verify_locations(ca)
    except (OSError, ssl.SSLError) as problem:
        words = f"certificate, key and CA cannot be used ({problem.strerror or type(problem).__name__}). "
        raise SettingError("DOSEGATE_RECEIVE_TLS_CERTIFICATE", words + "Give three PEM files.") from problem
    return context


def _tls(env: Mapping[str, str]) -> tuple[Path, Path, Path] | None:
    given = [env.get(f"DOSEGATE_RECEIVE_TLS_{name}") for name in _NAMES]
    if not any(given):
        return None
    missing = [name for name, value in zip(_NAMES, given, strict=True) if not value]
    if missing:
        raise SettingError(f"DOSEGATE_RECEIVE_TLS_{missing[0]}", "TLS needs certificate, key and CA; set it.")
    certificate, key, ca = (Path(one or "") for one in given)
    return certificate, key, ca


def _refuse_open(host: str, tls: object, *, allowed: str) -> None:
    if allowed not in ("yes", "no"):
        raise SettingError("DOSEGATE_RECEIVE_WITHOUT_TLS", f"{allowed!r} is not known; use yes or no.")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise SettingError("DOSEGATE_RECEIVE_HOST", f"{host!r} is no IP address; use 127.0.0.1.") from None
    if tls is None and allowed == "no" and not address.is_loopback:
        raise SettingError(
            "DOSEGATE_RECEIVE_HOST",
            f"on {host} patients' data would be received unencrypted. Set DOSEGATE_RECEIVE_TLS_CERTIFICATE, "
            "_KEY and _CA; or, where the network itself is closed, DOSEGATE_RECEIVE_WITHOUT_TLS=yes.",
        )


def _ae_title(text: str) -> str:
    if not is_ae_title(text):
        raise SettingError("DOSEGATE_RECEIVE_AE", f"{text!r} is no AE title: {AE_TITLE_RULE}.")
    return text


def _whole(env: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = env.get(f"DOSEGATE_RECEIVE_{name}") or str(default)
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
        raise SettingError(
            f"DOSEGATE_RECEIVE_{name}", f"{text!r}: use a whole number from {least} to {most}."
        )
    return int(text)


def _seconds(env: Mapping[str, str], name: str, default: float) -> float:
    text = env.get(f"DOSEGATE_RECEIVE_{name}") or str(default)
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0.1 <= seconds <= 86400:
        raise SettingError(f"DOSEGATE_RECEIVE_{name}", f"{text!r}: use seconds from 0.1 to 86400.")
    return seconds

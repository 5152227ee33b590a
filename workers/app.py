"""The Celery application, put together from settings: which broker, JSON only, no result backend."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

if TYPE_CHECKING:
    from trial_core.settings import Settings

QUEUE = "dosegate"
RUN_JOB = "dosegate.run_job"
FILESYSTEM_SCHEME = "dosegate-filesystem"
BROKER_TIMEOUT_S = 2.0
POLLING_INTERVAL_S = 0.2

TRANSPORT_ALIASES[FILESYSTEM_SCHEME] = "workers.filesystem_transport:Transport"


def celery_app(settings: Settings) -> Celery:
    """Build the application for one installation: the filesystem transport unless settings name a broker."""
    if settings.broker_url.startswith("filesystem:"):
        return _app(None, settings.queue_folder)
    return _app(settings.broker_url, None)


@lru_cache(maxsize=8)
def _app(broker_url: str | None, folder: Path | None) -> Celery:
    app = Celery("dosegate", set_as_current=False, broker=broker_url, backend=None)
    app.conf.update(_CONFIGURATION)
    app.conf.update(_filesystem(folder) if folder else _server())
    return app


_CONFIGURATION: dict[str, Any] = {
    "task_default_queue": QUEUE,
    "task_serializer": "json",
    "result_serializer": "json",
    "event_serializer": "json",
    "accept_content": ["json"],
    "task_ignore_result": True,
    # A worker that dies leaves its message unacknowledged; the job row's lease decides who goes on.
    "task_acks_late": True,
    "worker_prefetch_multiplier": 1,
    # Nothing is asked of a running worker through the broker: fewer messages, fewer files, no remote control.
    "worker_enable_remote_control": False,
    "worker_send_task_events": False,
    "worker_hijack_root_logger": False,
    "worker_redirect_stdouts": False,
    "broker_connection_timeout": BROKER_TIMEOUT_S,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
}


def _filesystem(folder: Path) -> dict[str, Any]:
    messages, exchanges = folder / "messages", folder / "exchanges"
    for each in (messages, exchanges):
        each.mkdir(parents=True, exist_ok=True)
    return {
        "broker_url": f"{FILESYSTEM_SCHEME}://localhost",
        "broker_transport_options": {
            "data_folder_in": str(messages),
            "data_folder_out": str(messages),
            "control_folder": str(exchanges),
            "polling_interval": POLLING_INTERVAL_S,
        },
    }


def _server() -> dict[str, Any]:
    return {
        "broker_transport_options": {
            "socket_connect_timeout": BROKER_TIMEOUT_S,
            "socket_timeout": 10 * BROKER_TIMEOUT_S,
        }
    }

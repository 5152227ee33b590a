"""For whoever watches the server from outside: is it alive, is it ready, and its figures for Prometheus."""

from __future__ import annotations

import hmac
import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator

from flask import Blueprint, Flask, Response, abort, g, jsonify, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy.exc import SQLAlchemyError

from trial_core.domain.jobs import JobState
from trial_core.errors import TrialError
from trial_core.services.watching import Figures, figures, is_ready
from web.house import house
from web.routing import table

LIVE, READY, METRICS = "/health/live", "/health/ready", "/metrics"
_SEVERAL_PROCESSES = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder where the processes of one server keep their counts together, where there are several."""

routes = Blueprint("watching", __name__)
_log = logging.getLogger("web.requests")
_own = CollectorRegistry()
_PAGE_SECONDS = Histogram(
    "dosegate_request_seconds",
    "Time until a request is answered",
    ("method", "address", "status"),
    registry=_own,
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
)
_UPLOADED_BYTES = Counter("dosegate_uploaded_bytes", "Bytes of files that were taken in", registry=_own)


def watch(server: Flask) -> None:
    """Count and time every request of a server; its log has them where it is read by machines."""
    server.register_blueprint(routes)
    server.before_request(_begin)
    server.after_request(_end)


@routes.get(LIVE)
def live() -> Response:
    """Answer at all."""
    return jsonify({"live": True})


@routes.get(READY)
def ready() -> tuple[Response, int]:
    """Say whether the database and the store's folder answer: else a proxy sends people elsewhere."""
    found = {"database": _database_answers(), "store": os.access(house().store.folder, os.W_OK)}
    return jsonify({"ready": all(found.values()), **found}), 200 if all(found.values()) else 503


@routes.get(METRICS)
def metrics() -> Response:
    """Give the figures to whoever bears the token; without one in the settings, to nobody."""
    wanted, given = house().settings.metrics_token, request.headers.get("Authorization", "")
    if not wanted:
        abort(404)
    if not hmac.compare_digest(given.encode(), f"Bearer {wanted}".encode()):
        abort(401)
    return Response(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)


def _database_answers() -> bool:
    try:
        return is_ready(house().db)
    except (SQLAlchemyError, TrialError, OSError):
        return False


def _registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    if os.environ.get(_SEVERAL_PROCESSES):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(_Collected(_own.collect))
    registry.register(_Collected(lambda: _of_record(figures(house().db))))
    return registry


class _Collected:
    """What a registry asks for its figures."""

    def __init__(self, collect: Callable[[], Iterable[Metric]]) -> None:
        self.collect = collect


def _of_record(found: Figures) -> Iterator[Metric]:
    jobs = GaugeMetricFamily("dosegate_jobs", "Jobs by state", labels=["state"])
    for state in JobState:
        jobs.add_metric([state.value], found.jobs.get(state, 0))
    yield jobs
    yield GaugeMetricFamily("dosegate_oldest_due_seconds", "Wait of the first due job", found.oldest_due_s)
    yield GaugeMetricFamily("dosegate_workers", "Workers that are alive", found.workers)
    times = CounterMetricFamily("dosegate_stage_times", "Stages gone through", labels=["kind", "stage"])
    seconds = CounterMetricFamily("dosegate_stage_seconds", "Time in stages", labels=["kind", "stage"])
    for each in found.stages:
        times.add_metric([each.kind.value, each.stage], each.times)
        seconds.add_metric([each.kind.value, each.stage], each.milliseconds / 1000)
    yield times
    yield seconds


def _begin() -> None:
    g.began_s = time.monotonic()


def _end(response: Response) -> Response:
    took_s, address = time.monotonic() - g.get("began_s", time.monotonic()), _address()
    _PAGE_SECONDS.labels(request.method, address, f"{response.status_code // 100}xx").observe(took_s)
    if address.startswith("/uploads/") and request.method == "PUT" and response.status_code < 300:
        _UPLOADED_BYTES.inc(request.content_length or 0)
    facts = {"method": request.method, "address": address, "status": response.status_code}
    user = getattr(g.get("actor"), "user_id", None)
    _log.debug("request", extra={"facts": {**facts, "milliseconds": round(took_s * 1000), "user": user}})
    return response


def _address() -> str:
    """Give the pattern of an address: codes of subjects and ids belong in no figure."""
    rule = request.url_rule.rule if request.url_rule else "unknown"
    if rule not in ("/", "/<path:path>"):
        return rule
    return next((each.address for each in table() if each.pattern.fullmatch(request.path)), "unknown")

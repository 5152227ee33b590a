"""`dosegate serve`: the web application and its embedded worker, until Ctrl-C."""

from __future__ import annotations

import errno
import os
import signal
import socket
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

from cli.errors import CommandError
from cli.installation import settings_of_this_environment
from cli.output import say

if TYPE_CHECKING:
    from trial_core.db.session import Database
    from trial_core.settings import Settings
    from trial_core.store import Store

THREADS = 8


def run(arguments: Namespace) -> int:
    """Serve until Ctrl-C."""
    settings = settings_of_this_environment(arguments.port)
    if settings.has_services:
        _serve_from_processes(settings, arguments.processes)
    elif arguments.processes:
        raise CommandError(
            "--processes: SQLite takes one server process. Set DOSEGATE_DATABASE_URL to a PostgreSQL "
            "database (`dosegate import-embedded` moves a study there), or leave the option out."
        )
    else:
        serve(settings, with_worker=not arguments.no_worker)
    return 0


def _serve_from_processes(settings: Settings, processes: int | None) -> NoReturn:
    from cli.web_processes import serve_from_processes
    from workers.log import log_to_standard_error

    log_to_standard_error("server")
    with _listening(settings) as listener:
        db, _ = _open(settings)
        db.close()  # each process opens its own
        say("The checks are done by `dosegate worker`, here or on any node with this data folder.")
        serve_from_processes(settings, listener, processes, said=f"Serving {address(settings)} until Ctrl-C.")


def serve(
    settings: Settings,
    *,
    with_worker: bool = True,
    prepare: Callable[[Settings, Database, Store], None] | None = None,
) -> None:
    """Hold the data folder and the port, prepare, then serve until Ctrl-C or SIGTERM.

    Parameters
    ----------
    settings
        Where to serve and what.
    with_worker
        Start a worker beside the server, and keep it running.
    prepare
        Called with the opened installation before anything is served.

    Raises
    ------
    CommandError
        the port or the data folder is in use.
    """
    from workers.log import log_to_standard_error

    log_to_standard_error("server")
    with _the_data_folder(settings), _listening(settings) as listener:
        _end_at_ctrl_c_and_sigterm()
        db, store = _open(settings)
        try:
            _take_back(settings, db)
            if prepare:
                prepare(settings, db, store)
            with _worker(settings, db, wanted=with_worker):
                _serve(settings, db, store, listener)
        finally:
            db.close()


@contextmanager
def _the_data_folder(settings: Settings) -> Iterator[None]:
    from workers.data_folder_lock import DataFolderInUseError, hold_data_folder

    try:
        with hold_data_folder(settings.data_folder, f"process {os.getpid()} ({address(settings)})"):
            yield
    except DataFolderInUseError as refusal:
        raise CommandError(str(refusal)) from refusal


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    family, where = _resolved(settings)
    try:
        listener = socket.socket(family, socket.SOCK_STREAM)
    except OSError as problem:
        raise _no_such_address(settings.host, problem) from problem
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        _bind(listener, where, settings)
        yield listener
    finally:
        listener.close()


def _resolved(settings: Settings) -> tuple[socket.AddressFamily, Any]:
    """Give the family and the address of the host, as IPv4 where it has both."""
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
    except OSError as problem:
        raise _no_such_address(settings.host, problem) from problem
    family, *_, where = min(found, key=lambda one: one[0] != socket.AF_INET)
    return family, where


def _bind(listener: socket.socket, where: Any, settings: Settings) -> None:
    try:
        listener.bind(where)
        listener.listen(1024)
    except OSError as problem:
        if problem.errno in (errno.EADDRNOTAVAIL, errno.EINVAL):
            raise _no_such_address(settings.host, problem) from problem
        taken = problem.errno == errno.EADDRINUSE
        why = "is in use by another program" if taken else f"cannot be opened ({problem.strerror})"
        other = _another(settings.port)
        raise CommandError(
            f"Port {settings.port} of {settings.host} {why}. "
            f"Choose another: --port {other}, or set DOSEGATE_PORT={other}."
        ) from problem


def _no_such_address(host: str, problem: OSError) -> CommandError:
    return CommandError(
        f"DOSEGATE_HOST={host} is no address of this machine ({problem.strerror}). Leave it out to serve on "
        "127.0.0.1, which this machine alone can open."
    )


def _another(port: int) -> int:
    return port + 1 if port < 65535 else 8050


def _open(settings: Settings) -> tuple[Database, Store]:
    from trial_core.db.migrate import migrate  # SQLAlchemy is loaded by those who serve
    from trial_core.db.session import Database
    from trial_core.services.audit_trail import seal_old_entries
    from trial_core.services.protocol_versions import record_own_protocol
    from trial_core.store import Store

    db = Database(settings.database_url, audit=settings.audit_outside(), zone=settings.zone)
    migrate(db, settings.database_owner_url)
    seal_old_entries(db)
    record_own_protocol(db)
    return db, Store(settings.store_folder)


def _take_back(settings: Settings, db: Database) -> None:
    from workers.own_worker import take_back_from_killed

    take_back_from_killed(settings.data_folder, db)


@contextmanager
def _worker(settings: Settings, db: Database, *, wanted: bool) -> Iterator[None]:
    from trial_core.services.jobs import expire_worker, release_worker
    from workers.own_worker import note_worker
    from workers.supervisor import Told, WorkerSupervisor

    if not wanted:
        yield
        return
    told = Told(
        start=lambda name: note_worker(settings.data_folder, name),
        end=lambda name: expire_worker(db, worker=name),
        stop=lambda name: release_worker(db, worker=name),
    )
    supervisor = WorkerSupervisor(told=told)
    supervisor.start()
    try:
        yield
    finally:
        supervisor.stop()


def _serve(settings: Settings, db: Database, store: Store, listener: socket.socket) -> None:
    from waitress.server import create_server

    from web.app import create_app  # Dash takes a second to load
    from web.submitting.uploads import REQUEST_BYTES
    from web.warming import Warming

    warming = Warming(db, store)
    server = create_server(
        create_app(settings, db, store).server,
        sockets=[listener],
        threads=THREADS,
        ident=None,
        # The first length that is refused: a whole request of the pages' own fits.
        max_request_body_size=REQUEST_BYTES + 1,
    )
    say(f"Serving {address(settings)} until Ctrl-C.")
    warming.start()
    try:
        server.run()  # returns after KeyboardInterrupt or SystemExit, with its requests ended
        say("Stopping ...")
    finally:
        warming.end()


def address(settings: Settings) -> str:
    """Give the address to open in a browser."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


def _end_at_ctrl_c_and_sigterm() -> None:
    # SIGINT, too: a script that starts us with `&` hands it down ignored, and nothing could end us in order.
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, _interrupt)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt

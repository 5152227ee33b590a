"""`dosegate receive`: take plans from planning systems over the DICOM network, until Ctrl-C or SIGTERM."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from cli.errors import CommandError
from cli.installation import settings_of_an_installation
from cli.keeping import shown
from cli.output import say, show
from cli.stopping import told_to_end

if TYPE_CHECKING:
    from trial_core.db.session import Database
    from trial_core.domain.receiving import Sender
    from trial_core.settings import Settings


def run(arguments: Namespace) -> int:
    """Listen; or, with --allow, --retire or --senders, say who may send."""
    settings = settings_of_an_installation()
    from trial_core.db.migrate import migrate
    from trial_core.db.session import Database

    with (
        shown(),
        closing(Database(settings.database_url, audit=settings.audit_outside(), zone=settings.zone)) as db,
    ):
        migrate(db, settings.database_owner_url)
        if arguments.allow or arguments.retire or arguments.senders:
            return _change_senders(db, arguments)
        return _listen(settings, db)


def _change_senders(db: Database, arguments: Namespace) -> int:
    from trial_core.domain.access import SYSTEM
    from trial_core.services import dicom_senders

    if arguments.allow:
        ae_title, site_code, *addresses = arguments.allow
        dicom_senders.register_sender(
            db, SYSTEM, ae_title=ae_title, addresses=_each(addresses), site_code=site_code
        )
    if arguments.retire:
        dicom_senders.retire_sender(db, SYSTEM, ae_title=arguments.retire)
    known = dicom_senders.list_senders(db, SYSTEM)
    show([_line(one) for one in known] or ["No system may send yet: --allow AE SITE ADDRESS ..."])
    return 0


def _each(texts: Sequence[str]) -> list[str]:
    if not texts:
        raise CommandError("--allow: name the AE title, the site and an address or more.")
    return list(texts)


def _line(one: Sender) -> str:
    state = "retired" if one.retired_at else "may send"
    return f"{one.ae_title:<16}  {state}  site {one.site_code}, from {', '.join(one.addresses)}"


def _listen(settings: Settings, db: Database) -> int:
    from trial_core.services import presence
    from trial_core.store import Store
    from workers.log import log_to_standard_error
    from workers.presence import Presence
    from workers.receiver.keeper import Keeper
    from workers.receiver.listener import Listener
    from workers.receiver.settings import read_receiver_settings
    from workers.receiver.spool import Room

    receiver = read_receiver_settings()
    log_to_standard_error("receiver")
    room = Room(receiver.waiting_bytes)
    try:
        listener = Listener(settings, receiver, db, Store(settings.store_folder), room)
    except OSError as problem:
        raise CommandError(
            f"Port {receiver.port} of {receiver.host} cannot be opened ({problem.strerror}). Set "
            "DOSEGATE_RECEIVE_HOST and DOSEGATE_RECEIVE_PORT."
        ) from problem
    keeper = Keeper(settings, db, room, quiet_s=receiver.quiet_s, busy=listener.busy)
    name = listener.present().name
    present = Presence(
        lambda: presence.say_receiving(db, present=listener.present()),
        lambda: presence.say_receiver_gone(db, name=name),
    )
    over = told_to_end()
    listener.start()
    keeper.start()
    present.start()
    tls = "with TLS" if receiver.tls else "without TLS"
    say(f"{receiver.ae_title} listens on {receiver.host}:{listener.port} {tls} until Ctrl-C.")
    over.wait()
    say("Stopping ...")
    listener.stop()
    keeper.stop()
    present.stop()
    return 0

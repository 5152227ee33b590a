"""pynetdicom's server with bounds: of PDUs, connections and handshakes; objects go to disk as they come."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Callable
from io import BytesIO
from socketserver import BaseServer
from typing import TYPE_CHECKING, Any

from pydicom.filewriter import write_file_meta_info
from pynetdicom.dimse import DIMSEServiceProvider
from pynetdicom.dimse_messages import DIMSEMessage
from pynetdicom.dsutils import create_file_meta
from pynetdicom.pdu_primitives import P_DATA
from pynetdicom.transport import RequestHandler, ThreadedAssociationServer

from workers.receiver.spool import PREAMBLE, Spool

if TYPE_CHECKING:
    from pynetdicom import AE
    from pynetdicom.association import Association

_log = logging.getLogger(__name__)

_LEAST_BOUND_BYTES = 1 << 20
"""Of any PDU: a request for an association with every context is longer than the data PDUs we ask for."""

NewSpool = Callable[[Callable[[], bytes]], Spool]


class BoundedServer(ThreadedAssociationServer):  # type: ignore[misc]
    """A server whose handshakes hold nobody else up and that takes no more connections than it can serve."""

    daemon_threads = True

    def __init__(
        self,
        ae: AE,
        address: tuple[str, int],
        ae_title: str,
        *,
        handlers: list[Any],
        tls: ssl.SSLContext | None,
        new_spool: NewSpool,
        idle_s: float,
    ) -> None:
        self.tls, self.new_spool, self.idle_s = tls, new_spool, idle_s
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(ae, address, ae_title, ae.supported_contexts, None, handlers, _Handler)

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Refuse a connection where twice as many are open as may be associations."""
        free: bool = len(self.active_associations) < 2 * self.ae.maximum_associations
        if not free:
            _log.warning("Connection from %s closed: too many are open.", client_address[0])
        return free

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Go on with a connection, in its own thread."""
        request.settimeout(self.idle_s)
        if self.tls is not None:
            request = self.tls.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say that a connection came to nothing, as by a handshake that failed."""
        _log.warning("Connection from %s closed: its TLS handshake or its opening failed.", client_address[0])

    def shutdown(self) -> None:
        """Listen no more; associations that are open go on to their end or are aborted by the caller."""
        BaseServer.shutdown(self)
        self.server_close()


class _Handler(RequestHandler):  # type: ignore[misc]
    """Gives each association its bounds and its way to disk."""

    server: BoundedServer

    def _create_association(self) -> Association:
        association = super()._create_association()
        bound = max(_LEAST_BOUND_BYTES, self.ae.maximum_pdu_size)
        wire = association.dul.socket
        assert wire is not None  # noqa: S101 - the base class has just set it
        wire.recv = _bounded(wire.recv, bound)
        association.dimse = _Dimse(association, self.server.new_spool)
        return association


class _Dimse(DIMSEServiceProvider):  # type: ignore[misc]
    """Collects each message's dataset in a spool."""

    def __init__(self, association: Association, new_spool: NewSpool) -> None:
        super().__init__(association)
        self.message: DIMSEMessage | None
        self._new_spool = new_spool

    def receive_primitive(self, primitive: P_DATA) -> None:
        """Begin a message with a spool of its own, then go on as ever."""
        if self.message is None:
            message = DIMSEMessage()
            message.data_set = self._new_spool(lambda: _head(message, self.assoc))
            self.message = message
        super().receive_primitive(primitive)


def _head(message: DIMSEMessage, association: Association) -> bytes:
    """Write preamble and file meta information (PS3.10 7.1) of an object as its sender announced it."""
    command = message.command_set
    context = next(one for one in association.accepted_contexts if one.context_id == message.context_id)
    out = BytesIO()
    meta = create_file_meta(
        sop_class_uid=command.AffectedSOPClassUID,
        sop_instance_uid=command.AffectedSOPInstanceUID,
        transfer_syntax=context.transfer_syntax[0],
    )
    write_file_meta_info(out, meta)
    return PREAMBLE + out.getvalue()


def _bounded(read: Callable[[int], bytearray], most_bytes: int) -> Callable[[int], bytearray]:
    def bounded(size: int) -> bytearray:
        if size > most_bytes:
            _log.warning("A PDU of %d bytes was refused: at most %d are taken.", size, most_bytes)
            raise OSError("the PDU is too long")
        return read(size)

    return bounded

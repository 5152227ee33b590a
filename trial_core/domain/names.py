"""Codes and ids that the record gives: what does not look like one cannot be on record."""

from __future__ import annotations

import re
import unicodedata

CODE_RULE = "use 1 to 32 letters, digits and . _ -, a letter or digit first"
LOGIN_RULE = "use 2 to 64 letters, digits and . _ @ + -, a letter or digit first"
LABEL_RULE = "use 1 to 200 printable characters"
_OF_SITE = ":"  # in no code
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,63}")
_ID = re.compile(r"[0-9a-f]{32}")
_LONGEST_LABEL = 200


def is_code(text: str) -> bool:
    """Tell whether this can be the code of a site or a subject."""
    return _CODE.fullmatch(text) is not None


def subject_label(*, site: str, code: str) -> str:
    """Name a subject to who sees all sites, as `S1:001`: a code alone is unique within its site."""
    return f"{site}{_OF_SITE}{code}"


def site_and_code(label: str) -> tuple[str, str]:
    """Give site and code of a subject's label; of a code alone, which is a name too, the site is empty."""
    site, _, code = label.rpartition(_OF_SITE)
    return site, code


def is_login(text: str) -> bool:
    """Tell whether this can be a user name, in small letters."""
    return _LOGIN.fullmatch(text) is not None


def is_id(text: str) -> bool:
    """Tell whether this can be the id of a submission, an upload or a job."""
    return _ID.fullmatch(text) is not None


def is_label(text: str) -> bool:
    """Tell whether this can be the name of a person or a hospital."""
    printable = not any(unicodedata.category(character) in ("Cc", "Cs") for character in text)
    return printable and 0 < len(text) <= _LONGEST_LABEL

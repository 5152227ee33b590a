"""Which language the person who asks reads: their own choice, else what their browser says."""

from __future__ import annotations

from enum import StrEnum

from flask import g, has_request_context, request


class Language(StrEnum):
    """Languages of the pages, by the name of their catalogue's folder."""

    ENGLISH = "en"
    CHINESE = "zh_Hans"

    @property
    def tag(self) -> str:
        """The tag for `lang` attributes."""
        return self.value.replace("_", "-")


OWN_NAMES = {Language.ENGLISH: "English", Language.CHINESE: "简体中文"}
"""What each language is called by those who read it: never translated."""

_ACCEPTED = {
    "en": Language.ENGLISH,
    "zh": Language.CHINESE,
    "zh-CN": Language.CHINESE,
    "zh-Hans": Language.CHINESE,
    "zh-SG": Language.CHINESE,
}


def settle_language(kept: str | None) -> None:
    """Answer this request in the language that the person keeps, else in their browser's.

    The guard does it once: a page that says that the database is away asks the database nothing.
    """
    g.language = Language(kept) if kept in set(Language) else _browsers_choice()


def chosen_language() -> Language:
    """Give the language of this request; English where nobody asks."""
    if not has_request_context():
        return Language.ENGLISH
    found = g.get("language") or _browsers_choice()
    assert isinstance(found, Language)  # noqa: S101 - set here alone; this tells the type checker
    return found


def _browsers_choice() -> Language:
    best = request.accept_languages.best_match(list(_ACCEPTED), default="en")
    return _ACCEPTED[best]

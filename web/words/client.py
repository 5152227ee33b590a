"""The texts that scripts of ours show: found in the scripts, handed to the browser with their translations.

A script says `dosegateT("Sent {n} of {of}", {n: 1, of: 2})`: English source text is the key there, too.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from babel.messages.extract import extract

from web.words.catalogue import catalogue
from web.words.language import Language, chosen_language

ASSETS = Path(__file__).parents[1] / "assets"
FUNCTION = "dosegateT"


def client_words() -> str:
    """Give the JSON of the scripts' texts in the language of the person who asks; empty in English."""
    return _json(chosen_language())


@cache
def script_texts() -> tuple[str, ...]:
    """Give every text that a script of ours shows."""
    found: list[str] = []
    for path in sorted(ASSETS.glob("*.js")):
        with path.open("rb") as file:
            found += [str(each[1]) for each in extract("javascript", file, keywords={FUNCTION: None})]
    return tuple(sorted(set(found)))


@cache
def _json(language: Language) -> str:
    known = catalogue(language)
    texts = {text: known[None, text] for text in script_texts() if (None, text) in known}
    return json.dumps(texts, ensure_ascii=False, sort_keys=True)

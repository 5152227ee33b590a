"""What services refuse, in the person's language.

A refusal brings its English sentence with the facts in it. `refusals.po` has the sentence of every kind, by
its class, with places for the facts, as `{code}`: they are read out of the English sentence and put into the
other. What has no entry is said in English: better than not at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from trial_core.errors import TrialError
from web.words.catalogue import catalogue
from web.words.core_words import CORE_WORDS
from web.words.language import Language, chosen_language
from web.words.sentences import CONTEXT, name_words

_PLACE = re.compile(r"\{([a-z_0-9]+)\}")


def refusal_words(refusal: TrialError) -> str:
    """Say a refusal in the language of the person who asks."""
    language = chosen_language()
    if language is Language.ENGLISH:
        return refusal.message
    for pattern, sentence in _sentences(language).get(type(refusal).__name__, ()):
        match = pattern.fullmatch(refusal.message)
        if match is not None:
            return sentence.format(
                **{name: _fact(fact, language) for name, fact in match.groupdict().items()}
            )
    return name_words(refusal.message)


@cache
def _sentences(language: Language) -> dict[str, tuple[tuple[re.Pattern[str], str], ...]]:
    """Give the sentences of every kind of refusal, by its class, each as a pattern of the English one."""
    found: dict[str, list[tuple[re.Pattern[str], str]]] = {}
    for (context, english), sentence in catalogue(language).items():
        if context not in (None, CONTEXT):
            found.setdefault(context, []).append((_pattern(english), sentence))
    return {name: tuple(each) for name, each in found.items()}


def _pattern(english: str) -> re.Pattern[str]:
    parts = _PLACE.split(english)
    return re.compile(
        "".join(re.escape(part) if at % 2 == 0 else f"(?P<{part}>.*?)" for at, part in enumerate(parts)),
        re.DOTALL,
    )


def _fact(fact: str, language: Language) -> str:
    """Give a fact: a word or a sentence of the trial core in the language, anything else as it stands."""
    return next(_translations(fact, language), None) or name_words(fact)


def _translations(fact: str, language: Language) -> Iterator[str]:
    known = catalogue(language)
    for kind in CORE_WORDS:
        if (kind.__name__, fact) in known:
            yield known[kind.__name__, fact]

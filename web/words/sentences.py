"""Sentences that the trial core and the checks write in English, said in the person's language.

Findings, reasons and queries come as English sentences with their facts in them, often one inside another and
often from a report that is years old. `sentences.po` has them with numbered places for the facts: the facts
are read out of the sentence, said in turn where they are sentences themselves, and put into the other one.
A sentence is said whole or not at all: one that has no entry, or a part without one, stays English.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache

from web.words.catalogue import catalogue
from web.words.core_words import CORE_WORDS
from web.words.language import Language, chosen_language

CONTEXT = "sentence"
KEPT = 4096
"""Sentences kept as they were said: a page asks for the same ones again and again."""
_LONGEST = 1500
"""Characters of a sentence of ours; a longer one holds what somebody else wrote, and stays as it is."""
_DEEPEST = 5
_MOST_TRIALS = 30_000
"""Entries held against the parts of one sentence: hostile text that fits many ends here."""
_MOST_WORDS = 2
"""Lower-case words in a row that a name or a measure has; with more it is a sentence of its own."""

PLACE = re.compile(r"\{([1-9])\}")
_WORDS_IN_A_ROW = re.compile(rf"(?<![\w'])[a-z]{{2,}}(?:[ ,]+[a-z]{{2,}}){{{_MOST_WORDS},}}")
_TWO_WORDS = re.compile(r"[A-Za-z]{2,}[ ,]+[a-z]{2,}")
"""What a measure or a name by itself has not: "50.4 Gy", "Heart Mean[Gy]"."""
_QUOTED = re.compile(r"'[^']*'")
_OR = " or "
_JOINTS = (("; ", "；"), (". ", "。"), (": ", "："), (", ", "，"), (_OR, "或"))


@dataclass(frozen=True)
class _Template:
    """An English sentence as the texts between its places, and what it is in the language."""

    parts: tuple[str, ...]
    said: tuple[str, ...]

    def facts(self, text: str) -> list[str] | None:
        """Read the facts out of a sentence, each as short as can be; None where it is another one."""
        first, *between, last = self.parts
        if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
            return None
        at, end, found = len(first), len(text) - len(last), []
        for part in between:
            next_at = text.find(part, at, end)
            if next_at < 0:
                return None
            found.append(text[at:next_at])
            at = next_at + len(part)
        return [*found, text[at:end]]

    def filled(self, facts: list[str]) -> str:
        """Put facts into the sentence of the language."""
        return "".join(part if at % 2 == 0 else facts[int(part) - 1] for at, part in enumerate(self.said))


def sentence_words(sentence: str) -> str | None:
    """Say a sentence in the language of the person who asks; None where it is known in English alone."""
    language = chosen_language()
    return sentence if language is Language.ENGLISH else _said(sentence, language)


def name_words(name: str) -> str:
    """Say a name or a unit that the protocol gives; one that is not known is itself."""
    return sentence_words(name) or name


@lru_cache(maxsize=KEPT)
def _said(sentence: str, language: Language) -> str | None:
    if len(sentence) > _LONGEST:
        return None
    said = _Saying(language).whole(sentence.strip(), 0)
    return sentence if said is None and not _TWO_WORDS.search(sentence) else said


@dataclass
class _Saying:
    """One sentence on its way into a language."""

    language: Language
    trials: int = 0
    known: dict[str, str | None] = field(default_factory=dict)

    def whole(self, text: str, depth: int) -> str | None:
        """Say a text as an entry, as an entry with facts, or joined of such."""
        if depth > _DEEPEST:
            return None
        if text not in self.known:
            said = self._entry(text.removesuffix("."), depth)
            ended = "。" if said is not None and text.endswith(".") else ""
            self.known[text] = f"{said}{ended}" if said is not None else self._joined(text, depth)
        return self.known[text]

    def _entry(self, text: str, depth: int) -> str | None:
        exact = _exact(self.language)
        for each in dict.fromkeys((text, text[:1].lower() + text[1:], text[:1].upper() + text[1:])):
            if each in exact:
                return exact[each]
            said = self._template(each, depth)
            if said is not None:
                return said
        return None

    def _template(self, text: str, depth: int) -> str | None:
        for template in _templates(self.language):
            self.trials += 1
            if self.trials > _MOST_TRIALS:
                return None
            facts = template.facts(text)
            said = None if facts is None else [self._fact(each, depth) for each in facts]
            if said is not None and None not in said:
                return template.filled([each or "" for each in said])
        return None

    def _fact(self, fact: str, depth: int) -> str | None:
        """Give a fact: a sentence in the language, a name or a measure as it stands; None for another."""
        said = self.whole(fact, depth + 1) if fact.strip() else fact
        if said is not None:
            return said
        return None if _WORDS_IN_A_ROW.search(_QUOTED.sub("", fact)) else fact

    def _joined(self, text: str, depth: int) -> str | None:
        """Say sentences that stand one after another: each by itself, else the first and all that follow."""
        for joint, said_joint in _JOINTS:
            for most in (-1, 1):
                parts = text.split(joint, most)
                said = [self._fact(each, depth) for each in parts] if len(parts) > 1 else [None]
                if None not in said and (said != parts or joint == _OR):
                    *before, last = (each or "" for each in said)
                    return "".join(each.removesuffix("。") + said_joint for each in before) + last
        return None


@cache
def _exact(language: Language) -> dict[str, str]:
    """Give the texts without facts: entries, and the words of the trial core's closed sets."""
    known = catalogue(language)
    sets = {kind.__name__ for kind in CORE_WORDS}
    words = {english: said for (context, english), said in known.items() if context in sets}
    entries = {
        english.removesuffix("."): said.removesuffix("。")
        for (context, english), said in known.items()
        if context == CONTEXT and not PLACE.search(english)
    }
    return {**words, **entries}


@cache
def _templates(language: Language) -> tuple[_Template, ...]:
    """Give the sentences with facts, those that say most themselves first."""
    found = [
        _Template(
            tuple(PLACE.split(english.removesuffix("."))[::2]), tuple(PLACE.split(said.removesuffix("。")))
        )
        for (context, english), said in catalogue(language).items()
        if context == CONTEXT and PLACE.search(english)
    ]
    return tuple(sorted(found, key=lambda each: (-len("".join(each.parts)), each.parts)))

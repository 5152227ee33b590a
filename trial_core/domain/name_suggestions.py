"""Which structure of the protocol a site's name may mean: by TG-263's grammar, other words, and spelling.

A suggestion is for a person to judge; nothing is ever taken because of one. Sides have to agree, and a name
with a word that nobody knows ("Heart_opt", "Lung-GTV") means nothing.

Sources: AAPM TG-263 (doi 10.1016/j.ijrobp.2017.12.013): sides as the last part, `_PRV` with two digits for
the margin in mm, the reversed order; Latin, German, French, Spanish and Chinese words as clinics use them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from trial_core.domain.protocol import StructureRule, plain_name

CLOSE = 0.8
"""Two spellings are close from this ratio on (difflib): one slip in a name of five letters."""
_SHORTEST = 4
"""Of fewer letters one slip makes another word."""
_LONGER = 2
"""More letters than these are a word of their own: an alias and "opt" is a helper structure."""


class SuggestedBy(StrEnum):
    """Why a structure is suggested."""

    OTHER_WORDS = "the same in other words"
    SPELLING = "a similar spelling"


@dataclass(frozen=True)
class Suggestion:
    """A structure that a name may mean; `like` is the protocol's name or alias that it resembles."""

    structure: str
    like: str
    by: SuggestedBy


_MEANINGS = {
    "L": ("l", "lt", "left", "li", "lks", "links", "sin", "sinistra", "sinister", "左侧", "左"),
    "R": ("r", "rt", "right", "re", "rechts", "dex", "dext", "dextra", "dexter", "右侧", "右"),
    "lung": ("lung", "lungs", "pulmo", "pulmones", "lunge", "lungen", "poumon", "poumons", "肺"),
    "heart": ("heart", "hart", "herz", "cor", "coeur", "corazon", "心脏", "心"),
    "liver": ("liver", "hepar", "leber", "foie", "higado", "肝脏", "肝"),
    "kidney": ("kidney", "kidneys", "ren", "niere", "rein", "rinon", "肾脏", "肾"),
    "stomach": ("stomach", "gaster", "magen", "ventriculus", "estomac", "estomago", "胃"),
    "cord": ("cord", "myelon", "medulla", "medula", "moelle", "rueckenmark", "rückenmark", "脊髓"),
    "bowel": ("bowel", "intestine", "intestin", "darm", "肠"),
    "bowel+large": ("colon", "dickdarm", "结肠", "大肠"),
    "bowel+small": ("duenndarm", "dünndarm", "小肠"),
    "large": ("large", "lg"),
    "small": ("small", "sm"),
    "body": ("body", "external", "extern", "skin", "体表", "外轮廓"),
    "ptv": ("ptv",),
    "primary": ("primary", "prim", "primarius", "tumor", "tumour", "原发灶", "原发"),
    "metastasis": ("metastasis", "metastasen", "met", "mets", "转移灶", "转移"),
    "prv": ("prv", "5mm", "05", "5"),
    # Words that tell no structure from another.
    "": (
        "spinal",
        "spinalis",
        "epiniere",
        "total",
        "whole",
        "both",
        "bilat",
        "all",
        "gesamt",
        "mm",
        "双",
        "全",
    ),
}
_WORDS = {
    word: tuple(filter(None, meaning.split("+"))) for meaning, words in _MEANINGS.items() for word in words
}
_IDEOGRAMS = re.compile(
    "|".join(sorted((word for word in _WORDS if ord(word[0]) > ord("\u2e80")), key=len, reverse=True))
)
_PARTS = re.compile(r"\d+(?:mm)?|[A-ZÄÖÜ]+(?![a-zäöüß])|[A-ZÄÖÜ]?[a-zäöüßéèóí]+|[^\W\d_]+")
_MUST_AGREE = frozenset({"L", "R", "prv", "ptv", "primary", "metastasis", *(str(each) for each in range(10))})
_HELPERS = frozenset(
    {"opt", "eval", "ring", "avoid", "crop", "help", "dose", "minus", "not", "sub", "gtv", "ctv"}
)
"""Words of structures that are made for planning: nothing of the protocol, however close the rest is."""


def suggestions(name: str, rules: Sequence[StructureRule]) -> tuple[Suggestion, ...]:
    """List what a name of the site may mean among structures of the protocol, the likeliest first."""
    same = [found for rule in rules if (found := _in_other_words(name, rule))]
    if same:
        return tuple(same)
    close = [near for rule in rules if (near := _similar(name, rule))]
    return tuple(each for _, each in sorted(close, key=lambda pair: (-pair[0], pair[1].structure)))


def meaning_of(name: str) -> frozenset[str]:
    """Give what the parts of a name mean, in one word each; a part that nobody knows means itself."""
    plain = _IDEOGRAMS.sub(lambda found: f" {found.group()} ", unicodedata.normalize("NFKC", name))
    parts = (part.casefold() for part in _PARTS.findall(plain))
    return frozenset(word for part in parts for word in _WORDS.get(part, (part,)))


def _in_other_words(name: str, rule: StructureRule) -> Suggestion | None:
    meaning = meaning_of(name)
    like = next((each for each in _plain_aliases(rule) if meaning and meaning_of(each) == meaning), None)
    return None if like is None else Suggestion(rule.name, like, SuggestedBy.OTHER_WORDS)


def _similar(name: str, rule: StructureRule) -> tuple[float, Suggestion] | None:
    meaning = meaning_of(name)
    if meaning & _HELPERS:
        return None
    near = [
        (_likeness(name, each), each)
        for each in _plain_aliases(rule)
        if not (meaning_of(each) ^ meaning) & _MUST_AGREE and _likeness(name, each) >= CLOSE
    ]
    if not near:
        return None
    best, like = max(near, key=lambda pair: (pair[0], pair[1]))
    return best, Suggestion(rule.name, like, SuggestedBy.SPELLING)


def _likeness(name: str, alias: str) -> float:
    one, other = plain_name(name), plain_name(alias)
    if min(len(one), len(other)) < _SHORTEST or abs(len(one) - len(other)) > _LONGER:
        return 0.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _plain_aliases(rule: StructureRule) -> tuple[str, ...]:
    return tuple(each for each in rule.aliases if "*" not in each and "?" not in each)

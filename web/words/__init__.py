"""What people read, in their language: the English source text is the key.

>>> t("Submitted by {name}", name=name)            # now, in the language of the person who asks
>>> TITLES = {Choice.A: later("First choice")}     # at import; `str(TITLES[Choice.A])` when it is shown
>>> tn("{n} subject", "{n} subjects", len(found))  # by number
>>> tc("of a query", "Open")                       # where one English word has two Chinese ones
>>> word(Verdict.PER_PROTOCOL)                     # words of the trial core: see `web.words.core_words`
>>> refusal_words(error)                           # in place of `error.message` wherever a page says it
>>> f"{apart(name)} {unit}"                        # what somebody else wrote, within a line of ours
>>> sentence_words(finding.message)                # a sentence of a report or a query; None: English alone

Texts are literals, so that a test can find them; units, codes and dates are never translated. Catalogues are
`web/locales/zh_Hans/AREA.po`, one for each area of pages, so that two people never write in one file.
"""

from web.words.apart import apart
from web.words.client import client_words
from web.words.core_words import word, word_from
from web.words.language import Language, chosen_language
from web.words.refusals import refusal_words
from web.words.sentences import name_words, sentence_words
from web.words.translate import Later, later, t, tc, tn

__all__ = [
    "Language",
    "Later",
    "apart",
    "chosen_language",
    "client_words",
    "later",
    "name_words",
    "refusal_words",
    "sentence_words",
    "t",
    "tc",
    "tn",
    "word",
    "word_from",
]

"""File names without the patient in them: exports are often named after whom they are of."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import chain, count
from pathlib import PurePosixPath

from trial_core.domain.identity import PatientIdentity

HIDDEN = "(hidden)"
"""Stands in a file's name for what names the patient."""

_CLEAR_CHARACTERS = 4
"""Fewer ASCII characters may be part of any word: "li" hides in "li_ct1", and not in "liver"."""
_PART_OF_NAME = re.compile(r"[^\W_]+")


def names_without_patient(names: Iterable[str], identities: Iterable[PatientIdentity]) -> dict[str, str]:
    """Give the new name of every file whose name holds the patient's name, birth date or PatientID.

    The others are left out; no two files come to have one name. Names that were cleared before stay as they
    are, so that a check that is done again finds the same.
    """
    known = sorted(set(names))
    pattern = _pattern({part for one in identities for part in _telling(one)})
    if pattern is None:
        return {}
    cleared = {name: pattern.sub(HIDDEN, unicodedata.normalize("NFC", name)) for name in known}
    told = [name for name in known if HIDDEN in cleared[name] and cleared[name] != name]
    beside = set(known) - set(told)
    folders = _folders(beside)
    new_names: dict[str, str] = {}
    for name in told:
        new_names[name] = _free(cleared[name], beside, folders)
        beside.add(new_names[name])
        folders |= _folders([new_names[name]])
    return new_names


def _free(name: str, beside: set[str], folders: set[str]) -> str:
    """Number a name until it is nobody else's, and no file of one name is a folder of another."""
    candidates = chain([name], (f"{number}_{name}" for number in count(2)))
    free = (one for one in candidates if one not in beside and one not in folders)
    return next(one for one in free if not _folders([one]) & beside)


def _folders(names: Iterable[str]) -> set[str]:
    folders = {str(folder) for name in names for folder in PurePosixPath(name).parents}
    return folders - {".", "/"}  # where everything lies: the folder of no name


def _telling(identity: PatientIdentity) -> Iterator[str]:
    for group in unicodedata.normalize("NFC", identity.name).split(
        "="
    ):  # PS3.5 6.2.1: alphabetic, ideographic
        parts = _PART_OF_NAME.findall(group)
        yield from parts
        if len(parts) > 1:
            yield from (parts[0] + parts[1], parts[1] + parts[0])
    yield identity.patient_id.strip()
    yield from _dates(identity.birth_date.strip())


def _dates(birth_date: str) -> Iterator[str]:
    """Give the ways to write a DICOM date, 19580214, with its separators left open."""
    if re.fullmatch(r"\d{8}", birth_date):
        year, month, day = birth_date[:4], birth_date[4:6], birth_date[6:]
        yield from ("-".join(order) for order in ((year, month, day), (day, month, year), (month, day, year)))


def _pattern(parts: set[str]) -> re.Pattern[str] | None:
    tells = [part for part in parts if _tells(part)]
    longest_first = sorted(tells, key=lambda part: (-len(part), part))
    return re.compile("|".join(map(_one, longest_first)), re.IGNORECASE) if tells else None


def _tells(part: str) -> bool:
    # One letter tells nothing, one Chinese character may; and what stands in for names is not to be replaced.
    return (len(part) > 1 or (part != "" and not part.isascii())) and part.casefold() not in HIDDEN


def _one(part: str) -> str:
    is_date = re.fullmatch(r"[\d-]+", part) is not None
    text = r"[-._ ]?".join(map(re.escape, part.split("-"))) if is_date else re.escape(part)
    if not part.isascii() or len(part) >= _CLEAR_CHARACTERS:
        return text
    return rf"(?<!{_alike(part[0])}){text}(?!{_alike(part[-1])})"


def _alike(character: str) -> str:
    """What may not stand beside a short part: a letter beside letters, a digit beside digits."""
    return r"\d" if character.isdigit() else r"[^\W\d_]"

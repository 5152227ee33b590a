"""Add to an area's catalogue what files of it say and no catalogue has: `python -m web.words AREA FILE ...`.

Without files: the words of the trial core (`core`), the sentences of its refusals (`refusals`), those of
findings, reasons and queries (`sentences`), or of the printed report (`printed`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from web.words.catalogue import LOCALES
from web.words.extraction import Text, core_texts, refusal_texts, sentence_texts, texts_in
from web.words.language import Language
from web.words.printed import printed_texts

FOLDER = LOCALES / Language.CHINESE.value


def main(area: str, files: Iterable[str]) -> int:
    """Write the area's file anew, its entries in order; give how many were added."""
    target = FOLDER / f"{area}.po"
    catalog = _read(target)
    wanted = [text for name in files for text in texts_in(Path(name))] or _of_the_core(area)
    elsewhere = [_read(path) for path in sorted(FOLDER.glob("*.po")) if path != target]
    missing = {_key(text): text for text in wanted if not _is_in(text, (catalog, *elsewhere))}
    for text in missing.values():
        catalog.add(text.ids if len(text.ids) > 1 else text.ids[0], context=text.context or None)
    with target.open("wb") as file:
        write_po(file, catalog, omit_header=True, sort_output=True, width=100)
    return len(missing)


def _of_the_core(area: str) -> list[Text]:
    match area:
        case "refusals":
            return list(refusal_texts())
        case "printed":
            return list(printed_texts())
        case "sentences":
            return list(sentence_texts())
        case _:
            return list(core_texts())


def _key(text: Text) -> tuple[str, tuple[str, ...]]:
    return text.context, text.ids


def _read(path: Path) -> Catalog:
    if not path.exists():
        return Catalog(locale=Language.CHINESE.value)
    with path.open("rb") as file:
        return read_po(file, locale=Language.CHINESE.value)


def _is_in(text: Text, catalogs: Iterable[Catalog]) -> bool:
    return any(each.get(text.ids[0], context=text.context or None) is not None for each in catalogs)


if __name__ == "__main__":
    print(f"{main(sys.argv[1], sys.argv[2:])} texts added to {sys.argv[1]}.po, to be translated.")

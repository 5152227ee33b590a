"""Subjects by worst grade of each term, group under group."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html

from web.components.frame import Content
from web.components.tables import table
from web.figures.survival import group_name
from web.figures.toxicity import GRADES, TermGrades, ordered_terms
from web.words import t


def grades_table(caption: str, rows: Sequence[TermGrades], groups: Sequence[str]) -> Content:
    """Give the table, terms with most severe grades first, every group of a term in its own row."""
    names = [t("Grade {grade}", grade=grade) for grade in GRADES]
    columns = (t("Term"), t("Group"), t("Subjects"), *names, t("3 or higher"))
    known = {(each.term, each.group): each for each in rows}
    body = [
        _row(known[term, group]) for term in ordered_terms(rows) for group in groups if (term, group) in known
    ]
    return table(caption, columns, body, numeric=columns[2:])


def _row(each: TermGrades) -> Content:
    severe = f"{each.severe} ({100 * each.severe / each.subjects:.0f} %)" if each.subjects else "–"
    numbers = (str(each.subjects), *(str(one) if one else "–" for one in each.with_grade), severe)
    return html.Tr(
        [
            html.Td(each.term, lang="en"),
            html.Td(group_name(each.group)),
            *(html.Td(one, className="number") for one in numbers),
        ]
    )

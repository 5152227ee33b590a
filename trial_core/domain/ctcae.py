"""Terms of CTCAE, each version with its own, and which grades each of them allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

HIGHEST_GRADE = 5
DISEASE_PROGRESSION = "Disease progression"
"""The CTCAE term for a death by the disease itself: never counted by the safety rule."""


@dataclass(frozen=True, kw_only=True)
class CtcaeTerm:
    """One term of one version.

    Attributes
    ----------
    organ_class
        System organ class.
    allowed_grades
        In order; cytopenias, for one, have no grade 5.
    text
        The grades in NCI's words; may be empty.
    checked, checked_against
        Whether the grades were read off a copy of NCI's table, and which one.
    """

    version: str
    organ_class: str
    term: str
    allowed_grades: tuple[int, ...]
    text: str = ""
    checked: bool = False
    checked_against: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Version and term, whatever its case."""
        return self.version, self.term.casefold()


class UnknownTerm(ValueError):  # noqa: N818 - a refusal, named for what is so
    """A term that its version of CTCAE, as far as it is known here, does not have."""

    def __init__(self, version: str, term: str) -> None:
        super().__init__(
            f"CTCAE v{version} has no term '{term}' here. Correct the term, or import the list that has it."
        )
        self.version = version
        self.term = term


class GradeNotAllowed(ValueError):  # noqa: N818 - a refusal, named for what is so
    """A grade that the term does not have."""

    def __init__(self, term: CtcaeTerm, grade: int) -> None:
        grades = ", ".join(str(each) for each in term.allowed_grades)
        super().__init__(
            f"'{term.term}' of CTCAE v{term.version} has no grade {grade}; it has {grades}. "
            "Choose one of these, or the term that carries the event."
        )
        self.term = term
        self.grade = grade


class TermContradicted(ValueError):  # noqa: N818 - a refusal, named for what is so
    """An imported term whose grades differ from those known and checked."""

    def __init__(self, known: CtcaeTerm, other: CtcaeTerm) -> None:
        super().__init__(
            f"'{known.term}' of CTCAE v{known.version} has grades {_words(known)}, checked against "
            f"{known.checked_against}; the new list has {_words(other)}. Correct the list."
        )
        self.known = known
        self.other = other


@dataclass(frozen=True)
class CtcaeCatalogue:
    """All known terms, by version and term."""

    terms: Mapping[tuple[str, str], CtcaeTerm]

    @classmethod
    def of(cls, terms: Iterable[CtcaeTerm]) -> CtcaeCatalogue:
        """The catalogue of some terms."""
        return cls({term.key: term for term in terms})

    def term(self, version: str, name: str) -> CtcaeTerm:
        """The term of that version and name, whatever its case.

        Raises
        ------
        UnknownTerm
            if that version has no such term.
        """
        found = self.terms.get((version, name.strip().casefold()))
        if found is None:
            raise UnknownTerm(version, name)
        return found

    def graded(self, version: str, name: str, grade: int) -> CtcaeTerm:
        """The term, if it has that grade.

        Raises
        ------
        UnknownTerm, GradeNotAllowed
            if there is no such term, or it has no such grade.
        """
        term = self.term(version, name)
        if grade not in term.allowed_grades:
            raise GradeNotAllowed(term, grade)
        return term

    def of_version(self, version: str) -> tuple[CtcaeTerm, ...]:
        """The terms of one version, by class and name."""
        terms = [term for term in self.terms.values() if term.version == version]
        return tuple(sorted(terms, key=lambda term: (term.organ_class, term.key)))

    def with_terms(self, terms: Iterable[CtcaeTerm]) -> CtcaeCatalogue:
        """This catalogue with imported terms; a checked term is never overridden by an unchecked one.

        Raises
        ------
        TermContradicted
            if a new term's grades differ from those of a known and checked one.
        """
        merged = dict(self.terms)
        for term in terms:
            known = merged.get(term.key)
            if known is not None and known.checked and known.allowed_grades != term.allowed_grades:
                raise TermContradicted(known, term)
            merged[term.key] = _better(known, term)
        return CtcaeCatalogue(merged)


def _better(known: CtcaeTerm | None, term: CtcaeTerm) -> CtcaeTerm:
    """The new term, with the known one's proof where the new one brings none."""
    if known is None or not known.checked or term.checked:
        return term
    return CtcaeTerm(
        version=term.version,
        organ_class=known.organ_class,
        term=known.term,
        allowed_grades=known.allowed_grades,
        text=term.text or known.text,
        checked=True,
        checked_against=known.checked_against,
    )


def _words(term: CtcaeTerm) -> str:
    return " ".join(str(grade) for grade in term.allowed_grades)

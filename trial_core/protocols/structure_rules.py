"""Reads the structures of a protocol file: aliases, groups, and what is made from others."""

from __future__ import annotations

from trial_core.domain.protocol import Provenance, StructureRule, plain_name
from trial_core.protocols.provenance import PROVENANCE_KEYS, read_provenance
from trial_core.protocols.section import Section
from trial_core.protocols.trial_parts import unique

_ROW_KEYS = ("name", "aliases", "every", "excluded", "made_from", "minus", "alpha_beta_gy", "site_name")


def read_structures(file: Section) -> tuple[StructureRule, ...]:
    """The structures, with everything that refers from one to another checked."""
    section = file.section("structures", (*PROVENANCE_KEYS, "rows"))
    provenance = read_provenance(section)
    rows = list(section.sections("rows", _ROW_KEYS))
    rules = [_rule(row, provenance) for row in rows]
    for index, row in enumerate(rows):
        unique(row, "name", [rule.name for rule in rules[: index + 1]])
        _check_parts(row, rules[index], rules)
        _check_aliases(row, rules[index], rules[:index])
    return tuple(rules)


def _rule(row: Section, provenance: Provenance) -> StructureRule:
    name, made_from = row.text("name"), row.text_lists("made_from")
    aliases = row.texts("aliases", ())
    if made_from and aliases:
        row.problem("aliases", "a structure that is made from others has no aliases of its own")
    rule = StructureRule(
        name=name,
        aliases=() if made_from else (name, *aliases),
        every=row.flag("every", default=False),
        excluded=row.texts("excluded", ()),
        made_from=made_from,
        minus=row.texts("minus", ()),
        alpha_beta_gy=row.optional_positive("alpha_beta_gy"),
        provenance=provenance,
        site_name=row.text("site_name") if row.has("site_name") else "",
    )
    if rule.site_name and not rule.has_name(rule.site_name):
        row.problem("site_name", f"'{rule.site_name}' is no name by which this structure is found")
    return rule


def _check_parts(row: Section, rule: StructureRule, rules: list[StructureRule]) -> None:
    names = {each.name for each in rules}
    parts = {part for alternative in rule.made_from for part in alternative}
    for key, used in (("made_from", parts), ("minus", set(rule.minus))):
        for name in sorted(used - names):
            row.problem(key, f"'{name}' is no structure of this protocol")
    if rule.every and (rule.made_from or rule.minus):
        row.problem("every", "a group is of contoured structures, not made from others")
    if rule.name in _needed_by(rule, {each.name: each for each in rules}):
        row.problem("made_from", f"'{rule.name}' would be made from itself")


def _needed_by(rule: StructureRule, by_name: dict[str, StructureRule]) -> set[str]:
    needed: set[str] = set()
    waiting = [rule]
    while waiting:
        current = waiting.pop()
        names = {*current.minus, *(name for alternative in current.made_from for name in alternative)}
        waiting += [by_name[name] for name in names - needed if name in by_name]
        needed |= names
    return needed


def _check_aliases(row: Section, rule: StructureRule, earlier: list[StructureRule]) -> None:
    if rule.every:
        return
    taken = {plain_name(alias): each.name for each in earlier if not each.every for alias in each.aliases}
    for alias in rule.aliases:
        owner = taken.get(plain_name(alias))
        if owner is not None and owner != rule.name:
            row.problem("aliases", f"'{alias}' is already a name of '{owner}'")

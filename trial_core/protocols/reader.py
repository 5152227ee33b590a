"""Reads a protocol by id or from a file; a wrong one is refused with all its problems, each with its line."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from trial_core.domain.criteria import Criterion
from trial_core.domain.protocol import Protocol, SumRule, plain_name
from trial_core.protocols.conduct import read_conduct
from trial_core.protocols.criterion_rows import CriterionGroup, read_criteria, read_plan_checks
from trial_core.protocols.errors import Problem, ProtocolError, ProtocolNotFoundError
from trial_core.protocols.provenance import assumption
from trial_core.protocols.section import Section
from trial_core.protocols.structure_rules import read_structures
from trial_core.protocols.trial_parts import (
    read_arms,
    read_phases,
    read_plausible_dose,
    read_regimens,
    read_sum_rule,
    read_verdict_rule,
)
from trial_core.protocols.yaml_lines import Tree, read_tree

DEFAULT_PROTOCOL = "SCR-ESCC-01"
_FOLDER = Path(__file__).parent
_KEYS = (
    "id",
    "version",
    "title",
    "arms",
    "phases",
    "regimens",
    "plausible_dose",
    "sum",
    "verdict",
    "body",
    "structures",
    "criteria",
    "plan_checks",
    "conduct",
)


def read_protocol(id_or_path: str | Path = DEFAULT_PROTOCOL) -> Protocol:
    """Read a protocol.

    Parameters
    ----------
    id_or_path
        The id of a protocol that comes with Dosegate (`known_protocols`), or a YAML file.

    Raises
    ------
    ProtocolNotFoundError
        if there is no such protocol or file.
    ProtocolError
        if the file is wrong: all problems, each with line and field.
    """
    path = protocol_file(id_or_path)
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise ProtocolNotFoundError(str(id_or_path), known_protocols(), reason) from error
    return protocol_from_bytes(data, path.name)


def known_protocols() -> tuple[str, ...]:
    """The ids of the protocols that come with Dosegate, in alphabetical order."""
    return tuple(sorted(path.stem.upper().replace("_", "-") for path in _FOLDER.glob("*.yaml")))


def protocol_from_bytes(data: bytes, file: str) -> Protocol:
    """Read a protocol from the bytes of a file.

    Raises
    ------
    ProtocolError
        if the file is wrong.
    """
    tree, problems = read_tree(data, file)
    protocol = _protocol(tree, problems, file, hashlib.sha256(data).hexdigest())
    if problems:
        raise ProtocolError(file, problems)
    return protocol


def protocol_file(id_or_path: str | Path) -> Path:
    """Give the file of a protocol that comes with Dosegate, or the path itself."""
    for path in _FOLDER.glob("*.yaml"):
        if isinstance(id_or_path, str) and plain_name(path.stem) == plain_name(id_or_path):
            return path
    return Path(id_or_path)


def _protocol(tree: Tree, problems: list[Problem], file: str, sha256: str) -> Protocol:
    section = Section(tree, "", problems, _KEYS)
    structures = read_structures(section)
    regimens = read_regimens(section, structures)
    regimen_ids = [regimen.id for regimen in regimens]
    arms = read_arms(section, regimen_ids)
    sum_rule = read_sum_rule(section, regimen_ids)
    groups = read_criteria(section, regimens, structures, has_sum=sum_rule is not None)
    names = [rule.name for rule in structures]
    protocol = Protocol(
        id=section.text("id"),
        version=section.text("version"),
        title=section.text("title"),
        file=file,
        sha256=sha256,
        arms=arms,
        phases=read_phases(section, [arm.id for arm in arms]),
        regimens=regimens,
        structures=structures,
        plan_checks=read_plan_checks(section),
        criteria=_criteria(groups),
        plausible_dose=read_plausible_dose(section),
        sum_rule=sum_rule,
        verdict_rule=read_verdict_rule(section),
        body=section.known("body", names, "structure") if section.has("body") else None,
        assumptions=(),
        conduct=read_conduct(section),
    )
    return _with_assumptions(protocol, groups)


def _criteria(groups: tuple[CriterionGroup, ...]) -> tuple[Criterion, ...]:
    return tuple(criterion for group in groups for criterion in group.criteria)


def _with_assumptions(protocol: Protocol, groups: tuple[CriterionGroup, ...]) -> Protocol:
    sentences: list[str] = []
    for phase in protocol.phases:
        sentences += assumption(f"Phase {phase.id}, {phase.subjects} subjects", phase.provenance)
    for regimen in protocol.regimens:
        words = f"{regimen.prescription.dose_gy:g} Gy in {regimen.prescription.fractions} fractions"
        sentences += assumption(f"Regimen {regimen.id}, {words}", regimen.provenance)
    for group in groups:
        sentences += assumption(f"Criteria, {group.label}", group.provenance)
    sentences += _rule_assumptions(protocol)
    return replace(protocol, assumptions=tuple(sentences))


def _believed(rule: SumRule) -> str:
    """The limits of a registration, as the end of a sentence."""
    limits = ((rule.surfaces_within_mm, "between surfaces"), (rule.aside_within_mm, "aside"))
    words = [f"{limit:g} mm {what}" for limit, what in limits if limit is not None]
    return f"; a registration is believed up to {' and '.join(words)}" if words else ""


def _rule_assumptions(protocol: Protocol) -> list[str]:
    variations = protocol.verdict_rule.variations_make_unacceptable
    sentences = [
        *assumption(
            f"Verdict, {variations} acceptable variations are unacceptable", protocol.verdict_rule.provenance
        ),
        *assumption(
            f"Plausible dose, within {protocol.plausible_dose.tolerance_percent:g} % of the prescription",
            protocol.plausible_dose.provenance,
        ),
    ]
    if protocol.sum_rule is not None:
        rule = protocol.sum_rule
        sentences += assumption(
            f"Sum, organs from the structure set of {rule.structures_from}{_believed(rule)}", rule.provenance
        )
    if protocol.structures:
        sentences += assumption("Structure names, algebra and alpha/beta", protocol.structures[0].provenance)
    if protocol.plan_checks:
        sentences += assumption(
            "Plan checks and what their failure means", protocol.plan_checks[0].provenance
        )
    return sentences

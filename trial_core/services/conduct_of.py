"""What the study's use cases take from the protocol file, and the refusal where it is not in it."""

from __future__ import annotations

from trial_core.domain.conduct import Conduct
from trial_core.domain.protocol import Protocol
from trial_core.domain.subject import Phase
from trial_core.enrolment_errors import ProtocolLacks


def conduct_of(protocol: Protocol) -> Conduct:
    """Give how the trial is conducted.

    Raises
    ------
    ProtocolLacks
        The file has plan checks alone.
    """
    if protocol.conduct is None:
        raise ProtocolLacks(protocol.file, "conduct")
    return protocol.conduct


def run_in_size(protocol: Protocol) -> int:
    """Give how many subjects the run-in is configured for.

    Raises
    ------
    ProtocolLacks
    """
    for phase in protocol.phases:
        if phase.id == Phase.IIA.value and phase.subjects is not None:
            return phase.subjects
    raise ProtocolLacks(protocol.file, "phases: IIa: subjects")


def deaths_that_hold(protocol: Protocol) -> int:
    """Give how many subjects with a counted grade 5 event hold the study.

    Raises
    ------
    ProtocolLacks
    """
    for phase in protocol.phases:
        if phase.id == Phase.IIA.value and phase.stopping_rule is not None:
            return phase.stopping_rule.subjects
    raise ProtocolLacks(protocol.file, "phases: IIa: stopping_rule")


def randomised_arms(protocol: Protocol) -> tuple[str, ...]:
    """Give the arms of phase IIb.

    Raises
    ------
    ProtocolLacks
    """
    for phase in protocol.phases:
        if phase.id == Phase.IIB.value and phase.arms:
            return phase.arms
    raise ProtocolLacks(protocol.file, "phases: IIb: arms")

"""What a checked submission holds for delivery: its plans with their shares, and its treatment records."""

from __future__ import annotations

from dataclasses import dataclass

from trial_core.domain.delivered_fractions import BeamRecord


@dataclass(frozen=True, kw_only=True)
class SubmittedPlan:
    """A plan of a checked course.

    Attributes
    ----------
    uid, file_sha256
        Its SOP Instance UID, and the bytes that it came in: a UID with other bytes is another plan.
    share_fractions
        Of the regimen's `regimen_fractions`, how many this plan gives.
    dose_gy
        Planned for the share; None where the plan states no dose.
    prescribed_gy
        For the share, by the protocol.
    beams
        Numbers of the beams that a fraction consists of; empty where they are not known.
    """

    uid: str
    file_sha256: str
    label: str
    regimen: str | None
    regimen_label: str
    planned_fractions: int | None
    share_fractions: int | None
    regimen_fractions: int | None
    dose_gy: float | None
    prescribed_gy: float | None
    beams: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SubmittedCourse:
    """Plans and records of one submission."""

    plans: tuple[SubmittedPlan, ...] = ()
    records: tuple[BeamRecord, ...] = ()

    @property
    def planned_beams(self) -> dict[str, tuple[int, ...]]:
        """By plan: the beams of a fraction."""
        return {plan.uid: plan.beams for plan in self.plans}

"""RT Beams Treatment Record (PS3.3 A.31): what was delivered, beam by beam."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class DeliveredBeam:
    """One treatment session beam. Metersets are in the beam's own unit (MU)."""

    number: int | None
    fraction: int | None
    delivery_type: str | None
    termination: str | None
    specified_meterset: float | None
    delivered_meterset: float | None
    counts: bool

    @property
    def is_partial(self) -> bool:
        """Whether less was delivered than specified, or the beam did not end normally."""
        raise NotImplementedError


@dataclass(frozen=True)
class TreatmentRecord:
    """One record: the plan it belongs to, the date, and its beams."""

    file: str
    sop_instance_uid: str
    plan_uid: str | None
    treatment_date: date | None
    fraction_group: int | None
    beams: tuple[DeliveredBeam, ...]

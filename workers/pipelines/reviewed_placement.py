"""Registrations between frames: one from DICOM or a computed one, each for a person to look at and accept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from imaging.course import Course
from imaging.errors import ImagingError
from trial_core.domain.persons_word import AcceptedWord, WordKind, item_key, word_for
from trial_core.domain.protocol import SumRule
from trial_core.domain.report import OpenItem
from workers.pipelines.computed_registration import NoCtError, registration_of_cts
from workers.pipelines.placement import Place, place
from workers.pipelines.prepared_plans import PreparedPlan
from workers.pipelines.registration_agreement import Agreement, agreement
from workers.pipelines.registration_sense import contradiction

Matrix = npt.NDArray[np.float64]
_TURN_DIGITS, _SHIFT_DIGITS = 5, 2
"""To 0.01 mm within the patient: digits beyond would differ between processors, and the key with them."""
_Computed = tuple[Matrix | None, str]


class Placing:
    """Places doses in the frame of structures, and keeps what a person is asked to look at.

    A registration of the files is used, marked as needing review until somebody accepts it, unless the
    structures of both frames contradict it, lie further apart than the protocol allows, or have nothing in
    common to measure it by: then it waits. A computed one is offered with its figures, and used only once
    somebody has accepted exactly this one.
    """

    def __init__(self, course: Course, accepted: Sequence[AcceptedWord], rule: SumRule | None = None) -> None:
        self._course = course
        self._accepted = accepted
        self._rule = rule
        self._measured: dict[tuple[str, str], Agreement] = {}
        self._computed: dict[tuple[str, str], _Computed] = {}
        self._items: dict[str, OpenItem] = {}

    @property
    def items(self) -> tuple[OpenItem, ...]:
        """What there is to look at, each registration once."""
        return tuple(self._items.values())

    def place(self, plan: PreparedPlan, frame: str | None) -> Place:
        """Find the way from the frame of the structures to that of a plan's dose."""
        found = place(frame, plan.dose_frame, self._course.registrations)
        if frame is None or plan.dose_frame is None:
            return found
        if found.matrix is not None and found.needs_review:
            return self._by_file(plan, (frame, plan.dose_frame), found, found.matrix)
        if found.unlinked:
            return self._offered(plan, (frame, plan.dose_frame), found)
        return found

    def _by_file(self, plan: PreparedPlan, frames: tuple[str, str], found: Place, matrix: Matrix) -> Place:
        """Used where the structures of both frames bear it out; else it waits for a person's word."""
        measured = self._agreement(frames, matrix)
        contradicted = contradiction(matrix, self._course.structure_sets, *frames)
        doubt = contradicted or measured.exceeds(self._rule) or measured.unknown
        if not doubt:
            words = f"{found.placed_by}; {measured.words}"
            return self._reviewed(plan, frames, replace(found, placed_by=words), words, matrix)
        reason = f"{found.placed_by} is not believed: {doubt}. It waits for acceptance"
        waiting = Place(None, "", needs_review=False, reason=reason, waits=True)
        return self._reviewed(plan, frames, waiting, f"{found.placed_by}, though {doubt}", matrix)

    def _agreement(self, frames: tuple[str, str], matrix: Matrix) -> Agreement:
        """Each way is measured once: frames are linked by one matrix."""
        if frames not in self._measured:
            self._measured[frames] = agreement(matrix, self._course.structure_sets, *frames)
        return self._measured[frames]

    def _offered(self, plan: PreparedPlan, frames: tuple[str, str], found: Place) -> Place:
        if frames not in self._computed:
            self._computed[frames] = _compute(self._course, *frames)
        matrix, words = self._computed[frames]
        if matrix is None:
            return replace(found, reason=f"{found.reason}; {words}")
        words = f"{words}; {self._agreement(frames, matrix).words}"
        reason = f"{found.reason}; a computed one needs review: {words}. It waits for acceptance"
        waiting = replace(found, reason=reason, waits=True)
        return self._reviewed(plan, frames, waiting, f"computed registration ({words})", matrix)

    def _reviewed(
        self, plan: PreparedPlan, frames: tuple[str, str], found: Place, words: str, matrix: Matrix
    ) -> Place:
        measured = self._agreement(frames, matrix)
        apart, aside = measured.distance_mm, measured.displacement_mm
        found = replace(found, surface_distance_mm=apart, displacement_mm=aside)
        key = item_key(WordKind.REGISTRATION, *frames, _matrix_text(matrix))
        word = word_for(self._accepted, key)
        item = OpenItem(key=key, kind=WordKind.REGISTRATION, plan_key=plan.key, words=words)
        if word is None:
            self._items.setdefault(key, item)
            return found
        self._items.setdefault(key, replace(item, said_by=word.by, said=word.words))
        said = f"{word.by} accepted it: {word.words}"
        accepted = replace(found, matrix=matrix, placed_by=words, needs_review=False, reason="")
        return replace(accepted, unlinked=False, waits=False, accepted=said)


def _compute(course: Course, frame: str, dose_frame: str) -> _Computed:
    """The computed registration of two frames, with its figures in words; None where there is none."""
    try:
        made = registration_of_cts(course, frame, dose_frame).found
    except NoCtError:
        return None, "none can be computed, for the two frames do not both have a CT here"
    except ImagingError as problem:
        return None, f"none could be computed: {problem}"
    quality = made.quality
    words = (
        f"turned by {made.rotation_degrees:.1f} degrees, moved by {made.shift_mm:.1f} mm, mutual information "
        f"{quality.mutual_information:.2f}, bodies agree by {quality.body_dice:.2f} (Dice), "
        f"forth and back {quality.consistency_mm:.1f} mm"
    )
    return made.matrix, words


def _matrix_text(matrix: Matrix) -> str:
    turn = np.round(matrix[:3, :3], _TURN_DIGITS) + 0.0
    shift = np.round(matrix[:3, 3], _SHIFT_DIGITS) + 0.0
    return f"{turn.tolist()} {shift.tolist()}"

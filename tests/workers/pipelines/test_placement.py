"""Structures find their way into a dose by frame of reference or registration, never by coordinates alone."""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from imaging.dicom.registration import SpatialRegistration
from tests.workers.pipelines.courses import FRAME, OTHER_FRAME
from workers.pipelines.placement import place

SHIFT = np.array([[1, 0, 0, 5.0], [0, 1, 0, 6.0], [0, 0, 1, 7.0], [0, 0, 0, 1]])


def _registration(matrix: np.ndarray, from_frame: str, to_frame: str) -> SpatialRegistration:
    return SpatialRegistration(
        from_frame=from_frame, to_frame=to_frame, matrix=matrix, sop_instance_uid="r", file="reg.dcm"
    )


def test_place__the_same_frame_needs_nothing() -> None:
    found = place(FRAME, FRAME, ())
    assert found.matrix is not None
    assert (found.matrix == np.eye(4)).all()
    assert not found.needs_review


def test_place__a_registration_works_in_both_directions_and_needs_review() -> None:
    forth = place(FRAME, OTHER_FRAME, [_registration(SHIFT, FRAME, OTHER_FRAME)])
    back = place(FRAME, OTHER_FRAME, [_registration(np.linalg.inv(SHIFT), OTHER_FRAME, FRAME)])
    for found in (forth, back):
        assert found.matrix is not None
        np.testing.assert_allclose(found.matrix @ [1, 2, 3, 1], [6, 8, 10, 1])
        assert found.needs_review


def test_place__without_a_link_there_is_no_way() -> None:
    for found in (
        place(FRAME, OTHER_FRAME, ()),
        place(FRAME, OTHER_FRAME, [_registration(SHIFT, FRAME, "1.2.5")]),
        place(None, FRAME, ()),
        place(FRAME, None, ()),
    ):
        assert found.matrix is None
        assert found.reason


def test_place__two_registrations_that_differ_are_not_chosen_from() -> None:
    both = [_registration(SHIFT, FRAME, OTHER_FRAME), _registration(np.eye(4), FRAME, OTHER_FRAME)]
    assert place(FRAME, OTHER_FRAME, both).matrix is None
    same = [_registration(SHIFT, FRAME, OTHER_FRAME), _registration(np.linalg.inv(SHIFT), OTHER_FRAME, FRAME)]
    assert place(FRAME, OTHER_FRAME, same).matrix is not None


def test_place__registrations_that_differ_by_the_digits_they_are_written_with_agree() -> None:
    turn = np.array([[0.6, -0.8, 0, 250.0], [0.8, 0.6, 0, 6.0], [0, 0, 1, 7.0], [0, 0, 0, 1]])
    back = np.round(np.linalg.inv(turn) + 3e-7, 6)
    both = [_registration(turn, FRAME, OTHER_FRAME), _registration(back, OTHER_FRAME, FRAME)]
    assert place(FRAME, OTHER_FRAME, both).matrix is not None
    back[0, 3] += 0.02
    assert place(FRAME, OTHER_FRAME, both).matrix is None


def test_place__two_frames_that_one_object_maps_into_a_third_are_linked() -> None:
    third = "1.2.5"
    turn = np.array([[0, -1, 0, 1.0], [1, 0, 0, 2.0], [0, 0, 1, 3.0], [0, 0, 0, 1]])
    both = [_registration(SHIFT, FRAME, third), _registration(turn, OTHER_FRAME, third)]
    found = place(FRAME, OTHER_FRAME, both)
    assert found.matrix is not None
    np.testing.assert_allclose(turn @ found.matrix @ [1, 2, 3, 1], SHIFT @ [1, 2, 3, 1])
    assert found.needs_review
    apart = [both[0], replace(both[1], sop_instance_uid="another")]
    assert place(FRAME, OTHER_FRAME, apart).matrix is None
    direct = place(FRAME, OTHER_FRAME, [*both, _registration(SHIFT, FRAME, OTHER_FRAME)])
    assert direct.matrix is SHIFT


def test_place__a_chain_of_registrations_is_named_and_not_followed() -> None:
    third, fourth = "1.2.5", "1.2.6"
    steps = (FRAME, third, fourth, OTHER_FRAME)
    chain = [
        replace(_registration(SHIFT, *pair), sop_instance_uid=str(n), file=f"step{n}.dcm")
        for n, pair in enumerate(pairwise(steps))
    ]
    found = place(FRAME, OTHER_FRAME, chain)
    assert found.matrix is None
    assert found.unlinked
    assert "('step0.dcm', 'step1.dcm', 'step2.dcm'): such a chain is not followed" in found.reason
    back = place(OTHER_FRAME, FRAME, chain)
    assert "('step2.dcm', 'step1.dcm', 'step0.dcm')" in back.reason
    assert "chain" not in place(FRAME, OTHER_FRAME, chain[1:]).reason

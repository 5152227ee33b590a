"""How the patient lies in a frame of reference: a turn about z and a shift."""

from dataclasses import dataclass

import numpy as np

from imaging.synthetic.solids import FloatArray


@dataclass(frozen=True)
class Placement:
    """A frame of reference and the rigid map from the anatomy's own coordinates into it.

    Attributes
    ----------
    frame_uid
        Frame of Reference UID.
    turn
        (cosine, sine) of the turn about z.
    shift_mm
        Where the anatomy's origin lies in this frame.
    """

    frame_uid: str
    turn: tuple[float, float] = (1.0, 0.0)
    shift_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def matrix_mm(self) -> FloatArray:
        """Return the (4, 4) map from the anatomy's coordinates to this frame."""
        cosine, sine = self.turn
        matrix = np.eye(4)
        matrix[:2, :2] = [[cosine, -sine], [sine, cosine]]
        matrix[:3, 3] = self.shift_mm
        return matrix

    def point_mm(self, point_mm: tuple[float, float, float]) -> tuple[float, float, float]:
        """Return where a point of the anatomy lies in this frame, to 0.01 mm."""
        x, y, z, _ = (round(float(value), 2) for value in self.matrix_mm() @ (*point_mm, 1.0))
        return x, y, z

    def outline_mm(self, outline_mm: FloatArray, z_mm: float) -> FloatArray:
        """Return an (n, 2) outline of the anatomy as (n, 3) points of this frame at height z."""
        planar = self.matrix_mm()[:2, :2] @ outline_mm.T + np.array(self.shift_mm[:2])[:, None]
        return np.column_stack([planar.T, np.full(len(outline_mm), z_mm)])

    def to_anatomy_mm(self, x_mm: FloatArray, y_mm: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return in-plane coordinates of the anatomy for those of this frame; the arrays broadcast."""
        cosine, sine = self.turn
        right_mm, back_mm = x_mm - self.shift_mm[0], y_mm - self.shift_mm[1]
        return cosine * right_mm + sine * back_mm, cosine * back_mm - sine * right_mm

    def anatomy_z_mm(self, z_mm: float) -> float:
        """Return the anatomy's z for one of this frame."""
        return z_mm - self.shift_mm[2]


# 399, 40 and 401 are a Pythagorean triple: a turn of 5.7 degrees without any library's rounding in it.
REPOSITIONED_TURN = (399 / 401, 40 / 401)
REPOSITIONED_SHIFT_MM = (14.0, -9.0, 27.0)

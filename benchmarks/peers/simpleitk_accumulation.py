"""LDRT, turned so many degrees, and CFRT onto a grid of 512 x 512 x 150 with SimpleITK, EQD2 by numpy."""

import sys

import numpy as np
import SimpleITK

from benchmarks.clock import measure

case, turned_degrees = np.load(sys.argv[1]), float(sys.argv[2])
ALPHA_BETA_GY = 3.0


def _image(number: int) -> SimpleITK.Image:
    image = SimpleITK.GetImageFromArray(case[f"values_{number}"])
    image.SetOrigin(case[f"origin_mm_{number}"].tolist())
    image.SetSpacing(case[f"spacing_mm_{number}"].tolist())
    return image


fractions = case["fractions"]
images = [_image(number) for number in range(len(fractions))]
size = [int(count) for count in case["shape"][::-1]]
origin, spacing = case["origin_mm"].tolist(), case["spacing_mm"].tolist()
axes = np.eye(3).ravel().tolist()
identity = SimpleITK.Transform(3, SimpleITK.sitkIdentity)
turned = SimpleITK.Euler3DTransform()
turned.SetRotation(0.0, 0.0, float(np.radians(turned_degrees)))
ways = (turned if turned_degrees else identity, identity)


def work() -> dict[str, float]:
    """Sum of some voxels."""
    total = np.zeros(())
    for image, number, way in zip(images, fractions, ways, strict=True):
        on_frame = SimpleITK.Resample(image, size, way, SimpleITK.sitkLinear, origin, spacing, axes, 0.0)
        dose = SimpleITK.GetArrayViewFromImage(on_frame)
        eqd2 = dose * (dose / number + ALPHA_BETA_GY) / (2 + ALPHA_BETA_GY)
        total = total + eqd2 if total.ndim else eqd2
    return {"some_gy": float(total[::7, ::7, ::7].sum())}


measure(work)

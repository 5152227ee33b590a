"""LDRT and CFRT onto a grid of 512 x 512 x 150 with SimpleITK's linear resampling, and EQD2 with numpy."""

import sys

import numpy as np
import SimpleITK
from clock import measure

case = np.load(sys.argv[1])
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


def work() -> dict[str, float]:
    """Sum of some voxels."""
    total = None
    for image, number in zip(images, fractions, strict=True):
        on_frame = SimpleITK.Resample(image, size, identity, SimpleITK.sitkLinear, origin, spacing, axes, 0.0)
        dose = SimpleITK.GetArrayViewFromImage(on_frame)
        eqd2 = dose * (dose / number + ALPHA_BETA_GY) / (2 + ALPHA_BETA_GY)
        total = eqd2 if total is None else total + eqd2
    return {"some_gy": float(total[::7, ::7, ::7].sum())}


measure(work)

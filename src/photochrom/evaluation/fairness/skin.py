"""Skin in a photo of a face: which pixels, what tone, and how far a colouring is off there.

The rule is written for face chips, photos cut so that the face fills them (UTKFace's "chip" files and the like). It is
looked for in the **truth** alone, so that no system has a say in what is measured.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photochrom.color.conversion import srgb_to_lab

__all__ = ["LEAST_COVERAGE", "SKIN_RULE", "TONES", "Skin", "SkinShift", "find_skin", "measure_shift", "tone_of"]

Pixels = NDArray[np.uint8]

#: centre (x, y) and half axes of the ellipse, in widths and heights of the photo
CENTRE, AXES = (0.50, 0.54), (0.30, 0.36)
#: CIELAB hue angle in degrees, chroma and lightness that skin has under the light of most photos
HUE, CHROMA, LIGHTNESS = (5.0, 95.0), (4.0, 70.0), (8.0, 96.0)
#: from the median lightness of what is left; takes out eyes, teeth, hair, deep shadow and glare on every tone alike
LIGHTNESS_BAND = 25.0
#: of the ellipse; a photo with less is gray, tinted, or of something else
LEAST_COVERAGE = 0.4
#: a colouring with less chroma than this has no hue to speak of
LEAST_CHROMA = 2.0

SKIN_RULE = (
    "In the true photo: pixels of the ellipse around the middle (60 % of the width, 72 % of the height) whose CIELAB "
    f"hue is {HUE[0]:g} to {HUE[1]:g} degrees, chroma {CHROMA[0]:g} to {CHROMA[1]:g}, L* {LIGHTNESS[0]:g} to "
    f"{LIGHTNESS[1]:g}, and whose L* is within {LIGHTNESS_BAND:g} of the median of those. A photo where they are less "
    f"than {LEAST_COVERAGE * 100:.0f} % of the ellipse is left out."
)

#: skin tone classes by individual typology angle, degrees, lower bound first (Chardon et al. 1991; Del Bino 2006)
TONES = (
    ("very light", 55.0),
    ("light", 41.0),
    ("intermediate", 28.0),
    ("tan", 10.0),
    ("brown", -30.0),
    ("dark", -np.inf),
)


@dataclass(frozen=True, eq=False)
class Skin:
    """The skin of one face.

    Attributes:
        mask: (H,W) bool, which pixels.
        ab: (2,N) float64, their true a*b*.
        coverage: their share of the ellipse, 0..1.
        tone_angle: individual typology angle of their mean colour, degrees.
        chroma: their mean chroma.
    """

    mask: NDArray[np.bool_]
    ab: NDArray[np.float64]
    coverage: float
    tone_angle: float
    chroma: float


@dataclass(frozen=True)
class SkinShift:
    """How a colouring differs from the truth on the skin of one face.

    Attributes:
        error: mean Euclidean a*b* error over its pixels.
        chroma: mean chroma of the colouring less that of the truth: below 0 is paler.
        hue: hue of the mean colour less that of the truth, degrees, -180..180: above 0 is towards yellow and green,
            below 0 towards red; None where the colouring has next to no chroma.
    """

    error: float
    chroma: float
    hue: float | None


def find_skin(truth: Pixels) -> Skin | None:
    """Finds the skin of a face chip by the written rule (:data:`SKIN_RULE`).

    The individual typology angle is atan((L* - 50) / b*) in degrees (Chardon, Cretois and Hourseau, "Skin colour
    typology and suntanning pathways", 1991), of the mean L* and b* of the skin. It is defined for skin measured under
    known light; from a photo it mixes the person with the light.

    Args:
        truth: (H,W,3) uint8 sRGB, the face filling it.

    Returns:
        None where no pixel follows the rule; whether there are enough is told by ``coverage``.
    """
    lab = srgb_to_lab(np.moveaxis(truth, -1, 0) / 255.0)
    lightness, a, b = lab
    chroma, hue = np.hypot(a, b), np.degrees(np.arctan2(b, a))
    ellipse = _ellipse(*lightness.shape)
    mask = ellipse.copy()
    for plane, (low, high) in ((hue, HUE), (chroma, CHROMA), (lightness, LIGHTNESS)):
        mask &= (plane >= low) & (plane <= high)
    if not mask.any():
        return None
    mask &= np.abs(lightness - np.median(lightness[mask])) <= LIGHTNESS_BAND
    light, _, yellow = lab[:, mask].mean(axis=1)
    return Skin(
        mask=mask,
        ab=lab[1:, mask],
        coverage=float(mask.sum() / ellipse.sum()),
        tone_angle=float(np.degrees(np.arctan2(light - 50.0, yellow))),
        chroma=float(chroma[mask].mean()),
    )


def tone_of(angle: float) -> str:
    """Returns the skin tone class of an individual typology angle in degrees.

    >>> tone_of(60.0), tone_of(41.0), tone_of(-29.0), tone_of(-45.0)
    ('very light', 'intermediate', 'brown', 'dark')
    """
    return next(name for name, bound in TONES if angle > bound)


def measure_shift(made: Pixels, skin: Skin) -> SkinShift:
    """Compares a colouring, (H,W,3) uint8 sRGB, with the truth on the skin found in the truth."""
    ab = srgb_to_lab(made[skin.mask].T[:, None] / 255.0)[1:, 0]
    turn = None
    if np.hypot(*ab).mean() >= LEAST_CHROMA:
        angles = (np.degrees(np.arctan2(b, a)) for a, b in (ab.mean(axis=1), skin.ab.mean(axis=1)))
        turn = float((next(angles) - next(angles) + 180.0) % 360.0 - 180.0)
    return SkinShift(
        error=float(np.hypot(*(ab - skin.ab)).mean()),
        chroma=float(np.hypot(*ab).mean() - skin.chroma),
        hue=turn,
    )


def _ellipse(height: int, width: int) -> NDArray[np.bool_]:
    y, x = np.mgrid[:height, :width] + 0.5
    inside: NDArray[np.bool_] = ((x / width - CENTRE[0]) / AXES[0]) ** 2 + (
        (y / height - CENTRE[1]) / AXES[1]
    ) ** 2 <= 1
    return inside

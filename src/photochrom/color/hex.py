"""Colours as people write them: ``"#rrggbb"`` to a*b* and back."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from photochrom.color.conversion import fit_gamut, lab_to_srgb, srgb_to_lab

__all__ = ["hex_to_ab", "lab_to_hex", "lab_to_hexes"]


# the hints of one picture are drawn several times
@lru_cache(maxsize=4096)
def hex_to_ab(text: str) -> tuple[float, float]:
    """Returns the a* and b*, Lab units, of a colour that :func:`is_hex_color` knows.

    >>> hex_to_ab("#8a5a3c")
    (16.3..., 25.3...)
    """
    digits = text[1:] if len(text) == 7 else "".join(2 * c for c in text[1:])
    rgb = np.array([int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]).reshape(3, 1, 1)
    _, a, b = srgb_to_lab(rgb).ravel().tolist()
    return a, b


def lab_to_hex(lightness: float, ab: NDArray[np.float32]) -> str:
    """Returns ``"#rrggbb"`` of L* and a*b* (2,); out of sRGB, chroma is lowered.

    >>> lab_to_hex(50, np.array([0, 0], np.float32))
    '#777777'
    """
    return lab_to_hexes(np.array([lightness], np.float32), np.asarray(ab, np.float32)[:, None])[0]


def lab_to_hexes(lightness: NDArray[np.float32], ab: NDArray[np.float32]) -> list[str]:
    """Returns ``"#rrggbb"`` of many colours, L* (n,) and a*b* (2,n); out of sRGB, chroma is lowered."""
    lab = np.stack([lightness, *ab]).astype(np.float64)[:, None]
    rgb = np.rint(np.clip(lab_to_srgb(fit_gamut(lab)), 0.0, 1.0) * 255).astype(int)[:, 0]
    return ["#" + "".join(f"{value:02x}" for value in color) for color in rgb.T.tolist()]

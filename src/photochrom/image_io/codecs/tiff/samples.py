"""Takes the samples of a TIFF page apart: colours, alpha of either kind, and what is neither.

TIFF 6.0, ExtraSamples (338): 0 unspecified, such as the infrared of a film scanner; 1 alpha that is multiplied into the
colours (associated); 2 alpha that is not.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.image_io.codecs.tiff.pages import ASSOCIATED, TiffPage

__all__ = ["premultiply", "split_samples"]

#: samples that are worked on at a time, so that what arises on the way stays small
_SAMPLES = 1 << 20


def split_samples(
    page: TiffPage, samples: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any] | None, NDArray[Any] | None]:
    """Takes samples (H,W,C) apart.

    Args:
        page: says what each sample is.
        samples: as stored; associated alpha is divided out in place.

    Returns:
        The colours (H,W) or (H,W,C), alpha (H,W) or None, and other samples (H,W,C) or None.
    """
    kinds, first = page.extra_kinds, page.colors
    place = page.alpha_place
    colors = samples[..., :first]
    alpha = None if place is None else np.ascontiguousarray(samples[..., first + place])
    if alpha is not None and place is not None and kinds[place] == ASSOCIATED:
        _divide(colors, alpha)
    others = [first + number for number in range(len(kinds)) if number != place]
    extras = np.ascontiguousarray(samples[..., others]) if others else None
    return (colors[..., 0] if first == 1 else colors), alpha, extras


def premultiply(colors: NDArray[Any], alpha: NDArray[Any]) -> NDArray[Any]:
    """Returns colours (H,W,C) with alpha (H,W) multiplied into the stored values, rounded; both of one dtype."""
    out = np.empty_like(colors, order="C")
    for rows in _strips(colors):
        part = colors[rows] * _unit(alpha[rows])
        out[rows] = part + 0.5 if colors.dtype.kind == "u" else part
    return out


def _divide(colors: NDArray[Any], alpha: NDArray[Any]) -> None:
    """Divides alpha out of colours in place; black is put where alpha is 0, which leaves nothing of a colour."""
    whole = colors.dtype.kind == "u"
    for rows in _strips(colors):
        unit = _unit(alpha[rows])
        seen = unit > 0
        part = np.where(seen, colors[rows] / np.where(seen, unit, 1), 0)
        colors[rows] = np.minimum(part + 0.5, np.iinfo(colors.dtype).max) if whole else part


def _unit(alpha: NDArray[Any]) -> NDArray[Any]:
    # 16-bit values and their quotients need more than the 24 bits of a float32
    return alpha[..., None] / np.float64(np.iinfo(alpha.dtype).max if alpha.dtype.kind == "u" else 1)


def _strips(pixels: NDArray[Any]) -> Iterator[slice]:
    rows = max(1, _SAMPLES // max(1, pixels.shape[1] * pixels.shape[2]))
    return (slice(top, top + rows) for top in range(0, len(pixels), rows))

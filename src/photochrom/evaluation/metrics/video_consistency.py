"""Metrics of a coloured video: whether its colours keep still where those of the truth do.

:func:`warp_error` follows the true motion, found on the true video's own lightness. Every figure here is best for a
video without any colour: read them beside an error against the truth, never alone.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from photochrom.system.opencv import load_cv2

__all__ = ["cdc", "flicker", "true_flow", "warp_error"]

Plane = NDArray[np.float32]
FloatArray = NDArray[np.floating]

#: way and way back may differ by this, squared, in pixels, and by this share of both their squared lengths
#: (Sundaram, Brox & Keutzer, ECCV 2010; Ruder, Dosovitskiy & Brox, GCPR 2016)
_LOOP, _LOOP_SHARE = 0.5, 0.01
#: frames apart of the pairs that CDC compares
_CDC_STEPS = (1, 2, 4)


def true_flow(earlier: Plane, later: Plane) -> tuple[Plane, NDArray[np.bool_]]:
    """Returns the motion between two frames of the true video.

    Dense inverse search at full size (Kroeger et al., ECCV 2016), which is not the coarse one that colours are carried
    by.

    Args:
        earlier: (H,W) float32, L* 0..100.
        later: the next frame.

    Returns:
        (H,W,2) float32, for every pixel of the later frame how far off, x and y in pixels, it was in the earlier; and
        (H,W) bool, False where that is hidden there, outside, or cannot be told.
    """
    cv2 = load_cv2()
    first, second = (np.rint(np.clip(frame * 2.55, 0, 255)).astype(np.uint8) for frame in (earlier, later))
    search = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    back, ahead = search.calc(second, first, None), search.calc(first, second, None)
    height, width = earlier.shape
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    x, y = columns + back[..., 0], rows + back[..., 1]
    returning = cv2.remap(ahead, x, y, cv2.INTER_LINEAR)
    gap = ((back + returning) ** 2).sum(-1)
    length = (back**2).sum(-1) + (returning**2).sum(-1)
    inside = (x >= 0) & (y >= 0) & (x <= width - 1) & (y <= height - 1)
    return back, inside & (gap < _LOOP_SHARE * length + _LOOP)


def warp_error(frames: Iterable[Plane], flows: Iterable[Plane], masks: Iterable[NDArray[np.bool_]]) -> float:
    """Returns the mean a*b* distance between a frame and the one before, moved: the change along the motion.

    After E_warp of Lai et al., *Learning Blind Video Temporal Consistency* (ECCV 2018), but in a*b* and as a distance,
    not its square, so that it reads in units of Lab.

    Args:
        frames: n of (2,H,W) float32, a*b*, of one shot.
        flows: n - 1 of (H,W,2), between each frame and the next, from :func:`true_flow`.
        masks: n - 1 of (H,W), where they are to be believed.

    Returns:
        The mean over pairs of frames of the mean over believed pixels; nan where there is none.
    """
    cv2 = load_cv2()
    errors = []
    for (before, after), flow, mask in zip(pairwise(frames), flows, masks, strict=True):
        rows, columns = np.mgrid[: mask.shape[0], : mask.shape[1]].astype(np.float32)
        places = columns + flow[..., 0], rows + flow[..., 1]
        moved = [cv2.remap(np.ascontiguousarray(plane), *places, cv2.INTER_LINEAR) for plane in before]
        if mask.any():
            errors.append(float(np.hypot(*(after - np.stack(moved)))[mask].mean()))
    return float(np.mean(errors)) if errors else float("nan")


def flicker(frames: Iterable[Plane]) -> float:
    """Returns how much the frame's mean colour jumps: its mean distance from the middle of the frames before and after.

    Args:
        frames: (2,H,W) float32, a*b*, of one shot.

    Returns:
        In Lab units; nan for fewer than three frames. Colour that changes steadily has none.
    """
    means = np.array([frame.mean((1, 2)) for frame in frames], np.float64)
    jumps = means[1:-1] - (means[:-2] + means[2:]) / 2
    return float(np.hypot(*jumps.T).mean()) if len(jumps) else float("nan")


def cdc(frames: Sequence[NDArray[np.uint8]]) -> float:
    """Returns the CDC of Liu et al., *Temporally Consistent Video Colorization* (2021), as published.

    The Jensen-Shannon divergence (in bits) between the histograms of frames 1, 2 and 4 apart, mean over red, green and
    blue, over pairs and over the three distances. It knows no motion, and a gray video scores as its lightness does:
    less colour, better score.

    Args:
        frames: (H,W,3) uint8, sRGB, of one shot.

    Returns:
        0 for none, 1 for frames with no value in common; nan for fewer than five frames.
    """
    if len(frames) <= max(_CDC_STEPS):
        return float("nan")
    counts = np.array([[np.bincount(plane.ravel(), minlength=256) for plane in np.moveaxis(f, -1, 0)] for f in frames])
    shares = counts / counts.sum(-1, keepdims=True)
    return float(np.mean([_divergence(shares[:-step], shares[step:]).mean() for step in _CDC_STEPS]))


def _divergence(first: FloatArray, second: FloatArray) -> FloatArray:
    middle = (first + second) / 2
    return (_relative_entropy(first, middle) + _relative_entropy(second, middle)) / 2


def _relative_entropy(share: FloatArray, other: FloatArray) -> FloatArray:
    # nothing times its logarithm is nothing
    ratio = np.where(share > 0, share, 1.0) / np.where(share > 0, other, 1.0)
    total: FloatArray = (share * np.log2(ratio)).sum(-1)
    return total

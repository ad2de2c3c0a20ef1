"""The written protocol behind our figures, version 1: how truth becomes gray, and how a colouring is scored.

A truth photo is resized (Lanczos) so that its short side is 256 px and cropped to the centre square. Its gray picture
is the 8-bit sRGB gray of the same L*. The colorizer sees it as any user's picture; its 8-bit sRGB answer is scored.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photochrom.color import lab_to_srgb, srgb_to_lab
from photochrom.evaluation.metrics import AreaUnderCurve, colorfulness, colorfulness_abs, psnr

__all__ = ["SIZE", "Scores", "crop", "gray_of", "score"]

SIZE = 256
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Scores:
    """Figures over a set of photos.

    Attributes:
        photos: how many.
        psnr: mean over photos, dB, against the truth in sRGB.
        auc_raw: see :class:`~photochrom.evaluation.metrics.AreaUnderCurve`, 0..100.
        auc_rebalanced: the same, every colour of the set counting alike.
        colorfulness: mean over photos, Hasler & Süsstrunk.
        colorfulness_abs: mean over photos, as published with abs() first.
        colorfulness_truth: of the true photos, Hasler & Süsstrunk.
    """

    photos: int
    psnr: float
    auc_raw: float
    auc_rebalanced: float
    colorfulness: float
    colorfulness_abs: float
    colorfulness_truth: float


def crop(photo: Image.Image, size: int = SIZE) -> Pixels:
    """The centre square of a photo, its short side brought to ``size``: (size,size,3) uint8."""
    width, height = photo.size
    scale = size / min(width, height)
    photo = photo.convert("RGB").resize((round(width * scale), round(height * scale)), Image.Resampling.LANCZOS)
    left, top = (photo.width - size) // 2, (photo.height - size) // 2
    return np.asarray(photo.crop((left, top, left + size, top + size)))


def gray_of(truth: Pixels) -> Pixels:
    """The 8-bit sRGB gray picture (H,W) with the L* of ``truth`` (H,W,3)."""
    lab = srgb_to_lab(np.moveaxis(truth, -1, 0) / 255.0)
    lab[1:] = 0.0
    gray: Pixels = np.rint(np.clip(lab_to_srgb(lab).mean(0), 0, 1) * 255).astype(np.uint8)
    return gray


def score(truths: Iterable[Pixels], colorize: Callable[[Pixels], Pixels]) -> Scores:
    """Colour the gray of every truth and score the answers.

    Args:
        truths: (H,W,3) uint8 sRGB photos.
        colorize: gray (H,W) uint8 to colour (H,W,3) uint8.
    """
    area = AreaUnderCurve()
    rows = []
    for truth in truths:
        true, made = (np.moveaxis(pixels, -1, 0) / 255.0 for pixels in (truth, colorize(gray_of(truth))))
        area.add(srgb_to_lab(made)[1:], srgb_to_lab(true)[1:])
        rows.append((psnr(made, true), colorfulness(made), colorfulness_abs(made), colorfulness(true)))
    means = np.mean(rows, axis=0).tolist()
    return Scores(len(rows), means[0], area.raw, area.rebalanced, *means[1:])

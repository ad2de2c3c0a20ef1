"""Scores one colouring against its truth, in one pass over strips of rows."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photochrom.evaluation.inputs.protocol import Pixels
from photochrom.evaluation.metrics import Colorfulness, SquaredError
from photochrom.evaluation.metrics.calibration import count_confidence
from photochrom.evaluation.metrics.cast import ColorCast, compute_cast
from photochrom.evaluation.metrics.color_error import ACCURACY_RADIUS, ColorDifference
from photochrom.evaluation.metrics.planes import gray_lightness, rgb_planes, srgb8_to_lab, strips
from photochrom.evaluation.metrics.ssim import compare_structure
from photochrom.evaluation.onnx_metrics import OnnxMetric

__all__ = ["SCORING_VERSION", "PhotoScore", "score_photo"]

#: changes with any change that gives other numbers, so that no report mixes old and new
SCORING_VERSION = 2


@dataclass(frozen=True, eq=False)
class PhotoScore:
    """One photo's figures, and the sums from which figures over the whole set are computed.

    Attributes:
        values: metric key to figure; a metric that does not exist for this photo is left out.
        seen: (Q,) pixels by true colour bin.
        credit: (Q,) see :class:`~photochrom.evaluation.metrics.auc.AreaUnderCurve`.
        made: (Q,) pixels by the result's colour bin.
        hues: (12,4) see :class:`~photochrom.evaluation.metrics.hue_error.HueErrors`.
        cast: (4,3) see :class:`~photochrom.evaluation.metrics.cast.ColorCast`.
        reliability: (100,4) see :func:`~photochrom.evaluation.metrics.calibration.count_confidence`; None without.
        features: (2,D) of the result and of the truth; None without a network for them.
    """

    values: dict[str, float]
    seen: NDArray[np.int64]
    credit: NDArray[np.int64]
    made: NDArray[np.int64]
    hues: NDArray[np.float64]
    cast: NDArray[np.float64]
    reliability: NDArray[np.float64] | None = None
    features: NDArray[np.float32] | None = None


def score_photo(
    made: Pixels,
    truth: Pixels,
    gray: Pixels,
    *,
    confidence: NDArray[np.float32] | None = None,
    networks: dict[str, OnnxMetric] | None = None,
) -> PhotoScore:
    """Scores a colouring.

    Args:
        made: (H,W,3) uint8 sRGB.
        truth: likewise, of the same size.
        gray: (H,W) uint8, what was coloured.
        confidence: (h,w) 0..1, covering the photo edge to edge; None not to measure it.
        networks: to measure with, by what they are for: classifier, fid_features, lpips.
    """
    difference, error, cast = ColorDifference(), SquaredError(), ColorCast()
    ours, theirs = Colorfulness(), Colorfulness()
    for rows in strips(len(truth), truth.shape[1]):
        rgb, true = rgb_planes(made[rows]), rgb_planes(truth[rows])
        error.add(rgb, true)
        ours.add(rgb)
        theirs.add(true)
        lab, true_lab = srgb8_to_lab(made[rows]), srgb8_to_lab(truth[rows])
        difference.add(lab, true_lab, gray_lightness()[gray[rows]])
        cast.add(lab, true_lab)
    similarity, multiscale = compare_structure(np.moveaxis(made, -1, 0), np.moveaxis(truth, -1, 0))
    cast_a, cast_b = compute_cast(cast.sums)[0].tolist()
    values = {
        "psnr": error.psnr,
        "ssim": similarity,
        "ms_ssim": multiscale,
        **difference.means,
        "colorfulness": ours.faithful,
        "colorfulness_abs": ours.with_abs,
        "colorfulness_truth": theirs.faithful,
        "colorfulness_difference": abs(ours.faithful - theirs.faithful),
        "cast_a": cast_a,
        "cast_b": cast_b,
    }
    networks = networks or {}
    if "classifier" in networks:
        same = networks["classifier"](made).argmax() == networks["classifier"](truth).argmax()
        values["class_agreement"] = 100.0 * float(same)
    if "lpips" in networks:
        values["lpips"] = float(networks["lpips"](made, truth)[0])
    return PhotoScore(
        values={key: value for key, value in values.items() if not math.isnan(value)},
        seen=difference.area.seen,
        credit=difference.area.credit,
        made=difference.made,
        hues=difference.hues.sums,
        cast=cast.sums,
        reliability=None if confidence is None else _count_cells(confidence, made, truth),
        features=np.stack([networks["fid_features"](p) for p in (made, truth)]) if "fid_features" in networks else None,
    )


def _count_cells(confidence: NDArray[np.float32], made: Pixels, truth: Pixels) -> NDArray[np.float64]:
    """Counts the network's cells by confidence; a cell stands for the pixel in its middle."""
    places = [
        ((np.arange(cells) + 0.5) * pixels / cells).astype(np.intp)
        for cells, pixels in zip(confidence.shape, truth.shape[:2], strict=True)
    ]
    ours, true = (srgb8_to_lab(pixels[np.ix_(*places)])[1:] for pixels in (made, truth))
    return count_confidence(confidence, np.hypot(*(ours - true)), ACCURACY_RADIUS)

"""A film's frames between colour and codec: the small views they are coloured by, and the planes they become."""

from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photochrom.registry import ModelCard
from photochrom.video.media.encoder import Encoding
from photochrom.video.media.probe import Video
from photochrom.video.media.reader import Frame
from photochrom.video.temporal.shot_view import ShotView, view_size
from photochrom.video.temporal.stabilizer import StabilizerOptions
from photochrom.video.yuv.chroma import ChromaMaker
from photochrom.video.yuv.colorimetry import colorimetry_of
from photochrom.video.yuv.luma_view import LumaViewer

__all__ = ["FrameViewer", "PlaneJoiner", "Planes", "widen_luma"]

#: Y, U, V, and alpha where it is kept
Planes: TypeAlias = tuple[NDArray[Any], ...]


class FrameViewer:
    """Makes the views by which a network colours a film's frames. Safe to share between threads."""

    def __init__(self, video: Video, card: ModelCard, input_size: int | None) -> None:
        size = view_size(card, *video.shown_size, input_size)
        cell = card.output_stride
        light = colorimetry_of(video)
        self._view = LumaViewer(light, video.orientation, size)
        self._glance = LumaViewer(light, video.orientation, (size[0] // cell, size[1] // cell))

    def __call__(self, frame: Frame) -> ShotView:
        """Returns the view of a frame."""
        return ShotView(self._glance(frame.luma), partial(self._view, frame.luma))


class PlaneJoiner:
    """Puts colours beside a frame's own luma. Safe to share between threads.

    Args:
        video: the source.
        encoding: what the planes are made for.
        stabilizer: its strength says how much of the film's own chroma stays.
    """

    def __init__(self, video: Video, encoding: Encoding, stabilizer: StabilizerOptions) -> None:
        self._video, self._encoding, self._strength = video, encoding, stabilizer.strength
        self._chroma = ChromaMaker(encoding.colorimetry, encoding.steps)

    def __call__(self, frame: Frame, ab: NDArray[np.float32]) -> Planes:
        """Returns Y, U, V (and alpha) in the encoding's codes for a frame and its a*b* (2,h,w), Lab units, upright."""
        encoding, strength = self._encoding, self._strength
        luma = widen_luma(frame.luma, self._video.layout.depth, encoding)
        if luma.shape != (encoding.height, encoding.width):
            luma = _shrink_luma(luma, (encoding.height, encoding.width))
        stored = np.ascontiguousarray(self._video.orientation.stored(ab))
        own = None
        if frame.chroma is not None:
            scale = np.float32(2.0**encoding.shift)
            own = (frame.chroma[0].astype(np.float32) * scale, frame.chroma[1].astype(np.float32) * scale)
        u, v = self._chroma.put_on(luma, stored, strength=strength, own=own, interlaced=frame.interlaced)
        if not encoding.alpha:
            return luma, u, v
        alpha = _scale_alpha(frame, self._video.layout.depth, encoding.depth)
        if alpha.shape != luma.shape:
            alpha = _shrink_luma(alpha, luma.shape)
        return luma, u, v, alpha


def widen_luma(luma: NDArray[Any], depth: int, encoding: Encoding) -> NDArray[Any]:
    """Returns luma codes in the encoding's depth: the same number, moved up, which can be read back from the top bits.

    With the full range the lowest bits repeat the highest, so that white stays white.
    """
    if not encoding.shift:
        return luma
    if encoding.shift < 0:
        lost = -encoding.shift
        rounded = (luma.astype(np.uint32) + (1 << lost - 1)) >> lost
        return np.asarray(np.minimum(rounded, (1 << encoding.depth) - 1).astype(np.uint16))
    wide = luma.astype(np.uint16) << encoding.shift
    if encoding.full_range:
        wide |= luma >> (depth - encoding.shift)
    return wide


def _scale_alpha(frame: Frame, depth: int, wanted: int) -> NDArray[Any]:
    if frame.alpha is None or depth == wanted:
        return np.full(frame.luma.shape, (1 << wanted) - 1, np.uint16) if frame.alpha is None else frame.alpha
    whole, most = (1 << depth) - 1, (1 << wanted) - 1
    return np.asarray(((frame.alpha.astype(np.uint32) * most + whole // 2) // whole).astype(np.uint16))


def _shrink_luma(luma: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    image = Image.fromarray(luma.astype(np.float32)).resize((size[1], size[0]), Image.Resampling.BOX)
    return np.asarray(np.rint(np.asarray(image)).astype(luma.dtype))

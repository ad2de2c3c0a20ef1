"""A still of each shot: what options can be tried on before a whole film is coloured."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from photochrom.color.conversion import lab_to_srgb
from photochrom.video.media.probe import Video
from photochrom.video.media.reader import FrameReader
from photochrom.video.media.scan import Scan
from photochrom.video.yuv.colorimetry import colorimetry_of
from photochrom.video.yuv.luma_view import LumaViewer

__all__ = ["StillShot", "draw_stills"]


@dataclass(frozen=True)
class StillShot:
    """A shot and its still.

    Attributes:
        time: when it begins, seconds from the film's start.
        seconds: how long it is.
        still: when the frame of the still is shown, seconds from the film's start.
    """

    time: float
    seconds: float
    still: float


def draw_stills(
    video: Video, scan: Scan, shots: Sequence[tuple[int, int]], *, max_size: int
) -> Iterator[tuple[StillShot, Image.Image]]:
    """Yields the frame in the middle of each shot, in gray and upright.

    Args:
        video: the film.
        scan: of the film.
        shots: some of those of the scan: the first frame, and the one after the last.
        max_size: longest side of a still, pixels; none is larger than the film.

    Yields:
        The shot, and its still, 8 bits of gray, in square pixels.

    Raises:
        UnreadableFilmError: the film cannot be opened any more.
    """
    height, width = video.shown_size
    scale = min(1.0, max_size / max(height, width))
    view = LumaViewer(
        colorimetry_of(video), video.orientation, (max(1, round(height * scale)), max(1, round(width * scale)))
    )
    # where a seek leads to another picture, as in damaged films, the one that it leads to is as good
    for first, stop in shots:
        middle = (first + stop) // 2
        frame = next(FrameReader(video, joins=scan.joins).frames(int(scan.pts[middle])), None)
        if frame is None:
            continue
        lightness = view(frame.luma)
        gray = lab_to_srgb(np.stack([lightness, np.zeros_like(lightness), np.zeros_like(lightness)]))[0]
        times = [float((int(pts) * video.time_base) - video.start) for pts in (scan.pts[first], scan.pts[middle])]
        end = int(scan.pts[stop - 1]) + int(scan.durations[stop - 1])
        seconds = float((end - int(scan.pts[first])) * video.time_base)
        image = Image.fromarray(np.rint(np.clip(gray, 0, 1) * 255).astype(np.uint8))
        yield StillShot(round(times[0], 3), round(seconds, 3), round(times[1], 3)), image

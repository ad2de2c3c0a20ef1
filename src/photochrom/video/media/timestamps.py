"""When the result shows which frame, and at what rate."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from photochrom.video.media.probe import Video
from photochrom.video.media.scan import Scan, Span
from photochrom.video.media.stills import USUAL_RATES
from photochrom.video.muxing.muxer import Timeline

__all__ = ["constant_rate", "mean_rate", "timeline_of"]

#: frames of a constant rate lie within this of their place, seconds, whatever the time base: Matroska counts in ms
_NEAR = Fraction(3, 2000)
#: rates further apart than this are two rates
_SAME = Fraction(1, 2500)
#: what the containers of broadcasting count their time from is arbitrary
_ARBITRARY_START = ("mpeg", "mpegts")


def mean_rate(video: Video, scan: Scan) -> Fraction:
    """Returns the frames a second, on average."""
    if scan.count < 2:
        return video.rate
    seconds = int(scan.pts[-1] - scan.pts[0]) * video.time_base
    rate = (scan.count - 1) / seconds
    near = [usual for usual in (video.rate, *USUAL_RATES) if abs(usual - rate) <= rate * _SAME]
    return near[0] if near else rate.limit_denominator(1000)


def constant_rate(video: Video, scan: Scan) -> Fraction | None:
    """Returns the rate of evenly spaced frames; None where they are not."""
    rate = mean_rate(video, scan)
    ideal = (np.arange(scan.count) / float(rate * video.time_base)) + float(scan.pts[0])
    allowed = max(1.0, float(_NEAR / video.time_base))
    return rate if np.abs(scan.pts - ideal).max() <= allowed else None


def timeline_of(
    video: Video, scan: Scan, numbers: Sequence[int], *, span: Span, whole: bool, preview: bool
) -> Timeline:
    """Returns when the result shows the frames of these numbers, ascending."""
    if preview:
        times = np.zeros(scan.count, np.int64)
        times[numbers] = np.concatenate([[0], np.cumsum(scan.durations[numbers])[:-1]])
        zero = Fraction(0)
        return Timeline(pts=times, durations=scan.durations, shift=zero, start=None, stop=None)
    origin = video.start if video.container.split(",")[0] in _ARBITRARY_START else Fraction(0)
    start = None if span.start is None else video.start + Fraction(span.start)
    stop = None if span.end is None else video.start + Fraction(span.end)
    shift = origin if start is None else start
    if not whole:
        end = int(scan.pts[numbers[-1]] + scan.durations[numbers[-1]]) * video.time_base
        stop = end if stop is None else min(stop, end)
    return Timeline(
        pts=scan.pts - round(shift / video.time_base), durations=scan.durations, shift=shift, start=start, stop=stop
    )

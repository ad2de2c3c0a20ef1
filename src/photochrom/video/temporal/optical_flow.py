"""Motion between two frames of a shot, and how far it can be believed.

Flow is dense inverse search (Kroeger et al., *Fast Optical Flow using Dense Inverse Search*, ECCV 2016) on the grid
of the network's output, where both directions cost about five milliseconds. A cell's flow is believed as far as
the flow of the other direction leads back to it (Sundaram, Brox & Keutzer, ECCV 2010) and as far as lightness agrees at
both its ends.
"""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.system.opencv import load_cv2
from photochrom.video.temporal.tone import SAME, Tone, fit_tone

__all__ = ["Motion", "find_motion", "is_nearly_still", "no_motion", "warp_layers"]

Plane = NDArray[np.float32]

_local = threading.local()

#: the least height and width the flow search takes, cells
_LEAST = 16
#: way and way back may differ by this, squared, in cells, and by this share of both their squared lengths
_LOOP, _LOOP_SHARE = 0.5, 0.02
#: a difference in L* up to the first does not count, nor does one of so many times the grain, which counts up to the
#: third; one of the fourth on top of it is another thing
_SAME, _GRAINS, _MOST_GRAIN, _OTHER = 2.4, 1.5, 6.0, 8.0
#: the median size of normal noise, in standard deviations
_MEDIAN = 0.6745
#: L* from which a larger difference is as unlike
_UNLIKE = 30.0
#: L* that mean and contrast of two frames may differ by and be of one exposure: a fifth of what counts as a difference
_LITTLE = 0.5
#: below this mean belief nothing can be followed: unrelated pictures reach 0.1, the quickest motion measured 0.24;
#: within a shot that is a flash, or a whip of the camera
_LOST = 0.15
#: where as much agrees in place as unrelated pictures never do, following would lead there too
_STILL = 0.75
#: what is believed there, of things that stay in place: a flash, two such steps, leaves them most of their weight,
#: and a whip, many, leaves nothing
_HELD = 0.5


@dataclass(frozen=True, eq=False)
class Motion:
    """Motion between an earlier and a later frame, (h,w) cells each.

    Attributes:
        back: (h,w,2) float32, for every cell of the later frame how far off, x and y in cells, it was in the earlier.
        ahead: (h,w,2) float32, for every cell of the earlier frame how far off it is in the later.
        kept: (h,w) float32 0..1, how far ``back`` is believed; 0 where something new is.
        lasting: (h,w) float32 0..1, how far ``ahead`` is believed; 0 where something is about to be hidden.
        lost: nothing could be followed: a cut, a flash, or a whip of the camera.
    """

    back: Plane
    ahead: Plane
    kept: Plane
    lasting: Plane
    lost: bool


def find_motion(earlier: Plane, later: Plane) -> Motion:
    """Finds the motion between two frames, (h,w) float32 L* 0..100 each, of one size.

    Both may differ in exposure as a whole. Where nothing at all can be followed, things are taken to stay in place,
    with half the belief, because within a shot that is most often a flash.
    """
    earlier_matched = _match_exposure(earlier, later)
    codes = _to_codes(earlier_matched), _to_codes(later)
    back, ahead = _search_flow(codes[1], codes[0], earlier.shape), _search_flow(*codes, earlier.shape)
    loops = _believe_round_trip(back, ahead), _believe_round_trip(ahead, back)
    gaps = _find_gap(later, earlier_matched, back), _find_gap(earlier_matched, later, ahead)
    kept, lasting = (loop * _believe_gap(gap) for loop, gap in zip(loops, gaps, strict=True))
    # with regard to grain, what is fine in another picture could be taken for it
    lost = bool(min(kept.mean(), lasting.mean()) < _LOST)
    if lost:
        still = np.zeros_like(back)
        half = np.full_like(kept, _HELD)
        return Motion(still, still, half, half, lost)
    in_place = np.abs(later - earlier_matched)
    grain = _measure_grain((*gaps, in_place), (earlier_matched, later))
    if _GRAINS * grain > _SAME:
        kept, lasting = (loop * _believe_gap(gap, grain) for loop, gap in zip(loops, gaps, strict=True))
    resting = _believe_gap(in_place, grain)
    if resting.mean() >= min(kept.mean(), lasting.mean()):
        # the camera is at rest: on a bare wall flow is chance, and what looks as it did has stayed
        for flow, belief in ((back, kept), (ahead, lasting)):
            flow[resting > belief] = 0.0
            np.maximum(belief, resting, out=belief)
    return Motion(back, ahead, kept, lasting, lost)


def is_nearly_still(earlier: Plane, later: Plane) -> bool:
    """Returns whether most of a frame is as it was, cell by cell; then it is not lost, and no flow need be searched."""
    # hardly ever does the exposure change, and finding out costs three times as much
    if _believe_gap(np.abs(np.subtract(later, earlier))).mean() > _STILL:
        return True
    return bool(_believe_gap(np.abs(later - _match_exposure(earlier, later))).mean() > _STILL)


def no_motion(shape: tuple[int, ...]) -> Motion:
    """Returns the motion between two frames (h,w) in which all stays in place."""
    still, all_of_it = np.zeros((*shape, 2), np.float32), np.ones(shape, np.float32)
    return Motion(still, still, all_of_it, all_of_it, lost=False)


def warp_layers(layers: NDArray[np.float32], flow: Plane) -> NDArray[np.float32]:
    """Fetches what lay where the flow points.

    Args:
        layers: (h,w,c) float32 of the frame the flow points into.
        flow: (h,w,2) float32, cells.

    Returns:
        (h,w,c) float32 on the frame the flow starts from, bilinear; what lies outside repeats the border.
    """
    cv2 = load_cv2()
    height, width = flow.shape[:2]
    rows, columns = _pixel_grid(height, width)
    out: NDArray[np.float32] = cv2.remap(
        layers, columns + flow[..., 0], rows + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return out.reshape(height, width, *layers.shape[2:])


@cache
def _pixel_grid(height: int, width: int) -> tuple[Plane, Plane]:
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    return rows, columns


def _search_flow(start: NDArray[np.uint8], target: NDArray[np.uint8], shape: tuple[int, ...]) -> Plane:
    flow: Plane = _open_search().calc(start, target, None)
    return np.ascontiguousarray(flow[: shape[0], : shape[1]])


def _to_codes(frame: Plane) -> NDArray[np.uint8]:
    """Returns a frame as the flow search takes it: bytes, and no smaller than it needs."""
    codes: NDArray[np.uint8] = np.clip(frame * np.float32(2.55) + np.float32(0.5), 0, 255).astype(np.uint8)
    if min(codes.shape) < _LEAST:
        codes = np.pad(codes, [(0, max(0, _LEAST - side)) for side in codes.shape], "edge")
    return codes


def _open_search() -> Any:
    """Returns the flow search of this thread, with its memory."""
    search = getattr(_local, "search", None)
    if search is None:
        cv2 = load_cv2()
        search = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        # half the grid would cost a quarter and be believed as much, but colours tremble with it; so they do with
        # fewer patches or refinements
        search.setFinestScale(0)
        search.setPatchStride(3)
        # the usual 16 steps of a patch differ from this by a fiftieth of a cell
        search.setGradientDescentIterations(8)
        search.setVariationalRefinementIterations(3)
        _local.search = search
    return search


def _match_exposure(frame: Plane, other: Plane) -> Plane:
    """Returns ``frame`` at the exposure of ``other``, by the way that brings most of it nearest."""
    # every fourth cell says it
    some, like = (np.ascontiguousarray(plane[::2, ::2]) for plane in (frame, other))
    level, spread, other_level, other_spread = (float(value) for at in (some, like) for value in (at.mean(), at.std()))
    if abs(other_level - level) < _LITTLE and abs(other_spread - spread) < _LITTLE:
        return frame
    gain = min(max(other_spread / spread, 0.25), 4.0) if spread > 0 else 1.0
    by_spread = Tone(gain, other_level - gain * level)
    by_most = fit_tone(some.ravel(), like.ravel())
    return min((SAME, by_spread, by_most), key=lambda tone: _find_apart(tone.apply(some), like)).apply(frame)


def _find_apart(one: Plane, other: Plane) -> float:
    return float(np.minimum(np.abs(one - other), np.float32(_UNLIKE)).mean())


def _believe_round_trip(flow: Plane, returning: Plane) -> Plane:
    """Returns how far the way back leads back, (h,w) 0..1; 0 where the flow leaves the frame."""
    height, width = flow.shape[:2]
    rows, columns = _pixel_grid(height, width)
    x, y = columns + flow[..., 0], rows + flow[..., 1]
    back = warp_layers(returning, flow)
    gap = _square(flow + back)
    length = _square(flow) + _square(back)
    inside = (x >= -0.5) & (y >= -0.5) & (x <= width - 0.5) & (y <= height - 0.5)
    belief: Plane = np.exp(-gap / (_LOOP + _LOOP_SHARE * length)) * inside
    return belief


def _square(flow: Plane) -> Plane:
    # a sum over an axis of two is many times slower
    squares: Plane = flow[..., 0] * flow[..., 0] + flow[..., 1] * flow[..., 1]
    return squares


def _find_gap(here: Plane, there: Plane, flow: Plane) -> Plane:
    """Returns how far lightness at both ends is apart, (h,w) L*."""
    gap: Plane = np.abs(here - warp_layers(there[..., None], flow)[..., 0])
    return gap


def _believe_gap(gap: Plane, grain: float = 0.0) -> Plane:
    """Returns how far lightness is the same at both ends, (h,w) 0..1."""
    cv2 = load_cv2()
    free = np.float32(max(_SAME, _GRAINS * grain))
    difference = cv2.GaussianBlur(gap, (0, 0), 1.0)
    belief: Plane = np.exp(-((np.maximum(difference - free, 0.0) / _OTHER) ** 2))
    return belief


def _measure_grain(gaps: Sequence[Plane], frames: Sequence[Plane]) -> float:
    """Returns the grain between two frames, L* of standard deviation.

    Grain is in most of the picture, where a change is in a part of it. What is fine in each frame is a bound on it.

    Args:
        gaps: (h,w) L* each, how far the frames are apart along motions; the best of these counts.
        frames: (h,w) L*, both.
    """
    cv2 = load_cv2()
    grain = min(_find_deviation(gap) for gap in gaps)
    if _GRAINS * grain <= _SAME:
        return grain
    fine = [_find_deviation(np.abs(frame - cv2.blur(frame, (5, 5)))) for frame in frames]
    return min(grain, math.hypot(*fine), _MOST_GRAIN)


def _find_deviation(sizes: Plane) -> float:
    """Returns the standard deviation of normal noise of these sizes; every fourth says it well enough."""
    return float(np.median(sizes[::2, ::2])) / _MEDIAN

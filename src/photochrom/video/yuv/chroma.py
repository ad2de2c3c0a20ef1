"""Joins small a*b* with a frame's own luma: the U and V planes to put beside the untouched Y."""

from functools import cache
from threading import Lock
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photochrom.system.opencv import load_cv2
from photochrom.video.yuv.colorimetry import Colorimetry
from photochrom.video.yuv.gamut_tables import AB_LIMIT, AB_STEP, LUMA_STEPS, coarse_table, luma_limits, rgb_offsets

__all__ = ["ChromaMaker", "blend_chroma"]

#: chroma samples worked on at once: what a processor's cache holds
_STRIP = 1 << 17
#: the quick table has an entry for a unit of a*b* and four codes of luma: within half a code of chroma
_LEVELS, _SIDE = 64, 2 * AB_LIMIT + 1
#: its a* and b* are bytes, of which this is 0; those that are out of range repeat the last one in it
_BYTES, _MIDDLE = 256, AB_LIMIT

#: two builds at once do the work twice, and were seen to wait for each other in the linear algebra for ever
_building = Lock()

Codes: TypeAlias = NDArray[Any]


class ChromaMaker:
    """Makes chroma planes. Safe to share between threads.

    Args:
        light: what the codes mean, of luma and of the chroma to make.
        steps: luma pixels across and down to one of chroma.
    """

    def __init__(self, light: Colorimetry, steps: tuple[int, int]) -> None:
        self._light = light
        self._across, self._down = steps

    def shape(self, height: int, width: int) -> tuple[int, int]:
        """Returns the rows and columns of the chroma planes beside luma of this size."""
        return -(-height // self._down), -(-width // self._across)

    def __call__(self, luma: Codes, ab: NDArray[np.float32], *, interlaced: bool = False) -> tuple[Codes, Codes]:
        """Returns U and V for a frame.

        Args:
            luma: (H,W) uint8 or uint16, the film's own codes.
            ab: (2,h,w) float32, a*b* in Lab units, edge to edge of the frame as it is stored.
            interlaced: the frame is two fields, each of which has every other line of chroma.

        Returns:
            Two planes of :meth:`shape`, of luma's dtype. With the luma beside them, RGB stays within 0..1 (of one code
            more or less for 8 bits): chroma is lowered at constant hue where it would not.
        """
        rows, columns = self.shape(*luma.shape)
        u, v = np.empty((rows, columns), luma.dtype), np.empty((rows, columns), luma.dtype)
        if interlaced and self._down == 2 and luma.shape[0] % 4 == 0:
            for field in (0, 1):
                self._fill(luma[field::2], ab, u[field::2], v[field::2])
        else:
            self._fill(luma, ab, u, v)
        return u, v

    def put_on(
        self,
        luma: Codes,
        ab: NDArray[np.float32],
        *,
        strength: float = 1.0,
        own: tuple[Codes, Codes] | None = None,
        interlaced: bool = False,
    ) -> tuple[Codes, Codes]:
        """Returns U and V for a frame, with as much colour as was asked for.

        Args:
            luma: as in a call.
            ab: as in a call.
            strength: 0 for the frame's own chroma, 1 for that of ``ab``, over 1 for more.
            own: the frame's own chroma, of :meth:`shape` and in the codes to make; None where it has none.
            interlaced: as in a call.
        """
        u, v = self(luma, ab * np.float32(strength) if strength > 1.0 else ab, interlaced=interlaced)
        if strength >= 1.0:
            return u, v
        gray = np.full(u.shape, self._light.neutral, np.float32)
        before = (gray, gray) if own is None else own
        mixed = (blend_chroma(plane, made, strength) for plane, made in zip(before, (u, v), strict=True))
        first, second = mixed
        return first, second

    def _fill(self, luma: Codes, ab: NDArray[np.float32], u: Codes, v: Codes) -> None:
        rows, columns = u.shape
        a, b = (_enlarge_smoothly(plane, (columns, rows)) for plane in ab)
        many = max(1, _STRIP // columns)
        work = self._fill_quickly if luma.dtype == np.uint8 else self._fill_exactly
        for top in range(0, rows, many):
            part = slice(top, min(top + many, rows))
            low, high = self._find_extremes(luma[part.start * self._down : part.stop * self._down], columns)
            work(low, high, a[part], b[part], u[part], v[part])

    def _find_extremes(self, luma: Codes, columns: int) -> tuple[Codes, Codes]:
        """Returns the darkest and the brightest luma beside each sample of chroma."""
        missing = -luma.shape[0] % self._down, columns * self._across - luma.shape[1]
        if any(missing):
            luma = np.pad(luma, ((0, missing[0]), (0, missing[1])), mode="edge")
        low = high = luma
        for step in range(1, self._down):
            first = luma[0 :: self._down] if step == 1 else low
            low = np.minimum(first, luma[step :: self._down])
            high = np.maximum(luma[0 :: self._down] if step == 1 else high, luma[step :: self._down])
        if self._across == 1:
            return low, high
        if self._across == 2:
            # OpenCV takes pairs apart many times quicker than every other number is read
            cv2 = load_cv2()
            pairs = (cv2.split(np.ascontiguousarray(plane).reshape(-1, columns, 2)) for plane in (low, high))
            return cv2.min(*next(pairs)), cv2.max(*next(pairs))
        lows = [low[:, step :: self._across] for step in range(self._across)]
        highs = [high[:, step :: self._across] for step in range(self._across)]
        return _reduce(np.minimum, lows), _reduce(np.maximum, highs)

    def _fill_quickly(
        self, low: Codes, high: Codes, a: NDArray[np.float32], b: NDArray[np.float32], u: Codes, v: Codes
    ) -> None:
        """Fills 8 bits: one look-up a sample, and the exact limit only where the luma around it needs one."""
        light = self._light
        with _building:
            table = _build_quick_table(light)
        cv2 = load_cv2()
        # the middle of darkest and brightest, whose gamut is the widest of them
        level = ((low >> 1) + (high >> 1)) >> 2
        colors = (cv2.addWeighted(plane, 1.0, plane, 0.0, _MIDDLE, dtype=cv2.CV_8U) for plane in (b, a))
        nothing = np.zeros_like(level)
        index = cv2.merge([*colors, nothing, nothing]).view("<i4")[..., 0]
        index *= _LEVELS
        index += level
        found = np.take(table, index).view(np.uint8).reshape(*index.shape, 4)
        first, second, lowest, highest = cv2.split(found)
        outside = np.flatnonzero((low < lowest) | (high > highest))
        if len(outside):
            planes = first.reshape(-1), second.reshape(-1)
            lumas = np.take(low, outside), np.take(high, outside)
            self._bring_inside(planes, outside, *lumas)
        u[:], v[:] = first, second

    def _bring_inside(self, planes: tuple[Codes, Codes], outside: NDArray[np.intp], low: Codes, high: Codes) -> None:
        """Cuts U and V at these places towards gray, never past the limit, until RGB is inside 0..1 for both lumas."""
        light = self._light
        under, over = _build_reaches(light)
        shade, glare = _build_margins(light)
        u, v = (np.take(plane, outside) for plane in planes)
        pair = v.astype(np.intp)
        pair <<= 8
        pair |= u
        part = np.take(shade, low)
        part *= np.take(under, pair)
        other = np.take(glare, high)
        other *= np.take(over, pair)
        np.minimum(part, other, out=part)
        neutral = np.int16(light.neutral)
        for plane, codes in zip(planes, (u, v), strict=True):
            cut = ((codes.astype(np.int16) - neutral) * part).astype(np.int16) + neutral
            plane[outside] = cut

    def _fill_exactly(
        self, low: Codes, high: Codes, a: NDArray[np.float32], b: NDArray[np.float32], u: Codes, v: Codes
    ) -> None:
        """Fills more than 8 bits: interpolated in all three directions."""
        light = self._light
        middle = (low.astype(np.float32) + high.astype(np.float32)) / 2
        gray = np.clip((middle - np.float32(light.black)) / np.float32(light.luma_span), 0.0, 1.0) * np.float32(
            LUMA_STEPS
        )
        cb, cr = _interpolate(coarse_table(light), gray, a, b)
        part = self._find_room(low, high, cb, cr)
        top = (1 << light.depth) - 1
        for plane, value in ((u, cb), (v, cr)):
            plane[:] = np.clip(np.rint(value * part * light.chroma_span) + light.neutral, 0, top)

    def _find_room(
        self, low: Codes, high: Codes, cb: NDArray[np.float32], cr: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Returns the part 0..1 of the chroma that keeps RGB inside 0..1 for both luma codes."""
        light = self._light
        under, over = rgb_offsets(light, cb, cr)
        darkest = np.clip((low.astype(np.float32) - light.black) / light.luma_span, 0.0, 1.0)
        brightest = np.clip((high.astype(np.float32) - light.black) / light.luma_span, 0.0, 1.0)
        part = np.minimum(darkest / np.maximum(-under, 1e-6), (1.0 - brightest) / np.maximum(over, 1e-6))
        room: NDArray[np.float32] = np.minimum(part, 1.0).astype(np.float32)
        return room


def blend_chroma(own: Codes, made: Codes, strength: float) -> Codes:
    """Mixes the film's own chroma plane with the made one, 0..1 of the latter; ``own`` may be of another size."""
    if own.shape != made.shape:
        own = _enlarge(own.astype(np.float32), (made.shape[1], made.shape[0]))
    mixed = own + (made.astype(np.float32) - own) * np.float32(strength)
    return np.asarray(np.rint(mixed).astype(made.dtype))


def _reduce(function: np.ufunc, parts: list[Codes]) -> Codes:
    first, *rest = parts
    for part in rest:
        first = function(first, part)
    return first


def _enlarge(plane: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    return np.asarray(Image.fromarray(np.ascontiguousarray(plane)).resize(size, Image.Resampling.BICUBIC))


def _enlarge_smoothly(plane: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Enlarges colours, which have no edges of their own; several times quicker than :func:`_enlarge`."""
    cv2 = load_cv2()
    enlarged: NDArray[np.float32] = cv2.resize(np.ascontiguousarray(plane), size, interpolation=cv2.INTER_CUBIC)
    return enlarged.reshape(size[1], size[0])


@cache
def _build_quick_table(light: Colorimetry) -> NDArray[np.uint32]:
    """Returns U, V, and the lowest and the highest luma code that they leave inside RGB, a byte each.

    They are of each a*, b* and level of four luma codes, one after the other: a* and b* change slowly over a frame and
    luma quickly, so that what is looked up next is near, in the processor's cache.
    """
    lumas = np.arange(_LEVELS) * 4 + 1.5
    gray = np.clip((lumas - light.black) / light.luma_span, 0.0, 1.0) * LUMA_STEPS
    over = _linear_weights(gray, LUMA_STEPS + 1)
    across = _linear_weights(np.arange(_SIDE) / AB_STEP, 2 * AB_LIMIT // AB_STEP + 1)
    entry = np.empty((_LEVELS, _BYTES, _BYTES, 4), np.uint8)
    for place, values in enumerate(coarse_table(light)):
        # what is interpolated between codes in range is in range; halves are rounded by the cut to whole numbers
        codes = np.clip(values * light.chroma_span + light.neutral, 0, 255) + np.float32(0.5)
        levels = np.tensordot(over, codes, 1)
        entry[:, :_SIDE, :_SIDE, place] = across @ levels @ across.T
    entry[:, :_SIDE, _SIDE:] = entry[:, :_SIDE, _SIDE - 1 : _SIDE]
    entry[:, _SIDE:] = entry[:, _SIDE - 1 : _SIDE]
    pair = entry.view("<u2")[..., 0]
    for place, limit in enumerate(luma_limits(light), 2):
        entry[..., place] = np.take(limit, pair)
    return np.moveaxis(entry.view(np.uint32)[..., 0], 0, -1).ravel()


@cache
def _build_reaches(light: Colorimetry) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Returns, of each U + 256 V of 8 bits, 1 by how far the least of RGB lies under luma, and the most over it."""
    levels = (np.arange(256, dtype=np.float32) - np.float32(light.neutral)) / np.float32(light.chroma_span)
    under, over = rgb_offsets(light, levels[None, :], levels[:, None])
    return tuple((1.0 / np.maximum(reach, np.float32(1e-6))).ravel() for reach in (-under, over))  # type: ignore[return-value]


@cache
def _build_margins(light: Colorimetry) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Returns, of each luma code of 8 bits, how far it lies over black and under white, 0..1."""
    gray = np.clip((np.arange(256, dtype=np.float32) - light.black) / light.luma_span, 0.0, 1.0).astype(np.float32)
    return gray, 1.0 - gray


def _linear_weights(places: NDArray[np.float64], count: int) -> NDArray[np.float32]:
    """Returns (len(places), count): the linear interpolation at fractional places between so many entries."""
    return np.maximum(0.0, 1.0 - np.abs(places[:, None] - np.arange(count))).astype(np.float32)


def _interpolate(
    table: NDArray[np.float32], gray: NDArray[Any], a: NDArray[np.float32], b: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Returns Cb and Cr at fractional places of a table (2,y,i,j)."""
    _, levels, side, _ = table.shape
    flat = table.reshape(2, -1)
    places = (gray, *((np.clip(v, -AB_LIMIT, AB_LIMIT) + AB_LIMIT) / np.float32(AB_STEP) for v in (a, b)))
    base = np.zeros(gray.shape, np.int32)
    fractions = []
    for place, count, step in zip(places, (levels, side, side), (side * side, side, 1), strict=True):
        whole = np.minimum(place.astype(np.int32), count - 2)
        base += whole * np.int32(step)
        fractions.append(place - whole)
    out = np.zeros((2, *gray.shape), np.float32)
    for corner in range(8):
        weight = np.ones(gray.shape, np.float32)
        offset = 0
        for bit, (fraction, step) in enumerate(zip(fractions, (side * side, side, 1), strict=True)):
            upper = corner >> bit & 1
            weight *= fraction if upper else 1.0 - fraction
            offset += step * upper
        out += weight * flat[:, base + offset]
    return out[0], out[1]

"""Predicts the colours of one frame of a film, on the grid of the network's output."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import OptionError
from photochrom.inference.propagation import spread
from photochrom.inference.session import OnnxSession
from photochrom.recolor import resize
from photochrom.registry import ModelCard
from photochrom.system.opencv import load_cv2

__all__ = ["FrameHint", "predict_frame", "shrink_view", "view_size"]

Plane = NDArray[np.float32]

#: frames wider than this have as many cells as one of this shape, not more
_WIDE = 16 / 9
#: a frame longer than this many short sides is seen smaller, as photos are
_MAX_ASPECT = 4.0


@dataclass(frozen=True, kw_only=True)
class FrameHint:
    """A colour at a place of one frame of a shot, held from there on along the motion.

    Attributes:
        frame: its number within the shot.
        x: 0..1 of the frame's width, from the left.
        y: 0..1 of its height, from the top.
        ab: a* and b*, Lab units.
        radius: of the spot that has this colour, 0..1 of the frame's width; 0 for the point alone.
        doubtful: whether it may be wrong, as a match with another photo may be: colours go only part of the way to it.

    Raises:
        OptionError: a value is out of range.
    """

    frame: int
    x: float
    y: float
    ab: tuple[float, float]
    radius: float = 0.0
    doubtful: bool = False

    def __post_init__(self) -> None:
        if self.frame < 0:
            raise OptionError("video.frame_hint_frame_negative", frame=self.frame)
        for name in ("x", "y", "radius"):
            value = getattr(self, name)
            if not 0.0 <= value <= 1.0:
                raise OptionError("video.frame_hint_out_of_range", name=name, value=value)


def view_size(card: ModelCard, height: int, width: int, size: int | None = None) -> tuple[int, int]:
    """Returns the size at which the network sees a film's frame.

    Args:
        card: the network's.
        height: of the frame, pixels.
        width: of the frame, pixels.
        size: short side of the view, pixels; None for the network's largest. A frame wider than 16:9 is seen a little
            smaller, so that no film costs more a frame than one of that shape.

    Returns:
        Height and width, multiples of ``card.output_stride``.
    """
    side = size or max(card.sizes)
    short, long = sorted((height, width))
    scale = min(side / max(short, long / _MAX_ASPECT), side * (_WIDE / (height * width)) ** 0.5)
    cell = card.output_stride
    return max(1, round(height * scale / cell)) * cell, max(1, round(width * scale / cell)) * cell


def shrink_view(view: Plane, size: tuple[int, int]) -> Plane:
    """Returns a view (h,w), averaged down to another height and width."""
    if view.shape == size:
        return view
    small: Plane = load_cv2().resize(view, size[::-1], interpolation=load_cv2().INTER_AREA)
    return small


def predict_frame(
    session: OnnxSession,
    view: Plane,
    *,
    sizes: Sequence[int],
    vividness: float,
    hints: Sequence[FrameHint] = (),
) -> Plane:
    """Predicts the colours of one frame.

    Where the network is to see several sizes, the answers are averaged, and what they lack of the hints is spread over
    what belongs to them, as for photos.

    Args:
        session: the network.
        view: (h,w) float32, L* 0..100, multiples of the card's output stride; taken as being of the largest size.
        sizes: short sides, pixels, of which only the ratios count.
        vividness: 0..2.
        hints: colours at places of this frame.

    Returns:
        (2,h/s,w/s) float32, a*b* in Lab units, edge to edge, s being the card's output stride.

    Raises:
        OptionError: the network takes no hints or has no vividness, but was given one.
    """
    cell, stride = session.card.output_stride, session.card.stride
    height, width = (side // cell for side in view.shape)
    answers = []
    likeness: Plane | None = None
    deviation: Plane | None = None
    for size in sizes:
        cells = [max(1, round(side * size / max(sizes))) for side in (height, width)]
        seen = shrink_view(view, (cells[0] * cell, cells[1] * cell))
        padded = np.pad(seen, [(0, -side % stride) for side in seen.shape], "edge")
        grid = padded.shape[0] // cell, padded.shape[1] // cell
        drawn = _draw_hints(hints, (cells[0], cells[1]), grid) if hints else None
        found = session.predict(padded, hints=drawn, vividness=vividness)
        inside = np.s_[..., : cells[0], : cells[1]]
        answers.append(np.stack([resize(np.ascontiguousarray(plane), (width, height)) for plane in found.ab[inside]]))
        if size == max(sizes):
            likeness, deviation = (
                None if plane is None else plane[inside] for plane in (found.likeness, found.deviation)
            )
    mean: Plane = np.mean(answers, axis=0)
    if not hints:
        return mean
    sure, doubtful = (
        _draw_hints([hint for hint in hints if hint.doubtful is doubt], (height, width), (height, width))
        for doubt in (False, True)
    )
    light = shrink_view(view, (height, width))
    return spread(mean, sure, matches=doubtful, lightness=light, likeness=likeness, deviation=deviation)


def _draw_hints(hints: Sequence[FrameHint], content: tuple[int, int], grid: tuple[int, int]) -> Plane:
    """Draws hints on a grid whose upper left part, ``content``, is the frame: (3, *grid), a*, b* and the mask."""
    out = np.zeros((3, *grid), np.float32)
    rows, columns = (np.arange(side) + 0.5 for side in content)
    for hint in hints:
        y, x = hint.y * content[0], hint.x * content[1]
        # the cell the point is in, and all whose centre the spot covers
        spot = (rows[:, None] - y) ** 2 + (columns[None, :] - x) ** 2 <= (hint.radius * content[1]) ** 2
        spot[min(int(y), content[0] - 1), min(int(x), content[1] - 1)] = True
        out[:, : content[0], : content[1]][:, spot] = np.array([*hint.ab, 1.0], np.float32)[:, None]
    return out

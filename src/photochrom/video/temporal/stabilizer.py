"""Colours one shot so that its colours keep still.

The network predicts a frame now and then (every eighth, and sooner where much has come into view). A prediction follows
the things it was about along optical flow, forward and backward in time, and fades with the time that lies between. A
frame's colours are the weighted mean of the predictions that reach it: the network's view of each thing over the last
seconds and the next, not of one frame. Predictions end where flow is not believed, so that nothing is dragged along and
what comes into view has only those of its own.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import OptionError
from photochrom.inference.guidance import Guidance
from photochrom.inference.predictor import Predictor
from photochrom.inference.session import OnnxSession
from photochrom.inference.views import VIDEO, FrameView, downscale_view
from photochrom.options import ColorOptions, Help, Range, check_number, range_of
from photochrom.registry import ModelCard
from photochrom.video.temporal.color_accumulator import ColorAccumulator
from photochrom.video.temporal.frame_hint import FrameHint
from photochrom.video.temporal.hint_tracking import follow_hints, hints_at, locate_hints
from photochrom.video.temporal.optical_flow import Motion, find_motion, warp_layers

__all__ = ["LOOK_AHEAD", "ShotState", "StabilizerOptions", "color_shot", "view_size"]

#: colouring frame n reads views up to n + LOOK_AHEAD, and no further
LOOK_AHEAD = 24
#: frames between two the network sees, at most and at least
_STEP, _LEAST_STEP = 8, 3
#: the part of the frame that the last prediction does not cover, over which the network predicts again
_UNSEEN = 0.4
#: frames after which a prediction counts a third, forward and backward in time; the latter is short beside LOOK_AHEAD,
#: so that predictions from there come in softly
_PAST, _FUTURE = 100.0, 20.0
#: weight of what the network says about a frame in which nothing could be followed, seen in a flash or a blur
_DAZZLED = 0.25
#: a*b* by which a new hint changes a cell, for the predictions of before to count a third there
_OVERRULED = 3.0

Plane = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class StabilizerOptions(ColorOptions):
    """How a shot is coloured.

    Args:
        vividness: as :class:`photochrom.options.ColorOptions`.
        strength: as :class:`photochrom.options.ColorOptions`.
        input_size: as :class:`photochrom.options.ColorOptions`.
        palette: as :class:`photochrom.options.ColorOptions`.
        temporal_smoothing: 0 for frame by frame, the network predicting each; 1 for the default; between, shorter
            memory.

    Raises:
        OptionError: a value is out of range.
    """

    temporal_smoothing: Annotated[
        float, Range(0.0, 1.0), Help("How still the colours hold: 0 each frame by itself, 1 along the motion.")
    ] = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number("temporal_smoothing", self.temporal_smoothing, range_of(type(self), "temporal_smoothing"))


def view_size(card: ModelCard, height: int, width: int, input_size: int | None = None) -> tuple[int, int]:
    """Returns height and width, pixels, at which a network sees a film's frame.

    Args:
        card: the network's.
        height: of the frame, pixels.
        width: of the frame, pixels.
        input_size: short side of the view, pixels; None for the network's largest.
    """
    side = input_size or max(card.sizes)
    return VIDEO.shape(height, width, short_side=side, cell=card.output_stride)


@dataclass(frozen=True, eq=False)
class ShotState:
    """All that colouring the rest of a shot needs of what came before.

    Attributes:
        frame: number, within the shot, of the next frame.
        predicted: number of the last frame the network predicted.
        light: (h,w) float32, L* of the frame before, on the grid of the network's output.
        colors: what the past says about that frame.
        seen: (h,w) float32 0..1, the part of it that the last prediction covered.
        places: (n,3) float32, where the hints are on it.
    """

    frame: int
    predicted: int
    light: Plane
    colors: ColorAccumulator
    seen: Plane
    places: Plane

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Returns it as arrays, for ``numpy.savez``."""
        planes = {"light": self.light, "colors": self.colors.sums, "seen": self.seen, "places": self.places}
        return {"numbers": np.array([self.frame, self.predicted]), **planes}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "ShotState":
        """Returns what :meth:`to_arrays` was called on; the arrays may be those of an ``.npz`` file."""
        frame, predicted = (int(number) for number in arrays["numbers"])
        light, colors, seen, places = (
            arrays[name].astype(np.float32) for name in ("light", "colors", "seen", "places")
        )
        return cls(frame, predicted, light, ColorAccumulator(colors), seen, places)


@dataclass(frozen=True, eq=False)
class _WaitingFrame:
    """One frame with what the past says about it, and how it moved since the frame before."""

    state: ShotState
    motion: Motion | None
    #: the network's a*b* for it and their weights, if the network predicted it
    prediction: tuple[Plane, Plane] | None


def color_shot(
    session: OnnxSession,
    views: Iterable[Plane],
    *,
    options: StabilizerOptions,
    hints: Sequence[FrameHint] = (),
    state: ShotState | None = None,
) -> Iterator[tuple[Plane, ShotState]]:
    """Colours one shot.

    To stop after some frame, keep the state that came with it. To go on, give it back with the views from frame
    ``state.frame`` to the end of the shot, the same options and the same hints: every frame is then equal to that of
    one run. Views that end before the shot does change at most the last :data:`LOOK_AHEAD` frames before their end.

    Args:
        session: the network.
        views: (h,w) float32, L* 0..100, all of the size :func:`view_size` gives, in order; read at most
            :data:`LOOK_AHEAD` frames ahead.
        options: how.
        hints: colours at places of frames of this shot. Each is held from its frame on along the motion until what it
            is on leaves; before its frame it fades in over about a second, unless
            :func:`photochrom.video.temporal.hint_tracking.trace_hints_back` has taken it there too.
        state: to go on from.

    Yields:
        For each view (2,h/s,w/s) float32, a*b* in Lab units, edge to edge, s being the card's output stride; and the
        state after it.

    Raises:
        OptionError: a view is of another size, or the network takes no hints or has no vividness but was given one.
    """
    stabilizer = _ShotStabilizer(session, options, hints)
    last, waiting = state, deque[_WaitingFrame]()
    held_back: Plane | None = None
    for view in views:
        frame = stabilizer.advance(last, view)
        last, held_back = frame.state, view if frame.prediction is None else None
        waiting.append(frame)
        while last.frame > waiting[0].state.predicted + LOOK_AHEAD:
            yield from stabilizer.settle_frames(waiting)
    if held_back is not None:
        # nothing is behind the last frame that could tell what came into view since the network predicted
        waiting[-1] = stabilizer.predict(waiting[-1], held_back)
    while waiting:
        yield from stabilizer.settle_frames(waiting)


class _ShotStabilizer:
    def __init__(self, session: OnnxSession, options: StabilizerOptions, hints: Sequence[FrameHint]) -> None:
        self._predictor, self._hints, self._options = Predictor(session), hints, options
        self._step = _STEP if options.temporal_smoothing > 0 else 1
        self._past, self._future = (
            float(np.exp(-1 / max(frames * options.temporal_smoothing, 1e-9))) for frames in (_PAST, _FUTURE)
        )

    def advance(self, last: ShotState | None, view: Plane) -> _WaitingFrame:
        """Takes the next view, and predicts it if it is time to."""
        cell = self._predictor.card.output_stride
        light = downscale_view(view, (view.shape[0] // cell, view.shape[1] // cell))
        if last is None:
            nothing, colors = np.zeros_like(light), ColorAccumulator.empty(light.shape)
            start = ShotState(1, 0, light, colors, nothing, locate_hints(self._hints))
            return self.predict(_WaitingFrame(start, None, None), view)
        if light.shape != last.light.shape:
            raise OptionError("video.view_shape_changed", shape=light.shape, before=last.light.shape)
        motion = find_motion(last.light, light)
        state = ShotState(
            last.frame + 1,
            last.predicted,
            light,
            last.colors.warp(motion.back, motion.kept, self._past),
            warp_layers(last.seen, motion.back) * motion.kept * (not motion.lost),
            follow_hints(last.places, motion, self._hints, last.frame),
        )
        frame = _WaitingFrame(state, motion, None)
        since = last.frame - last.predicted
        unseen = float((state.seen < 0.5).mean())
        due = since >= self._step or motion.lost or (since >= _LEAST_STEP and unseen > _UNSEEN)
        new_hint = any(hint.frame == last.frame for hint in self._hints)
        return self.predict(frame, view) if due or new_hint else frame

    def predict(self, frame: _WaitingFrame, view: Plane) -> _WaitingFrame:
        """Lets the network predict a frame.

        The weight is the time since it last did, or 1 where it has not, so that predicting more often changes no mean.
        """
        state, number = frame.state, frame.state.frame - 1
        lost = frame.motion is not None and frame.motion.lost
        hints = hints_at(self._hints, state.places, number)
        ab = self._predict(view, hints)
        weight = np.maximum(np.float32((number - state.predicted) / self._step), 1.0 - state.seen)
        weight = weight * np.float32(_DAZZLED) if lost else weight
        before = state.colors
        known = [hint for hint in hints if hint.frame < number]
        if number and len(known) < len(hints):
            # a person's word counts more than what the network said before it, just where it changes something
            change = np.hypot(*(ab - self._predict(view, known)))
            before = before.fade(np.exp(-change / _OVERRULED))
        seen = np.full_like(state.seen, 0.0 if lost else 1.0)
        predicted = ShotState(number + 1, number, state.light, before.accumulate(ab, weight), seen, state.places)
        return _WaitingFrame(predicted, frame.motion, (ab, weight))

    def settle_frames(self, waiting: deque[_WaitingFrame]) -> Iterator[tuple[Plane, ShotState]]:
        """Colours the frames up to the next one that the network predicted, and takes them off."""
        predicted = waiting[0].state.predicted
        ahead = [frame for frame in waiting if frame.state.frame <= predicted + LOOK_AHEAD + 1]
        stop = sum(frame.state.predicted == predicted for frame in ahead)
        future = ColorAccumulator.empty(waiting[0].state.light.shape)
        colors: list[Plane] = []
        later: Motion | None = None
        for number in range(len(ahead) - 1, -1, -1):
            frame = ahead[number]
            if later is not None:
                future = future.warp(later.ahead, later.lasting, self._future)
            if number < stop:
                colors.append(frame.state.colors.merge(future).resolve())
            elif frame.prediction is not None:
                future = future.accumulate(*frame.prediction)
            later = frame.motion
        while colors:
            yield colors.pop(), waiting.popleft().state

    def _predict(self, view: Plane, hints: Sequence[FrameHint]) -> Plane:
        options = self._options
        frame = FrameView(view, options.input_size or max(self._predictor.card.sizes))
        guidance = Guidance(tuple(hint.on(frame.extent) for hint in hints), options.palette)
        predicted = self._predictor.predict(frame, guidance, vividness=options.vividness, input_size=options.input_size)
        return predicted.ab

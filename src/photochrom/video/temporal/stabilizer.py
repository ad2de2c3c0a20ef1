"""Colours one shot so that its colours keep still.

The network predicts key frames: every 48th, and sooner where much has come into view or the picture has become another.
A prediction follows the things it was about along optical flow, forward and backward in time, and fades with the time
that lies between. A frame's colours are the weighted mean of the predictions that reach it: the network's view of each
thing over the last seconds and the next, not of one frame. Predictions end where flow is not believed or where the
thing is no longer as light as it was, so that nothing is dragged along and what comes into view has only those of its
own. The network sees all frames of a shot at one exposure.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import OptionError
from photochrom.inference.guidance import Guidance
from photochrom.inference.predictor import Predictor
from photochrom.inference.session import OnnxSession
from photochrom.inference.views import FrameView
from photochrom.options import ColorOptions, Help, Range, check_integer, check_number, range_of
from photochrom.recolor import resize_planes
from photochrom.video.temporal.background import EVERY, Background, find_camera
from photochrom.video.temporal.color_accumulator import ColorAccumulator
from photochrom.video.temporal.exposure import follow_exposure
from photochrom.video.temporal.frame_hint import FrameHint
from photochrom.video.temporal.hint_tracking import follow_hints, hints_at, locate_hints
from photochrom.video.temporal.key_frames import LONGEST_STEP, LOOK_AHEAD, is_mostly_new, lacks_last, lacks_much
from photochrom.video.temporal.optical_flow import Motion, no_motion, warp_layers
from photochrom.video.temporal.shot_state import ShotState
from photochrom.video.temporal.shot_view import ShotView
from photochrom.video.temporal.smoothing import smooth_colors
from photochrom.video.temporal.tone import SAME

__all__ = ["LONGEST_STEP", "LOOK_AHEAD", "ShotState", "StabilizerOptions", "color_shot"]

#: frames between two the network sees, at least, where the picture is another one
_LEAST_STEP = 6
#: frames after which a prediction counts a third, forward in time; backward it comes in softly over LOOK_AHEAD
_PAST = 200.0
#: mean L* between a frame and the exposure of its shot, for what the network says about known things to count a third:
#: much of them is lost in the dark, or in a glare
_OTHER_EXPOSURE = 4.0
#: weight of what the network says about a frame in which nothing could be followed, seen in a flash or a blur
_DAZZLED = 0.25
#: below this mean agreement of the carried colours with what is there, the picture is another one: a dissolve
_OTHER_PICTURE = 0.5
#: the old one's colours then keep this part of their weight; for so many frames the new one is still coming, is looked
#: at as often as may be, and what was said of it earlier keeps that part each time
_GONE, _SETTLING, _SAID_EARLY = 0.1, 24, 0.3
#: a frame with less than this part of the contrast of the one before is washed out by light or darkness; so many of
#: them, one after the other, are what there is to see
_WASHED_OUT, _DAZZLED_FRAMES = 0.5, 12
#: a cell with less weight has no past to be compared
_UNKNOWN = 0.03
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
        keyframe_interval: frames from one that the network sees to the next, at most; 1 for every frame.

    Raises:
        OptionError: a value is out of range.
    """

    temporal_smoothing: Annotated[
        float, Range(0.0, 1.0), Help("How still the colours hold: 0 each frame by itself, 1 along the motion.")
    ] = 1.0
    keyframe_interval: Annotated[
        int, Range(1, LONGEST_STEP), Help("The network sees one frame of so many, at least; 1 for every frame.")
    ] = LONGEST_STEP

    def __post_init__(self) -> None:
        super().__post_init__()
        check_integer("keyframe_interval", self.keyframe_interval, 1, LONGEST_STEP)
        check_number("temporal_smoothing", self.temporal_smoothing, range_of(type(self), "temporal_smoothing"))


@dataclass(frozen=True, eq=False)
class _WaitingFrame:
    """One frame with what the past says about it, and how it moved since the frame before."""

    state: ShotState
    motion: Motion | None
    #: (h,w) how far the past is about what is there; None for as far as it was carried
    agreement: Plane | None = None
    #: what is there cannot be seen, in a flash or in the dark
    blind: bool = False
    #: the network's a*b* for it and their weights, if the network predicted it
    prediction: tuple[Plane, Plane] | None = None


def color_shot(
    session: OnnxSession,
    views: Iterable[ShotView],
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
        views: of the frames in order, all of the size that
            :func:`photochrom.video.temporal.shot_view.view_size` gives; read at most :data:`LOOK_AHEAD` frames
            ahead.
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
    stabilizer = _ShotStabilizer(session, options, hints, None if state is None else state.shown)
    last, waiting = state, deque[_WaitingFrame]()
    held_back: ShotView | None = None
    for view in views:
        frame = stabilizer.advance(last, view)
        last, held_back = frame.state, view if frame.prediction is None else None
        waiting.append(frame)
        while count := stabilizer.count_settled(waiting):
            yield from stabilizer.settle_frames(waiting, count)
    if held_back is not None and lacks_last(waiting[-1].state, options.keyframe_interval):
        waiting[-1] = stabilizer.predict(waiting[-1], held_back)
    while waiting:
        yield from stabilizer.settle_frames(waiting, _count_same(waiting))


class _ShotStabilizer:
    def __init__(
        self, session: OnnxSession, options: StabilizerOptions, hints: Sequence[FrameHint], shown: Plane | None
    ) -> None:
        self._predictor, self._hints, self._options, self._shown = Predictor(session), hints, options, shown
        self._steady = options.temporal_smoothing > 0
        self._step = options.keyframe_interval if self._steady else 1
        self._past = float(np.exp(-1 / max(_PAST * options.temporal_smoothing, 1e-9)))

    def advance(self, last: ShotState | None, view: ShotView) -> _WaitingFrame:
        """Takes the next view, and predicts it if it is time to."""
        light = view.light
        if last is None:
            nothing, colors = np.zeros_like(light), ColorAccumulator.empty(light.shape)
            start = ShotState(1, 0, light, colors, nothing, locate_hints(self._hints), Background.empty(light.shape))
            return self.predict(_WaitingFrame(start, None), view)
        if light.shape != last.light.shape:
            raise OptionError("video.view_shape_changed", shape=light.shape, before=last.light.shape)
        since = last.frame - last.predicted
        wanted = since >= self._step or any(hint.frame == last.frame for hint in self._hints)
        if self._steady and last.dazzled < _DAZZLED_FRAMES and light.std() < _WASHED_OUT * last.light.std():
            # a flash, or a black frame: what was there waits for the picture to come back
            held = _WaitingFrame(replace(last, frame=last.frame + 1, dazzled=last.dazzled + 1), no_motion(light.shape))
            held = replace(held, blind=True)
            return self.predict(held, view) if wanted else held
        motion = view.find_motion(last.light)
        camera = find_camera(motion)
        state = ShotState(
            last.frame + 1,
            last.predicted,
            light,
            last.colors.warp(motion.back, motion.kept, self._past),
            # what is followed at all is still covered, however much grain there is
            warp_layers(last.seen, motion.back) * np.minimum(motion.kept * 2, 1.0),
            follow_hints(last.places, motion, self._hints, last.frame),
            last.background.follow(camera, self._past),
            last.exposure,
            unsettled=max(last.unsettled - 1, 0),
        )
        if self._steady and not (motion.lost or state.unsettled):
            colors, found = state.background.uncover(state.colors, state.level_light)
            state = replace(state, colors=colors, seen=np.maximum(state.seen, found))
        frame, other = self._compare(_WaitingFrame(state, motion))
        state = frame.state
        if not (frame.blind or state.unsettled or state.frame % EVERY):
            background = state.background.remember(state.colors, state.level_light, motion, camera)
            frame = replace(frame, state=replace(state, background=background))
        if frame.blind or (other and since >= _LEAST_STEP // 2):
            wanted = True
        elif since >= _LEAST_STEP:
            wanted |= frame.state.unsettled > 0 or lacks_much(frame.state, since, self._step)
        return self.predict(frame, view) if wanted else frame

    def _compare(self, frame: _WaitingFrame) -> tuple[_WaitingFrame, bool]:
        """Finds what of the past is about what is there, and whether hardly anything is: the picture is another one."""
        state, motion = frame.state, frame.motion
        if not self._steady or motion is None:
            return frame, False
        known = state.colors.sums[..., 3] > _UNKNOWN
        # in a dissolve it is not the light that changes
        if not motion.lost and not state.unsettled:
            exposure = follow_exposure(state.exposure, state.light, state.colors.lightness(), known)
            state = replace(state, exposure=exposure)
            frame = replace(frame, state=state)
        light = state.level_light
        agreement = state.colors.agree(light)
        part = float(agreement[known].mean()) if known.any() else 1.0
        if part >= _OTHER_PICTURE:
            return replace(frame, agreement=agreement), False
        if motion.lost:
            # a whip of the camera
            return replace(frame, state=replace(state, seen=np.zeros_like(light)), blind=True), True
        # a shot of its own, at an exposure of its own
        gone = agreement * np.float32(_GONE)
        new = replace(state, exposure=SAME, seen=state.seen * gone, unsettled=_SETTLING)
        new = replace(new, background=Background.empty(light.shape))
        return replace(frame, state=new, agreement=gone), True

    def predict(self, frame: _WaitingFrame, view: ShotView) -> _WaitingFrame:
        """Lets the network predict a frame.

        The weight goes by the time since it last did, so that predicting more often changes no mean; it is 1 after
        :data:`LOOK_AHEAD` frames, and where it has not yet.
        """
        state, number = frame.state, frame.state.frame - 1
        hints = hints_at(self._hints, state.places, number)
        seen = state.exposure.level(view.read())
        ab = self._predict(seen, hints, whole=self._step == 1 or bool(hints) or is_mostly_new(state))
        moved = float((state.level_light - state.light).mean()) / _OTHER_EXPOSURE
        again = min((number - state.predicted) / min(self._step, LOOK_AHEAD), 1.0) * np.exp(-moved * moved)
        weight = np.maximum(np.float32(again), 1.0 - state.seen)
        weight = weight * np.float32(_DAZZLED) if frame.blind else weight
        before = state.colors if frame.agreement is None else state.colors.fade(frame.agreement)
        if state.unsettled:
            before = before.fade(np.full_like(state.seen, _SAID_EARLY))
        known = [hint for hint in hints if hint.frame < number]
        if number and len(known) < len(hints):
            # a person's word counts more than what the network said before it, just where it changes something
            change = np.hypot(*(ab - self._predict(seen, known, whole=True)))
            kept = np.exp(-change / _OVERRULED)
            before = before.fade(kept)
            state = replace(state, background=state.background.fade(kept))
        covered = np.full_like(state.seen, 0.0 if frame.blind else 1.0)
        colors = before.accumulate(ab, state.level_light, weight)
        predicted = replace(state, predicted=number, colors=colors, seen=covered)
        return replace(frame, state=predicted, agreement=None, prediction=(ab, weight))

    def count_settled(self, waiting: Sequence[_WaitingFrame]) -> int:
        """Returns how many of the waiting frames, from the first, have all of the future that has a say in them.

        Up to :data:`LOOK_AHEAD` frames after a prediction they wait for the next one, which they then have in common.
        Without one, each waits for as long by itself.
        """
        if not waiting:
            return 0
        first, last = waiting[0].state, waiting[-1].state
        if last.frame <= first.predicted + LOOK_AHEAD:
            return 0
        same = _count_same(waiting)
        return same if same < len(waiting) else int(last.frame - first.frame >= LOOK_AHEAD)

    def settle_frames(self, waiting: deque[_WaitingFrame], count: int) -> Iterator[tuple[Plane, ShotState]]:
        """Colours the first frames and takes them off; the next prediction is about a frame after them, if any."""
        predicted = waiting[0].state.predicted
        end = max(predicted + LOOK_AHEAD + 1, waiting[min(count, len(waiting) - 1)].state.frame)
        ahead = [frame for frame in waiting if frame.state.frame <= end]
        if all(frame.prediction is None for frame in ahead[count:]):
            ahead = ahead[:count]
        #: predictions that lie ahead, each with the place in the list of the frame it is about
        future: list[tuple[int, ColorAccumulator]] = []
        colors: list[Plane] = []
        later: Motion | None = None
        for number in range(len(ahead) - 1, -1, -1):
            frame = ahead[number]
            if later is not None:
                future = [(place, said.warp(later.ahead, later.lasting, 1.0)) for place, said in future]
            if number < count:
                colors.append(self._mix(frame, number, future))
            elif frame.prediction is not None:
                ab, weight = frame.prediction
                empty = ColorAccumulator.empty(weight.shape)
                future.append((number, empty.accumulate(ab, frame.state.level_light, weight)))
            later = frame.motion
        while colors:
            yield self._show(waiting.popleft(), colors.pop())

    def _show(self, frame: _WaitingFrame, colors: Plane) -> tuple[Plane, ShotState]:
        """Returns the colours that a frame is given after the frame before, and the state after it."""
        if self._steady and self._shown is not None and frame.motion is not None:
            strength = self._options.temporal_smoothing
            colors = smooth_colors(colors, self._shown, frame.motion, agreement=frame.agreement, strength=strength)
        self._shown = colors
        return colors, replace(frame.state, shown=colors)

    def _mix(self, frame: _WaitingFrame, number: int, future: Sequence[tuple[int, ColorAccumulator]]) -> Plane:
        """Returns the mean of what the past and the future say about a frame."""
        state = frame.state
        mixed = state.colors if frame.agreement is None else state.colors.fade(frame.agreement)
        light = state.level_light
        for place, said in future:
            # nothing of what comes into the window, and all of what is next
            nearness = 1.0 - (place - number) / (1.0 + LOOK_AHEAD * self._options.temporal_smoothing)
            if nearness > 0:
                trust = np.ones_like(light) if frame.blind else said.agree(light)
                mixed = mixed.merge(said.fade(trust * np.float32(nearness)))
        return mixed.resolve()

    def _predict(self, view: Plane, hints: Sequence[FrameHint], *, whole: bool) -> Plane:
        """Returns the network's a*b*, on its finest grid.

        What is ``whole`` is seen at all sizes; where the shot has been seen before, the smallest one is as good, and
        takes a fifth of the time.
        """
        options, card = self._options, self._predictor.card
        side = options.input_size or max(card.sizes)
        frame = FrameView(view, side)
        guidance = Guidance(tuple(hint.on(frame.extent) for hint in hints), options.palette)
        wanted = options.input_size if whole else min(side, *card.sizes)
        ab = self._predictor.predict(frame, guidance, vividness=options.vividness, input_size=wanted).ab
        height, width = (length // card.output_stride for length in view.shape)
        return resize_planes(ab, (width, height))


def _count_same(waiting: Sequence[_WaitingFrame]) -> int:
    """Returns how many frames, from the first, come before the next prediction."""
    predicted = waiting[0].state.predicted
    return sum(frame.state.predicted == predicted for frame in waiting)

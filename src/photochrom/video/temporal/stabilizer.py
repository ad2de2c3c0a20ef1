"""Steady colour for one shot.

The network looks at a frame now and then (every eighth, and sooner where much has come into view). What it says is a
vote, which follows the thing it was about along optical flow, forward and backward in time, and fades with the time
that lies between. A frame's colours are the mean of the votes that reach it: the network's view of each thing over the
last seconds and the next, not of one frame. Votes end where flow is not believed, so that nothing is dragged along and
what comes into view has only votes of its own.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import OptionError
from photochrom.inference.frame_predictor import FrameHint, ask, shrink_view, view_size
from photochrom.inference.session import OnnxSession
from photochrom.video.temporal.color_accumulator import cast, count, pass_on
from photochrom.video.temporal.hint_tracking import follow, held, put_down
from photochrom.video.temporal.optical_flow import Motion, carry, find_motion

__all__ = ["LOOK_AHEAD", "FrameHint", "ShotState", "SteadyOptions", "color_shot", "view_size"]

#: colouring frame n reads views up to n + LOOK_AHEAD, and no further
LOOK_AHEAD = 24
#: frames between two the network sees, at most and at least
_STEP, _LEAST_STEP = 8, 3
#: the part of the frame that the last look does not cover, over which the network looks again
_UNSEEN = 0.4
#: frames after which a vote counts a third, forward and backward in time; the latter is short beside LOOK_AHEAD, so
#: that votes from there come in softly
_PAST, _FUTURE = 100.0, 20.0
#: weight of what the network says about a frame in which nothing could be followed, seen in a flash or a blur
_DAZZLED = 0.25
#: a*b* by which a new hint changes a cell, for the votes of before to count a third there
_OVERRULED = 3.0

Plane = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class SteadyOptions:
    """How a shot is coloured.

    Args:
        vividness: 0 for the mean of what the network thinks possible, 1 for the default, 2 for bold.
        steady: 0 for frame by frame, the network looking at each; 1 for the default; between, shorter memory.
        size: short side of the view the network sees, pixels; None for its own, with all sizes of its card.

    Raises:
        OptionError: a value is out of range.
    """

    vividness: float = 1.0
    steady: float = 1.0
    size: int | None = None

    def __post_init__(self) -> None:
        for name, high in (("vividness", 2.0), ("steady", 1.0)):
            if not 0.0 <= getattr(self, name) <= high:
                raise OptionError(f"{name} is {getattr(self, name)!r}: give a number from 0 to {high:g}")
        if self.size is not None and not (isinstance(self.size, int | np.integer) and 32 <= self.size <= 2048):
            raise OptionError(f"size is {self.size!r}: give a whole number of pixels from 32 to 2048")


@dataclass(frozen=True, eq=False)
class ShotState:
    """All that colouring the rest of a shot needs of what came before.

    Attributes:
        frame: number, within the shot, of the next frame.
        looked: number of the last frame the network looked at.
        light: (h,w) float32, L* of the frame before, on the grid of the network's output.
        votes: (h,w,3) float32, what the past says about that frame.
        seen: (h,w) float32 0..1, the part of it that the last look covered.
        places: (n,3) float32, where the hints are on it.
    """

    frame: int
    looked: int
    light: Plane
    votes: Plane
    seen: Plane
    places: Plane

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """As arrays, for ``numpy.savez``."""
        planes = {name: getattr(self, name) for name in ("light", "votes", "seen", "places")}
        return {"numbers": np.array([self.frame, self.looked]), **planes}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "ShotState":
        """What :meth:`to_arrays` gave; from an ``.npz`` file too."""
        frame, looked = (int(number) for number in arrays["numbers"])
        light, votes, seen, places = (arrays[name].astype(np.float32) for name in ("light", "votes", "seen", "places"))
        return cls(frame, looked, light, votes, seen, places)


@dataclass(frozen=True, eq=False)
class _Step:
    """One frame with what the past says about it, and how it moved since the frame before."""

    state: ShotState
    motion: Motion | None
    #: the network's own vote, if it looked
    vote: Plane | None


def color_shot(
    engine: OnnxSession,
    views: Iterable[Plane],
    *,
    options: SteadyOptions,
    hints: Sequence[FrameHint] = (),
    state: ShotState | None = None,
) -> Iterator[tuple[Plane, ShotState]]:
    """Colour one shot.

    To stop after some frame, keep the state that came with it. To go on, give it back with the views from frame
    ``state.frame`` to the end of the shot, the same options and the same hints: every frame is then equal to that of
    one run. Views that end before the shot does change at most the last :data:`LOOK_AHEAD` frames before their end.

    Args:
        engine: the network.
        views: (h,w) float32, L* 0..100, all of the size :func:`view_size` gives, in order; read at most
            :data:`LOOK_AHEAD` frames ahead.
        options: how.
        hints: colours at places of frames of this shot. Each is held from its frame on along the motion until what it
            is on leaves; before its frame it fades in over about a second, unless
            :func:`photochrom.video.temporal.hint_tracking.trace_back` has taken it there too.
        state: to go on from.

    Yields:
        For each view (2,h/s,w/s) float32, a*b* in Lab units, edge to edge, s being the card's output stride; and the
        state after it.

    Raises:
        OptionError: a view is of another size, or the network takes no hints or has no vividness but was given one.
    """
    shot = _Shot(engine, options, hints)
    last, waiting = state, deque[_Step]()
    held_back: Plane | None = None
    for view in views:
        step = shot.step(last, view)
        last, held_back = step.state, view if step.vote is None else None
        waiting.append(step)
        while last.frame > waiting[0].state.looked + LOOK_AHEAD:
            yield from shot.settle(waiting)
    if held_back is not None:
        # nothing is behind the last frame that could tell what came into view since the network looked
        waiting[-1] = shot.look(waiting[-1], held_back)
    while waiting:
        yield from shot.settle(waiting)


class _Shot:
    def __init__(self, engine: OnnxSession, options: SteadyOptions, hints: Sequence[FrameHint]) -> None:
        self._engine, self._hints, self._vividness = engine, hints, options.vividness
        self._sizes = [options.size] if options.size else engine.card.sizes
        self._step = _STEP if options.steady > 0 else 1
        self._past, self._future = (
            float(np.exp(-1 / max(frames * options.steady, 1e-9))) for frames in (_PAST, _FUTURE)
        )

    def step(self, last: ShotState | None, view: Plane) -> _Step:
        """Take the next view, and look at it if it is time to."""
        cell = self._engine.card.output_stride
        light = shrink_view(view, (view.shape[0] // cell, view.shape[1] // cell))
        if last is None:
            nothing = np.zeros_like(light)
            start = ShotState(1, 0, light, np.zeros((*light.shape, 3), np.float32), nothing, put_down(self._hints))
            return self.look(_Step(start, None, None), view)
        if light.shape != last.light.shape:
            raise OptionError(f"a view has {light.shape} cells after {last.light.shape}: give views of one size")
        motion = find_motion(last.light, light)
        state = ShotState(
            last.frame + 1,
            last.looked,
            light,
            pass_on(last.votes, motion.back, motion.kept, self._past),
            carry(last.seen, motion.back) * motion.kept * (not motion.lost),
            follow(last.places, motion, self._hints, last.frame),
        )
        step = _Step(state, motion, None)
        since = last.frame - last.looked
        unseen = float((state.seen < 0.5).mean())
        due = since >= self._step or motion.lost or (since >= _LEAST_STEP and unseen > _UNSEEN)
        new_hint = any(hint.frame == last.frame for hint in self._hints)
        return self.look(step, view) if due or new_hint else step

    def look(self, step: _Step, view: Plane) -> _Step:
        """Let the network vote on a frame.

        Its weight is the time since it last did, or 1 where it has not, so that looking more often changes no mean.
        """
        state, number = step.state, step.state.frame - 1
        lost = step.motion is not None and step.motion.lost
        hints = held(self._hints, state.places, number)
        ab = self._ask(view, hints)
        weight = np.maximum(np.float32((number - state.looked) / self._step), 1.0 - state.seen)
        vote = cast(ab, weight * np.float32(_DAZZLED) if lost else weight)
        before = state.votes
        known = [hint for hint in hints if hint.frame < number]
        if number and len(known) < len(hints):
            # a person's word counts more than what the network said before it, just where it changes something
            change = np.hypot(*(ab - self._ask(view, known)))
            before = before * np.exp(-change / _OVERRULED)[..., None]
        seen = np.full_like(state.seen, 0.0 if lost else 1.0)
        return _Step(ShotState(number + 1, number, state.light, before + vote, seen, state.places), step.motion, vote)

    def settle(self, waiting: deque[_Step]) -> Iterator[tuple[Plane, ShotState]]:
        """Colour the frames up to the next one that the network looked at, and take them off."""
        looked = waiting[0].state.looked
        ahead = [step for step in waiting if step.state.frame <= looked + LOOK_AHEAD + 1]
        stop = sum(step.state.looked == looked for step in ahead)
        votes = np.zeros_like(waiting[0].state.votes)
        colors: list[Plane] = []
        later: Motion | None = None
        for number in range(len(ahead) - 1, -1, -1):
            step = ahead[number]
            if later is not None:
                votes = pass_on(votes, later.ahead, later.lasting, self._future)
            if number < stop:
                colors.append(count(step.state.votes + votes))
            elif step.vote is not None:
                votes = votes + step.vote
            later = step.motion
        while colors:
            yield colors.pop(), waiting.popleft().state

    def _ask(self, view: Plane, hints: Sequence[FrameHint]) -> Plane:
        return ask(self._engine, view, sizes=self._sizes, vividness=self._vividness, hints=hints)

"""Which frames of a shot the network sees: as few as tell what is in it."""

from photochrom.video.temporal.shot_state import ShotState

__all__ = ["LONGEST_STEP", "LOOK_AHEAD", "is_mostly_new", "lacks_last", "lacks_much"]

#: colouring frame n reads views up to n + LOOK_AHEAD, and no further
LOOK_AHEAD = 24
#: frames from one that the network sees to the next, at most
LONGEST_STEP = 48
#: frames between two, at least, where more and more of the frame cannot be followed
_LEAST_STEP = 12
#: the part of the frame that the last prediction does not cover, over which the network predicts again: soon, and where
#: half of the longest step has gone by
_MUCH_UNSEEN, _SOME_UNSEEN = 0.4, 0.1
#: and in the last frame of a shot, where so many frames have not gone by
_LITTLE_UNSEEN, _LAST_STEP = 0.01, 6


def lacks_much(state: ShotState, since: int, step: int) -> bool:
    """Returns whether a frame is to be predicted for what came into view.

    Args:
        state: after the frame.
        since: frames since the last prediction.
        step: frames from one prediction to the next, at most.
    """
    bearable = _SOME_UNSEEN if since >= step // 2 else _MUCH_UNSEEN
    return since >= _LEAST_STEP and _find_unseen(state) > bearable


def lacks_last(state: ShotState, step: int) -> bool:
    """Returns whether the last frame of a shot, with the state after it, is to be predicted.

    Nothing is behind it that could tell what came into view since the last prediction.
    """
    since = state.frame - 1 - state.predicted
    return since >= min(step, _LAST_STEP) or _find_unseen(state) > _LITTLE_UNSEEN


def is_mostly_new(state: ShotState) -> bool:
    """Returns whether the last prediction says so little about a frame that it is as good as the first of a shot."""
    return _find_unseen(state) > _MUCH_UNSEEN


def _find_unseen(state: ShotState) -> float:
    """Returns the part of a frame, 0..1, that the last prediction does not cover."""
    return float((state.seen < 0.5).mean())

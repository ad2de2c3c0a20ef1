"""Remembers how fast videos are coloured here, to say how long the next will take before it is begun."""

from photochrom.web.storage.store import Storage

__all__ = ["PaceBook"]

_PLACE = "pace.json"
#: seconds for a frame of a megapixel, before anything was measured: a laptop of some years ago
_UNKNOWN = 0.1
#: what a frame costs besides its pixels, in megapixels that cost as much: flow and network work on small copies
_FIXED = 0.3
#: weight of the last video
_NEWEST = 0.5


class PaceBook:
    """The paces of one storage's workers, by network.

    Args:
        storage: where they are noted.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def estimate(self, model: str, frames: int, pixels: int) -> float:
        """Returns about how long a video takes, seconds.

        Args:
            model: the network's name.
            frames: of the video.
            pixels: of one frame.
        """
        known = self._storage.read_json(_PLACE) or {}
        pace = known.get(model, _UNKNOWN)
        return float(pace if isinstance(pace, int | float) else _UNKNOWN) * frames * _cost(pixels)

    def note(self, model: str, frames: int, pixels: int, seconds: float) -> None:
        """Takes how long a video took; see :meth:`estimate`."""
        if frames < 1 or seconds <= 0:
            return
        pace = seconds / (frames * _cost(pixels))
        with self._storage.lock(_PLACE):
            known = self._storage.read_json(_PLACE) or {}
            before = known.get(model, pace)
            known[model] = _NEWEST * pace + (1 - _NEWEST) * (before if isinstance(before, int | float) else pace)
            self._storage.write_json(_PLACE, known)


def _cost(pixels: int) -> float:
    return _FIXED + pixels / 1e6

"""Films that were joined end to end in one file: where their time begins again, and how it goes on instead."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any

from photochrom.video.media.av import load_av
from photochrom.video.media.probe import Video

__all__ = ["Join", "Joiner", "find_joins"]

#: FFmpeg's names of containers whose packets carry stamps of their own, so that files can be put end to end
_STAMPED = {"mpegts", "mpeg", "flv"}
#: those of broadcasting, where a leap forward is a new beginning too
_BROADCAST = {"mpegts", "mpeg"}
#: seconds back, and forward, that are not a fault of one packet's stamp
_BACK, _FORWARD = Fraction(1, 10), Fraction(10)
#: seconds from one packet of a stream to the next by which a new beginning is believed
_NEAR = Fraction(1)
#: bytes from a join within which packets were still in the making when the file before it ended
_CLOSE = 1 << 16


@dataclass(frozen=True)
class Join:
    """A place from which other stamps count.

    Attributes:
        position: its byte in the file.
        shift: seconds to add to the stamps.
        start: when it is shown in the joined film, seconds on its stamps.
    """

    position: int
    shift: Fraction
    start: Fraction


@dataclass
class _Part:
    """A stretch of the file with one time; times are seconds, by the stream's number."""

    position: int
    last: dict[int, Fraction] = field(default_factory=dict)
    first: dict[int, Fraction] = field(default_factory=dict)
    end: dict[int, Fraction] = field(default_factory=dict)

    def add(self, found: "_Stamp") -> None:
        key = found.stream
        self.last[key] = found.decoded
        self.first[key] = min(self.first.get(key, found.shown), found.shown)
        self.end[key] = max(self.end.get(key, found.end), found.end)


@dataclass(frozen=True)
class _Stamp:
    """Where a packet stands in the file, and when it is decoded, shown and over."""

    stream: int
    position: int
    decoded: Fraction
    shown: Fraction
    end: Fraction


def find_joins(video: Video) -> tuple[Join, ...]:
    """Returns where the time of a film begins again; nothing for nearly all films.

    Raises:
        UnreadableFilmError: the film cannot be opened any more.
    """
    names = set(video.container.split(","))
    if not names & _STAMPED:
        return ()
    parts = [_Part(0)]
    doubted: dict[int, _Stamp] = {}
    forward = bool(names & _BROADCAST)
    for found in _read_stamps(video):
        before = doubted.pop(found.stream, None)
        leaps = _leaps(parts[-1], found, forward=forward)
        if before is not None and leaps and abs(found.decoded - before.decoded) <= _NEAR:
            _begin_part(parts, before)
            leaps = False
        if leaps:
            # believed once the stream's next packet says the same
            doubted[found.stream] = found
        else:
            _place(parts, found)
    joins = []
    shift = Fraction(0)
    for one, other in pairwise(parts):
        shift += _distance(one, other, video)
        joins.append(Join(other.position, shift, other.first.get(video.index, min(other.first.values())) + shift))
    return tuple(joins)


def _read_stamps(video: Video) -> Iterator[_Stamp]:
    av = load_av()
    usual = 1 / video.rate
    covers = {track.index for track in video.tracks if track.cover}
    with video.open() as container:
        streams = [s for s in container.streams if s.type in ("video", "audio") and s.index not in covers]
        positions: dict[int, int] = {}
        packets = container.demux(streams)
        while True:
            try:
                packet = next(packets)
            except (StopIteration, av.FFmpegError):
                return
            if packet.dts is None and packet.pts is None:
                continue
            if packet.pos is not None and packet.pos >= 0:
                # of several frames in one packet of the container, the first alone has a place
                positions[packet.stream.index] = packet.pos
            base = packet.time_base
            decoded = (packet.pts if packet.dts is None else packet.dts) * base
            shown = decoded if packet.pts is None else packet.pts * base
            length = packet.duration * base if packet.duration else usual
            yield _Stamp(packet.stream.index, positions.get(packet.stream.index, 0), decoded, shown, shown + length)


def _leaps(part: _Part, found: _Stamp, *, forward: bool) -> bool:
    last = part.last.get(found.stream)
    if last is None:
        return False
    latest = max(part.last.values())
    return found.decoded < last - _BACK or (forward and found.decoded > latest + _FORWARD)


def _place(parts: list[_Part], found: _Stamp) -> None:
    part = parts[-1]
    if len(parts) > 1 and found.position < part.position and found.stream not in part.last:
        # packets of one stream come out later than those of another that stand behind them in the file
        before = parts[-2].last.get(found.stream)
        if before is not None and -_BACK <= found.decoded - before <= _FORWARD:
            part = parts[-2]
        else:
            part.position = found.position
    part.add(found)


def _begin_part(parts: list[_Part], found: _Stamp) -> None:
    part = _Part(found.position)
    # another stream may have begun the same part: its packets may stand before or behind in the file
    begun = min(parts[-1].first.values(), default=None)
    if len(parts) > 1 and found.stream not in parts[-1].first and begun is not None:
        part = parts[-1]
        part.position = min(part.position, found.position)
    else:
        parts.append(part)
    part.add(found)


def _distance(one: _Part, other: _Part, video: Video) -> Fraction:
    """Returns the seconds by which the second part's stamps lag behind where the first part ends."""
    if video.index in one.end and video.index in other.first:
        return one.end[video.index] - other.first[video.index]
    return max(one.end.values()) - min(other.first.values())


class Joiner:
    """Gives packets one continuous time, stream by stream.

    Args:
        joins: from :func:`find_joins`.
    """

    def __init__(self, joins: Sequence[Join]) -> None:
        self._positions = [join.position for join in joins]
        self._shifts = [Fraction(0), *(join.shift for join in joins)]
        self._places: dict[int, int] = {}

    def is_near_join(self, packet: Any) -> bool:
        """Returns whether a packet stands close to a join in the file."""
        return packet.pos is not None and any(abs(packet.pos - place) < _CLOSE for place in self._positions)

    def apply(self, packet: Any) -> None:
        """Moves a packet's stamps to the film's one time."""
        if not self._positions:
            return
        stream = packet.stream.index
        if packet.pos is not None and packet.pos >= 0:
            self._places[stream] = bisect_right(self._positions, packet.pos)
        shift = self._shifts[self._places.get(stream, 0)]
        if shift and packet.time_base:
            ticks = round(shift / packet.time_base)
            packet.pts = None if packet.pts is None else packet.pts + ticks
            packet.dts = None if packet.dts is None else packet.dts + ticks

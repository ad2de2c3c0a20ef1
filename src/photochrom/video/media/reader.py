"""Reads a film's frames: the luma in the film's own codes, exact time stamps, and what was broken on the way."""

import gc
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import UnsupportedFilmError
from photochrom.video.media.av import find_side_data, load_av
from photochrom.video.media.joins import Join, Joiner
from photochrom.video.media.pixel_formats import plane_of
from photochrom.video.media.probe import Video
from photochrom.video.media.stills import read_stills
from photochrom.video.yuv.colorimetry import colorimetry_of

__all__ = ["Frame", "FrameReader"]

#: PyAV's names of the matrices that RGB is turned with
_MATRICES = {1: "ITU709", 6: "ITU601"}
#: frames from one that is asked for captions to the next, at least, and how many are asked before memory is tidied
_ASKED_APART, _ASKED_AT_ONCE = 4, 16


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame, as the film stores it.

    Attributes:
        pts: time stamp in the film's time base, larger than the last frame's.
        duration: ticks it is shown, as the film says; 0 where it does not.
        luma: (H,W) uint8 or uint16, in the film's own codes.
        chroma: the film's own U and V, of its own subsampling; None where it has none.
        interlaced: it is two fields.
        alpha: (H,W) transparency, 0 for none to be seen, over the whole range of the codes; None where it has none.
    """

    pts: int
    duration: int
    luma: NDArray[Any]
    chroma: tuple[NDArray[Any], NDArray[Any]] | None
    interlaced: bool
    alpha: NDArray[Any] | None = None

    @property
    def mark(self) -> int:
        """Returns a checksum of a sample of the luma, to know the frame again."""
        return zlib.crc32(self.luma[::8, ::8].tobytes())


class FrameReader:
    """Reads one film from the start or from a time stamp on.

    Args:
        video: from :func:`photochrom.video.media.probe.probe`.
        threads: processor threads for decoding; 1 gives broken films the same frames each time; 0 for all.
        joins: where the film's time begins again.
        captions: look for closed captions.

    Attributes:
        broken: packets and frames the decoder could not make whole, since the last start.
        repaired: time stamps that were missing or not ascending.
        interrupted: the file ended in the middle, or could not be read on.
        captioned: there are closed captions; they come with every frame, or with every key frame.
    """

    def __init__(self, video: Video, *, threads: int = 0, joins: Sequence[Join] = (), captions: bool = False) -> None:
        self.video = video
        self.broken = 0
        self.repaired = 0
        self.interrupted = False
        self.captioned = False
        self._threads = threads
        self._joins = joins
        self._captions = captions
        self._asked, self._since = 0, _ASKED_APART

    def frames(self, start: int | None = None) -> Iterator[Frame]:
        """Yields the frames in the order they are shown; with ``start``, those from that time stamp on.

        Raises:
            UnreadableFilmError: the film cannot be opened any more.
            UnsupportedFilmError: the picture changes its size or kind on the way.
        """
        self.broken = self.repaired = 0
        self.interrupted = self.captioned = False
        stills = self.video.stills
        if stills is not None:
            first = 0 if stills.animated else start or 0
            yield from self.number(read_stills(stills, first), start)
            return
        with self.video.open() as container:
            stream = container.streams[self.video.index]
            stream.thread_type = "AUTO"
            stream.codec_context.thread_count = self._threads
            if start is not None:
                container.seek(start, stream=stream, backward=True)
            yield from self.number(self._decode_all(container, stream), start)

    def number(self, frames: Iterable[Any], start: int | None = None) -> Iterator[Frame]:
        """Yields PyAV's frames as :class:`Frame`, with time stamps that ascend; see :meth:`frames`."""
        last: int | None = None
        step = 0
        for decoded in frames:
            pts = decoded.pts
            if pts is None or (last is not None and pts <= last):
                self.repaired += 1
                pts = 0 if last is None else last + (max(1, step) if pts is None else 1)
            if last is not None:
                step = pts - last
            step = decoded.duration or step
            last = pts
            if start is None or pts >= start:
                yield self._make_frame(decoded, pts)

    def _decode_all(self, container: Any, stream: Any) -> Iterator[Any]:
        av = load_av()
        packets = container.demux(stream)
        joiner = Joiner(self._joins)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except av.FFmpegError:
                # what the decoder still holds is good
                self.interrupted = True
                yield from self._decode_packet(stream, None)
                return
            joiner.apply(packet)
            # a transport stream counts its packets, and at a join the count leaps: nothing is broken there
            self.broken += bool(packet.is_corrupt) and not joiner.is_near_join(packet)
            yield from self._decode_packet(stream, packet)

    def _decode_packet(self, stream: Any, packet: Any) -> Iterator[Any]:
        av = load_av()
        if packet is not None and not packet.size and packet.dts is not None:
            # no bytes stand for the same picture again, in AVI and Theora: the one before is shown longer
            return
        try:
            frames = stream.codec_context.decode(packet)
        except av.FFmpegError:
            self.broken += 1
            return
        for frame in frames:
            self.broken += bool(frame.is_corrupt)
            if self._captions and not self.captioned:
                self._look_for_captions(frame)
            yield frame

    def _look_for_captions(self, frame: Any) -> None:
        """Looks at a key frame now and then.

        PyAV ties a frame and its side data to each other, so that whoever asks keeps the picture in memory until cycles
        are collected.
        """
        self._since += 1
        if not frame.key_frame or self._since < _ASKED_APART:
            return
        self._since, self._asked = 0, self._asked + 1
        self.captioned = find_side_data(frame, "A53_CC") is not None
        if not self._asked % _ASKED_AT_ONCE:
            gc.collect()

    def _make_frame(self, decoded: Any, pts: int) -> Frame:
        video, layout = self.video, self.video.layout
        if (decoded.width, decoded.height) != (video.width, video.height) or decoded.format.name != video.pixel_format:
            raise UnsupportedFilmError(
                "video.format_changes",
                path=video.path,
                before=f"{video.width}x{video.height} {video.pixel_format}",
                after=f"{decoded.width}x{decoded.height} {decoded.format.name}",
            )
        interlaced = bool(decoded.interlaced_frame)
        duration = int(decoded.duration or 0)
        if decoded.format.name != layout.format:
            decoded = self._convert(decoded)
        count = 4 if layout.alpha_plane else 3 if layout.chroma else 1
        planes = [plane_of(decoded, number, layout.dtype) for number in range(count)]
        if layout.dtype.byteorder == ">":
            planes = [plane.astype(np.uint16) for plane in planes]
        chroma = (planes[1], planes[2]) if layout.kind == "yuv" else None
        return Frame(pts, duration, planes[0], chroma, interlaced, planes[3] if layout.alpha_plane else None)

    def _convert(self, decoded: Any) -> Any:
        layout = self.video.layout
        if layout.kind != "rgb":
            return decoded.reformat(format=layout.format)
        return decoded.reformat(
            format=layout.format, dst_colorspace=_MATRICES[colorimetry_of(self.video).matrix], dst_color_range="MPEG"
        )

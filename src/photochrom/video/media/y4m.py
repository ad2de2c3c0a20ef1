"""YUV4MPEG2 (Y4M): uncompressed frames one after the other, which programs hand on through pipes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import UnreadableFilmError
from photochrom.image_io.film_starts import START_BYTES, is_film_start
from photochrom.image_io.formats import is_picture_start
from photochrom.system.streams import write_fully
from photochrom.video.media.av import load_av
from photochrom.video.media.encoder import Encoding
from photochrom.video.media.probe import Video, describe_stream
from photochrom.video.media.reader import Frame, FrameReader

__all__ = ["PipedFilm", "Y4mWriter"]

_MAGIC = b"YUV4MPEG2 "
#: bytes asked of the pipe at once
_BLOCK = 1 << 20
#: bytes of the line before each frame
_FRAME = b"FRAME\n"


class _Pipe:
    """Reads a stream that cannot seek, and counts; ``head`` has been read already."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head, self._stream = head, stream
        # what has come is used, without waiting for a block to be full
        self._read_some = getattr(stream, "read1", stream.read)
        self.count = 0

    def read(self, size: int) -> bytes:
        """Returns some bytes, at most ``size``; none at the end."""
        data, self._head = self._head[:size], self._head[size:]
        data = data or self._read_some(size)
        self.count += len(data)
        return data


class PipedFilm:
    """A film that comes as Y4M through a pipe, read once.

    Args:
        stream: of bytes, at the film's start.
        name: of the stream, for messages.

    Attributes:
        video: what the film's header says.
        cut_short: the pipe ended inside a frame; known once all frames have been read.

    Raises:
        UnreadableFilmError: it is not Y4M, or not one frame is whole.
        UnsupportedFilmError: its pixels are of a kind that is not read here.
    """

    video: Video

    def __init__(self, stream: BinaryIO, name: Path) -> None:
        av = load_av()
        head = stream.read(START_BYTES)
        if not head:
            raise UnreadableFilmError("video.pipe_empty")
        if not head.startswith(_MAGIC):
            is_other = is_picture_start(head) or is_film_start(head)
            raise UnreadableFilmError("video.pipe_not_y4m" if is_other else "video.pipe_not_a_film")
        self.cut_short = False
        self._pipe = _Pipe(head, stream)
        self._end = 0
        try:
            self._container = av.open(self._pipe, format="yuv4mpegpipe", buffer_size=_BLOCK)
            self._decoded = self._decode()
            first = next(self._decoded, None)
        except (av.FFmpegError, ValueError) as error:
            raise UnreadableFilmError("video.pipe_damaged") from error
        if first is None:
            raise UnreadableFilmError("video.pipe_damaged")
        self._first = first
        self.video = describe_stream(name, self._container, self._container.streams.video[0], first)

    def frames(self) -> Iterator[Frame]:
        """Yields the frames; to be called once."""

        def decoded() -> Iterator[Any]:
            yield self._first
            yield from self._decoded

        yield from FrameReader(self.video).number(decoded())

    def _decode(self) -> Iterator[Any]:
        av = load_av()
        stream = self._container.streams.video[0]
        try:
            for packet in self._container.demux(stream):
                if packet.size:
                    self._end = (packet.pos or 0) + len(_FRAME) + packet.size
                yield from stream.codec_context.decode(packet)
        except av.EOFError:
            pass
        except av.FFmpegError:
            self.cut_short = True
        self.cut_short |= self._pipe.count > self._end


class Y4mWriter:
    """Writes frames as Y4M.

    Args:
        stream: of bytes, buffered or not.
        encoding: size, rate, pixel format, range, fields and shape of pixels.
    """

    def __init__(self, stream: BinaryIO, encoding: Encoding) -> None:
        self._stream = stream
        self._head = _compose_header(encoding)

    def write(self, planes: tuple[NDArray[Any], ...]) -> None:
        """Writes a frame's Y, U and V, in the encoding's codes.

        Raises:
            OSError: the disk is full, or nobody reads the pipe any more.
        """
        write_fully(self._stream, self._head + _FRAME)
        self._head = b""
        for plane in planes:
            codes = plane if plane.dtype == np.uint8 else plane.astype("<u2", copy=False)
            write_fully(self._stream, np.ascontiguousarray(codes).data.cast("B"))


def _compose_header(encoding: Encoding) -> bytes:
    rate, aspect = (f"{over}:{under}" for over, under in (encoding.rate, encoding.aspect))
    fields = ("t" if encoding.top_first else "b") if encoding.interlaced else "p"
    kind = encoding.pixel_format[3:6]
    # colours are made for the middle between the pixels, as JPEG has them
    chroma = f"{kind}p{encoding.depth}" if encoding.depth > 8 else f"{kind}jpeg" if kind == "420" else kind
    span = "FULL" if encoding.full_range else "LIMITED"
    size = f"W{encoding.width} H{encoding.height}"
    return f"YUV4MPEG2 {size} F{rate} I{fields} A{aspect} C{chroma} XCOLORRANGE={span}\n".encode()

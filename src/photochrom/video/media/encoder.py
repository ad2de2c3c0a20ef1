"""How the pictures of one film are compressed: the same settings for every segment, so that their packets join."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import OptionError, UnsupportedFilmError
from photochrom.system.processes import restore_scheduling
from photochrom.video.media.av import load_av
from photochrom.video.media.containers import CODECS, Container, choose_pixels
from photochrom.video.media.pixel_formats import set_plane
from photochrom.video.media.probe import Video
from photochrom.video.yuv.colorimetry import Colorimetry

__all__ = ["Encoding", "FrameEncoder", "Packet", "choose_encoding"]

_STEPS = {"420": (2, 2), "422": (2, 1), "444": (1, 1)}
#: AVFieldOrder
_TOP_FIRST, _BOTTOM_FIRST, _PROGRESSIVE = 2, 3, 1
#: sides, pixels, below which x264's macroblock tree is left off
_TINY = 96
#: frames a second an MPEG-2 stream can have
_MPEG2_RATES = tuple(Fraction(n, d) for n, d in ((24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (50, 1)))
_MPEG2_RATES += (Fraction(60000, 1001), Fraction(60))


@dataclass(frozen=True)
class Packet:
    """A compressed frame: its bytes, the number of the frame in the film, and whether decoding can begin at it."""

    data: bytes
    frame: int
    key: bool


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """Everything an encoder is set to.

    Attributes:
        codec: a name of :data:`photochrom.video.media.containers.CODECS`.
        pixel_format: planar YUV.
        width, height: pixels.
        rate: numerator and denominator of the frames a second that bits are shared out by.
        options: of the encoder.
        depth: bits of a code of the pixel format.
        shift: bits the film's own luma codes are moved up by; below 0, bits they lose.
        full_range, matrix, primaries, transfer: as ITU-T H.273 numbers them, written into the stream.
        aspect: numerator and denominator of a pixel's width by its height.
        interlaced, top_first: frames are two fields each.
        threads: of the encoder; part of the settings, because another number gives other bits.
        global_header: the stream's headers go into the container.
    """

    codec: str
    pixel_format: str
    width: int
    height: int
    rate: tuple[int, int]
    options: dict[str, str]
    depth: int
    shift: int
    full_range: bool
    matrix: int
    primaries: int
    transfer: int
    aspect: tuple[int, int]
    interlaced: bool
    top_first: bool
    threads: int
    global_header: bool

    @property
    def steps(self) -> tuple[int, int]:
        """Returns the luma pixels across and down to one of chroma."""
        return _STEPS[self.pixel_format.replace("yuva", "yuv")[3:6]]

    @property
    def alpha(self) -> bool:
        """Returns whether transparency is kept, as a fourth plane."""
        return self.pixel_format.startswith("yuva")

    @property
    def colorimetry(self) -> Colorimetry:
        """Returns what the codes of the luma that comes in mean, and those of the chroma to put beside it."""
        return Colorimetry(self.matrix, self.primaries, self.full_range, self.depth)

    @property
    def seconds(self) -> Fraction:
        """Returns one frame's time, by which the encoder counts."""
        return Fraction(self.rate[1], self.rate[0])

    def to_json(self) -> dict[str, Any]:
        """Returns it as plain JSON, for the journal."""
        return asdict(self)

    def set_up(self, context: Any) -> None:
        """Sets up a PyAV codec context that is not open yet."""
        av = load_av()
        context.width, context.height, context.pix_fmt = self.width, self.height, self.pixel_format
        context.framerate, context.time_base = 1 / self.seconds, self.seconds
        context.sample_aspect_ratio = Fraction(*self.aspect)
        context.color_range = 2 if self.full_range else 1
        context.colorspace, context.color_primaries, context.color_trc = self.matrix, self.primaries, self.transfer
        context.thread_count = self.threads
        flags = av.codec.context.Flags
        if self.interlaced:
            context.flags |= int(flags.interlaced_dct | flags.interlaced_me)
            context.field_order = _TOP_FIRST if self.top_first else _BOTTOM_FIRST
        if self.global_header:
            context.flags |= int(flags.global_header)
        if "global_quality" in self.options:
            context.qscale = True
            context.global_quality = int(self.options["global_quality"])
        context.options = {key: value for key, value in self.options.items() if key != "global_quality"}


def choose_encoding(
    video: Video,
    colorimetry: Colorimetry,
    *,
    container: Container,
    codec: str,
    quality: int | None,
    preset: str | None,
    size: tuple[int, int],
    rate: Fraction,
    interlaced: bool,
    threads: int,
) -> Encoding:
    """Returns settings that keep what the film has.

    Args:
        video: the source.
        colorimetry: what its codes mean.
        container: what it is written into.
        codec: a name of :data:`photochrom.video.media.containers.CODECS`.
        quality: on the codec's own scale; None for its default.
        preset: of the encoder; None for its default.
        size: height and width written, pixels.
        rate: mean frames a second.
        interlaced: some of its frames are two fields.
        threads: processors that the encoder may keep busy.

    Raises:
        OptionError: the codec has no such quality or preset.
        UnsupportedFilmError: the codec cannot hold the film's bits, size, fields or rate.
    """
    chosen = CODECS[codec]
    height, width = size
    if interlaced and not chosen.interlaced:
        raise UnsupportedFilmError("video.interlacing_unsupported", path=video.path, codec=codec)
    if codec == "mpeg2" and rate not in _MPEG2_RATES:
        raise UnsupportedFilmError("video.rate_unsupported", path=video.path, rate=float(rate))
    pixel_format = choose_pixels(video.layout, codec, height, width)
    depth = int(pixel_format.replace("yuva", "yuv")[7:-2] or 8)
    options = _encoder_options(codec, choose_quality(codec, quality), preset, threads, pixel_format)
    if codec == "h264" and min(height, width) < _TINY:
        # with it x264 was seen to give 64x48 pictures other bits now and then; a segment made anew must be the same
        options["x264-params"] = "mbtree=0"
    if container.muxer == "avi" and codec == "h264":
        # AVI has no place for the time stamps of frames that are stored out of order
        options["bf"] = "0"
    return Encoding(
        codec=codec,
        pixel_format=pixel_format,
        width=width,
        height=height,
        rate=(rate.numerator, rate.denominator),
        options=options,
        depth=depth,
        shift=depth - video.layout.depth,
        full_range=colorimetry.full_range,
        matrix=colorimetry.matrix,
        primaries=video.primaries,
        transfer=video.transfer,
        aspect=(video.aspect.numerator, video.aspect.denominator),
        interlaced=interlaced,
        top_first=video.top_first,
        # x264's threads wait for each other, each for what it refers to of the frame before: by its own rule too, half
        # as many more keep all processors busy
        threads=threads * 3 // 2 if codec == "h264" else threads,
        global_header=container.global_header,
    )


def choose_quality(codec: str, quality: int | None) -> int | None:
    """Returns the quality given, checked, or the codec's default.

    Raises:
        OptionError: the codec does not have this quality.
    """
    scale = CODECS[codec].quality
    if scale is None:
        if quality is not None:
            raise OptionError("video.quality_unavailable", codec=codec)
        return None
    default, low, high = scale
    if quality is None:
        return default
    if not low <= quality <= high:
        raise OptionError("video.quality_out_of_range", quality=quality, codec=codec, low=low, high=high)
    return quality


def _encoder_options(codec: str, quality: int | None, preset: str | None, threads: int, pixels: str) -> dict[str, str]:
    chosen = CODECS[codec]
    options = dict(chosen.options)
    if preset is not None and preset not in chosen.presets:
        if not chosen.presets:
            raise OptionError("video.preset_unavailable", codec=codec, preset=preset)
        raise OptionError("video.preset_unknown", codec=codec, preset=preset, presets=", ".join(chosen.presets))
    if chosen.preset is not None:
        options[chosen.preset[1]] = preset or chosen.preset[0]
    if codec == "h265":
        options["x265-params"] += f":pools={threads}:frame-threads={min(threads, 4)}"
    if codec == "av1":
        options["svtav1-params"] = f"lp={threads}"
    if codec == "prores":
        # 4:4:4 has profiles of its own
        quality = max(4, quality or 0) if "444" in pixels else min(3, quality or 0)
    if chosen.knob == "qscale" and quality is not None:
        options["global_quality"] = str(quality * 118)
    elif quality is not None:
        options[chosen.knob] = str(quality)
    return options


class _FieldMarker:
    """Marks frames as two fields each, which PyAV itself cannot."""

    def __init__(self, encoding: Encoding) -> None:
        av = load_av()
        self._graph = av.filter.Graph()
        source = self._graph.add_buffer(
            width=encoding.width,
            height=encoding.height,
            format=av.VideoFormat(encoding.pixel_format),
            time_base=encoding.seconds,
        )
        mark = self._graph.add("setfield", "tff" if encoding.top_first else "bff")
        self._graph.link_nodes(source, mark, self._graph.add("buffersink")).configure()

    def __call__(self, frame: Any) -> Any:
        self._graph.vpush(frame)
        return self._graph.vpull()


class FrameEncoder:
    """Compresses frames.

    Args:
        encoding: the settings.
    """

    def __init__(self, encoding: Encoding) -> None:
        av = load_av()
        self._encoding = encoding
        self._context = av.codec.context.CodecContext.create(CODECS[encoding.codec].encoder, "w")
        encoding.set_up(self._context)
        self._context.open()
        restore_scheduling()
        self._fields = _FieldMarker(encoding) if encoding.interlaced else None
        self._dtype = np.dtype(np.uint8 if encoding.depth == 8 else "<u2")

    def encode(self, number: int, planes: Sequence[NDArray[Any]]) -> Iterator[Packet]:
        """Takes one frame, and yields what is compressed by now: of this frame, of some before, or nothing.

        Y is copied as it is: what the encoder gets is the film's own luma, bit for bit (moved up by
        ``encoding.shift``).

        Args:
            number: of the frame in the film.
            planes: Y, U, V (and alpha) in the encoding's own codes.
        """
        av, encoding = load_av(), self._encoding
        frame = av.VideoFrame(encoding.width, encoding.height, encoding.pixel_format)
        for index, plane in enumerate(planes):
            set_plane(frame, index, plane, self._dtype)
        frame.pts, frame.time_base = number, encoding.seconds
        frame.color_range, frame.colorspace = 2 if encoding.full_range else 1, encoding.matrix
        if self._fields is not None:
            frame = self._fields(frame)
            frame.pts, frame.time_base = number, encoding.seconds
        yield from _copy_packets(self._context.encode(frame))

    def flush(self) -> Iterator[Packet]:
        """Ends the stream, and yields what is left."""
        yield from _copy_packets(self._context.encode(None))


def _copy_packets(encoded: Iterable[Any]) -> Iterator[Packet]:
    for packet in encoded:
        yield Packet(bytes(packet), packet.pts, bool(packet.is_keyframe))

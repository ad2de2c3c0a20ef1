"""What films are written as: the containers, the codecs, and which pixel format keeps a film's own picture."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from photochrom.errors import OptionError, UnsupportedFilmError
from photochrom.image_io.formats import SUFFIXES
from photochrom.video.media.av import load_av
from photochrom.video.media.pixel_formats import Layout
from photochrom.video.media.stills import PATTERN

__all__ = [
    "CODECS",
    "CONTAINERS",
    "STILLS",
    "Codec",
    "Container",
    "choose_codec",
    "choose_held_codec",
    "choose_pixels",
    "container_for",
]


@dataclass(frozen=True, kw_only=True)
class Container:
    """A kind of file.

    Attributes:
        muxer: FFmpeg's name.
        codecs: which of :data:`CODECS` it holds, the default first.
        audio: the encoder sound is transcoded with where the container does not hold the source's.
        also: decoders of sound it holds although FFmpeg's table does not say so.
        text: the encoder of subtitles; None where it holds none.
        constant: it has no time stamps of its own, only a rate.
        global_header: the codec's headers stand in the container, not in the stream.
        marked: it has a place for the note that the colour is synthetic.
        stills: it is not one file, but a picture for each frame.
        assembled: it is made at the very end, from frames that were kept without loss.
    """

    muxer: str
    codecs: tuple[str, ...]
    audio: str | None
    also: tuple[str, ...] = ()
    text: str | None = None
    constant: bool = False
    global_header: bool = True
    marked: bool = True
    stills: bool = False
    assembled: bool = False


_MP4 = Container(muxer="mp4", codecs=("h264", "h265", "av1", "vp9"), audio="aac", text="mov_text")
_MPEG = Container(
    muxer="vob",
    codecs=("mpeg2",),
    audio="mp2",
    also=("mp2", "mp2float", "mp3", "mp3float", "ac3", "ac3_fixed"),
    constant=True,
    global_header=False,
    marked=False,
)
_TRANSPORT = Container(
    muxer="mpegts",
    codecs=("h264", "h265", "mpeg2"),
    audio="aac",
    also=("aac", "mp2", "mp2float", "mp3", "mp3float", "ac3", "ac3_fixed"),
    global_header=False,
    marked=False,
)
CONTAINERS: Mapping[str, Container] = {
    ".mp4": _MP4,
    ".m4v": _MP4,
    ".mov": Container(muxer="mov", codecs=("h264", "h265", "prores"), audio="aac", text="mov_text"),
    ".mkv": Container(
        muxer="matroska",
        codecs=("h264", "h265", "av1", "vp9", "prores", "ffv1", "mpeg2"),
        audio="flac",
        text="srt",
    ),
    ".webm": Container(muxer="webm", codecs=("vp9", "av1"), audio="libopus", text="webvtt"),
    ".avi": Container(muxer="avi", codecs=("h264", "ffv1"), audio="libmp3lame", constant=True, global_header=False),
    ".mpg": _MPEG,
    ".mpeg": _MPEG,
    ".ts": _TRANSPORT,
    ".gif": Container(muxer="gif", codecs=("gif",), audio=None, marked=False, assembled=True),
    ".webp": Container(muxer="webp", codecs=("webp",), audio=None, assembled=True),
    ".y4m": Container(muxer="yuv4mpegpipe", codecs=("raw",), audio=None, constant=True, marked=False, assembled=True),
}


@dataclass(frozen=True, kw_only=True)
class Codec:
    """A way to compress pictures.

    Attributes:
        encoder: FFmpeg's name.
        quality: default, and the bounds; the lower the better, but for prores; None for what has no such choice.
        knob: the encoder's option that takes it.
        preset: default, and the encoder's option that takes it; None for what has no presets.
        presets: what may be given; names, or numbers as text.
        options: always set.
        interlaced: it can hold frames of two fields.
        odd: it can hold sides that its chroma does not divide.
        intra: every frame stands alone.
        alpha: it can hold transparency.
        nominal: bits of a film that count as held, although the encoder keeps fewer; 0 for none.
        full_chroma: it has no subsampling: each pixel has a colour.
    """

    encoder: str
    quality: tuple[int, int, int] | None = None
    knob: str = "crf"
    preset: tuple[str, str] | None = None
    presets: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    interlaced: bool = False
    odd: bool = False
    intra: bool = False
    alpha: bool = False
    nominal: int = 0
    full_chroma: bool = False


_X26 = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")
_FFV1: Mapping[str, str] = {"level": "3", "g": "1", "slices": "4", "slicecrc": "1"}
CODECS: Mapping[str, Codec] = {
    "h264": Codec(encoder="libx264", quality=(18, 0, 51), preset=("veryfast", "preset"), presets=_X26, interlaced=True),
    "h265": Codec(
        encoder="libx265",
        quality=(20, 0, 51),
        preset=("fast", "preset"),
        presets=_X26,
        options={"x265-params": "log-level=error"},
    ),
    "av1": Codec(
        encoder="libsvtav1",
        quality=(28, 1, 63),
        preset=("8", "preset"),
        presets=tuple(str(number) for number in range(14)),
    ),
    "vp9": Codec(
        encoder="libvpx-vp9",
        quality=(28, 0, 63),
        preset=("4", "cpu-used"),
        presets=tuple(str(number) for number in range(9)),
        options={"b": "0", "deadline": "good", "tile-columns": "2"},
        odd=True,
    ),
    "prores": Codec(
        encoder="prores_ks",
        quality=(3, 0, 5),
        knob="profile",
        interlaced=True,
        odd=True,
        intra=True,
        alpha=True,
        # decoders give ProRes 4444 as 12 bits, whatever was put in
        nominal=12,
    ),
    "ffv1": Codec(encoder="ffv1", options=_FFV1, interlaced=True, odd=True, intra=True, alpha=True),
    "mpeg2": Codec(
        encoder="mpeg2video",
        quality=(3, 1, 31),
        knob="qscale",
        options={"g": "15", "bf": "2", "qmin": "1"},
        interlaced=True,
        odd=True,
    ),
    # kept without loss until the very end, when the file is made
    "gif": Codec(encoder="ffv1", options=_FFV1, odd=True, intra=True),
    "webp": Codec(encoder="ffv1", options=_FFV1, odd=True, intra=True, alpha=True, full_chroma=True),
    "stills": Codec(encoder="ffv1", options=_FFV1, odd=True, intra=True, alpha=True, full_chroma=True),
    "raw": Codec(encoder="ffv1", options=_FFV1, interlaced=True, odd=True, intra=True),
}


#: films of these names are read; FFmpeg's MXF takes few rates and forms of sound, and PyAV brings no encoder for Ogg
_READ_ONLY = frozenset({".mxf", ".ogv", ".ogg", ".ivf", ".flv", ".wmv", ".dv", ".m2ts", ".mts", ".vob", ".3gp"})
#: pixel formats that decoders of some years ago do not know
_NEW = {"yuva444p12le", "yuva422p12le"}
#: what a name with a number or a star in it stands for
STILLS = Container(muxer="stills", codecs=("stills",), audio=None, constant=True, stills=True, assembled=True)
#: codecs that no one chooses: their container brings them along
_ASSEMBLED = {key for container in (*CONTAINERS.values(), STILLS) if container.assembled for key in container.codecs}


def container_for(path: Path) -> Container:
    """Returns the container that a path's suffix names; a name with ``%05d`` or ``*`` stands for stills.

    Raises:
        OptionError: it does not name one.
    """
    suffix = path.suffix.lower()
    # a GIF or WebP is one film, whatever its name
    if suffix in SUFFIXES.keys() - CONTAINERS.keys() and (PATTERN.search(path.name) or "*" in path.name):
        return STILLS
    found = CONTAINERS.get(suffix)
    if found is None:
        problem = "video.container_read_only" if suffix in _READ_ONLY else "video.container_unknown"
        raise OptionError(problem, path=path, suffixes=", ".join(CONTAINERS))
    return found


def choose_held_codec(path: Path, layout: Layout, size: tuple[int, int], *, interlaced: bool) -> str:
    """Returns the first codec of a path's container that holds a film of this kind; its first where none does.

    Args:
        path: its suffix names the container.
        layout: of the film's picture.
        size: height and width, pixels.
        interlaced: its frames are two fields each.
    """
    codecs = container_for(path).codecs
    # transparency first, and of those that hold it, those that hold all bits
    fitting = [codec for codec in codecs if CODECS[codec].alpha] if layout.alpha_plane else []
    fitting.sort(key=lambda codec: bool(CODECS[codec].nominal))
    for codec in (*fitting, *codecs):
        with suppress(UnsupportedFilmError):
            choose_pixels(layout, codec, *size)
            if CODECS[codec].interlaced or not interlaced:
                return codec
    return codecs[0]


def choose_codec(path: Path, name: str | None) -> str:
    """Returns the codec for a path: the one named, or its container's own.

    Raises:
        OptionError: the codec is not known, or the container does not hold it.
    """
    container = container_for(path)
    if name is None:
        return container.codecs[0]
    known = [key for key in CODECS if key not in _ASSEMBLED]
    if name not in known:
        raise OptionError("video.codec_unknown", codec=name, known=", ".join(known))
    if name not in container.codecs:
        homes = [suffix for suffix, other in CONTAINERS.items() if name in other.codecs]
        raise OptionError(
            "video.codec_not_in_container",
            suffix=path.suffix,
            codec=name,
            suffixes=" or ".join(homes),
            codecs=" or ".join(container.codecs),
        )
    return name


def choose_pixels(layout: Layout, codec: str, height: int, width: int) -> str:
    """Returns the pixel format that keeps a film's bits, and its subsampling where the codec can.

    Gray and RGB films have no subsampling to keep: they get 4:2:0, which plays everywhere, where their size allows.

    Raises:
        UnsupportedFilmError: the codec holds fewer bits than the film has, or not its odd size.
    """
    chosen = CODECS[codec]
    av = load_av()
    offered = {found.name for found in av.codec.Codec(chosen.encoder, "w").video_formats}
    own = {(2, 2): "420", (2, 1): "422", (1, 1): "444"}.get(layout.chroma or (2, 2), "420")
    own = "420" if layout.kind == "rgb" and codec != "gif" else own
    own = "444" if chosen.full_chroma else own
    depths = [depth for depth in (8, 10, 12, 14, 16) if depth >= layout.depth]
    if layout.depth <= chosen.nominal:
        depths.append(10)
    alphas = ("a", "") if layout.alpha_plane and chosen.alpha else ("",)
    steps = {"420": (2, 2), "422": (1, 2), "444": (1, 1)}
    for alpha, depth, kind in product(alphas, depths, dict.fromkeys((own, "420", "422", "444"))):
        down, across = steps[kind]
        name = f"yuv{alpha}{kind}p" + ("" if depth == 8 else f"{depth}le")
        if name in offered - _NEW and (chosen.odd or not (height % down or width % across)):
            return name
    if layout.depth <= 10 and (height % 2 or width % 2):
        raise UnsupportedFilmError("video.size_unsupported", codec=codec, width=width, height=height)
    raise UnsupportedFilmError("video.depth_unsupported", codec=codec, depth=layout.depth)

"""What a film holds: its picture, how its numbers relate to light, its sound and the rest."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from photochrom.errors import OptionError, UnreadableFilmError, UnsupportedFilmError
from photochrom.image_io.formats import is_video
from photochrom.video.media.av import file_url, find_side_data, load_av
from photochrom.video.media.pixel_formats import Layout, find_top_first, layout_of
from photochrom.video.media.stills import Stills, find_stills, read_stills, read_turn
from photochrom.video.yuv.rotation import Orientation

__all__ = ["Track", "Video", "describe_stream", "open_video", "probe"]

#: demuxers of still pictures
_PHOTOS = ("_pipe", "image2", "tty")
_PQ, _HLG = 16, 18
#: AVFieldOrder: unknown or progressive
_PROGRESSIVE = (0, 1)


@dataclass(frozen=True)
class Track:
    """A stream other than the picture: its number in the file, kind, codec, language, and whether it is a cover."""

    index: int
    kind: str
    codec: str
    language: str | None = None
    cover: bool = False


@dataclass(frozen=True, kw_only=True)
class Video:
    """What :func:`probe` found.

    Attributes:
        path: the file.
        container: FFmpeg's names of the container, comma between them.
        codec: the picture's codec.
        index: the picture stream's number in the file.
        width, height: of the stored picture, pixels.
        pixel_format: as the decoder gives it.
        layout: how the luma is taken from it.
        full_range: luma runs over the whole range of its bits, not 16..235 (of 8).
        matrix, primaries, transfer: the numbers of ITU-T H.273 (CICP); 2 where the film does not say.
        aspect: width of a pixel by its height.
        display_matrix: nine numbers, or None for an upright picture.
        interlaced: the stream says that its frames are two fields each.
        top_first: the upper field is the earlier one.
        time_base: seconds of one tick of the time stamps.
        rate: mean frames a second.
        declared_frames: what the container's index says; 0 where it does not.
        declared_seconds: what the container says; None where it does not.
        picture_end: when the picture ends by the container's word, seconds from its own start; None where it is silent.
        start: first time stamp of any stream, seconds.
        tracks: everything besides the picture.
        chapters: how many.
        metadata: of the container.
        bytes: size of the file.
        stills: the pictures it is made of; None for a file that holds a film.
    """

    path: Path
    container: str
    codec: str
    index: int
    width: int
    height: int
    pixel_format: str
    layout: Layout
    full_range: bool
    matrix: int
    primaries: int
    transfer: int
    aspect: Fraction
    display_matrix: tuple[int, ...] | None
    interlaced: bool
    top_first: bool
    time_base: Fraction
    rate: Fraction
    declared_frames: int
    declared_seconds: float | None
    start: Fraction
    tracks: tuple[Track, ...]
    chapters: int
    metadata: Mapping[str, str] = field(default_factory=dict)
    bytes: int = 0
    picture_end: float | None = None
    stills: Stills | None = None

    def open(self) -> Any:
        """Opens the film for reading with PyAV, of stills the first; the caller closes it. See :func:`open_video`."""
        return open_video(self.stills.files[0] if self.stills else self.path)

    def fingerprint(self) -> list[object]:
        """Returns by what a later run knows the film again: the file's path, size and time, or those of all stills."""
        if self.stills is not None:
            return [str(self.path.resolve()), self.stills.fingerprint(), str(self.stills.rate)]
        found = self.path.stat()
        return [str(self.path.resolve()), found.st_size, found.st_mtime_ns]

    @property
    def orientation(self) -> Orientation:
        """Returns how the picture is turned to be seen upright."""
        return Orientation.from_matrix(self.display_matrix)

    @property
    def shown_size(self) -> tuple[int, int]:
        """Returns height and width as a viewer sees it, in square pixels of the stored height or width, upright."""
        wide = max(1, round(self.width * self.aspect))
        return self.orientation.size(self.height, wide)

    @property
    def upright_size(self) -> tuple[int, int]:
        """Returns height and width of the upright picture in its own pixels."""
        return self.orientation.size(self.height, self.width)


def open_video(path: Path) -> Any:
    """Opens a film for reading with PyAV; the caller closes it.

    Raises:
        UnreadableFilmError: the file does not exist, is not a film, or was cut short before its index.
    """
    av = load_av()
    try:
        if path.is_file() and path.stat().st_size == 0:
            raise UnreadableFilmError("video.empty", path=path)
        # what cannot be decoded as text must not end the run; a GIF's name may look like a pattern of many pictures
        return av.open(file_url(path), format="gif" if _is_gif(path) else None, metadata_errors="replace")
    except av.FFmpegError as error:
        raise _explain_failure(path, error) from error
    except OSError as error:
        raise UnreadableFilmError("video.unreadable", path=path, reason=error.strerror) from error


def _is_gif(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"GIF8"


def probe(path: str | Path, *, rate: float | None = None) -> Video:
    """Finds out what a film holds. The content decides what it is, not its name.

    Args:
        path: a file, a folder of stills, or a pattern of them such as ``frames/%05d.png``.
        rate: frames a second of stills; None for 24.

    Raises:
        OptionError: a rate is given for a film that has one of its own.
        UnreadableFilmError: the file does not exist, is not a film, has no moving picture, or none that can be decoded.
        UnsupportedFilmError: the picture is encrypted, high dynamic range, or of an unknown codec.
        MissingDependencyError: PyAV is not installed.
    """
    path = Path(path)
    stills = find_stills(path, rate)
    if stills is not None:
        return _probe_stills(path, stills)
    with open_video(path) as container:
        name = str(container.format.name)
        if name.endswith(_PHOTOS) and name != "image2pipe":
            raise UnreadableFilmError("video.is_photo", path=path)
        if rate is not None:
            raise OptionError("video.rate_of_film", path=path)
        stream = _find_video_stream(path, container)
        frame = _decode_first_frame(path, container, stream)
        return replace(describe_stream(path, container, stream, frame), bytes=path.stat().st_size)


def _probe_stills(path: Path, stills: Stills) -> Video:
    with open_video(stills.files[0]) as container:
        frame = next(read_stills(stills))
        found = describe_stream(path, container, container.streams.video[0], frame)
    return replace(
        found,
        container="webp" if stills.animated else "stills",
        rate=stills.rate,
        time_base=stills.time_base,
        declared_frames=0 if stills.animated else len(stills.files),
        declared_seconds=None,
        picture_end=None,
        start=Fraction(0),
        display_matrix=read_turn(stills.files[0]),
        bytes=sum(file.stat().st_size for file in stills.files),
        stills=stills,
    )


def _explain_failure(path: Path, error: Exception) -> UnreadableFilmError:
    """Returns what the failure to open a file comes from."""
    if not path.exists():
        return UnreadableFilmError("video.missing", path=path)
    if isinstance(error, PermissionError):
        return UnreadableFilmError("video.unreadable", path=path, reason="permission denied")
    if is_video(path):
        return UnreadableFilmError("video.truncated", path=path)
    return UnreadableFilmError("video.not_a_video", path=path)


def _find_video_stream(path: Path, container: Any) -> Any:
    av = load_av()
    pictures = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    if not pictures:
        kinds = sorted({stream.type for stream in container.streams}) or ["nothing"]
        raise UnreadableFilmError("video.no_video_stream", path=path, streams=" and ".join(kinds))
    stream = container.streams.best("video") or pictures[0]
    stream = stream if stream in pictures else pictures[0]
    tag = str(getattr(stream, "codec_tag", ""))
    if tag in ("encv", "drmi"):
        raise UnsupportedFilmError("video.encrypted", path=path)
    if stream.codec_context is None:
        raise UnsupportedFilmError("video.codec_unsupported", path=path, codec=tag.strip() or "without a name")
    return stream


def _decode_first_frame(path: Path, container: Any, stream: Any) -> Any:
    av = load_av()
    try:
        for packet in container.demux(stream):
            try:
                for frame in packet.decode():
                    return frame
            except (av.InvalidDataError, av.error.PatchWelcomeError):
                continue
    except av.FFmpegError:
        pass
    raise UnreadableFilmError("video.undecodable", path=path)


def describe_stream(path: Path, container: Any, stream: Any, frame: Any) -> Video:
    """Returns what a picture stream of an open container holds; ``frame`` is its first.

    Raises:
        UnsupportedFilmError: the picture is high dynamic range, or its pixels are of a kind that is not read here.
    """
    context = stream.codec_context
    pixel_format = str(frame.format.name)
    layout = layout_of(frame.format, path)
    transfer = int(frame.color_trc or context.color_trc)
    if transfer in (_PQ, _HLG):
        kind = "PQ (HDR10)" if transfer == _PQ else "HLG"
        raise UnsupportedFilmError("video.hdr_unsupported", path=path, transfer=kind)
    rate = stream.average_rate or stream.guessed_rate or Fraction(25)
    known = {s.index for s in container.streams if s.index == stream.index}
    tracks = tuple(
        Track(
            s.index,
            s.type,
            s.codec_context.name if s.codec_context else "",
            s.metadata.get("language"),
            cover=bool(s.type == "video" and s.disposition & load_av().stream.Disposition.attached_pic),
        )
        for s in container.streams
        if s.index not in known
    )
    starts = [s.start_time * s.time_base for s in container.streams if s.start_time is not None and s.time_base]
    return Video(
        path=path,
        container=str(container.format.name),
        codec=str(context.name),
        index=stream.index,
        width=frame.width,
        height=frame.height,
        pixel_format=pixel_format,
        layout=layout,
        full_range=_has_full_range(
            pixel_format, int(frame.color_range or context.color_range), str(context.name), layout
        ),
        matrix=int(frame.colorspace),
        primaries=int(frame.color_primaries),
        transfer=transfer,
        aspect=stream.sample_aspect_ratio or Fraction(1),
        display_matrix=_read_display_matrix(frame),
        interlaced=context.field_order not in _PROGRESSIVE or frame.interlaced_frame,
        top_first=find_top_first(int(context.field_order), frame),
        time_base=stream.time_base,
        rate=rate,
        declared_frames=stream.frames,
        declared_seconds=_read_declared_seconds(container, stream),
        start=min(starts, default=Fraction(0)),
        tracks=tracks,
        chapters=len(container.chapters()),
        metadata=dict(container.metadata),
        picture_end=_read_picture_end(container, stream),
    )


def _has_full_range(pixel_format: str, color_range: int, codec: str, layout: Layout) -> bool:
    if pixel_format.startswith("yuvj") or color_range == 2:
        return True
    if color_range == 1 or layout.kind != "gray":
        return False
    # broadcast codecs keep the studio's range when they drop the chroma; all others that have gray mean 0..255
    return codec not in ("h264", "hevc", "av1", "libdav1d", "vp9", "mpeg2video")


def _read_declared_seconds(container: Any, stream: Any) -> float | None:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / 1e6 if container.duration else None


def _read_picture_end(container: Any, stream: Any) -> float | None:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    # Matroska's tag counts from the film's zero; other containers may carry it over from a film of another length
    if "matroska" not in container.format.name:
        return None
    found = re.fullmatch(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)\0*", stream.metadata.get("DURATION", ""))
    if found is None:
        return None
    return (
        int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3]) - float((stream.start_time or 0) * stream.time_base)
    )


def _read_display_matrix(frame: Any) -> tuple[int, ...] | None:
    data = find_side_data(frame, "DISPLAYMATRIX")
    if data is None:
        return None
    matrix = tuple(int(v) for v in np.frombuffer(data, np.int32)[:9])
    return None if Orientation.from_matrix(matrix) == Orientation() else matrix

"""Writes a film as stills, or as an animated WebP: pictures in colour, one a frame."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from photochrom.errors import OptionError, OutputExistsError, PhotochromError, WriteError
from photochrom.image_io import Page, Picture, read_picture
from photochrom.image_io.codecs.animation.webp_frames import join_webps
from photochrom.image_io.formats import SUFFIXES
from photochrom.image_io.metadata.types import Metadata
from photochrom.video.media.encoder import Encoding
from photochrom.video.media.probe import Video
from photochrom.video.media.scan import Scan
from photochrom.video.media.stills import PATTERN
from photochrom.video.muxing.kept_frames import decode_segments
from photochrom.video.muxing.muxer import Timeline
from photochrom.video.yuv.rotation import Orientation

__all__ = ["check_stills", "holds_depth", "make_folder", "name_still", "write_stills", "write_webp"]

#: formats of more than 8 bits
_DEEP = ("PNG", "TIFF", "JPEG2000")
_WEBP_QUALITY = 90


def name_still(video: Video, target: Path, scan: Scan, number: int) -> Path:
    """Returns the file of a scanned frame: ``*`` in the target's name is that of the source's still, ``%05d`` a number.

    Numbers are those of the source's pattern, or count from 1.

    Raises:
        OptionError: the film has no stills whose names could be taken.
    """
    index = int(scan.pts[number]) if video.stills is not None and not video.stills.animated else number
    if "*" in target.name:
        if video.stills is None or video.stills.animated:
            raise OptionError("video.stills_need_names", path=target)
        return target.with_name(target.name.replace("*", video.stills.files[index].stem))
    shown = index + (1 if video.stills is None else video.stills.first)
    return target.with_name(PATTERN.sub(lambda place: f"{shown:0{int(place[1] or 0)}d}", target.name, count=1))


def check_stills(video: Video, target: Path, scan: Scan, *, overwrite: bool) -> None:
    """Checks that every still has a name of its own, at which nothing is.

    Raises:
        OptionError: two have the same name, or a name is that of a source's still.
        OutputExistsError: a file is there and ``overwrite`` is not set.
    """
    names: set[Path] = set()
    sources = set() if video.stills is None else {path.resolve() for path in video.stills.files}
    for number in range(scan.count):
        path = name_still(video, target, scan, number)
        if path in names:
            raise OptionError("video.stills_same_name", path=path)
        names.add(path)
        if path.resolve() in sources:
            raise OptionError("video.output_is_source", path=path)
        if path.exists() and not overwrite:
            raise OutputExistsError("video.output_exists", path=path)


def make_folder(target: Path) -> None:
    """Makes the folder that stills go to, if it is not there.

    Raises:
        WriteError: it cannot be made.
    """
    try:
        target.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise WriteError("video.stills_need_folder", path=target, reason=error.strerror) from error


def holds_depth(target: Path, depth: int) -> bool:
    """Returns whether the stills that a name asks for hold so many bits."""
    return depth <= 8 or SUFFIXES[target.suffix.lower()] in _DEEP


def write_stills(
    video: Video, target: Path, *, model: str, encoding: Encoding, segments: Sequence[Path], scan: Scan
) -> None:
    """Writes the segments, which are FFV1, as stills; they come to their names once all are made.

    Raises:
        OSError: the disk is full, or worse.
    """
    waiting = segments[0].parent / "stills"
    waiting.mkdir(exist_ok=True)
    made: list[tuple[Path, Path]] = []
    deep = encoding.depth > 8 and holds_depth(target, encoding.depth)
    for number, frame in decode_segments(encoding, segments):
        path = name_still(video, target, scan, number)
        picture = Picture(
            pages=(_make_page(frame, encoding, video.orientation, deep=deep),),
            metadata=_read_metadata(video, scan, number),
        )
        picture = picture.with_colors([picture.pages[0].pixels], model=model)
        picture.save(waiting / path.name, overwrite=True)
        made.append((waiting / path.name, path))
    for part, path in made:
        part.replace(path)
    waiting.rmdir()


def write_webp(
    video: Video, target: Path, *, model: str, encoding: Encoding, segments: Sequence[Path], timeline: Timeline
) -> None:
    """Writes the segments, which are FFV1, as an animated WebP to ``target``, whatever is there.

    Raises:
        OSError: the disk is full, or worse.
    """
    packed, lengths = [], []
    for number, frame in decode_segments(encoding, segments):
        picture = Picture(pages=(_make_page(frame, encoding, video.orientation, deep=False),), format="WEBP")
        picture = picture.with_colors([picture.pages[0].pixels], model=model)
        stream = BytesIO()
        picture.to_pil().save(stream, "WEBP", quality=_WEBP_QUALITY)
        packed.append(stream.getvalue())
        times = (int(timeline.pts[number]), int(timeline.pts[number]) + int(timeline.durations[number]))
        begin, end = (round(time * video.time_base * 1000) for time in times)
        lengths.append(max(1, end - begin))
    shown = video.orientation.size(encoding.height, encoding.width)
    whole = join_webps(
        packed,
        lengths,
        size=(shown[1], shown[0]),
        loop=0,
        icc=b"",
        exif=b"",
        xmp=picture.metadata.xmp or b"",
    )
    target.write_bytes(whole)


def _make_page(frame: Any, encoding: Encoding, orientation: Orientation, *, deep: bool) -> Page:
    alpha = encoding.alpha
    kind = ("rgba64le" if alpha else "rgb48le") if deep else ("rgba" if alpha else "rgb24")
    turned = frame.reformat(
        format=kind,
        src_colorspace="ITU709" if encoding.matrix == 1 else "ITU601",
        src_color_range="JPEG" if encoding.full_range else "MPEG",
        dst_color_range="JPEG",
        interpolation="BICUBIC",
    )
    # each of the planes is turned
    pixels = np.moveaxis(orientation.upright(np.moveaxis(turned.to_ndarray(), -1, 0)), 0, -1)
    return Page(np.ascontiguousarray(pixels[..., :3]), alpha=pixels[..., 3].copy() if alpha else None)


def _read_metadata(video: Video, scan: Scan, number: int) -> Metadata:
    """Returns what the source's still says of itself; nothing where it is not a photo's format."""
    if video.stills is None or video.stills.animated:
        return Metadata()
    try:
        return read_picture(video.stills.files[int(scan.pts[number])]).metadata
    except PhotochromError:
        return Metadata()

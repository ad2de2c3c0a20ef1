"""Checks a video that is uploaded: what it is, and whether it is within the limits."""

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from photochrom.errors import UnreadableFilmError
from photochrom.image_io.formats import is_video
from photochrom.options import ColorizeOptions as PhotoOptions
from photochrom.options import ColorOptions
from photochrom.web.errors import ApiError
from photochrom.web.limits import Limits
from photochrom.web.schemas.options import ColorizeOptions

if TYPE_CHECKING:
    from photochrom.video.media.probe import Video

__all__ = ["check_codec", "check_video", "check_video_options"]

#: FFmpeg's names of containers that are read; none of them refers to other files or addresses
_CONTAINERS = {
    "asf", "avi", "dv", "flv", "ivf", "matroska", "mov", "mpeg", "mpegts", "mpegvideo", "mxf", "ogg", "yuv4mpegpipe",
}  # fmt: skip


def check_video(path: Path, limits: Limits) -> "Video":
    """Looks at a video without trusting it, and returns what it is.

    Raises:
        InputError: it is not a video that can be read.
        ApiError: it has too many pixels, frames or seconds.
    """
    from photochrom.video.media.probe import probe

    # FFmpeg reads playlists too, which name addresses to fetch: only what begins like a video is shown to it
    if not is_video(path):
        raise UnreadableFilmError("service.not_a_video")
    video = probe(path)
    if not set(video.container.split(",")) & _CONTAINERS:
        raise UnreadableFilmError("service.not_a_video")
    if video.width * video.height > limits.video_pixels:
        raise ApiError("service.video_too_large", width=video.width, height=video.height, limit=limits.video_pixels)
    seconds = video.declared_seconds or 0.0
    frames = video.declared_frames or round(seconds * video.rate)
    if seconds > limits.video_seconds:
        raise ApiError("service.video_too_long", seconds=round(seconds), limit=limits.video_seconds)
    if frames > limits.frames:
        raise ApiError("service.too_many_frames", limit=limits.frames)
    return video


def check_codec(codec: str | None, container: str) -> None:
    """Refuses a codec that a container does not hold. Raises OptionError."""
    from photochrom.video.media.containers import choose_codec

    choose_codec(Path(f"video.{container}"), codec)


def check_video_options(options: ColorizeOptions) -> None:
    """Refuses what only photos have.

    Raises:
        ApiError: there is such an option.
    """
    taken = [field.name for field in fields(ColorOptions)] + ["reference"]
    for field in fields(PhotoOptions):
        if field.name not in taken and getattr(options, field.name) not in (field.default, []):
            raise ApiError("service.photo_option", option=field.name, options=", ".join(["model", *taken]))

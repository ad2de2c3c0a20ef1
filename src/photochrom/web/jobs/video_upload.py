"""Takes a film in: what it is and whether it is within the limits, before anything waits for it."""

from pathlib import Path

from photochrom.errors import UnreadableFilmError
from photochrom.web.errors import ApiError
from photochrom.web.limits import Limits
from photochrom.web.schemas import Settings

__all__ = ["SUFFIXES", "check_film", "check_film_settings"]

#: what a result is written as
SUFFIXES = ("mp4", "mov", "mkv", "webm", "avi")
#: FFmpeg's names of containers that are read; none of them refers to other files or addresses
_CONTAINERS = {"asf", "avi", "flv", "matroska", "mov", "mpeg", "mpegts", "mpegvideo"}


def check_film(path: Path, limits: Limits) -> None:
    """Look at a film without trusting it.

    Raises:
        InputError: it is no film that can be read.
        ApiError: it has too many pixels, frames or seconds.
    """
    from photochrom.video.media.probe import is_video, probe

    # FFmpeg reads playlists too, which name addresses to fetch: only what begins like a film is shown to it
    if not is_video(path):
        raise UnreadableFilmError("this is not a film: send an MP4, MOV, MKV, WebM, AVI, FLV, WMV or MPEG file")
    film = probe(path)
    if not set(film.container.split(",")) & _CONTAINERS:
        raise UnreadableFilmError("this is not a film that is read here: send an MP4, MOV, MKV, WebM or AVI file")
    if film.width * film.height > limits.film_pixels:
        sentence = f"the film has {film.width} x {film.height} pixels: send it with {limits.film_pixels} at most"
        raise ApiError(413, "too_many_pixels", sentence)
    seconds = film.declared_seconds or 0.0
    frames = film.declared_frames or round(seconds * film.rate)
    if seconds > limits.film_seconds:
        sentence = f"the film is {seconds:.0f} s long: send a part of {limits.film_seconds} s at most"
        raise ApiError(413, "too_many_seconds", sentence)
    if frames > limits.frames:
        raise ApiError(413, "too_many_frames", f"the film has {frames} frames: send a part of {limits.frames} at most")


def check_film_settings(settings: Settings) -> None:
    """Refuse what only photos have. Raises ApiError."""
    photos_only = ("hints", "palette", "reference", "alternative", "restore_contrast")
    wrong = [name for name in photos_only if getattr(settings, name)]
    if wrong:
        raise ApiError(
            422, "bad_setting", f"{wrong[0]} is for photos: a film takes model, vividness, strength and size"
        )

"""The videos of clients that are kept for a while, so that one upload serves several runs."""

import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from photochrom.web.errors import ApiError
from photochrom.web.jobs.video_upload import check_video
from photochrom.web.limits import Limits
from photochrom.web.storage.photos import clean_name, make_id
from photochrom.web.storage.store import Storage

__all__ = ["VIDEO", "StoredVideo", "VideoStore", "video_folder"]

RECORD, VIDEO, COMING = "record.json", "film", "coming"
#: share of its time after which a video that is used is given all of it again
_RENEWED = 0.25


@dataclass(frozen=True, kw_only=True)
class StoredVideo:
    """What is known of a stored video.

    Attributes:
        id: its name.
        name: as the client calls it.
        width, height: of the upright picture, pixels.
        rate: mean frames a second.
        frames: how many there are, as far as its file says.
        seconds: how long it plays, as far as its file says.
        size_bytes: of the file.
        expires: seconds since 1970.
    """

    id: str
    name: str
    width: int
    height: int
    rate: float
    frames: int
    seconds: float
    size_bytes: int
    expires: float


def video_folder(client: str, id_: str) -> str:
    """Returns where the files of a video lie in the storage."""
    return f"{client}/videos/{id_}"


class VideoStore:
    """The videos of all clients.

    Args:
        storage: where their files lie.
        limits: how many, how large, how long.
    """

    def __init__(self, storage: Storage, limits: Limits) -> None:
        self._storage, self._limits = storage, limits

    def check_quota(self, client: str) -> None:
        """Refuses a client that has as many videos as it may. Raises ApiError."""
        if len(self._storage.names(f"{client}/videos")) >= self._limits.videos:
            raise ApiError("service.too_many_videos", limit=self._limits.videos)

    def add(self, client: str, file: BinaryIO, name: str | None) -> StoredVideo:
        """Stores a video.

        Args:
            client: whose it is.
            file: as it came.
            name: as the client calls it.

        Raises:
            ApiError: the client has too many, or it is beyond the limits.
            InputError: it cannot be read.
            OSError: it cannot be stored.
        """
        id_ = make_id()
        folder = video_folder(client, id_)
        with self._storage.lock(client):
            self.check_quota(client)
            self._storage.write(f"{folder}/{COMING}", b"")
        try:
            self._storage.write(f"{folder}/{VIDEO}", file)
            path = self._storage.local(f"{folder}/{VIDEO}")
            found = check_video(path, self._limits)
            seconds = found.declared_seconds or 0.0
            height, width = found.upright_size
            video = StoredVideo(
                id=id_,
                name=clean_name(name, "video"),
                width=width,
                height=height,
                rate=float(found.rate),
                frames=found.declared_frames or round(seconds * found.rate),
                seconds=seconds or (found.declared_frames / float(found.rate) if found.rate else 0.0),
                size_bytes=path.stat().st_size,
                expires=time.time() + self._limits.photo_seconds,
            )
            self._storage.write_json(f"{folder}/{RECORD}", asdict(video))
            self._storage.remove(f"{folder}/{COMING}")
        except BaseException:
            self._storage.remove(folder)
            raise
        return video

    def find(self, client: str, id_: str) -> StoredVideo:
        """Returns a client's video, whose time begins anew. Raises ApiError where there is none."""
        place = f"{video_folder(client, id_)}/{RECORD}"
        video, now, whole = _read_record(self._storage.read_json(place)), time.time(), self._limits.photo_seconds
        if video is None or video.expires < now:
            raise ApiError("service.not_found", thing="video")
        if video.expires < now + whole * (1 - _RENEWED):
            video = replace(video, expires=now + whole)
            self._storage.write_json(place, asdict(video))
        return video

    def list(self, client: str) -> list[StoredVideo]:
        """Returns a client's videos, the first to expire first."""
        places = (f"{video_folder(client, id_)}/{RECORD}" for id_ in self._storage.names(f"{client}/videos"))
        found = [video for place in places if (video := _read_record(self._storage.read_json(place)))]
        return sorted((video for video in found if video.expires >= time.time()), key=lambda video: video.expires)

    def remove(self, client: str, id_: str) -> None:
        """Deletes a client's video. Raises ApiError where there is none."""
        self.find(client, id_)
        self._storage.remove(video_folder(client, id_))

    def path(self, client: str, id_: str) -> Path:
        """Returns the video's file as it came. Raises ApiError where there is none any more."""
        try:
            return self._storage.local(f"{video_folder(client, id_)}/{VIDEO}")
        except FileNotFoundError:
            raise ApiError("service.not_found", thing="video") from None


def _read_record(entries: dict[str, Any] | None) -> StoredVideo | None:
    try:
        return StoredVideo(**(entries or {}))
    except TypeError:
        return None

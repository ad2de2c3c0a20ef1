"""The photos of clients: stored, found, kept decoded for a while, deleted after a while without use."""

import hashlib
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from cachetools import LRUCache, cached
from cachetools.keys import hashkey
from numpy.typing import NDArray

from photochrom.errors import PictureTooLargeError, UnreadablePictureError, UnsupportedPictureError
from photochrom.image_io import Page, Picture, read_picture
from photochrom.image_io.formats import is_video
from photochrom.recolor import shrink_colors
from photochrom.web.colorize_service import shrink
from photochrom.web.deprecated_names import rename_fields
from photochrom.web.errors import ApiError
from photochrom.web.limits import Limits
from photochrom.web.schemas.photos import PhotoInfo
from photochrom.web.storage.store import Storage

__all__ = ["Photo", "PhotoStore", "clean_name", "format_time", "make_id", "read_photo"]

_RECORD, _PHOTO, _COMING = "record.json", "photo", "coming"
#: share of its time after which a photo that is used is given all of it again
_RENEWED = 0.25
#: a*b* distance from gray, Lab units, that one pixel in twenty of a photo in colour exceeds; a toned print has less
_COLORED = 12.0


@dataclass(frozen=True, kw_only=True)
class Photo:
    """What is known of a stored photo; sizes in pixels, times in seconds since 1970."""

    id: str
    name: str
    width: int
    height: int
    format: str
    bits: int
    pages: int
    sha256: str
    size_bytes: int
    has_color: bool
    pixels: int
    expires: float
    salvage: bool = False

    def to_info(self) -> PhotoInfo:
        """Returns what its client is told of it."""
        known = asdict(self)
        del known["pixels"], known["salvage"]
        megapixels = round(self.width * self.height / 1e6, 2)
        return PhotoInfo(**known | {"expires": format_time(self.expires), "megapixels": megapixels})


class PhotoStore:
    """The photos of all clients.

    Args:
        storage: where their files lie.
        limits: how many, how large, how long.
        limits_of: those of a client; None where all have the same.
    """

    def __init__(self, storage: Storage, limits: Limits, limits_of: Callable[[str], Limits] | None = None) -> None:
        self._storage, self._limits = storage, limits
        self._limits_of = limits_of or (lambda _: limits)
        self._decoded: LRUCache[Any, Picture] = LRUCache(limits.cache_bytes, getsizeof=_count_bytes)
        # an image is decoded by one thread while others that want it wait
        self._decoding = threading.Condition()
        self._decode_once = cached(self._decoded, condition=self._decoding)(self._decode)

    def check_quota(self, client: str) -> None:
        """Refuses a client that has as many photos as it may.

        Raises:
            ApiError: it has.
        """
        limit = self._limits_of(client).photos
        if len(self._storage.names(f"{client}/photos")) >= limit:
            raise ApiError("service.too_many_photos", limit=limit)

    @contextmanager
    def _reserve(self, client: str) -> Iterator[str]:
        """Gives an id, whose folder counts from now on, so that many at once stay within the limit."""
        id_ = make_id()
        folder = f"{client}/photos/{id_}"
        with self._storage.lock(client):
            self.check_quota(client)
            self._storage.write(f"{folder}/{_COMING}", b"")
        try:
            yield id_
            self._storage.remove(f"{folder}/{_COMING}")
        except BaseException:
            self._storage.remove(folder)
            raise

    def add(self, client: str, path: Path, name: str, *, salvage: bool = False) -> Photo:
        """Stores a photo.

        Args:
            client: whose it is.
            path: the file as it came.
            name: as the client calls it.
            salvage: take what is there of it where it is cut short or damaged.

        Raises:
            ApiError: the client has too many.
            InputError: it cannot be read.
            OSError: it cannot be stored.
        """
        with self._reserve(client) as id_:
            return self._add(client, id_, path, name, salvage)

    def _add(self, client: str, id_: str, path: Path, name: str, salvage: bool) -> Photo:
        picture = read_photo(path, self._limits, salvage=salvage, name=clean_name(name))
        page = picture.pages[0]
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        photo = Photo(
            id=id_,
            name=clean_name(name),
            width=page.width,
            height=page.height,
            format=picture.format,
            bits=max(page.pixels.dtype.itemsize * 8, picture.metadata.encoding.bits),
            pages=len(picture.pages),
            sha256=digest,
            size_bytes=path.stat().st_size,
            has_color=_has_color(picture),
            pixels=sum(each.width * each.height for each in picture.pages),
            expires=time.time() + self._limits.photo_seconds,
            salvage=salvage,
        )
        folder = f"{client}/photos/{id_}"
        with path.open("rb") as file:
            self._storage.write(f"{folder}/{_PHOTO}", file)
        self._storage.write_json(f"{folder}/{_RECORD}", asdict(photo))
        # one that is too large alone is not kept
        with self._decoding, suppress(ValueError):
            self._decoded[hashkey(client, id_, 0)] = picture
        return photo

    def find(self, client: str, id_: str) -> Photo:
        """Returns a client's photo, whose time begins anew.

        Raises:
            ApiError: there is none of this id, or it is another client's.
        """
        place = f"{client}/photos/{id_}/{_RECORD}"
        photo = _read_record(self._storage.read_json(place))
        now, whole = time.time(), self._limits.photo_seconds
        if photo is None or photo.expires < now:
            raise ApiError("service.not_found", thing="photo")
        if photo.expires < now + whole * (1 - _RENEWED):
            photo = replace(photo, expires=now + whole)
            self._storage.write_json(place, asdict(photo))
        return photo

    def list(self, client: str) -> list[Photo]:
        """Returns a client's photos, the oldest first."""
        places = (f"{client}/photos/{id_}/{_RECORD}" for id_ in self._storage.names(f"{client}/photos"))
        found = [photo for place in places if (photo := _read_record(self._storage.read_json(place)))]
        return sorted((photo for photo in found if photo.expires >= time.time()), key=lambda photo: photo.expires)

    def remove(self, client: str, id_: str) -> None:
        """Deletes a client's photo. Raises ApiError where there is none."""
        self.find(client, id_)
        self._storage.remove(f"{client}/photos/{id_}")
        self.forget(client, id_)

    def forget(self, client: str, id_: str) -> None:
        """Drops the decoded images of a photo."""
        with self._decoding:
            for key in [key for key in self._decoded if key[:2] == (client, id_)]:
                del self._decoded[key]

    def path(self, client: str, id_: str) -> Path:
        """Returns the photo's file as it came. Raises ApiError where there is none any more."""
        try:
            return self._storage.local(f"{client}/photos/{id_}/{_PHOTO}")
        except FileNotFoundError:
            raise ApiError("service.not_found", thing="photo") from None

    def picture(self, client: str, id_: str) -> Picture:
        """Returns the photo, decoded."""
        return self._decode_once(client, id_, 0)

    def small(self, client: str, id_: str, max_size: int) -> Picture:
        """Returns its first page, 8 bits a channel, the longest side ``max_size`` pixels at most."""
        return self._decode_once(client, id_, min(max_size, self._limits.size))

    def sweep(self) -> None:
        """Drops the decoded images of photos that are not stored any more."""
        with self._decoding:
            known = {key[:2] for key in self._decoded}
        for client, id_ in known:
            if not self._storage.exists(f"{client}/photos/{id_}/{_RECORD}"):
                self.forget(client, id_)

    def _decode(self, client: str, id_: str, max_size: int) -> Picture:
        """Returns a photo's pages; where ``max_size`` is not 0, its first page, 8 bits a channel, as small as that."""
        if max_size:
            return shrink(self.picture(client, id_), max_size)
        photo = _read_record(self._storage.read_json(f"{client}/photos/{id_}/{_RECORD}"))
        return read_photo(self.path(client, id_), self._limits, salvage=photo is not None and photo.salvage)


def read_photo(path: Path, limits: Limits, *, salvage: bool = False, name: str | None = None) -> Picture:
    """Reads a photo within the limits.

    Args:
        path: the file.
        limits: how many pixels it may have.
        salvage: as :func:`~photochrom.image_io.read_picture` has it.
        name: as the client calls it, which an error tells; None for the file's own.

    Raises:
        ApiError: it has too many pixels, or is a video.
        InputError: it cannot be read.
    """
    try:
        return read_picture(path, max_pixels=limits.pixels, salvage=salvage)
    except PictureTooLargeError as error:
        raise ApiError("service.photo_too_large", limit=f"{limits.pixels / 1e6:g}") from error
    except (UnreadablePictureError, UnsupportedPictureError) as error:
        if is_video(path):
            raise ApiError("service.video_as_photo") from None
        if name is None or "name" not in error.details:
            raise
        raise type(error)(error.code, **{**error.details, "name": name}) from error


def make_id() -> str:
    """Returns 128 random bits, safe in addresses."""
    return secrets.token_urlsafe(16)


def clean_name(name: str | None, default: str = "photo") -> str:
    """Returns a file's name without folders and control characters, 120 characters at most."""
    last = re.split(r"[/\\]", name or "")[-1]
    return re.sub(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "", last).strip(". ")[-120:] or default


def format_time(moment: float) -> str:
    """Returns seconds since 1970 as ISO 8601, UTC."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _read_record(entries: dict[str, Any] | None) -> Photo | None:
    known: Any = rename_fields(entries or {}, Photo.__dataclass_fields__)
    try:
        return Photo(**known)
    except TypeError:
        return None


def _count_bytes(picture: Picture) -> int:
    planes = [plane for page in picture.pages for plane in _planes(page) if plane is not None]
    return sum(plane.nbytes for plane in planes)


def _planes(page: Page) -> tuple[NDArray[Any] | None, ...]:
    return page.pixels, page.alpha, page.extras, page.missing


def _has_color(picture: Picture) -> bool:
    page = picture.pages[0]
    if page.pixels.ndim == 2:
        return False
    scale = 64 / max(page.width, page.height)
    size = max(1, round(page.height * scale)), max(1, round(page.width * scale))
    ab = shrink_colors(page, size)
    return bool(np.percentile(np.hypot(*ab), 95) > _COLORED)

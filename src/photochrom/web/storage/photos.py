"""Clients' photos: taken in, looked up, kept decoded for a while, and deleted after a while without use."""

import hashlib
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from photochrom.errors import PictureTooLargeError
from photochrom.image_io import Picture, read_picture
from photochrom.recolor import shrink_colors
from photochrom.web.colorize_service import shrunk
from photochrom.web.errors import ApiError, unknown
from photochrom.web.limits import Limits
from photochrom.web.schemas import PhotoFacts
from photochrom.web.storage.cache import ByteCache
from photochrom.web.storage.store import Store

__all__ = ["Photo", "PhotoStore", "make_id", "plain_name", "read_photo", "stated"]

_RECORD, _PHOTO = "record.json", "photo"
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
    bytes: int
    has_color: bool
    pixels: int
    expires: float

    def facts(self) -> PhotoFacts:
        """As it is told."""
        known = asdict(self)
        del known["pixels"]
        megapixels = round(self.width * self.height / 1e6, 2)
        return PhotoFacts(**known | {"expires": stated(self.expires), "megapixels": megapixels})


class PhotoStore:
    """The photos of all clients.

    Args:
        store: where their files lie.
        limits: how many, how large, how long.
    """

    def __init__(self, store: Store, limits: Limits) -> None:
        self._store, self._limits = store, limits
        self._decoded: ByteCache[tuple[str, str, int], Picture] = ByteCache(limits.cache_bytes)

    def check_room(self, client: str) -> None:
        """Refuse a client that has as many photos as it may. Raises ApiError."""
        if len(self._store.names(f"{client}/photos")) >= self._limits.photos:
            sentence = f"{self._limits.photos} photos are here already: delete one, or wait until they expire"
            raise ApiError(429, "too_many_photos", sentence)

    def add(self, client: str, path: Path, name: str) -> Photo:
        """Take a photo in.

        Args:
            client: whose it is.
            path: the file as it came.
            name: as the client calls it.

        Raises:
            ApiError: the client has too many.
            InputError: it cannot be read.
            OSError: it cannot be stored.
        """
        self.check_room(client)
        picture = read_photo(path, self._limits)
        page, id_ = picture.pages[0], make_id()
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        photo = Photo(
            id=id_,
            name=plain_name(name),
            width=page.width,
            height=page.height,
            format=picture.format,
            bits=max(page.pixels.dtype.itemsize * 8, picture.metadata.encoding.bits),
            pages=len(picture.pages),
            sha256=digest,
            bytes=path.stat().st_size,
            has_color=_has_color(picture),
            pixels=sum(each.width * each.height for each in picture.pages),
            expires=time.time() + self._limits.photo_seconds,
        )
        folder = f"{client}/photos/{id_}"
        try:
            with path.open("rb") as file:
                self._store.write(f"{folder}/{_PHOTO}", file)
            self._store.write_json(f"{folder}/{_RECORD}", asdict(photo))
        except BaseException:
            self._store.remove(folder)
            raise
        self._keep((client, id_, 0), lambda: picture)
        return photo

    def find(self, client: str, id_: str) -> Photo:
        """A client's photo; its time begins anew.

        Raises:
            ApiError: there is none of this id, or it is another client's.
        """
        place = f"{client}/photos/{id_}/{_RECORD}"
        photo = _photo_of(self._store.read_json(place))
        now, whole = time.time(), self._limits.photo_seconds
        if photo is None or photo.expires < now:
            raise unknown("photo")
        if photo.expires < now + whole * (1 - _RENEWED):
            photo = replace(photo, expires=now + whole)
            self._store.write_json(place, asdict(photo))
        return photo

    def list(self, client: str) -> list[Photo]:
        """A client's photos, the oldest first."""
        places = (f"{client}/photos/{id_}/{_RECORD}" for id_ in self._store.names(f"{client}/photos"))
        found = [photo for place in places if (photo := _photo_of(self._store.read_json(place)))]
        return sorted((photo for photo in found if photo.expires >= time.time()), key=lambda photo: photo.expires)

    def remove(self, client: str, id_: str) -> None:
        """Delete a client's photo. Raises ApiError where there is none."""
        self.find(client, id_)
        self._store.remove(f"{client}/photos/{id_}")
        self.forget(client, id_)

    def forget(self, client: str, id_: str) -> None:
        """Drop what is kept decoded of a photo."""
        self._decoded.drop(lambda key: key[:2] == (client, id_))

    def path(self, client: str, id_: str) -> Path:
        """The photo's file as it came. Raises ApiError where there is none any more."""
        try:
            return self._store.local(f"{client}/photos/{id_}/{_PHOTO}")
        except FileNotFoundError:
            raise unknown("photo") from None

    def picture(self, client: str, id_: str) -> Picture:
        """The photo, decoded."""
        return self._keep((client, id_, 0), lambda: read_photo(self.path(client, id_), self._limits))

    def small(self, client: str, id_: str, side: int) -> Picture:
        """Its first page, 8 bits a channel, the longest side ``side`` pixels at most."""
        side = min(side, self._limits.side)
        return self._keep((client, id_, side), lambda: shrunk(self.picture(client, id_), side))

    def sweep(self) -> None:
        """Forget what is kept decoded of photos that are not stored any more."""
        gone: dict[tuple[str, str], bool] = {}

        def is_gone(key: tuple[str, str, int]) -> bool:
            client, id_, _ = key
            if (client, id_) not in gone:
                gone[client, id_] = not self._store.exists(f"{client}/photos/{id_}/{_RECORD}")
            return gone[client, id_]

        self._decoded.drop(is_gone)

    def _keep(self, key: tuple[str, str, int], make: Callable[[], Picture]) -> Picture:
        return self._decoded.get(key, make, _weigh)


def read_photo(path: Path, limits: Limits) -> Picture:
    """Read a photo within the limits; its path is not told in what is said of it.

    Raises:
        InputError: it cannot be read.
    """
    try:
        return read_picture(path, max_pixels=limits.pixels)
    except PictureTooLargeError as error:
        most = f"{limits.pixels / 1e6:g} megapixels"
        raise PictureTooLargeError(f"the photo has more than {most}: send a smaller one") from error


def make_id() -> str:
    """128 random bits, safe in addresses."""
    return secrets.token_urlsafe(16)


def plain_name(name: str | None, default: str = "photo") -> str:
    """A file's name without folders and control characters, 120 characters at most."""
    last = re.split(r"[/\\]", name or "")[-1]
    return re.sub(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "", last).strip(". ")[-120:] or default


def stated(moment: float) -> str:
    """Seconds since 1970 as ISO 8601, UTC."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _photo_of(entries: dict[str, Any] | None) -> Photo | None:
    try:
        return Photo(**entries or {})
    except TypeError:
        return None


def _weigh(picture: Picture) -> int:
    planes = [plane for page in picture.pages for plane in (page.pixels, page.alpha) if plane is not None]
    return sum(plane.nbytes for plane in planes)


def _has_color(picture: Picture) -> bool:
    page = picture.pages[0]
    if page.pixels.ndim == 2:
        return False
    scale = 64 / max(page.width, page.height)
    size = max(1, round(page.height * scale)), max(1, round(page.width * scale))
    ab = shrink_colors(page, size)
    return bool(np.percentile(np.hypot(*ab), 95) > _COLORED)

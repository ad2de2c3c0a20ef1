"""What all routes share: the limits, the store, the album, the networks, and the places for heavy work."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import UploadFile
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from photochrom.image_io import Picture
from photochrom.image_io.formats import count_pixels
from photochrom.web.admission import AdmissionController
from photochrom.web.colorize_service import ColorizeService, Order
from photochrom.web.config import Site
from photochrom.web.errors import ApiError, describe
from photochrom.web.limits import Limits
from photochrom.web.schemas import Settings
from photochrom.web.storage.photos import Photo, PhotoStore
from photochrom.web.storage.store import Store

__all__ = ["Service", "parse_settings", "staged"]


@dataclass(frozen=True)
class Service:
    """One process's share of the service."""

    site: Site
    limits: Limits
    store: Store
    album: PhotoStore
    painter: ColorizeService
    bench: AdmissionController

    @classmethod
    def open(cls, site: Site, limits: Limits, location: str) -> "Service":
        """Set it up.

        Raises:
            OptionError: the store or a network cannot be used.
        """
        store, bench = Store(location), AdmissionController(site.places, limits)
        painter = ColorizeService(limits.hints, site.models, site.device, lambda: bench.is_quiet)
        return cls(site, limits, store, PhotoStore(store, limits), painter, bench)

    def check(self) -> None:
        """Open the default network, and write to the store.

        Raises:
            OSError: the store cannot be written.
            ModelError: the network cannot be opened.
        """
        self.painter.colorizer(None)
        self.store.write("ready", b"")

    def check_space(self) -> None:
        """Refuse to store more where the store holds all it may. Raises ApiError."""
        if self.store.size() >= self.limits.store_bytes:
            sentence = "the service has no room left: try again later"
            raise ApiError(507, "disk_full", sentence, retry_after=600)

    def weigh(self, path: Path) -> int:
        """What a photo weighs at the bench, pixels; a header that claims too much makes nobody wait."""
        return min(count_pixels(path), self.limits.pixels)

    async def order(self, client: str, photo: Photo, settings: Settings, side: int | None = None) -> "Wanted":
        """A photo as it is wanted, its reference looked up; decoded later, at the bench."""
        other = None
        if settings.reference is not None:
            other = await run_in_threadpool(self.album.find, client, settings.reference)
        return Wanted(self.album, client, photo, other, settings, side)


@dataclass(frozen=True)
class Wanted:
    """An order before anything is decoded."""

    album: PhotoStore
    client: str
    photo: Photo
    reference: Photo | None
    settings: Settings
    side: int | None

    @property
    def pixels(self) -> int:
        """What its pictures weigh at the bench."""
        return self.photo.pixels + (self.reference.pixels if self.reference else 0)

    def decode(self) -> Order:
        """The order with its pictures."""
        client, onto, reference = self.client, None, None
        if self.side is not None:
            onto = self.album.small(client, self.photo.id, self.side)
        if self.reference is not None:
            reference = self.album.picture(client, self.reference.id)
        picture = self.album.picture(client, self.photo.id)
        if onto is not None and len(picture.pages) > 1:
            picture = Picture(picture.pages[:1], picture.format, picture.metadata, picture.name)
        return Order(picture, self.settings, reference, onto)


def parse_settings(text: str | None) -> Settings:
    """The settings of a form's field. Raises ApiError."""
    try:
        return Settings.model_validate_json(text or "{}")
    except ValidationError as error:
        raise ApiError(422, "bad_setting", describe(list(error.errors()))) from None


@asynccontextmanager
async def staged(upload: UploadFile, called: str = "photo") -> AsyncIterator[Path]:
    """An upload as a plain file of this name, for the time of an ``async with`` block."""
    with TemporaryDirectory(prefix="photochrom-") as folder:
        path = Path(folder) / called
        await run_in_threadpool(_copy, upload, path)
        yield path


def _copy(upload: UploadFile, path: Path) -> None:
    with path.open("wb") as file:
        shutil.copyfileobj(upload.file, file, 1 << 20)

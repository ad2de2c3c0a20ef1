"""What all routes share: limits, storage, photos, networks, and the places for heavy work."""

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
from photochrom.web.colorize_service import ColorizeService, ColorizeTask
from photochrom.web.config import ServiceConfig
from photochrom.web.errors import ApiError, validation_error
from photochrom.web.jobs.webhook_hosts import WebhookHosts
from photochrom.web.limits import Limits
from photochrom.web.middleware.api_keys import ApiKeys
from photochrom.web.schemas.options import ColorizeOptions
from photochrom.web.storage.photos import Photo, PhotoStore
from photochrom.web.storage.store import Storage
from photochrom.web.storage.videos import VideoStore

__all__ = ["Service", "StoredTask", "parse_options", "stage_upload"]


@dataclass(frozen=True)
class Service:
    """One process's share of the service."""

    config: ServiceConfig
    limits: Limits
    storage: Storage
    photos: PhotoStore
    colorize_service: ColorizeService
    admission: AdmissionController
    keys: ApiKeys
    webhook_hosts: WebhookHosts
    videos: VideoStore

    @classmethod
    def open(cls, config: ServiceConfig, limits: Limits, location: str) -> "Service":
        """Sets it up.

        Raises:
            OptionError: the storage, a network, the API keys or the hosts of webhooks cannot be used.
        """
        storage, admission = Storage(location), AdmissionController(config.concurrency, limits)
        colorize_service = ColorizeService(limits.hints, config.models, config.device, lambda: admission.is_quiet)
        keys = ApiKeys.from_environment(colorize_service.names)
        photos = PhotoStore(storage, limits, lambda client: keys.limits_of(client, limits))
        return cls(
            config,
            limits,
            storage,
            photos,
            colorize_service,
            admission,
            keys,
            WebhookHosts.from_environment(),
            VideoStore(storage, limits),
        )

    def limits_of(self, client: str) -> Limits:
        """Returns the limits of a client, which its API key may widen or narrow."""
        return self.keys.limits_of(client, self.limits)

    def restrict(self, client: str, options: ColorizeOptions) -> ColorizeOptions:
        """Returns options with a network that the client may use: its default where none is named.

        Raises:
            ApiError: another is named.
        """
        allowed = self.keys.models_of(client)
        if not allowed or options.model in allowed:
            return options
        if options.model is not None:
            raise ApiError("service.model_not_allowed", name=options.model, models=", ".join(allowed))
        return options.model_copy(update={"model": allowed[0]})

    def check(self) -> None:
        """Opens the default network, and writes a megabyte to the storage.

        Raises:
            OSError: the storage cannot be written.
            ApiError: it holds all it may.
            ModelError: the network cannot be opened.
        """
        self.colorize_service.open_colorizer(None)
        self.storage.check()
        if self.storage.size() >= self.limits.store_bytes:
            raise ApiError("service.not_ready")

    def check_space(self, size: int = 1) -> None:
        """Refuses to store so many bytes more than the storage may hold.

        Raises:
            ApiError: they do not fit.
        """
        if not self.storage.claim(size, self.limits.store_bytes):
            raise ApiError("service.storage_full")

    def estimate_pixels(self, path: Path) -> int:
        """Returns how many pixels a photo's header claims, for admission; at most as many as a photo may have."""
        return min(count_pixels(path), self.limits.pixels)

    async def prepare(
        self, client: str, photo: Photo, options: ColorizeOptions, max_size: int | None = None
    ) -> "StoredTask":
        """Looks up the reference of a photo that is to be coloured; images are decoded later, once admitted."""
        reference, options = None, self.restrict(client, options)
        if options.reference is not None:
            reference = await run_in_threadpool(self.photos.find, client, options.reference)
        return StoredTask(self.photos, client, photo, reference, options, max_size)


@dataclass(frozen=True)
class StoredTask:
    """A photo and how it is to be coloured, before anything is decoded.

    Attributes:
        photos: where its images come from.
        client: whose they are.
        photo: what is coloured.
        reference: the photo that ``options.reference`` names.
        options: how.
        max_size: longest side of the result, pixels; None for the photo's own.
    """

    photos: PhotoStore
    client: str
    photo: Photo
    reference: Photo | None
    options: ColorizeOptions
    max_size: int | None

    @property
    def pixels(self) -> int:
        """Pixels of its images together, for admission."""
        return self.photo.pixels + (self.reference.pixels if self.reference else 0)

    def decode(self) -> ColorizeTask:
        """Returns the task with its images."""
        client, target, reference = self.client, None, None
        if self.max_size is not None:
            target = self.photos.small(client, self.photo.id, self.max_size)
        if self.reference is not None:
            reference = self.photos.picture(client, self.reference.id)
        picture = self.photos.picture(client, self.photo.id)
        if target is not None and len(picture.pages) > 1:
            picture = Picture(picture.pages[:1], picture.format, picture.metadata, picture.name)
        return ColorizeTask(picture, self.options, reference, target)


def parse_options(text: str | None) -> ColorizeOptions:
    """Returns the options that a form's field holds as JSON.

    Raises:
        ApiError: they cannot be used.
    """
    try:
        return ColorizeOptions.model_validate_json(text or "{}")
    except ValidationError as error:
        raise validation_error(error.errors()) from None


@asynccontextmanager
async def stage_upload(upload: UploadFile, name: str = "photo") -> AsyncIterator[Path]:
    """Writes an upload to a plain file of this name for the time of an ``async with`` block."""
    with TemporaryDirectory(prefix="photochrom-") as folder:
        path = Path(folder) / name
        await run_in_threadpool(_copy, upload, path)
        yield path


def _copy(upload: UploadFile, path: Path) -> None:
    with path.open("wb") as file:
        shutil.copyfileobj(upload.file, file, 1 << 20)

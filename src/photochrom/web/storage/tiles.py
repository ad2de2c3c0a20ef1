"""Tiles: a photo in its colours at its own size, a square at a time, so that nobody waits for the whole of it."""

import hashlib
import json
import threading
from typing import Any

from cachetools import LRUCache, cached
from cachetools.keys import hashkey

from photochrom import __version__
from photochrom.image_io import Picture
from photochrom.inference.coloring import Coloring, cut_page
from photochrom.web.colorize_service import ColorizeService, encode_preview
from photochrom.web.errors import ApiError
from photochrom.web.schemas.options import ColorizeOptions
from photochrom.web.services import StoredTask
from photochrom.web.storage.photos import Photo, PhotoStore
from photochrom.web.storage.store import Storage

__all__ = ["SIZE", "TileStore"]

#: side of a tile, pixels
SIZE = 512
#: sets of one photo; every stop of a slider may make one
_SETS = 40
#: grain is what tiles are looked at for, and a usual preview's quality blurs it
_QUALITY = 94


class TileStore:
    """The tiles of all clients' photos: options are stored, tiles are made when they are asked for.

    Args:
        storage: where options lie, beside their photo.
        photos: the photos.
        colorize_service: colours them.
        cache_bytes: of photos whose predicted colours are kept, a process.
    """

    def __init__(
        self, storage: Storage, photos: PhotoStore, colorize_service: ColorizeService, cache_bytes: int
    ) -> None:
        self._storage, self._photos, self._service = storage, photos, colorize_service
        kept: LRUCache[Any, Coloring] = LRUCache(cache_bytes, getsizeof=_count_bytes)

        # the tiles of a view come together: the first has the network asked, the others wait for it
        @cached(
            kept, key=lambda task, set_id: hashkey(task.client, task.photo.id, set_id), condition=threading.Condition()
        )
        def predict(task: StoredTask, set_id: str) -> Coloring:
            return colorize_service.predict(task.decode())

        self._predict = predict

    def add(self, task: StoredTask) -> str:
        """Returns the id of a photo's tiles in some options. The same options have the same id, and the same tiles."""
        model = self._service.check_model(task.options.model)
        entries = task.options.model_copy(update={"model": model}).model_dump()
        named = json.dumps([__version__, entries], sort_keys=True)
        set_id = hashlib.sha256(named.encode()).hexdigest()[:32]
        folder = self._folder(task.client, task.photo.id)
        if not self._storage.exists(f"{folder}/{set_id}"):
            names = self._storage.names(folder)
            if len(names) >= _SETS:
                self._storage.remove(f"{folder}/{max(names, key=lambda name: self._storage.age(f'{folder}/{name}'))}")
            self._storage.write_json(f"{folder}/{set_id}", entries)
        return set_id

    def options(self, client: str, photo: Photo, set_id: str) -> ColorizeOptions:
        """Returns the options of a set. Raises ApiError where there is none of this id."""
        entries = self._storage.read_json(f"{self._folder(client, photo.id)}/{set_id}")
        if entries is None:
            raise ApiError("service.not_found", thing="tile")
        return ColorizeOptions.model_validate(entries)

    def draw(self, task: StoredTask, set_id: str, column: int, row: int, *, original: bool) -> tuple[bytes, str]:
        """Returns a tile and its media type.

        Args:
            task: the photo and the options of the set.
            set_id: of the set.
            column: from 0.
            row: from 0.
            original: the photo as it came, instead of its colours.

        Raises:
            ApiError: the photo has no such tile.
            PhotochromError: the options cannot be used.
        """
        left, top = column * SIZE, row * SIZE
        if left >= task.photo.width or top >= task.photo.height:
            raise ApiError("service.not_found", thing="tile")
        if original:
            picture = self._photos.picture(task.client, task.photo.id)
            return encode_preview(Picture((cut_page(picture.pages[0], left, top, SIZE, SIZE),)), _QUALITY)
        return encode_preview(self._predict(task, set_id).apply_part(left, top, SIZE, SIZE), _QUALITY)

    def _folder(self, client: str, photo: str) -> str:
        return f"{client}/photos/{photo}/tiles"


def _count_bytes(coloring: Coloring) -> int:
    """Returns the bytes that a prediction keeps in memory; nearly all of them are the photo's."""
    page = coloring.picture.pages[0]
    planes = (page.pixels, page.alpha, page.extras, page.missing)
    return sum(plane.size * plane.itemsize for plane in planes if plane is not None)

"""Sets of photos, whatever they are kept in, as one list of photos read one at a time."""

import hashlib
from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from photochrom.color.fast_lab import bytes_to_srgb
from photochrom.datasets.sources.fingerprint import Stamp
from photochrom.datasets.sources.folder import Folder
from photochrom.datasets.sources.npy_pairs import LIGHTNESS, Pairs
from photochrom.datasets.sources.parquet import Shards
from photochrom.datasets.sources.remote import LocalFile, RemoteFile, expand_braces, expand_pattern, is_remote
from photochrom.datasets.sources.to_srgb import to_srgb
from photochrom.datasets.sources.webdataset import Tars
from photochrom.errors import DataError

__all__ = ["Folder", "Loaded", "Pairs", "Photos", "Shards", "Tars", "decode", "fingerprint", "load", "open_photos"]

#: how the files of a training set mostly begin; to try all decoders takes a fifth of the time of the right one
BEGINNINGS = ((b"\xff\xd8\xff", "JPEG"), (b"\x89PNG", "PNG"), (b"RIFF", "WEBP"))
#: a photo must have this many pixels on its short side
SMALLEST = 8


class Photos(Protocol):
    """A list of photos. It travels to another process without what it has read."""

    def __len__(self) -> int:
        """Returns how many photos there are."""

    def name(self, index: int) -> str:
        """Returns which photo this is, for messages."""

    def source(self, index: int) -> str:
        """Returns what kind of photo: a folder's name, or the column ``source``."""

    def read(self, index: int) -> bytes | NDArray[np.uint8]:
        """Returns the photo's file, still encoded; or its pixels (H,W,3) in OpenCV's 8-bit Lab."""

    def stamps(self) -> Iterable[Stamp]:
        """Returns what the files behind the list are known by."""


class Joined:
    """Several lists as one."""

    def __init__(self, parts: Sequence[Photos]) -> None:
        self._parts = list(parts)
        self._starts = np.cumsum([0] + [len(part) for part in parts])

    def __len__(self) -> int:
        return int(self._starts[-1])

    def _place(self, index: int) -> tuple[Photos, int]:
        part = int(np.searchsorted(self._starts, index, "right")) - 1
        return self._parts[part], index - int(self._starts[part])

    def name(self, index: int) -> str:
        """As the part has it."""
        part, inner = self._place(index)
        return part.name(inner)

    def source(self, index: int) -> str:
        """As the part has it."""
        part, inner = self._place(index)
        return part.source(inner)

    def read(self, index: int) -> bytes | NDArray[np.uint8]:
        """As the part reads it."""
        part, inner = self._place(index)
        return part.read(inner)

    def stamps(self) -> Iterable[Stamp]:
        """Returns those of all parts."""
        return (stamp for part in self._parts for stamp in part.stamps())


def open_photos(places: Sequence[str]) -> Photos:
    """Opens sets of photos as one list.

    Args:
        places: each a Parquet file, a tar (or several: ``shards/{000..004}.tar``, ``https://host/{00..99}.tar``,
            ``s3://bucket/*.tar``), or a folder of Parquet files, of tars, of the Kaggle NPY pairs, or of photos in any
            nesting.

    Raises:
        DataError: a place does not exist or holds nothing usable.
        MissingDependencyError: a library that it takes is not installed.
    """
    parts = [_open(place) for place in places]
    return parts[0] if len(parts) == 1 else Joined(parts)


def _open(place: str) -> Photos:
    if is_remote(place):
        urls = [url for pattern in expand_braces(place) for url in expand_pattern(pattern)]
        if not all(url.endswith(".tar") for url in urls):
            raise DataError("dataset.url_not_tar", url=place)
        return Tars([RemoteFile(url) for url in urls])
    paths = [Path(name).expanduser() for name in expand_braces(place)]
    if absent := [path for path in paths if not path.exists()]:
        raise DataError("dataset.missing", path=absent[0])
    if all(path.suffix == ".tar" and path.is_file() for path in paths):
        return Tars([LocalFile(path) for path in paths])
    if len(paths) > 1:
        raise DataError("dataset.several_files", pattern=place)
    return _open_path(paths[0])


def _open_path(path: Path) -> Photos:
    if path.suffix == ".parquet":
        return Shards([path])
    if path.name == LIGHTNESS:
        return Pairs(path.parent)
    if not path.is_dir():
        raise DataError("dataset.unknown_kind", path=path)
    if shards := sorted(path.glob("*.parquet")):
        return Shards(shards)
    if tars := sorted(path.glob("*.tar")):
        return Tars([LocalFile(tar) for tar in tars])
    if next(path.rglob(LIGHTNESS), None) is not None:
        return Pairs(path)
    return Folder(path)


class Loaded(NamedTuple):
    """A decoded photo.

    Attributes:
        image: upright, three bands.
        lab: whether these are OpenCV's 8-bit Lab and not sRGB.
        width: before anything was reduced, upright.
        height: likewise.
    """

    image: Image.Image
    lab: bool
    width: int
    height: int


def load(photos: Photos, index: int, *, at_least: int) -> Loaded:
    """Decodes one photo.

    Args:
        photos: the list.
        index: which of it.
        at_least: the short side may be reduced while decoding, but not below this; 0 keeps every pixel.

    Raises:
        DataError: it is not a photo, is damaged, or is smaller than 8 pixels.
    """
    content = photos.read(index)
    if not isinstance(content, bytes):
        height, width, _ = content.shape
        return Loaded(Image.fromarray(content), True, width, height)
    try:
        with Image.open(BytesIO(content), formats=_likely_formats(content)) as image:
            size = image.size
            if at_least:
                image.draft("RGB", (at_least, at_least))
            upright = to_srgb(ImageOps.exif_transpose(image))
            turned = image.width != image.height and upright.size == (image.height, image.width)
    except (Exception, Image.DecompressionBombError) as error:  # decoders raise every kind of error on damaged files
        raise DataError("dataset.photo_unreadable", photo=photos.name(index)) from error
    if min(size) < SMALLEST:
        raise DataError("dataset.photo_too_small", photo=photos.name(index), width=upright.width, height=upright.height)
    width, height = size[::-1] if turned else size
    return Loaded(upright, False, width, height)


def _likely_formats(content: bytes) -> list[str] | None:
    return next(([name] for start, name in BEGINNINGS if content.startswith(start)), None)


def decode(photos: Photos, index: int, *, at_least: int) -> Image.Image:
    """As :func:`load`, but always in sRGB."""
    image, lab, *_ = load(photos, index, at_least=at_least)
    return Image.fromarray(bytes_to_srgb(np.asarray(image))) if lab else image


def fingerprint(photos: Photos) -> str:
    """Returns the SHA-256 of the names, sizes and first bytes of the files behind a list: changes when the set changes.

    Raises:
        DataError: one of them cannot be read any more.
    """
    digest = hashlib.sha256(f"{len(photos)}\n".encode())
    try:
        for stamp in photos.stamps():
            name = stamp.name.encode("utf-8", "surrogateescape")
            digest.update(name + f"\t{stamp.size}\t".encode() + hashlib.sha256(stamp.head).digest())
    except OSError as error:
        raise DataError("dataset.unreadable", path=str(error.filename), reason=error.strerror) from error
    return digest.hexdigest()

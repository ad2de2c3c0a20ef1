"""Pictures that another program made, matched to the photos they were made of."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image, ImageOps

from photochrom.datasets.sources.folder import SUFFIXES
from photochrom.datasets.sources.to_srgb import to_srgb
from photochrom.errors import EvaluationError
from photochrom.evaluation.inputs.protocol import Pixels

__all__ = ["Outputs", "UnfitOutputError"]


class UnfitOutputError(Exception):
    """A photo's output cannot be scored.

    Attributes:
        kind: as :class:`~photochrom.evaluation.results.schema.LeftOut` has it.
    """

    def __init__(self, kind: Literal["missing output", "unreadable output", "size differs"], reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


class Outputs:
    """A folder of pictures, found by photo: the same path without suffix, else the same name without suffix.

    Raises:
        EvaluationError: the folder does not exist or holds no picture.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
        if not self._paths:
            raise EvaluationError(f"'{folder}' holds no pictures: give the folder that the other program wrote")
        self._by_place: dict[str, list[Path]] = defaultdict(list)
        self._by_name: dict[str, list[Path]] = defaultdict(list)
        for path in self._paths:
            inner = path.relative_to(folder)
            self._by_place[inner.with_suffix("").as_posix()].append(path)
            self._by_name[path.stem].append(path)

    def __len__(self) -> int:
        return len(self._paths)

    def find(self, photo: str) -> Path:
        """The picture made of the photo of that id.

        Raises:
            UnfitOutputError: there is none, or more than one.
        """
        found = self._by_place.get(photo) or self._by_name.get(photo.rsplit("/", 1)[-1]) or []
        if not found:
            raise UnfitOutputError("missing output", f"'{self._folder}' holds no picture named {photo}")
        if len(found) > 1:
            names = " and ".join(sorted(path.name for path in found)[:2])
            raise UnfitOutputError("missing output", f"'{self._folder}' holds several pictures of that name, {names}")
        return found[0]

    def read(self, photo: str, shape: tuple[int, ...]) -> Pixels:
        """Its pixels, (H,W,3) uint8 sRGB, upright.

        Args:
            photo: the id.
            shape: of the truth; the picture must have the same height and width.

        Raises:
            UnfitOutputError: it is missing, unreadable, or of another size.
        """
        path = self.find(photo)
        try:
            with Image.open(path) as image:
                pixels = np.asarray(to_srgb(ImageOps.exif_transpose(image)))
        except (Exception, Image.DecompressionBombError) as error:  # decoders raise every kind of error
            raise UnfitOutputError("unreadable output", f"'{path}' is no readable picture") from error
        if pixels.shape[:2] != shape[:2]:
            sizes = [f"{width}x{height}" for height, width in (pixels.shape[:2], shape[:2])]
            raise UnfitOutputError("size differs", f"'{path}' has {sizes[0]} pixels, the truth {sizes[1]}")
        return pixels

    def strangers(self, photos: Iterable[str]) -> list[str]:
        """Paths of the pictures that were made of none of the photos of these ids."""
        ids = set(photos)
        names = {photo.rsplit("/", 1)[-1] for photo in ids}
        inner = [path.relative_to(self._folder) for path in self._paths]
        return [str(path) for path in inner if path.with_suffix("").as_posix() not in ids and path.stem not in names]

    def fingerprint(self) -> str:
        """SHA-256 over names, sizes and times: changes when the folder changes."""
        digest = hashlib.sha256()
        for path in self._paths:
            found = path.stat()
            name = path.relative_to(self._folder).as_posix().encode("utf-8", "surrogateescape")
            digest.update(name + f"\t{found.st_size}\t{found.st_mtime_ns}\n".encode())
        return digest.hexdigest()

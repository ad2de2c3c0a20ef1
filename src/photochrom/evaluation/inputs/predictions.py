"""Predictions of another program, matched to the photos by name."""

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

__all__ = ["Predictions", "UnusablePredictionError"]

UnusableKind = Literal["missing prediction", "unreadable prediction", "size differs"]
_KINDS: dict[str, UnusableKind] = {
    "evaluation.prediction_ambiguous": "missing prediction",
    "evaluation.prediction_missing": "missing prediction",
    "evaluation.prediction_size_differs": "size differs",
    "evaluation.prediction_unreadable": "unreadable prediction",
}


class UnusablePredictionError(EvaluationError):
    """The prediction of a photo cannot be scored."""

    @property
    def kind(self) -> UnusableKind:
        """What is the matter, as :class:`~photochrom.evaluation.results.schema.LeftOut` has it."""
        return _KINDS[self.code]


class Predictions:
    """Finds the images of a folder by photo: the same path without suffix, else the same name without suffix.

    Raises:
        EvaluationError: the folder does not exist or holds no images.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
        if not self._paths:
            raise EvaluationError("evaluation.no_predictions", folder=folder)
        self._by_path: dict[str, list[Path]] = defaultdict(list)
        self._by_name: dict[str, list[Path]] = defaultdict(list)
        for path in self._paths:
            inner = path.relative_to(folder)
            self._by_path[inner.with_suffix("").as_posix()].append(path)
            self._by_name[path.stem].append(path)

    def __len__(self) -> int:
        return len(self._paths)

    def find(self, photo: str) -> Path:
        """Returns the path of the prediction for the photo of that id.

        Raises:
            UnusablePredictionError: there is none, or more than one.
        """
        found = self._by_path.get(photo) or self._by_name.get(photo.rsplit("/", 1)[-1]) or []
        if not found:
            raise UnusablePredictionError("evaluation.prediction_missing", folder=self._folder, photo=photo)
        if len(found) > 1:
            names = " and ".join(sorted(path.name for path in found)[:2])
            raise UnusablePredictionError(
                "evaluation.prediction_ambiguous", folder=self._folder, photo=photo, names=names
            )
        return found[0]

    def read(self, photo: str, shape: tuple[int, ...]) -> Pixels:
        """Returns the pixels of a prediction, (H,W,3) uint8 sRGB, upright.

        Args:
            photo: the id.
            shape: of the truth; the image must have the same height and width.

        Raises:
            UnusablePredictionError: it is missing, unreadable, or of another size.
        """
        path = self.find(photo)
        try:
            with Image.open(path) as image:
                pixels = np.asarray(to_srgb(ImageOps.exif_transpose(image)))
        except (Exception, Image.DecompressionBombError) as error:  # decoders raise every kind of error
            raise UnusablePredictionError("evaluation.prediction_unreadable", path=path) from error
        if pixels.shape[:2] != shape[:2]:
            (height, width), (true_height, true_width) = pixels.shape[:2], shape[:2]
            raise UnusablePredictionError(
                "evaluation.prediction_size_differs",
                path=path,
                width=width,
                height=height,
                true_width=true_width,
                true_height=true_height,
            )
        return pixels

    def find_unmatched(self, photos: Iterable[str]) -> list[str]:
        """Returns the paths of the images that belong to none of the photos of these ids."""
        ids = set(photos)
        names = {photo.rsplit("/", 1)[-1] for photo in ids}
        inner = [path.relative_to(self._folder) for path in self._paths]
        return [str(path) for path in inner if path.with_suffix("").as_posix() not in ids and path.stem not in names]

    def fingerprint(self) -> str:
        """Returns a SHA-256 over names, sizes and times; it changes when the folder changes."""
        digest = hashlib.sha256()
        for path in self._paths:
            found = path.stat()
            name = path.relative_to(self._folder).as_posix().encode("utf-8", "surrogateescape")
            digest.update(name + f"\t{found.st_size}\t{found.st_mtime_ns}\n".encode())
        return digest.hexdigest()

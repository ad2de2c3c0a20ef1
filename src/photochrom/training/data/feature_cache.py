"""What a frozen encoder says of every photo, kept on disk: it is asked once, and not again for every sample.

An encoder that does not learn gives the same answer each time, and is most of the work of a step. Stored, a training of
what stands behind it is many times as fast, for the price of the disk and of all augmentation but mirroring: a mirrored
photo's features are taken to be the mirrored features.
"""

import json
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from photochrom.color.fast_lab import bytes_to_lab, pool_cells
from photochrom.datasets.sources.photo_set import Photos
from photochrom.errors import DataError, WriteError
from photochrom.training.data.batch_plan import Draw
from photochrom.training.data.center_crop import centre_square
from photochrom.training.data.dataset import Batch, stack
from photochrom.training.data.hint_sampling import draw_hints
from photochrom.training.schema import HintOptions

__all__ = ["FeatureSource", "StoredSamples", "collate_stored", "store_features"]

#: photos encoded at once, and photos between two notes of how far it is
CHUNK, NOTE = 16, 512
#: float16 goes no farther
LARGEST = 65504.0
#: what is left free on the disk, bytes
SPARE = 1 << 28

See = Callable[[Tensor], Sequence[Tensor]]
Said = Callable[[int, int], None]


@dataclass(frozen=True)
class FeatureSource:
    """What stored features are features of; other photos, another size or another encoder are another store.

    Attributes:
        photos: the set's fingerprint.
        encoder: a digest of its weights.
        pixels: height and width of the photos' centre squares.
        output_stride: pixels to one cell of the network's output.
    """

    photos: str
    encoder: str
    pixels: int
    output_stride: int


def store_features(folder: Path, photos: Photos, see: See, source: FeatureSource, *, said: Said | None = None) -> None:
    """Encodes every photo that is not encoded yet; after an interruption this goes on where it was.

    Args:
        folder: to keep them in: ``lab.npy`` (N,3,h,w), L*, a* and b* of the output's cells, ``features-K.npy``
            (N,C,h,w) for each map the encoder gives, all float16, and ``features.json``.
        photos: the set.
        see: the encoder, L* (N,1,S,S) float32 on the CPU to its maps.
        source: what they are features of.
        said: called with the number of photos done, and with that of all; None for nobody.

    Raises:
        DataError: a photo cannot be read, or the folder holds features of something else.
        WriteError: the disk is full, or the folder cannot be written.
    """
    about, side = folder / "features.json", source.pixels
    done, maps = _done(about, source)
    if done:
        _expect_whole(folder, len(photos), maps)
    if done == len(photos):
        return

    def encode(labs: NDArray[np.float32]) -> list[NDArray[np.float16]]:
        cells = np.stack([pool_cells(lab, source.output_stride) for lab in labs])
        maps = see(torch.from_numpy(labs[:, :1].copy()))
        return [_float16(cells), *(_float16(found.float().cpu().numpy()) for found in maps)]

    def square(index: int) -> NDArray[np.float32]:
        return bytes_to_lab(centre_square(photos, index, side))

    try:
        folder.mkdir(parents=True, exist_ok=True)
        shapes = [part.shape[1:] for part in encode(np.zeros((1, 3, side, side), np.float32))]
        files = _open_files(folder, len(photos), shapes, anew=not done)
        with ThreadPoolExecutor(2) as threads:
            for start in range(done, len(photos), CHUNK):
                chunk = range(start, min(start + CHUNK, len(photos)))
                for file, part in zip(files, encode(np.stack(list(threads.map(square, chunk)))), strict=True):
                    file[chunk.start : chunk.stop] = part
                if chunk.stop == len(photos) or chunk.stop % NOTE < CHUNK:
                    for file in files:
                        file.flush()
                    about.write_text(
                        json.dumps({**asdict(source), "done": chunk.stop, "maps": len(files) - 1}), encoding="utf-8"
                    )
                if said is not None:
                    said(chunk.stop, len(photos))
    except WriteError:
        raise
    except OSError as error:
        raise WriteError("dataset.features_unwritable", path=folder, reason=str(error.strerror or error)) from error


def _done(about: Path, source: FeatureSource) -> tuple[int, int]:
    """Returns the photos that are in the store, and maps of each."""
    if not about.exists():
        return 0, 0
    try:
        kept = json.loads(about.read_text(encoding="utf-8"))
        done, maps = int(kept.pop("done")), int(kept.pop("maps"))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise DataError("dataset.features_unreadable", path=about) from error
    if kept != asdict(source):
        raise DataError("dataset.features_foreign", path=about.parent)
    return done, maps


def _expect_whole(folder: Path, photos: int, maps: int) -> None:
    try:
        files = _load(folder)
        whole = len(files) == 1 + maps and all(len(file) == photos for file in files)
    except (OSError, ValueError, EOFError):  # numpy's, of a file that is cut or none
        whole = False
    if not whole:
        raise DataError("dataset.features_damaged", path=folder)


def _load(folder: Path) -> list[Any]:
    names = _names(len(list(folder.glob("features-*.npy"))))
    return [np.load(folder / name, mmap_mode="r") for name in names]


def _open_files(
    folder: Path, photos: int, shapes: Sequence[tuple[int, ...]], *, anew: bool
) -> list[np.memmap[Any, Any]]:
    paths = [folder / name for name in _names(len(shapes) - 1)]
    if not anew:
        return [np.lib.format.open_memmap(path, "r+") for path in paths]
    # writing to a mapped file on a full disk ends the process without a word
    needed = sum(2 * photos * int(np.prod(shape)) for shape in shapes)
    free = shutil.disk_usage(folder).free + sum(path.stat().st_size for path in paths if path.exists())
    if needed + SPARE > free:
        raise WriteError("dataset.features_disk_full", path=folder, photos=photos, needed=needed / 1e9, free=free / 1e9)
    return [
        np.lib.format.open_memmap(path, "w+", np.float16, (photos, *shape))
        for path, shape in zip(paths, shapes, strict=True)
    ]


def _names(maps: int) -> list[str]:
    return ["lab.npy", *(f"features-{number}.npy" for number in range(maps))]


def _float16(values: NDArray[Any]) -> NDArray[np.float16]:
    return values.clip(-LARGEST, LARGEST).astype(np.float16)


class StoredSamples(Dataset[Any]):
    """Makes samples of stored features; every random choice follows from (seed, epoch, index).

    Args:
        folder: what :func:`store_features` has filled.
        hflip: probability of mirroring left and right.
        hints: how much of their colour is given away.
        seed: of all chance.
    """

    def __init__(self, folder: Path, *, hflip: float, hints: HintOptions, seed: int) -> None:
        self.folder, self.hflip, self.hints, self.seed = folder, hflip, hints, seed

    def __getstate__(self) -> dict[str, Any]:
        """Travels to another process without the files."""
        return {name: value for name, value in self.__dict__.items() if name != "_files"}

    @cached_property
    def _files(self) -> list[Any]:
        return _load(self.folder)

    def __len__(self) -> int:
        return len(self._files[0])

    def __getitem__(self, draw: Draw) -> tuple[NDArray[np.float32], ...]:
        """Returns one sample: lightness, a*b*, hints and the photo's own a*b* of the output's cells; the features."""
        rng = np.random.default_rng([self.seed, draw.epoch, draw.index, 1])
        lab, *features = (np.asarray(file[draw.index], np.float32) for file in self._files)
        if rng.random() < self.hflip:
            lab, *features = (part[..., ::-1] for part in (lab, *features))
        own = np.ascontiguousarray(lab[1:])
        hints, ab = draw_hints(own, lab[0], self.hints, rng)
        return lab[:1], ab, hints, own, *features


def collate_stored(samples: Sequence[tuple[NDArray[np.float32], ...]]) -> Batch:
    """Stacks samples."""
    lightness, ab, hints, photo_ab, *features = stack(samples)
    return Batch(lightness, ab, hints, tuple(features), photo_ab)

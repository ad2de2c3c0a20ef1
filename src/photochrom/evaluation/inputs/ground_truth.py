"""The photos a colouring is measured against: which there are, what each is called and belongs to, and its pixels."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from photochrom.color.conversion import srgb_to_lab
from photochrom.datasets.sources.parquet import import_pyarrow
from photochrom.datasets.sources.photo_set import Folder, Photos, Shards, decode, fingerprint, open_photos
from photochrom.errors import DataError, OptionError
from photochrom.evaluation.inputs.protocol import Pixels, Protocol
from photochrom.evaluation.metrics.planes import rgb_planes

__all__ = ["Place", "Truths", "is_gray", "open_truths"]

#: a photo is gray where 99 of 100 pixels have less chroma than this, Lab units
GRAY_CHROMA = 2.0


@dataclass(frozen=True)
class Place:
    """Where one photo lies in the set: its number, its id, where it lies in words, its subject."""

    index: int
    id: str
    name: str
    subject: str


@dataclass(frozen=True)
class Truths:
    """The photos to measure against.

    Attributes:
        name: as it was given.
        photos: the encoded photos.
        places: those of them that are looked at, in order.
        fingerprint: changes when the set changes.
    """

    name: str
    photos: Photos
    places: tuple[Place, ...]
    fingerprint: str

    def read(self, place: Place, protocol: Protocol) -> Pixels:
        """A photo as the protocol cuts it, (H,W,3) uint8.

        Raises:
            DataError: it is no readable photo.
        """
        # decoded in full: a decoder's own reduction would change the figures
        return protocol.truth_of(decode(self.photos, place.index, at_least=0))


def open_truths(data: str | Path, *, limit: int | None = None) -> Truths:
    """Open a folder of photos, a Parquet file, or a folder of Parquet files.

    Args:
        data: the place.
        limit: look only at so many photos, spread evenly over the set.

    Raises:
        DataError: it does not exist or holds no photos.
        OptionError: ``limit`` is below 1.
    """
    if limit is not None and limit < 1:
        raise OptionError(f"limit is {limit}: give a number of photos, 1 or more")
    root = Path(data).expanduser()
    if not root.exists():
        raise DataError(f"'{data}' does not exist: give a folder of photos or a Parquet file with a column image")
    photos = open_photos([str(root)])
    count = len(photos)
    chosen = range(count) if limit is None or limit >= count else [int(i) for i in np.linspace(0, count - 1, limit)]
    ids = _identify(_name(photos, root))
    subjects = [_text(photos.source(index)) for index in chosen]
    if len(set(subjects)) == 1:
        # one subject for all says nothing about any
        subjects = [""] * len(subjects)
    places = tuple(
        Place(index, ids[index], _text(photos.name(index)), subject)
        for index, subject in zip(chosen, subjects, strict=True)
    )
    return Truths(_text(str(data)), photos, places, fingerprint(photos))


def is_gray(truth: Pixels) -> bool:
    """Whether a truth (H,W,3) uint8 has no colour to speak of, so that nothing can be measured by it."""
    if bool((truth == truth[..., :1]).all()):
        return True
    step = max(1, int(np.sqrt(truth.shape[0] * truth.shape[1] / 65536)))
    chroma = np.hypot(*srgb_to_lab(rgb_planes(truth[::step, ::step]))[1:])
    return float(np.percentile(chroma, 99)) < GRAY_CHROMA


def _name(photos: Photos, root: Path) -> list[str]:
    """What each photo is called, without where the set lies; not always unique."""
    names = [photos.name(index) for index in range(len(photos))]
    if isinstance(photos, Shards):
        paths = _paths([root] if root.is_file() else sorted(root.glob("*.parquet")))
        return paths or names
    if isinstance(photos, Folder):
        return [Path(name).relative_to(root).as_posix() for name in names]
    return [name.rsplit(", ", 1)[-1] for name in names]


def _paths(files: Sequence[Path]) -> list[str]:
    """The column image.path of Parquet files; empty where there is none."""
    pyarrow = import_pyarrow()
    names: list[str] = []
    for path in files:
        try:
            file = pyarrow.parquet.ParquetFile(path)
            if "path" not in [field.name for field in file.schema_arrow.field("image").type]:
                return []
            column = file.read(columns=["image.path"]).column("image").to_pylist()
        except (OSError, pyarrow.ArrowException) as error:
            raise DataError(f"'{path}' is damaged: copy it again or remove it") from error
        names += [str((image or {}).get("path") or "") for image in column]
    # a path from elsewhere may lead anywhere; only its harmless parts name a photo
    return ["/".join(part for part in re.split(r"[/\\]", name) if part.strip(".")) for name in names]


def _identify(names: Sequence[str]) -> list[str]:
    """An id for every name: the name without its suffix where that is unique, else with it, else the row."""
    stems = [str(PurePosixPath(name).with_suffix("")) if name else "" for name in names]
    often, whole = Counter(stems), Counter(names)
    digits = len(str(len(names)))
    return [
        _text(stem if often[stem] == 1 and stem else name if whole[name] == 1 and name else f"row-{row:0{digits}}")
        for row, (stem, name) in enumerate(zip(stems, names, strict=True))
    ]


def _text(name: str) -> str:
    """A name that any encoding can write."""
    return name.encode("utf-8", errors="backslashreplace").decode("utf-8")

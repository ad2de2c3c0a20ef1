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
from photochrom.errors import DataError
from photochrom.evaluation.inputs.protocol import Pixels, Protocol
from photochrom.evaluation.inputs.split import Split, check_split, choose_photos
from photochrom.evaluation.metrics.planes import rgb_planes

__all__ = ["GroundTruths", "PhotoRef", "is_gray", "open_ground_truths"]

#: a photo is gray where 99 of 100 pixels have less chroma than this, Lab units
GRAY_CHROMA = 2.0


@dataclass(frozen=True)
class PhotoRef:
    """Refers to one photo of the set: its number, its id, where it lies in words, its subject."""

    index: int
    id: str
    name: str
    subject: str


@dataclass(frozen=True)
class GroundTruths:
    """The photos to measure against.

    Attributes:
        name: as it was given.
        photos: the encoded photos.
        refs: those of them that are looked at, in order.
        fingerprint: of the whole set; changes when the set changes.
        split: which half of the set these are, or all.
    """

    name: str
    photos: Photos
    refs: tuple[PhotoRef, ...]
    fingerprint: str
    split: Split = "all"

    def read(self, ref: PhotoRef, protocol: Protocol) -> Pixels:
        """Returns a photo as the protocol cuts it, (H,W,3) uint8.

        Raises:
            DataError: it is not a readable photo.
        """
        # decoded in full: a decoder's own reduction would change the figures
        return protocol.truth_of(decode(self.photos, ref.index, at_least=0))


def open_ground_truths(data: str | Path, *, split: str = "all", limit: int | None = None) -> GroundTruths:
    """Opens a folder of photos, a Parquet file, or a folder of Parquet files.

    Args:
        data: where the photos are.
        split: ``select``, ``report`` or ``all``; see :mod:`photochrom.evaluation.inputs.split`.
        limit: look only at so many photos, spread evenly over the set or its half.

    Raises:
        DataError: it does not exist or holds no photos.
        EvaluationError: the half has no photos.
        OptionError: ``limit`` is below 1, or the split does not exist.
    """
    half = check_split(split)
    root = Path(data).expanduser()
    if not root.exists():
        raise DataError("evaluation.data_not_found", path=str(data))
    photos = open_photos([str(root)])
    chosen = choose_photos(photos, name=str(data), split=half, limit=limit)
    ids = _identify(_list_names(photos, root))
    subjects = [_make_writable(photos.source(index)) for index in chosen]
    if len(set(subjects)) == 1:
        # one subject for all says nothing about any
        subjects = [""] * len(subjects)
    refs = tuple(
        PhotoRef(index, ids[index], _make_writable(photos.name(index)), subject)
        for index, subject in zip(chosen, subjects, strict=True)
    )
    return GroundTruths(_make_writable(str(data)), photos, refs, fingerprint(photos), half)


def is_gray(truth: Pixels) -> bool:
    """Whether a truth (H,W,3) uint8 has next to no colour, so that nothing can be measured with it."""
    if bool((truth == truth[..., :1]).all()):
        return True
    step = max(1, int(np.sqrt(truth.shape[0] * truth.shape[1] / 65536)))
    chroma = np.hypot(*srgb_to_lab(rgb_planes(truth[::step, ::step]))[1:])
    return float(np.percentile(chroma, 99)) < GRAY_CHROMA


def _list_names(photos: Photos, root: Path) -> list[str]:
    """Returns what each photo is called, without where the set lies; not always unique."""
    names = [photos.name(index) for index in range(len(photos))]
    if isinstance(photos, Shards):
        paths = _read_paths([root] if root.is_file() else sorted(root.glob("*.parquet")))
        return paths or names
    if isinstance(photos, Folder):
        return [Path(name).relative_to(root).as_posix() for name in names]
    return [name.rsplit(", ", 1)[-1] for name in names]


def _read_paths(files: Sequence[Path]) -> list[str]:
    """Returns the column image.path of Parquet files; empty where there is none."""
    pyarrow = import_pyarrow()
    names: list[str] = []
    for path in files:
        try:
            file = pyarrow.parquet.ParquetFile(path)
            if "path" not in [field.name for field in file.schema_arrow.field("image").type]:
                return []
            column = file.read(columns=["image.path"]).column("image").to_pylist()
        except (OSError, pyarrow.ArrowException) as error:
            raise DataError("evaluation.data_damaged", path=path) from error
        names += [str((image or {}).get("path") or "") for image in column]
    # a path from elsewhere may lead anywhere; only its harmless parts name a photo
    return ["/".join(part for part in re.split(r"[/\\]", name) if part.strip(".")) for name in names]


def _identify(names: Sequence[str]) -> list[str]:
    """Returns an id for every name: the name without its suffix where that is unique, else with it, else the row."""
    stems = [str(PurePosixPath(name).with_suffix("")) if name else "" for name in names]
    often, whole = Counter(stems), Counter(names)
    digits = len(str(len(names)))
    return [
        _make_writable(
            stem if often[stem] == 1 and stem else name if whole[name] == 1 and name else f"row-{row:0{digits}}"
        )
        for row, (stem, name) in enumerate(zip(stems, names, strict=True))
    ]


def _make_writable(name: str) -> str:
    """Returns a name that any encoding can write."""
    return name.encode("utf-8", errors="backslashreplace").decode("utf-8")

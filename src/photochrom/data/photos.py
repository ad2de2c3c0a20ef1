"""Where photos lie: Parquet shards or a folder, as one list of encoded photos read one at a time."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from photochrom.errors import DataError

__all__ = ["Folder", "Photos", "Shards", "decode", "fingerprint", "open_photos"]

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".avif"})
#: encoded row groups kept open by one reader, bytes
OPEN_BYTES = 256 << 20


class Photos(Protocol):
    """A list of encoded photos."""

    def __len__(self) -> int:
        """How many photos there are."""

    def name(self, index: int) -> str:
        """Which photo this is, for messages."""

    def read(self, index: int) -> bytes:
        """The photo's file, still encoded."""

    def files(self) -> Sequence[Path]:
        """The files behind the list."""


class Folder:
    """Photos below a folder, in the order of their paths.

    Raises:
        DataError: there are none.
    """

    def __init__(self, root: Path) -> None:
        self._paths = sorted(path for path in root.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
        if not self._paths:
            raise DataError(f"'{root}' holds neither photos nor Parquet files: point data.train at a folder of photos")

    def __len__(self) -> int:
        return len(self._paths)

    def name(self, index: int) -> str:
        """The photo's path."""
        return str(self._paths[index])

    def read(self, index: int) -> bytes:
        """The photo's file.

        Raises:
            DataError: it cannot be read any more.
        """
        try:
            return self._paths[index].read_bytes()
        except OSError as error:
            raise DataError(f"'{self.name(index)}' cannot be read ({error.strerror}): restore or remove it") from error

    def files(self) -> Sequence[Path]:
        """The photos' paths."""
        return self._paths


class Shards:
    """Photos in Parquet files with a column ``image`` of {bytes, path}, as Hugging Face ``datasets`` writes it.

    Row groups are read as they are needed and a bounded number of bytes is kept, so a set may exceed memory. A set of
    more than that reads best when its row groups are small.

    Raises:
        DataError: a file is no Parquet, or has no such column.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = list(paths)
        self._kept: OrderedDict[tuple[int, int], Any] = OrderedDict()
        self._groups: list[tuple[int, int]] = []
        starts = [0]
        for number, path in enumerate(self._paths):
            footer = self._open(path)
            if "image.bytes" not in [footer.metadata.schema.column(i).path for i in range(footer.metadata.num_columns)]:
                raise DataError(f"'{path}' has no column image{{bytes, path}}: write shards with such a column")
            for group in range(footer.metadata.num_row_groups):
                self._groups.append((number, group))
                starts.append(starts[-1] + footer.metadata.row_group(group).num_rows)
        self._starts = np.array(starts)
        if not len(self):
            raise DataError(f"'{self._paths[0]}' holds no rows: give Parquet files with photos in them")

    def _open(self, path: Path) -> Any:
        import pyarrow
        import pyarrow.parquet

        try:
            return pyarrow.parquet.ParquetFile(path)
        except (OSError, pyarrow.ArrowException) as error:
            raise DataError(f"'{path}' is no readable Parquet file: copy it again or remove it") from error

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_kept": OrderedDict()}

    def _place(self, index: int) -> tuple[int, int]:
        group = int(np.searchsorted(self._starts, index, "right")) - 1
        return group, index - int(self._starts[group])

    def name(self, index: int) -> str:
        """The shard's path and the photo's row in it."""
        group, row = self._place(index)
        number, _ = self._groups[group]
        first = next(i for i, (file, _) in enumerate(self._groups) if file == number)
        return f"{self._paths[number]}, row {int(self._starts[group] - self._starts[first]) + row}"

    def read(self, index: int) -> bytes:
        """The photo's bytes.

        Raises:
            DataError: the shard is damaged there, or the row is empty.
        """
        import pyarrow

        group, row = self._place(index)
        place = self._groups[group]
        if place not in self._kept:
            try:
                column = self._open(self._paths[place[0]]).read_row_group(place[1], columns=["image.bytes"])
            except (OSError, pyarrow.ArrowException) as error:
                raise DataError(f"'{self._paths[place[0]]}' is damaged: copy it again or remove it") from error
            self._kept[place] = column.column("image").combine_chunks()
            while len(self._kept) > 1 and sum(kept.nbytes for kept in self._kept.values()) > OPEN_BYTES:
                self._kept.popitem(last=False)
        self._kept.move_to_end(place)
        content = self._kept[place][row]["bytes"].as_py()
        if not isinstance(content, bytes):
            raise DataError(f"'{self.name(index)}' holds no photo: remove the row")
        return content

    def files(self) -> Sequence[Path]:
        """The Parquet files."""
        return self._paths


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

    def read(self, index: int) -> bytes:
        """As the part reads it."""
        part, inner = self._place(index)
        return part.read(inner)

    def files(self) -> Sequence[Path]:
        """The files of all parts."""
        return [path for part in self._parts for path in part.files()]


def open_photos(places: Sequence[str]) -> Photos:
    """Open Parquet files, folders of them, or folders of photos, as one list.

    Raises:
        DataError: a place does not exist or holds nothing usable.
    """
    parts: list[Photos] = []
    for place in places:
        path = Path(place).expanduser()
        shards = [path] if path.suffix == ".parquet" else sorted(path.glob("*.parquet"))
        if not path.exists():
            raise DataError(f"'{place}' does not exist: check data.train and data.validation in the recipe")
        if not path.is_dir() and not shards:
            raise DataError(f"'{place}' is neither a folder nor a .parquet file: name one of those")
        parts.append(Shards(shards) if shards else Folder(path))
    return parts[0] if len(parts) == 1 else Joined(parts)


def decode(photos: Photos, index: int, *, at_least: int) -> Image.Image:
    """Decode one photo, upright and in RGB.

    Args:
        photos: the list.
        index: which of it.
        at_least: the short side may be reduced while decoding, but not below this; 0 keeps every pixel.

    Raises:
        DataError: it is no photo, is damaged, or is smaller than 8 pixels.
    """
    try:
        with Image.open(BytesIO(photos.read(index))) as image:
            if at_least:
                image.draft("RGB", (at_least, at_least))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except DataError:
        raise
    except (Exception, Image.DecompressionBombError) as error:  # decoders raise every kind of error on damaged files
        raise DataError(f"'{photos.name(index)}' is no readable photo: restore or remove it") from error
    if min(upright.size) < 8:
        raise DataError(f"'{photos.name(index)}' is only {upright.width}x{upright.height} pixels: remove it")
    return upright


def pixels(image: Image.Image) -> NDArray[np.uint8]:
    """(H,W,3) uint8 of an RGB image."""
    return np.asarray(image)


def fingerprint(photos: Photos) -> str:
    """SHA-256 over the names, sizes and first bytes of the files behind a list: changes when the set changes."""
    digest = hashlib.sha256(f"{len(photos)}\n".encode())
    for path in photos.files():
        with path.open("rb") as file:
            head = file.read(4096)
        digest.update(f"{path.name}\t{path.stat().st_size}\t".encode() + hashlib.sha256(head).digest())
    return digest.hexdigest()

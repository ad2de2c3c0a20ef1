"""What can be written beside a coloured photo: its confidence, its project, a comparison, a layer of colour."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path

from photochrom.errors import OptionError, OutputExistsError
from photochrom.image_io import MAX_PIXELS, SUFFIXES, Picture
from photochrom.options import ColorizeOptions
from photochrom.presentation.compare import compare
from photochrom.presentation.layer import make_layer
from photochrom.presentation.openraster import build_openraster
from photochrom.presentation.options import DisplayOptions
from photochrom.project import SUFFIX, ModelMark, Project, identify
from photochrom.registry import ModelCard
from photochrom.result import Result
from photochrom.system.atomic import write_whole

__all__ = ["Settings", "Sidecars", "find_ambiguous", "remove_files", "write_sidecars"]


_CONFIDENCE, _COMPARE, _LAYER = ".confidence.png", ".compare", ".layer"
#: formats that a comparison has too; those of others have no place for our mark, or few colours
_COMPARED = frozenset({"JPEG", "PNG", "TIFF", "WEBP", "AVIF", "HEIF", "JPEG2000"})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What photos are coloured with: what a project records.

    Attributes:
        card: the network's.
        options: how; their reference is a path.
        max_pixels: photos with more pixels are refused.
    """

    card: ModelCard
    options: ColorizeOptions
    max_pixels: int = MAX_PIXELS

    def project(self, source: Path, folder: Path) -> Project:
        """Returns the project of a photo whose project file lies in ``folder``."""
        path = self.options.reference
        return Project(
            source=identify(source, folder=folder),
            model=ModelMark(name=self.card.name, sha256=self.card.sha256),
            options=replace(self.options, reference=None),
            reference=None if path is None else identify(Path(path), folder=folder),
        )


@dataclass(frozen=True, kw_only=True)
class Sidecars:
    """What is written beside every output.

    Attributes:
        confidence: ``NAME.confidence.png``.
        project: ``NAME.photochrom.json``.
        display: whether ``NAME.compare.EXT`` and ``NAME.layer.EXT``, and what they are like.
    """

    confidence: bool = False
    project: bool = False
    #: not in the repr, which stands in journals of versions that had no such options
    display: DisplayOptions = field(default_factory=DisplayOptions, repr=False)

    def paths(self, target: Path, *, whole: bool = False) -> list[Path]:
        """Returns the files beside ``target``; ``whole`` keeps its suffix in their names, where two share a name."""
        # NAME.color.jpg is the colouring of NAME
        name = target.name if whole else re.sub(r"\.color(?=(\.\d+)?$)", "", target.stem)
        like = target.suffix if SUFFIXES.get(target.suffix.lower()) in _COMPARED else ".png"
        wanted = (
            (self.confidence, _CONFIDENCE),
            (self.project, SUFFIX),
            (self.display.compare, f"{_COMPARE}{like}"),
            (self.display.layer, f"{_LAYER}.{self.display.layer}"),
        )
        return [target.with_name(name + suffix) for asked, suffix in wanted if asked]

    def check_absent(self, target: Path, *, whole: bool = False) -> None:
        """Refuses to replace a file.

        Raises:
            OutputExistsError: one is there already.
        """
        for path in self.paths(target, whole=whole):
            if os.path.lexists(path):
                raise OutputExistsError("batch.output_exists", path=path)

    def contents(
        self, result: Result, source: Path, target: Path, settings: Settings, *, whole: bool = False
    ) -> dict[Path, bytes]:
        """Returns what the files beside ``target`` hold; ``whole`` as above.

        Raises:
            OptionError: the network gives no confidence.
        """
        return {path: self._content(path, result, source, settings) for path in self.paths(target, whole=whole)}

    def _content(self, path: Path, result: Result, source: Path, settings: Settings) -> bytes:
        if path.name.endswith(SUFFIX):
            return settings.project(source, path.parent).to_json().encode("ascii")
        if not path.name.endswith(_CONFIDENCE):
            return self._show(path, result)
        from photochrom.inspection.confidence_overlay import draw

        stream = BytesIO()
        draw(result).save(stream, "PNG")
        return stream.getvalue()

    def _show(self, path: Path, result: Result) -> bytes:
        original = result.original
        if original is None:
            raise OptionError("option.no_original")
        if path.name.endswith(".ora"):
            return build_openraster(original, result.picture)
        is_layer = path.stem.endswith(_LAYER)
        made: Picture = (
            make_layer(original, result.picture) if is_layer else compare(original, result.picture, self.display)
        )
        return made.to_bytes(SUFFIXES[path.suffix.lower()])


def write_sidecars(files: Mapping[Path, bytes], *, overwrite: bool, like: Path | None = None) -> list[Path]:
    """Writes files, each at once or not at all; if one fails, none stays that was not there before.

    Args:
        files: their contents.
        overwrite: whether those that are there may be replaced.
        like: as for :func:`~photochrom.system.atomic.whole_file`.

    Returns:
        Those that are new.

    Raises:
        OutputExistsError: one is there already, and ``overwrite`` is not set.
        WriteError: one cannot be written.
    """
    new: list[Path] = []
    try:
        for path, content in files.items():
            there = os.path.lexists(path)
            write_whole(path, content, overwrite=overwrite, like=like)
            if not there:
                new.append(path)
    except BaseException:
        remove_files(new)
        raise
    return new


def remove_files(paths: Iterable[Path]) -> None:
    """Removes files again, where they exist."""
    for path in paths:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def find_ambiguous(targets: Sequence[Path]) -> frozenset[Path]:
    """Returns those of the targets that differ from another in their suffix only."""
    count = Counter(os.path.normcase(target.with_suffix("").absolute()) for target in targets)
    return frozenset(target for target in targets if count[os.path.normcase(target.with_suffix("").absolute())] > 1)

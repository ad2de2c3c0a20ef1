"""Which files are meant by the inputs: files by name, folders walked, patterns expanded."""

import glob
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path

from photochrom.batch.earlier_results import EarlierResults, is_result_of
from photochrom.errors import InputError, NoInputError, UnreadablePictureError
from photochrom.image_io.film_starts import START_BYTES, is_film_start
from photochrom.image_io.provenance import find_mark
from photochrom.project import SUFFIX as PROJECT_SUFFIX
from photochrom.system.atomic import PART_SUFFIX
from photochrom.system.paths import is_folder

__all__ = ["REPORT_NAME", "VIDEO_SUFFIXES", "InputFile", "LeftOut", "find_pictures", "is_named_film"]

REPORT_NAME = "photochrom-report.json"

#: films are known by these, lower case
VIDEO_SUFFIXES = frozenset({".mp4", ".mov", ".mkv", ".avi", ".webm", ".mpg", ".mpeg", ".m4v"})
#: and by these, if what is in the file is a film: other files have such names too
_PERHAPS_VIDEO = frozenset(
    {".3gp", ".asf", ".flv", ".ivf", ".m2ts", ".mts", ".mxf", ".ogg", ".ogv", ".ts", ".vob", ".wmv", ".y4m"}
)
#: of our own files, which nobody misses
_OURS = (PROJECT_SUFFIX, PART_SUFFIX)
_SIDECAR = ".xmp"


@dataclass(frozen=True)
class InputFile:
    """A file meant by an input.

    Attributes:
        path: where it is.
        relative: where it goes under an output folder.
        root: the folder the input stands for: the walked folder, or the file's own.
        walked: it comes from a folder, or from a pattern that reaches into folders.
        problem: why it cannot be coloured.
    """

    path: Path
    relative: Path
    root: Path
    walked: bool = False
    problem: InputError | None = None


@dataclass
class LeftOut:
    """What inputs hold besides photos.

    Attributes:
        kinds: other files by suffix, upper case without its dot; "" for those without one.
        results: photos that are results of earlier runs.
    """

    kinds: Counter[str] = field(default_factory=Counter)
    results: int = 0

    def add(self, path: Path) -> None:
        """Counts a file that is not a photo."""
        self.kinds[path.suffix[1:].upper()] += 1


def find_pictures(
    texts: Sequence[str], *, suffixes: Set[str], excluded: Path | None = None, left_out: LeftOut | None = None
) -> list[InputFile]:
    """Lists the files that inputs mean, each once, in a fixed order.

    Args:
        texts: names of files and folders, and patterns. A name that exists is never taken for a pattern.
        suffixes: what a picture's name ends with, lower case with its dot; a file given by name may have any.
        excluded: a folder not to walk into.
        left_out: gets what folders hold besides.
    """
    left_out = left_out or LeftOut()
    found: list[InputFile] = []
    for text in texts:
        path = Path(text)
        if os.path.lexists(path):
            # one folder alone is mirrored itself; among several inputs each keeps its name, as cp -r does
            prefix = Path() if len(texts) == 1 else Path(path.resolve().name)
            found += _expand(path, prefix=prefix, suffixes=suffixes, excluded=excluded, left_out=left_out)
        elif glob.has_magic(text):
            found += _match(text, suffixes=suffixes, excluded=excluded, left_out=left_out)
        else:
            problem = NoInputError("batch.not_found", path=text)
            found.append(InputFile(path, Path(path.name), path.parent, problem=problem))
    return _drop_results(list(dict.fromkeys(found)), left_out)


def _expand(
    path: Path, *, prefix: Path, suffixes: Set[str], excluded: Path | None, left_out: LeftOut
) -> Iterator[InputFile]:
    if not is_folder(path):
        yield InputFile(path, Path(path.name), path.parent, problem=_check_regular(path))
        return
    for file, problem in _walk(path, suffixes, excluded, left_out):
        yield InputFile(file, prefix / file.relative_to(path), path, walked=True, problem=problem)


def _match(pattern: str, *, suffixes: Set[str], excluded: Path | None, left_out: LeftOut) -> Iterator[InputFile]:
    fixed = Path(*_leading_fixed(Path(pattern)))
    excluded = _strictly_inside(excluded, fixed)
    matches = sorted(Path(match) for match in glob.glob(pattern, recursive=True))  # noqa: PTH207 (absolute patterns)
    if not matches:
        problem = NoInputError("batch.pattern_unmatched", pattern=pattern)
        yield InputFile(Path(pattern), Path(pattern), fixed, problem=problem)
    wanted = [match for match in matches if match.suffix.lower() in suffixes or is_folder(match)]
    for match in set(matches) - set(wanted):
        if not (_is_ours(match) or match.suffix.lower() == _SIDECAR or _is_inside(match, excluded)):
            left_out.add(match)
    deep = "**" in Path(pattern).parts
    for match in wanted:
        if is_folder(match):
            # ** already lists the files below a folder
            if not deep:
                prefix = match.relative_to(fixed)
                yield from _expand(match, prefix=prefix, suffixes=suffixes, excluded=excluded, left_out=left_out)
        elif not _is_inside(match, excluded) and not match.name.endswith(PART_SUFFIX):
            yield InputFile(match, match.relative_to(fixed), fixed, walked=deep, problem=_check_regular(match))


def _leading_fixed(pattern: Path) -> Iterator[str]:
    for part in pattern.parts[:-1]:
        if glob.has_magic(part):
            return
        yield part


def _walk(
    top: Path, suffixes: Set[str], excluded: Path | None, left_out: LeftOut
) -> Iterator[tuple[Path, InputError | None]]:
    """Yields pictures below a folder, and folders that cannot be read; links are followed, each real folder once."""
    excluded = _strictly_inside(excluded, top)
    barred = {_real(excluded)} if excluded is not None else set()
    earlier = EarlierResults()
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        real = _real(folder)
        if real in barred:
            continue
        barred.add(real)
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            yield folder, UnreadablePictureError("batch.folder_unreadable", path=folder, reason=error.strerror)
            continue
        inner = []
        earlier.enter(folder)
        names = {entry.name for entry in entries}
        stems = {Path(name).stem for name in names if Path(name).suffix.lower() in suffixes} | names
        for entry in entries:
            if entry.name.startswith("."):
                continue
            path = folder / entry.name
            if is_folder(path):
                inner.append(path)
            elif path.suffix.lower() not in suffixes and not _is_film(path):
                # a sidecar goes along with its photo
                if not _is_ours(path) and not (path.suffix.lower() == _SIDECAR and path.stem in stems):
                    left_out.add(path)
            elif (problem := _check_regular(path)) is None and earlier.has(path, names):
                left_out.results += 1
            else:
                yield path, problem
        waiting += reversed(inner)


def _check_regular(path: Path) -> InputError | None:
    # opening a pipe would wait for ever
    try:
        irregular = path.exists() and not path.is_file()
    except OSError:
        return None
    return UnreadablePictureError("batch.not_a_file", path=path) if irregular else None


def _real(path: Path) -> str:
    return os.path.realpath(path)


def _is_inside(path: Path, folder: Path | None) -> bool:
    return folder is not None and Path(_real(path)).is_relative_to(_real(folder))


def _strictly_inside(excluded: Path | None, folder: Path) -> Path | None:
    # an output folder that is the input folder is a mistake to be named, not a place to leave out
    inside = excluded is not None and _is_inside(excluded, folder) and _real(excluded) != _real(folder)
    return excluded if inside else None


def _is_ours(path: Path) -> bool:
    return path.name.endswith(_OURS) or path.name == REPORT_NAME


def _is_film(path: Path) -> bool:
    if path.suffix.lower() not in _PERHAPS_VIDEO:
        return False
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return is_film_start(file.read(START_BYTES))
    except OSError:
        return False


def is_named_film(path: Path) -> bool:
    """Tells whether a file is a film by its name, and where the name may mean something else, by its first bytes."""
    return path.suffix.lower() in VIDEO_SUFFIXES or _is_film(path)


def _drop_results(found: list[InputFile], left_out: LeftOut) -> list[InputFile]:
    """Leaves out what was made of ``a.jpg`` where that is there too: the shell's ``*`` names both in a second run."""
    names: dict[Path, set[str]] = {}
    for item in found:
        names.setdefault(item.path.parent, set()).add(item.path.name)

    def is_made_of_another(path: Path) -> bool:
        others = names[path.parent]
        stem = re.sub(r"\.color(\.\d{1,2})?$", "", path.stem, flags=re.IGNORECASE)
        named = stem != path.stem and any(Path(name).stem == stem or name == stem for name in others)
        return is_result_of(path, others) or (named and find_mark(path) is not None)

    kept = [item for item in found if not is_made_of_another(item.path)]
    left_out.results += len(found) - len(kept)
    return kept

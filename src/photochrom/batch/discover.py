"""Which files are meant by the inputs: files by name, folders walked, patterns expanded."""

import glob
import os
import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from photochrom.errors import InputError, NoInputError, UnreadablePictureError
from photochrom.system.atomic import PART_SUFFIX

__all__ = ["InputFile", "find_pictures", "is_folder"]

#: how a stem ends that an earlier run wrote: one colouring, or one of several variations
_OUTPUT = re.compile(r"\.color(\.\d{1,2})?$", re.IGNORECASE)
#: and how that of a picture of confidence ends
_CONFIDENCE = re.compile(r"(\.\d{1,2})?\.confidence$", re.IGNORECASE)


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


def find_pictures(texts: Sequence[str], *, suffixes: Set[str], excluded: Path | None = None) -> list[InputFile]:
    """Lists the files that inputs mean, each once, in a fixed order.

    Args:
        texts: names of files and folders, and patterns. A name that exists is never taken for a pattern.
        suffixes: what a picture's name ends with, lower case with its dot; a file given by name may have any.
        excluded: a folder not to walk into.
    """
    found: list[InputFile] = []
    for text in texts:
        path = Path(text)
        if os.path.lexists(path):
            # one folder alone is mirrored itself; among several inputs each keeps its name, as cp -r does
            prefix = Path() if len(texts) == 1 else Path(path.resolve().name)
            found += _expand(path, prefix=prefix, suffixes=suffixes, excluded=excluded)
        elif glob.has_magic(text):
            found += _match(text, suffixes=suffixes, excluded=excluded)
        else:
            problem = NoInputError("batch.not_found", path=text)
            found.append(InputFile(path, Path(path.name), path.parent, problem=problem))
    return _drop_outputs(list(dict.fromkeys(found)))


def _expand(path: Path, *, prefix: Path, suffixes: Set[str], excluded: Path | None) -> Iterator[InputFile]:
    if not is_folder(path):
        yield InputFile(path, Path(path.name), path.parent, problem=_check_regular(path))
        return
    for file, problem in _walk(path, suffixes, excluded):
        yield InputFile(file, prefix / file.relative_to(path), path, walked=True, problem=problem)


def _match(pattern: str, *, suffixes: Set[str], excluded: Path | None) -> Iterator[InputFile]:
    fixed = Path(*_leading_fixed(Path(pattern)))
    excluded = _strictly_inside(excluded, fixed)
    matches = sorted(Path(match) for match in glob.glob(pattern, recursive=True))  # noqa: PTH207 (absolute patterns)
    if not matches:
        problem = NoInputError("batch.pattern_unmatched", pattern=pattern)
        yield InputFile(Path(pattern), Path(pattern), fixed, problem=problem)
    wanted = [match for match in matches if match.suffix.lower() in suffixes or is_folder(match)]
    deep = "**" in Path(pattern).parts
    for match in wanted:
        if is_folder(match):
            # ** already lists the files below a folder
            if not deep:
                yield from _expand(match, prefix=match.relative_to(fixed), suffixes=suffixes, excluded=excluded)
        elif not _is_inside(match, excluded) and not match.name.endswith(PART_SUFFIX):
            yield InputFile(match, match.relative_to(fixed), fixed, walked=deep, problem=_check_regular(match))


def _leading_fixed(pattern: Path) -> Iterator[str]:
    for part in pattern.parts[:-1]:
        if glob.has_magic(part):
            return
        yield part


def _walk(top: Path, suffixes: Set[str], excluded: Path | None) -> Iterator[tuple[Path, InputError | None]]:
    """Yields pictures below a folder, and folders that cannot be read; links are followed, each real folder once."""
    excluded = _strictly_inside(excluded, top)
    barred = {_real(excluded)} if excluded is not None else set()
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
        for entry in entries:
            if entry.name.startswith("."):
                continue
            path = folder / entry.name
            if is_folder(path):
                inner.append(path)
            elif path.suffix.lower() in suffixes and not _is_output(path):
                yield path, _check_regular(path)
        waiting += reversed(inner)


def is_folder(path: Path) -> bool:
    """Returns whether a folder is there; False too where one may not look, for then opening the file tells why."""
    try:
        return path.is_dir()
    except OSError:
        return False


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


def _is_output(path: Path) -> bool:
    return _OUTPUT.search(path.stem) is not None or _CONFIDENCE.search(path.stem) is not None


def _drop_outputs(found: list[InputFile]) -> list[InputFile]:
    """Leaves out what was made of ``a.jpg`` where that is there too: the shell's ``*`` names both in a second run."""
    paths = {item.path for item in found}
    stems = {path.with_suffix("") for path in paths} | paths

    def is_made_of_another(path: Path) -> bool:
        if _CONFIDENCE.search(path.stem):
            return path.with_name(_CONFIDENCE.sub("", path.stem)) in stems
        return _is_output(path) and path.with_name(_OUTPUT.sub("", path.stem) + path.suffix) in paths

    return [item for item in found if not is_made_of_another(item.path)]

"""What is to be coloured and where it goes: inputs and an output become jobs before any picture is opened."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from photochrom.batch.discover import InputFile, find_pictures, is_folder
from photochrom.errors import InputError, NoInputError, OptionError, UnsupportedPictureError
from photochrom.image_io import SUFFIXES

__all__ = ["VIDEO_SUFFIXES", "Job", "Plan", "plan_jobs"]

#: films are known by these, lower case
VIDEO_SUFFIXES = frozenset({".mp4", ".mov", ".mkv", ".avi", ".webm", ".mpg", ".mpeg", ".m4v"})
REPORT_NAME = "photochrom-report.json"


@dataclass(frozen=True)
class Job:
    """One photo to colour.

    Attributes:
        source: the file to read.
        target: the file to write.
        name: the source relative to the input it was found in; the same on every machine the folder is moved to.
        root: the folder whose journal keeps the record of this job.
        problem: why it cannot be coloured, where that is known before it is opened.
    """

    source: Path
    target: Path
    name: str
    root: Path
    problem: InputError | None = None


@dataclass(frozen=True)
class Plan:
    """The jobs of a run.

    Attributes:
        jobs: in the order they are started; never empty.
        many: more than one picture was asked for, so the run keeps a journal.
        report: where the report goes unless told otherwise; None for a run without a folder.
    """

    jobs: tuple[Job, ...]
    many: bool
    report: Path | None


def plan_jobs(inputs: Sequence[str | Path], output: str | Path | None = None) -> Plan:
    """Turns inputs and an output into jobs.

    Args:
        inputs: files, folders (every picture below, hidden files and earlier outputs left out) and patterns with
            ``*``, ``?``, ``[...]`` and ``**`` as text.
        output: a file for a single picture; a folder (one that exists, or whose name ends with a separator, or any name
            where there are several pictures), under which one input folder's tree is mirrored, or each of several
            input folders under its own name; None for ``NAME.color.EXT`` beside each picture.

    Raises:
        NoInputError: the inputs hold no picture.
        OptionError: two pictures would become one file, or the output is an input or a file where a folder must be.
    """
    texts = [str(text) for text in inputs]
    if any(not text for text in texts) or output == "":
        raise OptionError("batch.name_empty")
    folder = None if output is None else Path(output)
    excluded = folder if folder is not None and is_folder(folder) else None
    found = find_pictures(texts, suffixes=frozenset(SUFFIXES) | VIDEO_SUFFIXES, excluded=excluded)
    if not found:
        named = f"'{texts[0]}'" if len(texts) == 1 else "the inputs"
        raise NoInputError("batch.no_photo", inputs=named, suffixes=_list_suffixes())
    single = len(found) == 1 and not any(item.walked for item in found)
    if output is None:
        jobs = [_job(item, _beside(item.path), item.root) for item in found]
    elif single and not _names_folder(output):
        jobs = [_job(found[0], _check_file(Path(output)), Path(output).parent)]
    else:
        root = _check_folder(output)
        jobs = [_job(item, root / item.relative, root) for item in found]
    unique: dict[tuple[Path, Path], Job] = {}
    for job in jobs:
        unique.setdefault((job.source, job.target), job)
    jobs = list(unique.values())
    _check_clashes(jobs)
    return Plan(tuple(jobs), many=not single, report=_find_report_path(jobs, found, folder if not single else None))


def _list_suffixes() -> str:
    return ", ".join(sorted(SUFFIXES))


def _find_report_path(jobs: list[Job], found: Sequence[InputFile], folder: Path | None) -> Path | None:
    if folder is not None:
        return folder / REPORT_NAME
    roots = {job.root for job in jobs}
    if any(item.walked for item in found) and len(roots) == 1:
        return roots.pop() / REPORT_NAME
    return None


def _job(item: InputFile, target: Path, root: Path) -> Job:
    problem = item.problem
    if problem is None and item.path.suffix.lower() in VIDEO_SUFFIXES:
        problem = UnsupportedPictureError("batch.is_video", path=item.path)
    return Job(item.path, target, item.relative.as_posix(), root, problem)


def _beside(source: Path) -> Path:
    return source.with_name(f"{source.stem}.color{source.suffix}")


def _names_folder(output: str | Path) -> bool:
    # a Path forgets a trailing separator, so the text is asked
    return str(output).endswith(("/", os.sep)) or is_folder(Path(output))


def _check_file(target: Path) -> Path:
    if target.suffix.lower() not in SUFFIXES:
        raise OptionError("batch.output_suffix", path=target, suffixes=_list_suffixes())
    return target


def _check_folder(output: str | Path) -> Path:
    folder = Path(output)
    if os.path.lexists(folder) and not is_folder(folder):
        raise OptionError("batch.output_is_file", path=folder)
    if folder.suffix.lower() in SUFFIXES and not _names_folder(output):
        raise OptionError("batch.output_not_a_folder_name", path=folder)
    return folder


def _check_clashes(jobs: Iterable[Job]) -> None:
    targets: dict[str, Path] = {}
    sources = {}
    for job in jobs:
        identity = _identity(job.source)
        if identity is not None:
            sources[identity] = job.source
    for job in jobs:
        key = os.path.normcase(job.target.absolute())
        other = targets.setdefault(key, job.source)
        if other != job.source:
            raise OptionError("batch.output_shared", first=other, second=job.source, path=job.target)
        identity = _identity(job.target)
        if identity is not None and identity in sources:
            raise OptionError("batch.output_is_input", path=job.target)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino

"""What is to be coloured and where it goes: inputs and an output become jobs before any picture is opened."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from photochrom.batch.discover import Found, find_pictures, is_folder
from photochrom.errors import NoInputError, OptionError
from photochrom.image_io import SUFFIXES

__all__ = ["VIDEO_SUFFIXES", "Job", "Plan", "plan_jobs"]

#: films are known by these, lower case
VIDEO_SUFFIXES = frozenset({".mp4", ".mov", ".mkv", ".avi", ".webm", ".mpg", ".mpeg", ".m4v"})
REPORT_NAME = "photochrom-report.json"


@dataclass(frozen=True)
class Job:
    """One picture to colour.

    Attributes:
        source: the file to read.
        target: the file to write.
        name: the source relative to the input it was found in; the same on every machine the folder is moved to.
        root: the folder whose journal keeps the record of this job.
        problem: why it cannot be coloured, where that is known before it is opened; a sentence.
    """

    source: Path
    target: Path
    name: str
    root: Path
    problem: str | None = None


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
    """Turn inputs and an output into jobs.

    Args:
        inputs: files, folders (every picture below, hidden files and earlier outputs left out) and patterns with
            ``*``, ``?``, ``[...]`` and ``**`` as text.
        output: a file for a single picture; a folder (one that exists, or whose name ends with a separator, or any name
            where there are several pictures), under which one input folder's tree is mirrored, or each of several
            input folders under its own name; None for ``NAME.color.EXT`` beside each picture.

    Raises:
        NoInputError: there is no picture among the inputs.
        OptionError: two pictures would become one file, or the output is an input or a file where a folder must be.
    """
    texts = [str(text) for text in inputs]
    if any(not text for text in texts) or output == "":
        raise OptionError("a file name is empty: give the name of a file or a folder")
    folder = None if output is None else Path(output)
    excluded = folder if folder is not None and is_folder(folder) else None
    found = find_pictures(texts, suffixes=frozenset(SUFFIXES) | VIDEO_SUFFIXES, excluded=excluded)
    if not found:
        named = f"'{texts[0]}'" if len(texts) == 1 else "the inputs"
        raise NoInputError(
            f"no picture was found in {named}: give files, or folders that hold {', '.join(sorted(SUFFIXES))}"
        )
    single = len(found) == 1 and not any(item.walked for item in found)
    if output is None:
        jobs = [_job(item, _beside(item.path), item.root) for item in found]
    elif single and not _names_folder(output):
        jobs = [_job(found[0], _checked_file(Path(output)), Path(output).parent)]
    else:
        root = _checked_folder(output)
        jobs = [_job(item, root / item.relative, root) for item in found]
    unique: dict[tuple[Path, Path], Job] = {}
    for job in jobs:
        unique.setdefault((job.source, job.target), job)
    jobs = list(unique.values())
    _check_clashes(jobs)
    return Plan(tuple(jobs), many=not single, report=_report_home(jobs, found, folder if not single else None))


def _report_home(jobs: list[Job], found: Sequence[Found], folder: Path | None) -> Path | None:
    if folder is not None:
        return folder / REPORT_NAME
    roots = {job.root for job in jobs}
    if any(item.walked for item in found) and len(roots) == 1:
        return roots.pop() / REPORT_NAME
    return None


def _job(item: Found, target: Path, root: Path) -> Job:
    problem = item.problem
    if problem is None and item.path.suffix.lower() in VIDEO_SUFFIXES:
        problem = f"a folder run colours photos, and this is a film: colour it with  photochrom video '{item.path}'"
    return Job(item.path, target, item.relative.as_posix(), root, problem)


def _beside(source: Path) -> Path:
    return source.with_name(f"{source.stem}.color{source.suffix}")


def _names_folder(output: str | Path) -> bool:
    # a Path forgets a trailing separator, so the text is asked
    return str(output).endswith(("/", os.sep)) or is_folder(Path(output))


def _checked_file(target: Path) -> Path:
    if target.suffix.lower() not in SUFFIXES:
        raise OptionError(
            f"the output '{target}' has no picture's suffix: end it with / if it is a folder, "
            f"or with one of {', '.join(sorted(SUFFIXES))}"
        )
    return target


def _checked_folder(output: str | Path) -> Path:
    folder = Path(output)
    if os.path.lexists(folder) and not is_folder(folder):
        raise OptionError(f"the output '{folder}' is a file, but several pictures need a folder: give another -o")
    if folder.suffix.lower() in SUFFIXES and not _names_folder(output):
        raise OptionError(
            f"the output '{folder}' looks like one file, but several pictures need a folder: "
            "end it with / if you mean it"
        )
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
            raise OptionError(
                f"'{other}' and '{job.source}' would both become '{job.target}': "
                "colour them into different folders, or give their common folder as the input"
            )
        identity = _identity(job.target)
        if identity is not None and identity in sources:
            raise OptionError(
                f"the output '{job.target}' is itself an input: give another -o, "
                "or leave it out to write NAME.color.EXT beside each picture"
            )


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino

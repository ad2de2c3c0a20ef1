"""What is to be coloured and where it goes: inputs and an output become jobs before any picture is opened."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path

from photochrom.batch.discover import (
    REPORT_NAME,
    VIDEO_SUFFIXES,
    InputFile,
    LeftOut,
    find_pictures,
    is_named_film,
)
from photochrom.batch.saving import Saving
from photochrom.errors import InputError, NoInputError, OptionError, UnsupportedPictureError
from photochrom.image_io import SUFFIXES, Picture
from photochrom.system.paths import is_folder, names_folder

__all__ = ["VIDEO_SUFFIXES", "Job", "Plan", "list_suffixes", "name_results", "parse_suffix", "plan_jobs"]

#: suffixes of what cannot hold colours, or not our mark, and what their results have
_COLORED = {".pgm": ".ppm", ".pbm": ".ppm", ".j2k": ".jp2", ".j2c": ".jp2"}


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
        left_out: how many files of folders are not photos, by suffix, upper case without its dot, the most first.
        results: how many photos of folders are results of earlier runs, and left out too.
        keep_times: results get the times of their sources.
        saving: what else is done to results as they are saved.
        ahead: photos that are being read already, with the limit and options of the run, by their paths.
    """

    jobs: tuple[Job, ...]
    many: bool
    report: Path | None
    left_out: Mapping[str, int] = field(default_factory=dict)
    results: int = 0
    keep_times: bool = False
    saving: Saving = field(default_factory=Saving)
    ahead: "Mapping[Path, Future[Picture]]" = field(default_factory=dict, repr=False, compare=False)


def plan_jobs(
    inputs: Sequence[str | Path],
    output: str | Path | None = None,
    *,
    format: str | None = None,  # noqa: A002
    keep_times: bool = False,
    saving: Saving | None = None,
) -> Plan:
    """Turns inputs and an output into jobs.

    Args:
        inputs: files, folders (every picture below, hidden files and results of earlier runs left out) and patterns
            with ``*``, ``?``, ``[...]`` and ``**`` as text.
        output: a file for a single picture; a folder (one that exists, or whose name ends with a separator, or any name
            where there are several pictures), under which one input folder's tree is mirrored, or each of several
            input folders under its own name; None for ``NAME.color.EXT`` beside each picture.
        format: the suffix of all results, without its dot, such as ``tif``; None for the suffix of each source.
        keep_times: give results the times of their sources.
        saving: what else is done to results as they are saved; None for nothing.

    Raises:
        NoInputError: the inputs hold no picture.
        OptionError: two pictures would become one file, or the output is an input or a file where a folder must be.
    """
    texts = [str(text) for text in inputs]
    if any(not text for text in texts) or output == "":
        raise OptionError("batch.name_empty")
    folder = None if output is None else Path(output)
    excluded = folder if folder is not None and is_folder(folder) else None
    suffix = None if format is None else parse_suffix(format)
    left_out = LeftOut()
    suffixes = frozenset(SUFFIXES) | VIDEO_SUFFIXES
    found = find_pictures(texts, suffixes=suffixes, excluded=excluded, left_out=left_out)
    if not found:
        named = f"'{texts[0]}'" if len(texts) == 1 else "the inputs"
        if left_out.results:
            raise NoInputError("batch.only_results", inputs=named)
        raise NoInputError("batch.no_photo", inputs=named, suffixes=list_suffixes())
    single = len(found) == 1 and not any(item.walked for item in found)
    if output is None:
        jobs = name_results([_job(item, _beside(item.path), item.root) for item in found], suffix)
        jobs = _protect_photos(jobs)
    elif single and not names_folder(output):
        if suffix is not None and SUFFIXES.get(Path(output).suffix.lower()) != SUFFIXES[suffix]:
            raise OptionError("batch.format_differs", path=output, format=format)
        jobs = [_job(found[0], _check_file(Path(output)), Path(output).parent)]
    else:
        root = _check_folder(output)
        jobs = name_results([_job(item, root / item.relative, root) for item in found], suffix)
    unique: dict[tuple[Path, Path], Job] = {}
    for job in jobs:
        unique.setdefault((job.source, job.target), job)
    jobs = list(unique.values())
    _check_clashes(jobs)
    return Plan(
        tuple(jobs),
        many=not single,
        report=_find_report_path(jobs, found, folder if not single else None),
        left_out=dict(sorted(left_out.kinds.items(), key=lambda kind: (-kind[1], kind[0]))),
        results=left_out.results,
        keep_times=keep_times,
        saving=saving or Saving(),
    )


def parse_suffix(format: str) -> str:  # noqa: A002
    """Returns the suffix of a format named by it, with its dot. Raises OptionError."""
    suffix = f".{format.lower().removeprefix('.')}"
    if suffix not in SUFFIXES:
        raise OptionError("batch.format_unknown", format=format, known=list_suffixes().replace(".", ""))
    return suffix


def name_results(jobs: list[Job], suffix: str | None) -> list[Job]:
    """Gives targets the suffix of their format; where two would share a name, each keeps that of its source too."""
    named = [replace(job, target=_with_suffix(job.target, suffix)) for job in jobs]
    count = Counter(os.path.normcase(job.target) for job in {job.source: job for job in named}.values())
    made = []
    for job, before in zip(named, jobs, strict=True):
        changed = job.target != before.target
        if changed and count[os.path.normcase(job.target)] > 1:
            # NAME.color.pgm is the colouring of NAME.pgm
            stem, color = before.target.stem, ".color" if before.target.stem != job.source.stem else ""
            name = f"{stem.removesuffix(color)}{before.target.suffix}{color}{job.target.suffix}"
            made.append(replace(job, target=job.target.with_name(name)))
        else:
            made.append(job)
    return made


def _with_suffix(target: Path, suffix: str | None) -> Path:
    own = target.suffix.lower()
    if suffix is None:
        return target.with_suffix(_COLORED[own]) if own in _COLORED else target
    return target if SUFFIXES.get(own) == SUFFIXES[suffix] and own not in _COLORED else target.with_suffix(suffix)


def _protect_photos(jobs: list[Job]) -> list[Job]:
    """Names the jobs whose result would replace another input: somebody's own ``a.color.jpg`` beside ``a.jpg``."""
    sources = {_identity(job.source) for job in jobs} - {None}
    return [
        replace(job, problem=job.problem or InputError("batch.output_is_photo", path=job.target))
        if _identity(job.target) in sources
        else job
        for job in jobs
    ]


def list_suffixes() -> str:
    """Returns the suffixes of photos in words."""
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
    if problem is None and is_named_film(item.path):
        problem = UnsupportedPictureError("batch.is_video", path=item.path)
    return Job(item.path, target, item.relative.as_posix(), root, problem)


def _beside(source: Path) -> Path:
    return source.with_name(f"{source.stem}.color{source.suffix}")


def _check_file(target: Path) -> Path:
    if target.suffix.lower() not in SUFFIXES:
        raise OptionError("batch.output_suffix", path=target, suffixes=list_suffixes())
    return target


def _check_folder(output: str | Path) -> Path:
    folder = Path(output)
    if os.path.lexists(folder) and not is_folder(folder):
        raise OptionError("batch.output_is_file", path=folder)
    if folder.suffix.lower() in SUFFIXES and not names_folder(output):
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
        if identity is not None and identity in sources and job.problem is None:
            raise OptionError("batch.output_is_input", path=job.target)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino

"""What is to be coloured where inputs or the output are addresses: each photo, and where its result goes."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from photochrom.batch.discover import REPORT_NAME, VIDEO_SUFFIXES
from photochrom.batch.plan import Job, list_suffixes, name_results, parse_suffix
from photochrom.batch.saving import Saving
from photochrom.batch.stored.marks import MARKS
from photochrom.errors import InputError, NoInputError, OptionError, UnsupportedPictureError
from photochrom.image_io import SUFFIXES
from photochrom.system.stores import StoredFile, is_url, join_address, name_of, open_store, parse_address

__all__ = ["StoredJob", "StoredPlan", "plan_stored_jobs"]


@dataclass(frozen=True)
class StoredJob:
    """One photo to colour.

    Attributes:
        source: the photo, as it was listed.
        relative: where its result goes below the plan's output, with ``/`` between its parts.
        target: the address of the result.
        name: the photo's name relative to its input.
        sidecar: its XMP file; None without one.
        whole: the names of files beside the result keep its suffix, for another result differs in nothing else.
        problem: why it cannot be coloured, where that is known before it is read.
    """

    source: StoredFile
    relative: str
    target: str
    name: str
    sidecar: StoredFile | None = None
    whole: bool = False
    problem: InputError | None = None


@dataclass(frozen=True)
class StoredPlan:
    """The jobs of a run.

    Attributes:
        jobs: in the order they are started; never empty.
        output: the folder of all results; None for a single photo, whose run keeps no record.
        left_out: how many files of folders are not photos, by suffix, upper case without its dot, the most first.
        saving: what else is done to results as they are saved.
    """

    jobs: tuple[StoredJob, ...]
    output: str | None
    left_out: Mapping[str, int] = field(default_factory=dict)
    saving: Saving = field(default_factory=Saving)

    @property
    def many(self) -> bool:
        """Whether more than one photo was asked for."""
        return self.output is not None

    @property
    def report(self) -> str | None:
        """Where the report goes unless told otherwise; None for a single photo."""
        return None if self.output is None else join_address(self.output, REPORT_NAME)


def plan_stored_jobs(
    inputs: Sequence[str],
    output: str | None,
    *,
    format: str | None = None,  # noqa: A002
    saving: Saving | None = None,
) -> StoredPlan:
    """Turns addresses into jobs; the inputs are listed, and no photo is read.

    Args:
        inputs: photos and folders, as URLs or paths. Patterns are not expanded.
        output: a file for a single photo, else a folder; a URL or a path.
        format: the suffix of all results, without its dot; None for the suffix of each photo.
        saving: what else is done to results as they are saved; None for nothing.

    Raises:
        NoInputError: the inputs hold no photo.
        OptionError: an address cannot be used, or two photos would become one file.
        StoreError: an input cannot be listed.
    """
    if output is None:
        raise OptionError("store.output_needed")
    if any(not text for text in inputs) or not output:
        raise OptionError("batch.name_empty")
    suffix = None if format is None else parse_suffix(format)
    target = parse_address(output, write=True)
    folders = [parse_address(text) for text in inputs]
    left_out: Counter[str] = Counter()
    found: list[_Found] = []
    for folder in folders:
        # one folder alone is mirrored itself; among several inputs each keeps its name, as cp -r does
        found += _expand(folder, "" if len(folders) == 1 else name_of(folder), target, left_out)
    if not found:
        named = f"'{inputs[0]}'" if len(inputs) == 1 else "the inputs"
        raise NoInputError("batch.no_photo", inputs=named, suffixes=list_suffixes())
    single = len(found) == 1 and not found[0].walked
    kinds = dict(sorted(left_out.items(), key=lambda kind: (-kind[1], kind[0])))
    if single and not _names_folder(output, target):
        return StoredPlan((_plan_single(found[0], target, output, suffix),), None, kinds, saving or Saving())
    root = target.rstrip("/") or "/"
    if PurePosixPath(name_of(root)).suffix.lower() in SUFFIXES and not output.endswith("/"):
        raise OptionError("batch.output_not_a_folder_name", path=output)
    return StoredPlan(tuple(_plan_many(found, root, suffix)), root, kinds, saving or Saving())


@dataclass(frozen=True)
class _Found:
    """A photo that an input means; ``relative`` to the output, ``name`` to the input."""

    file: StoredFile
    relative: str
    name: str
    walked: bool
    sidecar: StoredFile | None


def _expand(address: str, prefix: str, output: str, left_out: Counter[str]) -> list[_Found]:
    store = open_store(address)
    single = None if address.endswith("/") else store.look_up(address)
    if single is not None:
        name = name_of(address)
        beside = (store.look_up(_beside(address, name, each)) for each in _sidecar_names(name))
        return [_Found(single, name, name, False, next((file for file in beside if file is not None), None))]
    folder = address.rstrip("/")
    files = store.find(address)
    if not files:
        code = "batch.no_photo" if address.endswith("/") else "batch.not_found"
        raise NoInputError(code, path=address, inputs=f"'{address}'", suffixes=list_suffixes())
    names = {_relative(file.address, folder): file for file in files}
    inside = f"{output.rstrip('/')}/"
    found = []
    for name, file in names.items():
        path = PurePosixPath(name)
        if any(part.startswith(".") and part not in ("..", ".") for part in path.parts) or path.name == REPORT_NAME:
            continue
        if file.address.startswith(inside) and inside != f"{folder}/":
            continue
        if path.suffix.lower() in SUFFIXES or path.suffix.lower() in VIDEO_SUFFIXES:
            beside = (names.get(str(path.with_name(each))) for each in _sidecar_names(path.name))
            sidecar = next((each for each in beside if each is not None), None)
            found.append(_Found(file, f"{prefix}/{name}".lstrip("/"), name, True, sidecar))
        elif path.suffix.lower() != ".xmp":
            left_out[path.suffix[1:].upper()] += 1
    return found


def _relative(address: str, folder: str) -> str:
    if is_url(address):
        return address[len(folder) + 1 :]
    return Path(address).relative_to(folder).as_posix()


def _beside(address: str, name: str, other: str) -> str:
    return address.removesuffix(name) + other if address.endswith(name) else address + ".xmp"


def _sidecar_names(name: str) -> list[str]:
    stem = PurePosixPath(name).stem
    return [f"{name}.xmp", f"{name}.XMP", f"{stem}.xmp", f"{stem}.XMP"]


def _names_folder(output: str, target: str) -> bool:
    if output.endswith(("/", os.sep)):
        return True
    if not is_url(target):
        return Path(target).is_dir()
    return PurePosixPath(name_of(target)).suffix.lower() not in SUFFIXES


def _plan_single(found: _Found, target: str, output: str, suffix: str | None) -> StoredJob:
    own = PurePosixPath(name_of(target)).suffix.lower()
    if own not in SUFFIXES:
        raise OptionError("batch.output_suffix", path=output, suffixes=list_suffixes())
    if suffix is not None and SUFFIXES[own] != SUFFIXES[suffix]:
        raise OptionError("batch.format_differs", path=output, format=suffix[1:])
    if target == found.file.address:
        raise OptionError("batch.output_is_input", path=output)
    return StoredJob(found.file, name_of(target), target, found.name, found.sidecar, problem=_find_problem(found))


def _plan_many(found: Sequence[_Found], root: str, suffix: str | None) -> list[StoredJob]:
    # the rules for names are those of files; here they work on what lies below the output
    named = name_results(
        [Job(Path(each.file.address), Path(each.relative), each.name, Path()) for each in found], suffix
    )
    jobs = []
    for each, name in zip(found, named, strict=True):
        relative = name.target.as_posix()
        target = join_address(root, relative)
        jobs.append(StoredJob(each.file, relative, target, each.name, each.sidecar, problem=_find_problem(each)))
    unique = list({(job.source.address, job.target): job for job in jobs}.values())
    sources = {job.source.address for job in unique}
    targets: dict[str, str] = {}
    for job in unique:
        key = job.target if is_url(root) else os.path.normcase(job.target)
        other = targets.setdefault(key, job.source.address)
        if other != job.source.address:
            raise OptionError("batch.output_shared", first=other, second=job.source.address, path=job.target)
        if job.target in sources and job.problem is None:
            raise OptionError("batch.output_is_input", path=job.target)
    count = Counter(os.path.normcase(str(PurePosixPath(job.relative).with_suffix(""))) for job in unique)
    ambiguous = {stem for stem, number in count.items() if number > 1}
    return [
        replace(job, whole=os.path.normcase(str(PurePosixPath(job.relative).with_suffix(""))) in ambiguous)
        for job in unique
    ]


def _find_problem(found: _Found) -> InputError | None:
    parts = found.relative.split("/")
    # a store's keys are any text; on a disk some of them would lead elsewhere
    unsafe = {"..", "."} & set(parts) or MARKS in parts or "\0" in found.relative
    if unsafe or (os.name == "nt" and any(char in found.relative for char in '\\:*?"<>|')):
        return InputError("store.name_unsafe", url=found.file.address)
    if PurePosixPath(found.relative).suffix.lower() in VIDEO_SUFFIXES:
        return UnsupportedPictureError("store.is_film", url=found.file.address)
    return None

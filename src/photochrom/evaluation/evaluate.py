"""Scores systems on a set of photos, from the files to the report."""

import platform
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Any

from photochrom import __version__
from photochrom.colorizer import count_processors
from photochrom.errors import EvaluationError, MissingDependencyError, OptionError, OutputExistsError
from photochrom.evaluation import examples, journal
from photochrom.evaluation.inputs.ground_truth import Truths, open_truths
from photochrom.evaluation.inputs.protocol import Protocol, find_protocol, gray_of
from photochrom.evaluation.inputs.systems import System
from photochrom.evaluation.journal import Scored
from photochrom.evaluation.metrics.registry import PAIRED, catalogue
from photochrom.evaluation.not_measured import name_skipped
from photochrom.evaluation.onnx_metrics import Judges, open_judge
from photochrom.evaluation.results.io import RESULTS_FORMAT, to_json
from photochrom.evaluation.results.photos_csv import to_csv
from photochrom.evaluation.results.schema import DataSet, Entry, Evaluation, Machine, Photo, ProtocolInfo
from photochrom.evaluation.scheduler import Progress, score_all
from photochrom.evaluation.statistics.cost import measure_cost
from photochrom.evaluation.statistics.paired_tests import compare_all
from photochrom.evaluation.statistics.summarize import summarize
from photochrom.evaluation.worker import Conditions
from photochrom.system.atomic import write_whole

__all__ = ["Options", "evaluate", "save"]

#: photos the cost of a network is measured with
COST_PHOTOS = 5


@dataclass(frozen=True, kw_only=True)
class Options:
    """How to evaluate.

    Args:
        protocol: a name of :data:`photochrom.evaluation.inputs.protocol.PROTOCOLS`.
        judges: networks to measure with.
        limit: look only at so many photos, spread evenly over the set.
        seed: of intervals, tests, hints and random examples: same seed, same numbers.
        jobs: photos at the same time, each in a process of its own; None for one a processor. A script that asks for
            more than one needs ``if __name__ == "__main__":``, as for any use of multiprocessing.
        device: as :class:`photochrom.Colorizer` has it.
        resume: go on with what an earlier run in the same folder has scored under the same conditions.
        overwrite: begin anew in a folder that holds a report.

    Raises:
        OptionError: a value is out of range.
    """

    protocol: str = "lab256"
    judges: Judges = field(default_factory=Judges)
    limit: int | None = None
    seed: int = 0
    jobs: int | None = 1
    device: str = "auto"
    resume: bool = False
    overwrite: bool = False

    def __post_init__(self) -> None:
        find_protocol(self.protocol)
        if self.jobs is not None and self.jobs < 1:
            raise OptionError(f"jobs is {self.jobs}: give a number of photos at the same time, 1 or more")
        if not 0 <= self.seed < 2**32:
            raise OptionError(f"seed is {self.seed}: give a whole number from 0 to 4294967295")
        if self.resume and self.overwrite:
            raise OptionError("--resume keeps what is there and --overwrite does not: give one of them")


def evaluate(
    systems: Sequence[System],
    data: str | Path,
    out: Path,
    *,
    options: Options | None = None,
    stop: Event | None = None,
    on_progress: Progress | None = None,
) -> Evaluation:
    """Score systems; keeps a journal in ``out`` and writes the example pictures there, but no report.

    Args:
        systems: from :func:`~photochrom.evaluation.inputs.systems.plan_systems`.
        data: a folder of photos, or Parquet with a column ``image`` {bytes, path}.
        out: the report's folder; made if missing.
        options: how.
        stop: set it to end after the photos in work; KeyboardInterrupt is raised then.
        on_progress: told about progress.

    Raises:
        DataError: the photos cannot be read at all.
        EvaluationError: not one photo could be scored, or a network to measure with cannot be used.
        OutputExistsError: ``out`` holds a report, and neither resume nor overwrite was asked for.
        WriteError: ``out`` cannot be written.
        MissingDependencyError: the evaluate extra is not installed.
    """
    _check_installed()
    options = options or Options()
    tell: Progress = on_progress or (lambda what, done, total: None)
    truths = open_truths(data, limit=options.limit)
    judges = {role: open_judge(path) for role, path in options.judges.named().items()}
    marks = {role: judge.sha256 for role, judge in judges.items()}
    names = {role: judge.name for role, judge in judges.items()}
    conditions = Conditions(truths, find_protocol(options.protocol), options.judges, options.device, options.seed)
    _make_room(out, options)
    jobs = count_processors() if options.jobs is None else options.jobs
    found = score_all(
        systems, conditions, marks, out, resume=options.resume, jobs=jobs, stop=stop or Event(), tell=tell
    )
    whole = _data_set(truths, found)
    metrics = catalogue(names)
    subjects = {place.id: place.subject for place in truths.places}
    entries = []
    for number, system in enumerate(systems):
        tell("summing up", number, len(systems))
        rows = [scored for place in truths.places if (scored := found[system.key].get(place.id)) is not None]
        entries.append(summarize(system, rows, seed=options.seed, subjects=subjects))
    try:
        _check_any(entries, whole)
    except EvaluationError:
        if not options.resume:
            # nothing to go on with
            shutil.rmtree(out / journal.FOLDER, ignore_errors=True)
        raise
    scorable = [entry for entry in entries if entry.photos]
    kept = [system for system in systems if any(entry.key == system.key for entry in scorable)]
    chosen = examples.choose(scorable, options.seed)
    shown = sum(len(entry.examples) for entry in chosen)
    steps = iter(range(1, shown + 1))
    painted = examples.paint(
        chosen, kept, conditions, out, on_photo=lambda: tell("painting examples", next(steps), shown)
    )
    costs = _costs(kept, conditions, whole, tell)
    painted = [replace(entry, cost=costs.get(entry.model)) for entry in painted]
    paired = [metric for metric in metrics if metric.key in (*PAIRED, "lpips")]
    return Evaluation(
        format=RESULTS_FORMAT,
        photochrom=__version__,
        protocol=_protocol_info(conditions.protocol),
        data=whole,
        seed=options.seed,
        machine=_machine(),
        metrics=metrics,
        entries=tuple(painted),
        comparisons=compare_all(painted, paired, options.seed),
        skipped=tuple(name_skipped(systems, entries, options.judges, whole, limited=options.limit is not None)),
    )


def save(evaluation: Evaluation, out: Path) -> None:
    """Write ``results.json`` and ``photos.csv``.

    Raises:
        WriteError: they cannot be written.
    """
    write_whole(out / "results.json", to_json(evaluation).encode(), overwrite=True, folders=True)
    write_whole(out / "photos.csv", to_csv(evaluation).encode(), overwrite=True, folders=True)


def _check_installed() -> None:
    # the report's library too: it should not be missed when everything has been scored
    try:
        import jinja2  # noqa: F401
        import pyarrow  # noqa: F401
        import scipy  # noqa: F401
        import skimage  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingDependencyError("Evaluating", "evaluate") from error


def _make_room(out: Path, options: Options) -> None:
    """Make sure that nothing is overwritten unasked."""
    known = [out / "results.json", out / journal.FOLDER]
    if out.exists() and not out.is_dir():
        raise OutputExistsError(f"'{out}' is a file: give a folder for the report with --out")
    if any(path.exists() for path in known):
        if options.overwrite:
            for folder in (journal.FOLDER, examples.FOLDER):
                shutil.rmtree(out / folder, ignore_errors=True)
            with suppress(OSError):
                (out / "results.json").unlink()
        elif not options.resume:
            raise OutputExistsError(
                f"'{out}' holds a report already: go on with it with --resume, replace it with --overwrite, or choose "
                "another folder"
            )


def _data_set(truths: Truths, found: dict[str, dict[str, Scored]]) -> DataSet:
    first = next(iter(found.values()))
    photos, left_out = [], []
    for place in truths.places:
        scored = first[place.id]
        if scored.of_set and scored.left_out is not None:
            left_out.append(scored.left_out)
        elif scored.size is not None:
            photos.append(Photo(place.id, place.name, place.subject, *scored.size))
    return DataSet(truths.name, truths.fingerprint, len(truths.places), tuple(photos), tuple(left_out))


def _check_any(entries: Sequence[Entry], data: DataSet) -> None:
    if not data.photos:
        first = data.left_out[0]
        raise EvaluationError(
            f"none of {data.found} photos of '{data.name}' can be scored ({first.reason}): give colour photos"
        )
    for entry in entries:
        if not entry.photos:
            first = entry.left_out[0]
            raise EvaluationError(
                f"not one picture of {entry.model} can be scored ({first.reason}): colour the pictures that "
                " photochrom evaluate --grays DIR  writes under the same --protocol, and keep their names"
            )


def _costs(systems: Sequence[System], conditions: Conditions, data: DataSet, tell: Progress) -> dict[str, Any]:
    """By model."""
    networks = {system.model: system for system in systems if system.kind == "network"}
    places = {place.id: place for place in conditions.truths.places}
    grays = [
        gray_of(conditions.truths.read(places[photo.id], conditions.protocol)) for photo in data.photos[:COST_PHOTOS]
    ]
    costs = {}
    for number, (name, system) in enumerate(networks.items()):
        tell("measuring time and memory", number, len(networks))
        costs[name] = measure_cost(system.source, grays, device=conditions.device)
    return costs


def _protocol_info(protocol: Protocol) -> ProtocolInfo:
    return ProtocolInfo(protocol.name, protocol.version, protocol.description)


def _machine() -> Machine:
    import onnxruntime

    system = f"{platform.system()} {platform.machine()}"
    return Machine(system, count_processors(), platform.python_version(), onnxruntime.__version__)

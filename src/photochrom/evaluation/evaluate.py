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
from photochrom.deprecations import find_attribute, renamed_keywords
from photochrom.errors import EvaluationError, MissingDependencyError, OptionError, OutputExistsError
from photochrom.evaluation import examples, journal
from photochrom.evaluation.inputs.ground_truth import GroundTruths, open_ground_truths
from photochrom.evaluation.inputs.protocol import Protocol, find_protocol, gray_of
from photochrom.evaluation.inputs.split import Split, check_split
from photochrom.evaluation.inputs.systems import System
from photochrom.evaluation.journal import PhotoOutcome
from photochrom.evaluation.metrics.registry import PAIRED, list_metrics
from photochrom.evaluation.not_measured import list_skipped
from photochrom.evaluation.onnx_metrics import MetricNetworks, open_onnx_metric
from photochrom.evaluation.results.io import RESULTS_FORMAT, to_json
from photochrom.evaluation.results.photos_csv import to_csv
from photochrom.evaluation.results.schema import DataSet, Entry, Evaluation, Machine, Photo, ProtocolInfo
from photochrom.evaluation.scheduler import Progress, score_all
from photochrom.evaluation.statistics.cost import measure_cost
from photochrom.evaluation.statistics.paired_tests import compare_all
from photochrom.evaluation.statistics.summarize import summarize
from photochrom.evaluation.worker import Conditions
from photochrom.system.atomic import write_whole

__all__ = ["EvaluateOptions", "evaluate", "save_results"]

#: photos the cost of a network is measured with
COST_PHOTOS = 5


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions:
    """Says how to evaluate.

    Args:
        protocol: a name of :data:`photochrom.evaluation.inputs.protocol.PROTOCOLS`.
        metric_networks: networks to measure with.
        split: the half of the photos to look at, by a hash of their content: everything is chosen on ``select`` and
            reported on ``report``; ``all`` for both.
        limit: look only at so many photos, spread evenly over the set or its half.
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
    metric_networks: MetricNetworks = field(default_factory=MetricNetworks)
    split: Split = "all"
    limit: int | None = None
    seed: int = 0
    jobs: int | None = 1
    device: str = "auto"
    resume: bool = False
    overwrite: bool = False

    def __post_init__(self) -> None:
        find_protocol(self.protocol)
        check_split(self.split)
        if self.jobs is not None and self.jobs < 1:
            raise OptionError("evaluation.jobs_out_of_range", value=self.jobs)
        if not 0 <= self.seed < 2**32:
            raise OptionError("evaluation.seed_out_of_range", value=self.seed)
        if self.resume and self.overwrite:
            raise OptionError("evaluation.resume_with_overwrite")


EvaluateOptions.__init__ = renamed_keywords("EvaluateOptions")(EvaluateOptions.__init__)  # type: ignore[method-assign]


def evaluate(
    systems: Sequence[System],
    data: str | Path,
    out: Path,
    *,
    options: EvaluateOptions | None = None,
    stop: Event | None = None,
    on_progress: Progress | None = None,
) -> Evaluation:
    """Scores systems; keeps a journal in ``out`` and writes the example images there, but no report.

    Args:
        systems: from :func:`~photochrom.evaluation.inputs.systems.plan_systems`.
        data: a folder of photos, or Parquet with a column ``image`` {bytes, path}.
        out: the report's folder; created if missing.
        options: how.
        stop: set it to end after the photos in work; KeyboardInterrupt is raised then.
        on_progress: called after each step.

    Raises:
        DataError: the photos cannot be read at all.
        EvaluationError: not one photo could be scored, or a network to measure with cannot be used.
        OutputExistsError: ``out`` holds a report, and neither resume nor overwrite was asked for.
        WriteError: ``out`` cannot be written.
        MissingDependencyError: the evaluate extra is not installed.
    """
    _check_installed()
    options = options or EvaluateOptions()
    tell: Progress = on_progress or (lambda what, done, total: None)
    truths = open_ground_truths(data, split=options.split, limit=options.limit)
    networks = {role: open_onnx_metric(path) for role, path in options.metric_networks.by_role().items()}
    checksums = {role: network.sha256 for role, network in networks.items()}
    names = {role: network.name for role, network in networks.items()}
    conditions = Conditions(
        truths, find_protocol(options.protocol), options.metric_networks, options.device, options.seed
    )
    _check_output(out, options)
    jobs = count_processors() if options.jobs is None else options.jobs
    found = score_all(
        systems, conditions, checksums, out, resume=options.resume, jobs=jobs, stop=stop or Event(), tell=tell
    )
    whole = _describe_data(truths, found)
    metrics = list_metrics(names)
    subjects = {place.id: place.subject for place in truths.refs}
    entries = []
    for number, system in enumerate(systems):
        tell("summing up", number, len(systems))
        rows = [scored for place in truths.refs if (scored := found[system.key].get(place.id)) is not None]
        entries.append(summarize(system, rows, seed=options.seed, subjects=subjects))
    try:
        _check_scorable(entries, whole)
    except EvaluationError:
        if not options.resume:
            # nothing to go on with
            shutil.rmtree(out / journal.FOLDER, ignore_errors=True)
        raise
    scorable = [entry for entry in entries if entry.photos]
    kept = [system for system in systems if any(entry.key == system.key for entry in scorable)]
    chosen = examples.choose_examples(scorable, options.seed)
    shown = sum(len(entry.examples) for entry in chosen)
    steps = iter(range(1, shown + 1))
    shown_entries = examples.write_examples(
        chosen, kept, conditions, out, on_photo=lambda: tell("colouring examples", next(steps), shown)
    )
    costs = _measure_costs(kept, conditions, whole, tell)
    final = [replace(entry, cost=costs.get(entry.model)) for entry in shown_entries]
    paired = [metric for metric in metrics if metric.key in (*PAIRED, "lpips")]
    return Evaluation(
        format=RESULTS_FORMAT,
        photochrom=__version__,
        protocol=_describe_protocol(conditions.protocol),
        data=whole,
        seed=options.seed,
        machine=_describe_machine(),
        metrics=metrics,
        entries=tuple(final),
        comparisons=compare_all(final, paired, options.seed),
        skipped=tuple(
            list_skipped(
                systems,
                entries,
                options.metric_networks,
                whole,
                limited=options.limit is not None or options.split != "all",
            )
        ),
    )


def save_results(evaluation: Evaluation, out: Path) -> None:
    """Writes ``results.json`` and ``photos.csv``.

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


def _check_output(out: Path, options: EvaluateOptions) -> None:
    """Makes sure that nothing is overwritten unless that is allowed."""
    known = [out / "results.json", out / journal.FOLDER]
    if out.exists() and not out.is_dir():
        raise OutputExistsError("evaluation.output_is_file", path=out)
    if any(path.exists() for path in known):
        if options.overwrite:
            for folder in (journal.FOLDER, examples.FOLDER):
                shutil.rmtree(out / folder, ignore_errors=True)
            with suppress(OSError):
                (out / "results.json").unlink()
        elif not options.resume:
            raise OutputExistsError("evaluation.report_exists", path=out)


def _describe_data(truths: GroundTruths, found: dict[str, dict[str, PhotoOutcome]]) -> DataSet:
    first = next(iter(found.values()))
    photos, left_out = [], []
    for place in truths.refs:
        scored = first[place.id]
        if scored.of_set and scored.left_out is not None:
            left_out.append(scored.left_out)
        elif scored.size is not None:
            photos.append(Photo(place.id, place.name, place.subject, *scored.size))
    return DataSet(truths.name, truths.fingerprint, len(truths.refs), tuple(photos), tuple(left_out), truths.split)


def _check_scorable(entries: Sequence[Entry], data: DataSet) -> None:
    if not data.photos:
        raise EvaluationError(
            "evaluation.no_scorable_photo", count=data.found, data=data.name, reason=data.left_out[0].reason
        )
    for entry in entries:
        if not entry.photos:
            raise EvaluationError(
                "evaluation.no_scorable_prediction", model=entry.model, reason=entry.left_out[0].reason
            )


def _measure_costs(systems: Sequence[System], conditions: Conditions, data: DataSet, tell: Progress) -> dict[str, Any]:
    """Measures the cost of each network, by model."""
    networks = {system.model: system for system in systems if system.kind == "network"}
    places = {place.id: place for place in conditions.truths.refs}
    grays = [
        gray_of(conditions.truths.read(places[photo.id], conditions.protocol)) for photo in data.photos[:COST_PHOTOS]
    ]
    costs = {}
    for number, (name, system) in enumerate(networks.items()):
        tell("measuring time and memory", number, len(networks))
        costs[name] = measure_cost(system.source, grays, device=conditions.device)
    return costs


def _describe_protocol(protocol: Protocol) -> ProtocolInfo:
    return ProtocolInfo(protocol.name, protocol.version, protocol.description)


def _describe_machine() -> Machine:
    import onnxruntime

    system = f"{platform.system()} {platform.machine()}"
    return Machine(system, count_processors(), platform.python_version(), onnxruntime.__version__)


def __getattr__(name: str) -> object:
    return find_attribute(__name__, name)

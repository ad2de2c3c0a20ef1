"""Several colourings of one photo, side by side: what ``--variations`` asks of ``photochrom colorize``."""

import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from photochrom.batch import Event, Plan, Report, Settings, Sidecars, assemble_output, check_report_path, plan_jobs
from photochrom.cli._support.console import RunConsole
from photochrom.colorizer import Colorizer
from photochrom.errors import OptionError, OutputExistsError
from photochrom.options import ColorizeOptions, Variation
from photochrom.steering.variations import check_request

__all__ = ["colorize_variations"]


def colorize_variations(
    inputs: Sequence[str],
    output: str | None,
    *,
    count: int,
    seed: int,
    model: str,
    device: str,
    options: ColorizeOptions,
    max_pixels: int,
    beside: Sidecars,
    overwrite: bool,
    report: str | None,
    quiet: bool,
) -> None:
    """Writes ``count`` colourings of one photo: ``NAME.color.1.EXT`` and so on, or ``OUT.1.EXT``.

    Raises:
        OptionError: there is more than one photo, or a pipe, or the network has one answer only.
        OutputExistsError: one of the files is there already; none is written then.
    """
    plan = _plan_one(inputs, output)
    home = check_report_path(report) if report is not None else None
    colorizer = Colorizer(model, device=device)
    check_request(colorizer.predictor, count, seed)
    job = plan.jobs[0]
    targets = [job.target.with_name(f"{job.target.stem}.{number}{job.target.suffix}") for number in range(1, count + 1)]
    _check_targets(targets, job.source, overwrite=overwrite)
    if not overwrite:
        for target in targets:
            beside.check_absent(target)
    start = time.perf_counter()
    results = colorizer.variations(job.source, count, options, seed=seed, max_pixels=max_pixels)
    files = []
    with RunConsole(plan, quiet=quiet) as console:
        for number, (result, target) in enumerate(zip(results, targets, strict=True), 1):
            variation = Variation(seed=seed, index=number - 1)
            settings = Settings(
                card=colorizer.card, options=replace(options, variation=variation), max_pixels=max_pixels
            )
            output_files = assemble_output(result, job.source, target, settings, beside)
            output_files.place(target, overwrite=overwrite, overwrite_beside=overwrite)
            files.append(output_files.report(str(job.source), target, model=result.model))
            console.show_event(Event(files[-1], number, count))
    if home is not None:
        Report(
            model=colorizer.name,
            model_sha256=colorizer.card.sha256,
            options={**options.to_json(), "variations": count, "seed": seed},
            jobs=1,
            seconds=time.perf_counter() - start,
            files=tuple(files),
        ).save(home)


def _plan_one(inputs: Sequence[str], output: str | None) -> Plan:
    if "-" in (*inputs, output):
        raise OptionError("command.variations_to_pipe")
    plan = plan_jobs(inputs, output)
    if len(plan.jobs) != 1 or any(Path(text).is_dir() for text in inputs):
        raise OptionError("command.variations_of_many")
    if plan.jobs[0].problem is not None and plan.jobs[0].problem.code == "batch.is_video":
        raise OptionError("command.variations_of_film", path=inputs[0])
    if plan.jobs[0].problem is not None:
        raise plan.jobs[0].problem
    return plan


def _check_targets(targets: Sequence[Path], source: Path, *, overwrite: bool) -> None:
    for target in targets:
        if os.path.lexists(target) and not overwrite:
            raise OutputExistsError("batch.output_exists", path=target)
        if target.resolve() == source.resolve():
            raise OptionError("batch.output_is_input", path=target)

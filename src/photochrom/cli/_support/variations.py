"""Several colourings of one photo, side by side: what ``--alternatives`` asks of ``photochrom colorize``."""

import os
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from photochrom.batch import Event, Plan, Report, Settings, Sidecars, check_report_path, gather, plan_jobs
from photochrom.cli._support.console import Teller
from photochrom.colorizer import Colorizer, Options
from photochrom.errors import OptionError, OutputExistsError, UnreadablePictureError
from photochrom.hints import Hint
from photochrom.steering.variations import Variation, check_request

__all__ = ["colorize_alternatives"]


def colorize_alternatives(
    inputs: Sequence[str],
    output: str | None,
    *,
    n: int,
    seed: int,
    model: str,
    device: str,
    options: Options,
    hints: Sequence[Hint],
    reference: str | None,
    beside: Sidecars,
    overwrite: bool,
    report: str | None,
    quiet: bool,
) -> None:
    """Write ``n`` colourings of one photo: ``NAME.color.1.EXT`` and so on, or ``OUT.1.EXT``.

    Raises:
        OptionError: there is more than one photo, or a pipe, or the network has one answer only.
        OutputExistsError: one of the files is there already; none is written then.
    """
    plan = _plan_one(inputs, output)
    home = check_report_path(report) if report is not None else None
    colorizer = Colorizer(model, device=device)
    check_request(colorizer.predictor, n, seed)
    job = plan.jobs[0]
    targets = [job.target.with_name(f"{job.target.stem}.{number}{job.target.suffix}") for number in range(1, n + 1)]
    _refuse(targets, job.source, overwrite=overwrite)
    if not overwrite:
        for target in targets:
            beside.refuse(target)
    start = time.perf_counter()
    results = colorizer.alternatives(
        job.source,
        n,
        seed=seed,
        hints=hints,
        reference=reference,
        **options.keywords(),
    )
    files = []
    with Teller(plan, quiet=quiet) as teller:
        for number, (result, target) in enumerate(zip(results, targets, strict=True), 1):
            settings = Settings(
                card=colorizer.card,
                options=options,
                hints=hints,
                reference=None if reference is None else Path(reference),
                alternative=Variation(seed=seed, index=number - 1),
            )
            made = gather(result, job.source, target, settings, beside)
            made.place(target, overwrite=overwrite, overwrite_beside=overwrite)
            files.append(made.report(str(job.source), target, model=result.model))
            teller.tell(Event(files[-1], number, n))
    if home is not None:
        Report(
            model=colorizer.name,
            model_sha256=colorizer.card.sha256,
            options={**asdict(options), "reference": reference, "alternatives": n, "seed": seed},
            jobs=1,
            seconds=time.perf_counter() - start,
            files=tuple(files),
        ).save(home)


def _plan_one(inputs: Sequence[str], output: str | None) -> Plan:
    if "-" in (*inputs, output):
        raise OptionError("alternatives are several files, but a pipe carries one: name a photo, and give -o a file")
    plan = plan_jobs(inputs, output)
    if len(plan.jobs) != 1 or any(Path(text).is_dir() for text in inputs):
        raise OptionError("alternatives are made of one photo at a time: name a single photo")
    if plan.jobs[0].problem is not None:
        raise UnreadablePictureError(f"{plan.jobs[0].source}: {plan.jobs[0].problem}")
    return plan


def _refuse(targets: Sequence[Path], source: Path, *, overwrite: bool) -> None:
    for target in targets:
        if os.path.lexists(target) and not overwrite:
            raise OutputExistsError(
                f"the output '{target}' is there already: use --overwrite to replace it, or give another -o"
            )
        if target.resolve() == source.resolve():
            raise OptionError(f"the output '{target}' is itself the input: give another -o")

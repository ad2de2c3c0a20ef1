"""``photochrom colorize``: photos in, coloured photos out."""

import dataclasses
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from photochrom.cli._support.display import list_flags, read_display
from photochrom.cli._support.options import (
    Device,
    Jobs,
    Key,
    Model,
    Quiet,
    Sign,
    open_signer,
    read_options,
    refuse_flags,
    takes_options,
)
from photochrom.options import ColorizeOptions, Range, check_number
from photochrom.presentation.options import DisplayOptions

__all__ = ["colorize"]


@takes_options(DisplayOptions, after="lossless")
@takes_options(ColorizeOptions, after="model", leave_out=["variation"])
def colorize(
    context: typer.Context,
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="IN...",
            help="Photos, folders, quoted patterns, URLs, shards (.tar, .parquet), - for standard input, or a "
            "NAME.photochrom.json.",
        ),
    ],
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="OUT",
            help="A file for one photo; a folder for many, or ending with /; - for standard output. "
            "Both may be URLs, s3://BUCKET/FOLDER/. Without it, NAME.color.EXT beside each photo.",
        ),
    ] = None,
    model: Model = None,
    format: Annotated[  # noqa: A002
        str | None,
        typer.Option(metavar="EXT", help="Of all results: jpg, png, tif, webp, jp2 ... [default: that of each photo]"),
    ] = None,
    keep_times: Annotated[
        bool, typer.Option("--keep-times", help="Give results the times of their photos' files.")
    ] = False,
    confidence: Annotated[
        bool, typer.Option("--confidence", help="Write NAME.confidence.png too: where the network is sure.")
    ] = False,
    save_project: Annotated[
        bool,
        typer.Option("--save-project", help="Write NAME.photochrom.json too: colorize makes the same pixels from it."),
    ] = False,
    variations: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Write N different colourings of one photo, NAME.color.1.EXT and so on, 1 to 12."
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="Of --variations: the same seed, the same pictures. [default: 0]")
    ] = None,
    device: Device = "auto",
    jobs: Jobs = None,
    backend: Annotated[
        str, typer.Option(metavar="NAME", help="local, or ray: the cluster that RAY_ADDRESS names colours the photos.")
    ] = "local",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an earlier run: leave alone what it has finished.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that are there already.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and colour and write nothing.")
    ] = False,
    max_pixels: Annotated[
        int | None, typer.Option(metavar="N", help="Refuse photos with more pixels. [default: 200000000]")
    ] = None,
    report: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Where the JSON report goes. [default: photochrom-report.json in the output folder]"
        ),
    ] = None,
    lossless: Annotated[
        bool, typer.Option("--lossless", help="Keep the luma of a JPEG bit for bit, and add colour alone.")
    ] = False,
    sign: Sign = None,
    key: Key = None,
    quiet: Quiet = False,
    **fields: Any,
) -> None:
    """Colour photos: files, folders, patterns, or - for a pipe.

    Size, orientation, metadata, profile and bit depth stay as they are. Nothing is overwritten unless asked.
    """
    from photochrom.inference.ahead import begin

    # before the other imports, for it goes on beside them
    is_usual = variations is None and not dry_run and backend == "local"
    ahead = begin(inputs, model, device, max_pixels, salvage=fields["salvage"]) if is_usual else None
    from photochrom.batch import (
        BatchOptions,
        Plan,
        Saving,
        Sidecars,
        StoredPlan,
        check_report_path,
        is_shard,
        parse_suffix,
        plan_jobs,
        plan_shards,
        plan_stored_jobs,
        run_plan,
        save_report,
    )
    from photochrom.cli._support.console import RunConsole
    from photochrom.cli._support.project import colorize_project, is_project
    from photochrom.cli._support.signals import quit_at_once, stoppable
    from photochrom.colorizer import Colorizer, count_processors
    from photochrom.errors import OptionError, StoreError, WriteError
    from photochrom.hints import load_hints
    from photochrom.image_io import MAX_PIXELS
    from photochrom.image_io.formats import is_video
    from photochrom.registry import DEFAULT_MODEL, find_model
    from photochrom.system.stores import is_url

    limit = MAX_PIXELS if max_pixels is None else max_pixels
    check_number("max_pixels", limit, Range(1, float("inf")))
    hints = fields.pop("hints")
    display = read_display(context, fields)
    options = read_options(ColorizeOptions, fields)
    if any(is_project(text) for text in inputs):
        _check_alone(context, inputs)
        colorize_project(
            inputs[0],
            output,
            device=device,
            max_pixels=limit,
            beside=Sidecars(confidence=confidence, display=display),
            overwrite=overwrite,
            report=report,
            quiet=quiet,
        )
        return
    beside = Sidecars(confidence=confidence, project=save_project, display=display)
    name = DEFAULT_MODEL if model is None else model
    if variations is None and seed is not None:
        raise OptionError("command.flag_needs_another", flag="--seed", other="--variations")
    is_sharded = any(is_shard(text) for text in (*inputs, output or ""))
    is_stored = any(is_url(text) for text in (*inputs, output or ""))
    is_alone = len(inputs) == 1 and not is_stored and not is_sharded and variations is None
    is_film = is_alone and "-" not in (inputs[0], output) and is_video(Path(inputs[0]))
    known = tuple(load_hints(hints)) if hints is not None and not is_film else ()
    if variations is not None:
        from photochrom.cli._support.variations import colorize_variations

        refuse_flags(
            "--variations, which are made of one photo at once",
            {
                "--resume": resume,
                "--jobs": jobs is not None,
                "--backend": backend != "local",
                "--format": format is not None,
                "--keep-times": keep_times,
                "--dry-run": dry_run,
                "--lossless": lossless,
                "--sign": sign is not None,
                "an address of an object store": is_stored,
                "a shard": is_sharded,
            },
        )
        colorize_variations(
            inputs,
            output,
            count=variations,
            seed=seed or 0,
            model=name,
            device=device,
            options=dataclasses.replace(options, hints=known),
            max_pixels=limit,
            beside=beside,
            overwrite=overwrite,
            report=report,
            quiet=quiet,
        )
        return
    if is_film:
        refuse_flags(
            "a film",
            {
                "--auto-contrast": options.auto_contrast,
                "--salvage": options.salvage,
                "--confidence": confidence,
                "--save-project": save_project,
                "--format": format is not None,
                "--keep-times": keep_times,
                "--dry-run": dry_run,
                "--lossless": lossless,
                **list_flags(display),
            },
        )
        from photochrom.cli._video.run import hand_over_film
        from photochrom.video.options import RunOptions

        hand_over_film(
            inputs[0],
            output,
            model=name,
            device=device,
            options=options,
            hints=hints,
            run_options=RunOptions(
                jobs=jobs, backend=backend, resume=resume, overwrite=overwrite, signer=open_signer(sign, key)
            ),
            report=report,
            quiet=quiet,
        )
    options = dataclasses.replace(options, hints=known)
    if "-" in (*inputs, output):
        from photochrom.cli._support.stream import colorize_stream

        refuse_flags(
            "a pipe",
            {
                "--resume": resume,
                "--report": report is not None,
                "--confidence": confidence,
                "--save-project": save_project,
                "--backend": backend != "local",
                "--keep-times": keep_times,
                "--dry-run": dry_run,
                "--lossless": lossless,
                "--sign": sign is not None,
                **list_flags(display, mark=False),
                "an address of an object store": is_stored,
                "a shard": is_sharded,
            },
        )
        colorize_stream(
            inputs,
            output,
            suffix=None if format is None else parse_suffix(format),
            model=name,
            device=device,
            options=options,
            display=display,
            max_pixels=limit,
            overwrite=overwrite,
            quiet=quiet,
        )
        return
    home = check_report_path(report) if report is not None else None
    if lossless:
        unsuitable = {
            "--auto-contrast": options.auto_contrast,
            "--salvage": options.salvage,
            "--backend": backend != "local",
            "--mark": display.mark is not None,
        }
        refuse_flags("--lossless", unsuitable)
    if display.layer is not None:
        # it is meant for the photo as it is
        refuse_flags("--layer", {"--auto-contrast": options.auto_contrast})
    saving = Saving(
        lossless=lossless,
        signer=open_signer(sign, key),
        hints=bool(options.hints) and sign is not None,
        reference=options.reference is not None and sign is not None,
    )
    if is_stored or is_sharded:
        where = "shards" if is_sharded else "addresses of object stores"
        unsuitable = {"--keep-times": keep_times, "--save-project": save_project, **list_flags(display)}
        refuse_flags(where, unsuitable | ({"--confidence": confidence} if is_sharded else {}))
    batch_options = BatchOptions(
        max_pixels=limit, beside=beside, jobs=jobs, backend=backend, resume=resume, overwrite=overwrite
    )
    if is_sharded:
        plan: Plan | StoredPlan = plan_shards(inputs, output, format=format, saving=saving)
    elif is_stored:
        plan = plan_stored_jobs(inputs, output, format=format, saving=saving)
    else:
        plan = plan_jobs(inputs, output, format=format, keep_times=keep_times, saving=saving)
    if dry_run:
        from photochrom.cli._support.dry_run import show_plan

        card = find_model(name).card
        sys.exit(show_plan(plan, card=card, options=options, batch_options=batch_options, report=home))
    side_by_side = count_processors() if jobs is None else jobs
    side_by_side = side_by_side if is_sharded else min(side_by_side, len(plan.jobs))
    threads = 1 if side_by_side > 1 else None  # the jobs share the processors; one photo alone may have them all
    colorizer = Colorizer(ahead.session.result()) if ahead else Colorizer(name, device=device, threads=threads)
    plan = dataclasses.replace(plan, ahead=ahead.photos) if ahead and isinstance(plan, Plan) else plan
    with stoppable() as stop:
        try:
            with RunConsole(plan, quiet=quiet) as console:
                result = run_plan(
                    plan,
                    colorizer=colorizer,
                    options=options,
                    batch_options=batch_options,
                    stop=stop.event,
                    on_event=console.show_event,
                    on_page=console.show_page,
                )
        except KeyboardInterrupt:
            quit_at_once(plan, stop.code or 130)
    try:
        place = save_report(result, plan, home)
    except (StoreError, WriteError):
        # why the run ended is said all the same, for it may be the same reason
        console.show_totals(result, None, many=plan.many)
        raise
    console.show_totals(result, place, many=plan.many)
    if stop.code is not None:
        sys.exit(stop.code)
    if result.failed or result.stopped:
        raise typer.Exit(1)


def _check_alone(context: typer.Context, inputs: list[str]) -> None:
    """Refuses what cannot go with a project: other inputs, and settings, which are its own."""
    from photochrom.errors import OptionError

    if len(inputs) != 1:
        raise OptionError("command.project_inputs")
    fitting = {"inputs", "output", "device", "max_pixels", "confidence", "overwrite", "report", "quiet"}
    fitting |= {field.name for field in dataclasses.fields(DisplayOptions)}
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if parameter.name not in fitting and source is not None and source.name == "COMMANDLINE":
            raise OptionError("command.project_settings", flag=parameter.opts[0])

"""``photochrom evaluate``: networks, or another program's pictures, in; a report of numbers and pictures out."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from photochrom.cli._support.options import Device, Jobs, Quiet

__all__ = ["evaluate"]


def evaluate(
    data: Annotated[
        str, typer.Option(metavar="FOLDER|PARQUET", help="Colour photos: a folder, or Parquet with a column image.")
    ],
    out: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="REPORT/", help="The report's folder; made if missing.")
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME|FILE|all",
            help="A network, or all that are installed; gray and truth are names too. Give it again for more. "
            "[default: the default network]",
        ),
    ] = None,
    predictions: Annotated[
        list[str] | None,
        typer.Option(metavar="DIR", help="Pictures another program made of --export-inputs; give it again for more."),
    ] = None,
    export_inputs: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write the protocol's gray pictures there for another program, and end."),
    ] = None,
    protocol: Annotated[
        str, typer.Option(metavar="NAME", help="lab256 (256 px centre squares) or full (their own size).")
    ] = "lab256",
    vividness: Annotated[
        str, typer.Option(metavar="LIST", help="Vividness of networks, 0 to 2. PSNR is read at 0, colourfulness at 1.")
    ] = "0,1",
    hints: Annotated[
        str | None,
        typer.Option(metavar="LIST", help="Also measure PSNR with so many hints from the truth, such as 0,1,10,100."),
    ] = None,
    faces: Annotated[
        bool, typer.Option("--faces", help="Also measure skin by group; the Parquet file needs label columns.")
    ] = False,
    split: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="select: the half of the photos to choose on; report: the half to report on; all: both. "
            "The half follows from a photo's content.",
        ),
    ] = "all",
    limit: Annotated[
        int | None, typer.Option(metavar="N", help="Look only at so many photos, spread evenly over the set.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Of intervals, tests, hints and random examples.")] = 0,
    jobs: Jobs = None,
    device: Device = "auto",
    classifier: Annotated[
        str | None, typer.Option(metavar="FILE", help="An ONNX classifier: is the class that of the true photo?")
    ] = None,
    fid_features: Annotated[
        str | None, typer.Option(metavar="FILE", help="An ONNX network of features, for a Fréchet distance.")
    ] = None,
    lpips: Annotated[str | None, typer.Option(metavar="FILE", help="LPIPS as an ONNX network of two pictures.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an earlier run in the same folder; score only what is missing.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the report that is there.")] = False,
    quiet: Quiet = False,
) -> None:
    """Score networks, or another program's pictures, against true colours.

    photochrom evaluate --data photos --output report

    Gray itself is always scored beside them: a network below gray is worse than none.
    """
    from photochrom.cli._support.advice import explain
    from photochrom.cli._support.evaluate_output import EvaluationBar, parse_numbers, print_left_out, print_scores
    from photochrom.cli._support.signals import stoppable
    from photochrom.colorizer import count_processors
    from photochrom.errors import MissingDependencyError, OptionError, PhotochromError
    from photochrom.registry import DEFAULT_MODEL

    try:
        from photochrom.evaluation.evaluate import EvaluateOptions, save_results
        from photochrom.evaluation.evaluate import evaluate as score
        from photochrom.evaluation.fairness.faces import read_faces
        from photochrom.evaluation.fairness.run import add_faces
        from photochrom.evaluation.inputs.export_inputs import write_inputs
        from photochrom.evaluation.inputs.ground_truth import open_ground_truths
        from photochrom.evaluation.inputs.protocol import find_protocol
        from photochrom.evaluation.inputs.split import check_split
        from photochrom.evaluation.inputs.systems import plan_systems
        from photochrom.evaluation.onnx_metrics import MetricNetworks
        from photochrom.evaluation.report import write_report
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("photochrom"):
            raise
        raise MissingDependencyError("Evaluating", "evaluate") from error

    if export_inputs is not None:
        truths = open_ground_truths(data, split=split, limit=limit)
        with EvaluationBar(quiet=quiet) as bar:
            step = bar.count_steps("writing inputs", len(truths.refs))
            unread = write_inputs(truths, find_protocol(protocol), export_inputs, overwrite=overwrite, on_photo=step)
        print_left_out(str(export_inputs), unread)
        raise typer.Exit(1 if unread else 0)
    if out is None:
        raise OptionError("command.flag_missing", flag="--output", what="a folder for the report")
    options = EvaluateOptions(
        protocol=protocol,
        metric_networks=MetricNetworks(classifier, fid_features, lpips),
        split=check_split(split),
        limit=limit,
        seed=seed,
        jobs=jobs,
        device=device,
        resume=resume,
        overwrite=overwrite,
    )
    systems = plan_systems(
        model or ([] if predictions else [DEFAULT_MODEL]),
        predictions=predictions or [],
        vividness=parse_numbers("--vividness", vividness, float),
        hints=[] if hints is None else parse_numbers("--hints", hints, int),
    )
    if faces:
        # said before anything is scored
        read_faces(Path(data))
    with stoppable() as stop:
        try:
            with EvaluationBar(quiet=quiet) as bar:
                evaluation = score(systems, data, out, options=options, stop=stop.event, on_progress=bar.show)
                if faces:
                    evaluation = add_faces(
                        evaluation,
                        systems,
                        data,
                        limit=limit,
                        jobs=jobs or count_processors(),
                        device=device,
                        on_face=bar.count_steps("measuring faces", evaluation.data.found),
                    )
        except KeyboardInterrupt:
            typer.echo(f"photochrom: {explain(PhotochromError('batch.interrupted'))}", err=True)
            sys.exit(stop.code or 130)
    save_results(evaluation, out)
    write_report(evaluation, out)
    if not quiet:
        print_scores(evaluation, out)
    left_out = [*evaluation.data.left_out]
    print_left_out(evaluation.data.name, left_out)
    for entry in evaluation.entries:
        print_left_out(entry.label, entry.left_out)
        left_out += entry.left_out
    # a gray photo is not a fault; anything else that could not be scored is
    if any(each.kind != "gray truth" for each in left_out):
        raise typer.Exit(1)

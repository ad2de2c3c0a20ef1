"""``photochrom export``: a checkpoint to a weights file."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from photochrom.errors import MissingDependencyError

__all__ = ["export"]


class WeightFormat(StrEnum):
    """How an exported file keeps its matrices."""

    FLOAT32 = "float32"
    HALF = "half"
    INT8 = "int8"


class Submodule(StrEnum):
    """What an image classifier is exported as."""

    CLASSIFIER = "classifier"
    FEATURES = "features"


def export(
    checkpoint: Annotated[
        Path, typer.Argument(help="A checkpoint that photochrom train wrote, or a network's weights.")
    ],
    output: Annotated[Path, typer.Argument(help="The ONNX file to write.")],
    name: Annotated[str | None, typer.Option(help="What --model will call it; the recipe's name by default.")] = None,
    description: Annotated[str | None, typer.Option(help="One or two sentences for its card.")] = None,
    card: Annotated[
        Path | None, typer.Option(help="A YAML file with fields of the card: version, sizes, vividness, scores ...")
    ] = None,
    average_with: Annotated[
        Path | None,
        typer.Option(help="Weights the training started from: export the mean of both, less sure and often better."),
    ] = None,
    alpha: Annotated[float, typer.Option(metavar="0..1", help="Weight of --average-with in that mean.")] = 0.5,
    ensemble: Annotated[
        Path | None,
        typer.Option(help="Another network's checkpoint or weights: export both as one, which answers for both."),
    ] = None,
    ensemble_weight: Annotated[float, typer.Option(metavar="0..1", help="Weight of --ensemble in that answer.")] = 0.5,
    ensemble_weight_hinted: Annotated[
        float | None,
        typer.Option(metavar="0..1", help="Its weight where many hints are given; --ensemble-weight if left out."),
    ] = None,
    half_resolution: Annotated[
        bool,
        typer.Option("--half-resolution", help="With --ensemble: CHECKPOINT also reads the picture at half its size."),
    ] = False,
    weight_format: Annotated[
        WeightFormat, typer.Option(help="How matrices are stored: int8 is a quarter of float32, and as fast.")
    ] = WeightFormat.HALF,
    submodule: Annotated[
        Submodule | None,
        typer.Option(help="CHECKPOINT holds EdgeTPU's public weights: write that part of it, for photochrom evaluate."),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUTPUT if it is there already.")] = False,
) -> None:
    """Turn a training's checkpoint into a weights file.

    photochrom export runs/photochrom_fast/last.ckpt photochrom_fast.onnx
    """
    try:
        from photochrom.training.export.classifier import export_judge
        from photochrom.training.export.onnx import export_checkpoint
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("photochrom"):
            raise
        raise MissingDependencyError("Exporting", "train") from error
    if submodule is not None:
        typer.echo(str(export_judge(str(checkpoint), output, submodule.value, overwrite=overwrite)))
        return
    given = {"name": name, "description": description}
    fields = {key: value for key, value in given.items() if value is not None}
    written = export_checkpoint(
        checkpoint,
        output,
        fields=fields,
        card_file=card,
        mix_with=average_with,
        share=alpha,
        beside=ensemble,
        beside_share=ensemble_weight,
        beside_hinted=ensemble_weight_hinted,
        halved=half_resolution,
        storage=weight_format.value,
        overwrite=overwrite,
    )
    typer.echo(str(written))

"""``photochrom export``: a checkpoint to a weights file."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from photochrom.errors import MissingDependencyError

__all__ = ["export"]


class Storage(StrEnum):
    """How an exported file keeps its matrices."""

    FLOAT32 = "float32"
    HALF = "half"
    INT8 = "int8"


class Part(StrEnum):
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
    mix: Annotated[
        Path | None,
        typer.Option(help="Weights the training started from: export the mean of both, less sure and often better."),
    ] = None,
    share: Annotated[float, typer.Option(metavar="0..1", help="Share of --mix in that mean.")] = 0.5,
    beside: Annotated[
        Path | None,
        typer.Option(help="Another network's checkpoint or weights: export both as one, which answers for both."),
    ] = None,
    beside_share: Annotated[float, typer.Option(metavar="0..1", help="Share of --beside in that answer.")] = 0.5,
    beside_hinted: Annotated[
        float | None,
        typer.Option(metavar="0..1", help="The same where many hints are given; --beside-share if left out."),
    ] = None,
    halved: Annotated[
        bool, typer.Option("--halved", help="With --beside: CHECKPOINT also reads the picture at half its size.")
    ] = False,
    storage: Annotated[
        Storage, typer.Option(help="How matrices are stored: int8 is a quarter of float32, and as fast.")
    ] = Storage.HALF,
    part: Annotated[
        Part | None,
        typer.Option(help="CHECKPOINT holds EdgeTPU's public weights: write that part of it, for photochrom evaluate."),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUTPUT if it is there already.")] = False,
) -> None:
    """Turn a training's checkpoint into a weights file.

    photochrom export runs/photochrom_fast/last.ckpt photochrom_fast.onnx
    """
    try:
        from photochrom.training.export.classifier import export_classifier
        from photochrom.training.export.onnx import export_checkpoint
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("photochrom"):
            raise
        raise MissingDependencyError("Exporting", "train") from error
    if part is not None:
        typer.echo(str(export_classifier(str(checkpoint), output, part.value, overwrite=overwrite)))
        return
    given = {"name": name, "description": description}
    fields = {key: value for key, value in given.items() if value is not None}
    written = export_checkpoint(
        checkpoint,
        output,
        fields=fields,
        card_file=card,
        average_with=mix,
        alpha=share,
        ensemble=beside,
        ensemble_weight=beside_share,
        ensemble_weight_hinted=beside_hinted,
        half_resolution=halved,
        weight_format=storage.value,
        overwrite=overwrite,
    )
    typer.echo(str(written))

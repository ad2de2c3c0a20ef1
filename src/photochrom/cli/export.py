"""``photochrom export``: a checkpoint to a weights file."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from photochrom.errors import MissingDependencyError, OptionError

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
        Path,
        typer.Argument(help="A checkpoint that photochrom train wrote, or weights; a network's name with --hub."),
    ],
    output: Annotated[Path, typer.Argument(help="The ONNX file to write, or with --hub the folder.")],
    hub: Annotated[
        bool,
        typer.Option("--hub", help="Write a folder for a model hub: bytes in, colour out, a card, examples."),
    ] = False,
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
    ensemble_scale: Annotated[
        float, typer.Option(metavar="1..2", help="How much larger --ensemble sees the picture than CHECKPOINT does.")
    ] = 1.0,
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
    if hub:
        _refuse_with_hub(
            {
                "--name": name,
                "--description": description,
                "--card": card,
                "--average-with": average_with,
                "--ensemble": ensemble,
                "--submodule": submodule,
            }
        )
    try:
        from photochrom.training.export.classifier import export_classifier
        from photochrom.training.export.hub_folder import export_hub
        from photochrom.training.export.model_card import read_card_file
        from photochrom.training.export.onnx import export_checkpoint
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("photochrom"):
            raise
        raise MissingDependencyError("Exporting", "train") from error
    if hub:
        typer.echo(str(export_hub(str(checkpoint), output, overwrite=overwrite)))
        return
    if submodule is not None:
        typer.echo(str(export_classifier(str(checkpoint), output, submodule.value, overwrite=overwrite)))
        return
    given = {"name": name, "description": description}
    said = {key: value for key, value in given.items() if value is not None}
    written = export_checkpoint(
        checkpoint,
        output,
        fields={**(read_card_file(card) if card else {}), **said},
        average_with=average_with,
        alpha=alpha,
        ensemble=ensemble,
        ensemble_weight=ensemble_weight,
        ensemble_weight_hinted=ensemble_weight_hinted,
        half_resolution=half_resolution,
        ensemble_scale=ensemble_scale,
        weight_format=weight_format.value,
        overwrite=overwrite,
    )
    typer.echo(str(written))


def _refuse_with_hub(given: dict[str, object]) -> None:
    """Refuses the first flag that was given: a network is written for a hub as its file has it."""
    for flag, value in given.items():
        if value is not None:
            raise OptionError("command.flag_unsuitable", flag=flag, what="--hub")

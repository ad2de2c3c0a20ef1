"""``photochrom train``: a recipe to a trained network."""

from pathlib import Path
from typing import Annotated

import typer

from photochrom.errors import MissingExtraError

__all__ = ["train"]


def train(
    recipe: Annotated[Path, typer.Argument(help="The recipe, a YAML file.")],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY=VALUE]...", help="Keys set otherwise, such as schedule.minutes=30."),
    ] = None,
) -> None:
    """Train a network from a recipe.

    Given again after an interruption, the same command goes on where the run folder's checkpoint is.

    photochrom train recipes/photochrom_fast.yaml data.train=my/photos schedule.minutes=30
    """
    try:
        from photochrom.training.fit import fit
        from photochrom.training.recipe import read_recipe
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("photochrom"):
            raise
        raise MissingExtraError("Training", "train") from error
    checkpoint = fit(read_recipe(recipe, overrides or []))
    typer.echo(str(checkpoint))

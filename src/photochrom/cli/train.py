"""``photochrom train``: a recipe to a trained network, or one photo learnt by heart."""

from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core

from photochrom.errors import MissingDependencyError

__all__ = ["train"]

_SETTINGS = {"help_option_names": ["-h", "--help"]}


class _RecipeGroup(typer.core.TyperGroup):
    """Takes a first word that is not a command of its own for a recipe."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        first = args[0] if args and args[0] in self.commands else "recipe"
        return first, self.commands[first], args[1:] if args and args[0] == first else args


train = typer.Typer(
    cls=_RecipeGroup,
    add_completion=False,
    rich_markup_mode=None,
    context_settings=_SETTINGS,
    subcommand_metavar="RECIPE [KEY=VALUE]... | overfit PHOTO",
    help="""Train a network from a recipe, or see one learn a single photo.

    photochrom train recipes/photochrom_fast.yaml data.train=my/photos schedule.minutes=30

    photochrom train overfit photo.jpg
    """,
)


@train.command("recipe", context_settings=_SETTINGS)
def fit_recipe(
    recipe: Annotated[Path, typer.Argument(help="The recipe, a YAML file.")],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY=VALUE]...", help="Keys set otherwise, such as schedule.minutes=30."),
    ] = None,
) -> None:
    """Train as a recipe says; the word itself may be left out.

    Given again after an interruption, the same command goes on where the run folder's checkpoint is.
    """
    try:
        from photochrom.training.distributed import is_first_process
        from photochrom.training.recipe import read_recipe
        from photochrom.training.trainer import fit
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("photochrom"):
            raise
        raise MissingDependencyError("Training", "train") from error
    checkpoint = fit(read_recipe(recipe, overrides or []))
    if is_first_process():
        typer.echo(str(checkpoint))


@train.command(context_settings=_SETTINGS)
def overfit(
    photo: Annotated[Path, typer.Argument(metavar="PHOTO", help="A photo in colour; its centre square is learnt.")],
    model: Annotated[str, typer.Option(metavar="NAME", help="The architecture.")] = "zhang_regression",
    width: Annotated[
        int | None, typer.Option(metavar="N", help="Of an architecture that has one. [default: 16]")
    ] = None,
    recipe: Annotated[
        str, typer.Option(metavar="NAME", help="published, as the older project had it, or better.")
    ] = "published",
    rate: Annotated[float | None, typer.Option(metavar="X", help="Learning rate instead of the recipe's.")] = None,
    epochs: Annotated[int, typer.Option(metavar="N", help="Steps on the photo.")] = 400,
    size: Annotated[int, typer.Option(metavar="N", help="Side of the square, pixels.")] = 224,
    seed: Annotated[int, typer.Option(metavar="N", help="Of the first weights.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="DIR", help="The folder to write. [default: NAME.overfit beside the photo]"
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what an earlier try has written.")] = False,
) -> None:
    """Teach a fresh network one photo and draw it after 100, 200 and 400 epochs.

    photochrom train overfit photo.jpg --output learnt
    """
    try:
        from photochrom.training.overfit import OverfitOptions, Shot
        from photochrom.training.overfit import overfit as learn
        from photochrom.training.overfit_report import check_folder, save_overfit
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("photochrom"):
            raise
        raise MissingDependencyError("Training", "train") from error

    def tell(shot: Shot) -> None:
        typer.echo(f"{shot.epoch} epochs  mean squared error {shot.error:.2f}")

    folder = photo.with_name(f"{photo.stem}.overfit") if out is None else out
    options = OverfitOptions(model=model, width=width, recipe=recipe, rate=rate, epochs=epochs, size=size, seed=seed)
    check_folder(folder, overwrite=overwrite)
    found = learn(photo, options, on_shot=tell)
    typer.echo(f"least possible {found.least:.2f}, gray {found.gray:.2f}")
    typer.echo(str(save_overfit(found, folder, overwrite=overwrite)))

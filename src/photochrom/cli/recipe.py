"""``photochrom recipe``: training recipes of older versions rewritten."""

from pathlib import Path
from typing import Annotated

import typer

from photochrom.errors import MissingDependencyError, OutputExistsError, RecipeError
from photochrom.system.atomic import write_whole

__all__ = ["recipe"]

_SETTINGS = {"help_option_names": ["-h", "--help"]}

recipe = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings=_SETTINGS,
    help="""Rewrite a training recipe of an older version.

    photochrom recipe upgrade mine.yaml
    """,
)


@recipe.callback()
def _recipe() -> None:
    pass


@recipe.command(context_settings=_SETTINGS)
def upgrade(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The recipe, a YAML file.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="PATH", help="Where the new one goes. [default: in place of FILE]"),
    ] = None,
) -> None:
    """Rewrite a recipe with today's keys; comments and layout stay.

    photochrom recipe upgrade old.yaml -o new.yaml
    """
    try:
        from photochrom.training.recipe_upgrade import upgrade_recipe
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("photochrom"):
            raise
        raise MissingDependencyError("Reading recipes", "train") from error
    target = output or file
    if target.exists() and target.resolve() != file.resolve():
        raise OutputExistsError("recipe.output_exists", path=target)
    try:
        # bytes, so that line ends stay as they are
        text = file.read_bytes().decode("utf-8")
    except OSError as error:
        raise RecipeError("recipe.unreadable", path=file, reason=error.strerror) from error
    except UnicodeDecodeError as error:
        raise RecipeError("recipe.not_text", path=file) from error
    typer.echo(str(write_whole(target, upgrade_recipe(text, source=str(file)).encode(), overwrite=True)))

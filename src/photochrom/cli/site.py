"""``photochrom site``: a folder for any static host, whose page colours in the browser."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["site"]


def site(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write.", show_default=False)],
    model: Annotated[str, typer.Option(metavar="NAME", help="The network that the page colours with.")] = (
        "photochrom_fast"
    ),
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Renew a folder that is not empty.")] = False,
) -> None:
    """Write a static folder whose page colours photos in the browser. Nothing is uploaded."""
    from photochrom.private_edition import write_site
    from photochrom.registry import find_model

    written = write_site(folder, find_model(model), overwrite=overwrite)
    typer.echo(f"{folder}: {written / 1e6:.1f} MB. Any web server can serve it.")

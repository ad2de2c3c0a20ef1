"""``photochrom strip``: the gray photo in a result of ``--lossless``, back again."""

from typing import Annotated

import typer

from photochrom.cli._support.options import Quiet

__all__ = ["strip"]


def strip(
    result: Annotated[str, typer.Argument(metavar="RESULT", help="A JPEG that  colorize --lossless  has made.")],
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", metavar="OUT", help="The gray JPEG. Without it, NAME.gray.EXT beside the result."
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there already.")] = False,
    quiet: Quiet = False,
) -> None:
    """Take the colours out again: the gray photo as it was, pixel for pixel, with its metadata."""
    from pathlib import Path

    from photochrom.cli._support.console import printable
    from photochrom.errors import InputError, UnsupportedPictureError
    from photochrom.image_io.lossless_jpeg import strip_colors
    from photochrom.system.atomic import write_whole

    path = Path(result)
    target = path.with_name(f"{path.stem.removesuffix('.color')}.gray{path.suffix}") if output is None else Path(output)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError("photo.unreadable", path=path, reason=error.strerror or str(error)) from None
    if not content.startswith(b"\xff\xd8\xff"):
        raise UnsupportedPictureError("photo.not_stripped", name=path.name)
    write_whole(target, strip_colors(content, name=path.name), overwrite=overwrite, like=path)
    if not quiet:
        typer.echo(printable(f"{path} -> {target}"))

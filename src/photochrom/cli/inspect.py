"""``photochrom inspect``: what a network sees in a photo and makes of it."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["inspect"]


def inspect(
    photo: Annotated[Path, typer.Argument(metavar="PHOTO", help="A photo, in colour to see what is wrong, or gray.")],
    model: Annotated[str | None, typer.Option(metavar="NAME|FILE", help="The network; see  photochrom models.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="DIR", help="The folder to write. [default: NAME.inside beside the photo]"
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="X,Y", help="The point to look at, pixels. [default: where the network is least sure]"),
    ] = None,
    input_size: Annotated[
        int | None,
        typer.Option(metavar="N", help="Short side the network sees, pixels. [default: the network's own, the finest]"),
    ] = None,
    max_pixels: Annotated[
        int | None, typer.Option(metavar="N", help="Refuse photos with more pixels. [default: 200000000]")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what an earlier look has written.")] = False,
) -> None:
    """Look inside: planes of truth and prediction, confidence, error, activations, the distribution at a point.

    photochrom inspect photo.jpg --model eccv16 --output inside
    """
    from photochrom.image_io import MAX_PIXELS
    from photochrom.inspection import look_inside, write_page
    from photochrom.inspection.report import check_folder
    from photochrom.registry import DEFAULT_MODEL

    folder = photo.with_name(f"{photo.stem}.inside") if out is None else out
    place = None if at is None else _read_point(at)
    check_folder(folder, overwrite=overwrite)
    findings = look_inside(
        photo,
        model=DEFAULT_MODEL if model is None else model,
        at=place,
        input_size=input_size,
        max_pixels=MAX_PIXELS if max_pixels is None else max_pixels,
    )
    typer.echo(str(write_page(findings, folder, overwrite=overwrite)))


def _read_point(text: str) -> tuple[float, float]:
    from photochrom.errors import OptionError

    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError as error:
        raise OptionError("command.not_a_point", text=text) from error
    return x, y

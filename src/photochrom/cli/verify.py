"""``photochrom verify``: what a result says of itself, and whether it is true."""

import json
from typing import Annotated

import typer

from photochrom.cli._support.options import Quiet

__all__ = ["verify"]


def verify(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A coloured photo or film.")],
    original: Annotated[
        str | None,
        typer.Option(metavar="ORIGINAL", help="What it was made of: proves pixel by pixel that lightness is the same."),
    ] = None,
    trust: Annotated[
        str | None, typer.Option(metavar="FILE", help="Certificates (PEM) of the authorities that you trust.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    max_pixels: Annotated[
        int | None, typer.Option(metavar="N", help="Refuse photos with more pixels. [default: 200000000]")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Say what was done to a file, by what, and whether it was changed since. Exit status 0: all of it holds."""
    from photochrom.cli._support.console import printable
    from photochrom.image_io import MAX_PIXELS
    from photochrom.options import Range, check_number
    from photochrom.provenance import verify as check

    limit = MAX_PIXELS if max_pixels is None else max_pixels
    check_number("max_pixels", limit, Range(1, float("inf")))
    found = check(file, original, trust=trust, max_pixels=limit)
    if as_json:
        typer.echo(json.dumps(found.to_json(), indent=1))
    elif not quiet:
        marks = {True: "yes", False: "NO", None: "note"}
        for finding in found.findings:
            typer.echo(printable(f"{marks[finding.holds]:5}{finding.text}"))
        typer.echo(printable(f"{file}: {'holds' if found.holds else 'does not hold'}"))
    if not found.holds:
        raise typer.Exit(1)

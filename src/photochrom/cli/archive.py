"""``photochrom archive``: what archives keep of a run, PREMIS events and an IIIF manifest."""

from typing import Annotated

import typer

from photochrom.cli._support.options import Quiet

__all__ = ["archive"]


def archive(
    report: Annotated[
        str, typer.Argument(metavar="REPORT", help="The JSON report of a run of  colorize, or the folder it lies in.")
    ],
    url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Write an IIIF manifest too: where the folder of results will be on the web."),
    ] = None,
    originals_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Of --url: where the folder of originals will be.")
    ] = None,
    image_service: Annotated[
        str | None, typer.Option(metavar="URL", help="Of --url: an IIIF Image API 3 service that has the pictures.")
    ] = None,
    template: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Of --url: JSON with the manifest's label, rights, provider and the like."),
    ] = None,
    organization: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who is answerable for the colouring, an agent in PREMIS.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that are there already.")] = False,
    quiet: Quiet = False,
) -> None:
    """Write what archives keep of a run: a PREMIS document beside each result, and an IIIF manifest of them all."""
    from pathlib import Path

    from photochrom.batch.archive import Addresses, read_template, write_archive_kit
    from photochrom.cli._support.console import printable
    from photochrom.errors import OptionError

    belongs = {"--originals-url": originals_url, "--image-service": image_service, "--template": template}
    for flag, value in belongs.items():
        if url is None and value is not None:
            raise OptionError("command.flag_needs_another", flag=flag, other="--url")
    kit = write_archive_kit(
        report,
        addresses=None if url is None else Addresses(results=url, originals=originals_url, image_service=image_service),
        template=None if template is None else read_template(Path(template)),
        organization=organization,
        overwrite=overwrite,
    )
    if quiet:
        return
    typer.echo(printable(f"{len(kit.events)} PREMIS documents, such as {kit.events[0]}"))
    if kit.manifest is not None:
        typer.echo(printable(f"{kit.manifest}: {originals_url or url} is {kit.originals}"))
    if kit.not_shown:
        typer.echo(
            f"note: {kit.not_shown} pictures are of formats that browsers do not show. "
            "Give --image-service, or colour into  --format jpg."
        )

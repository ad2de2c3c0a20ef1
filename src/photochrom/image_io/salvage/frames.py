"""Salvages the pictures that Pillow decodes one after the other: BMP without masks, GIF, PNM and TGA."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from photochrom.errors import UnreadablePictureError
from photochrom.image_io.codecs.base import Source
from photochrom.image_io.codecs.pillow import check_size, ignore_warnings, open_source
from photochrom.image_io.metadata.extract import gather_metadata, make_upright
from photochrom.image_io.normalize import page_from_image
from photochrom.image_io.salvage.pixels import load_part, mark_missing
from photochrom.image_io.types import Page, Picture
from photochrom.messages import render

__all__ = ["keep_whole", "read_whole_frames", "salvage_frames"]


def salvage_frames(source: Source, format_name: str) -> Picture:
    """Reads all frames that are whole, or what is there of the first.

    Raises:
        Exception: the header cannot be read.
    """
    image = open_source(source, format_name)
    metadata = gather_metadata(source.stream, format_name, image.info)
    metadata, orientation = make_upright(metadata, width=image.width, height=image.height)
    pages = read_whole_frames(source, open_source(source, format_name), metadata.icc, orientation)
    if pages:
        note = str(render("note.salvaged_frames", {"count": len(pages)}))
        return Picture(tuple(pages), format_name, metadata, source.name, (note,))
    if format_name == "GIF" and "transparency" in image.info:
        # its decoder makes transparent what it does not find, so that nobody could tell
        raise UnreadablePictureError("photo.nothing_salvaged", name=source.name)
    image, missing = load_part(lambda: open_source(source, format_name))
    page = mark_missing(page_from_image(image, metadata.icc, orientation, source.name), missing, orientation)
    return Picture((page,), format_name, metadata, source.name)


def read_whole_frames(source: Source, image: Any, icc: bytes | None, orientation: int) -> list[Page]:
    """Returns the frames of an animation up to the first that cannot be read whole; none of a still."""

    def iterate() -> Iterator[Page]:
        number = 0
        while True:
            with ignore_warnings():
                image.seek(number)
                page = page_from_image(image, icc, orientation, source.name)
            number += 1
            check_size(source.name, image.width, image.height, number, source.max_pixels)
            yield replace(page, duration_ms=round(image.info.get("duration") or 0))

    return keep_whole(iterate())


def keep_whole(frames: Iterator[Page]) -> list[Page]:
    """Returns frames up to the first that cannot be read; none where only one can."""
    pages = []
    try:
        for page in frames:
            pages.append(page)  # noqa: PERF402
    except (OSError, SyntaxError, ValueError, EOFError):
        pass
    return pages if len(pages) > 1 else []

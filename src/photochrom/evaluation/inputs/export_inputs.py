"""Writes the gray pictures of a protocol, for another program to colour."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image

from photochrom.errors import DataError, OutputExistsError
from photochrom.evaluation.inputs.ground_truth import Truths
from photochrom.evaluation.inputs.protocol import Protocol, gray_of
from photochrom.evaluation.results.schema import LeftOut
from photochrom.system.atomic import write_whole

__all__ = ["write_grays"]


def write_grays(
    truths: Truths, protocol: Protocol, folder: Path, *, overwrite: bool, on_photo: Callable[[], None]
) -> list[LeftOut]:
    """Write one gray PNG a photo, named by its id, so that what is made of it is found again by the same name.

    Args:
        truths: the photos.
        protocol: how they become gray.
        folder: made if missing.
        overwrite: replace pictures that are there.
        on_photo: called after each photo.

    Returns:
        Photos that could not be read.

    Raises:
        OutputExistsError: a picture is there already.
        WriteError: the folder cannot be written.
    """
    left_out = []
    for place in truths.places:
        path = folder / f"{place.id}.png"
        if path.exists() and not overwrite:
            raise OutputExistsError(f"'{path}' exists already: choose another folder, or allow it with --overwrite")
        try:
            truth = truths.read(place, protocol)
        except DataError as error:
            left_out.append(LeftOut(place.id, "unreadable", str(error)))
        else:
            stream = BytesIO()
            Image.fromarray(gray_of(truth)).save(stream, "PNG")
            write_whole(path, stream.getvalue(), overwrite=True, folders=True)
        on_photo()
    return left_out

"""Writes the gray images of a protocol, for another program to colour."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image

from photochrom.errors import DataError, OutputExistsError
from photochrom.evaluation.inputs.ground_truth import GroundTruths
from photochrom.evaluation.inputs.protocol import Protocol, gray_of
from photochrom.evaluation.results.schema import LeftOut
from photochrom.system.atomic import write_whole

__all__ = ["write_inputs"]


def write_inputs(
    truths: GroundTruths, protocol: Protocol, folder: Path, *, overwrite: bool, on_photo: Callable[[], None]
) -> list[LeftOut]:
    """Writes one gray PNG a photo, named by its id, so that its prediction is found by the same name.

    Args:
        truths: the photos.
        protocol: how they become gray.
        folder: created if missing.
        overwrite: replace images that are there.
        on_photo: called after each photo.

    Returns:
        Photos that could not be read.

    Raises:
        OutputExistsError: an image is there already.
        WriteError: the folder cannot be written.
    """
    left_out = []
    for ref in truths.refs:
        path = folder / f"{ref.id}.png"
        if path.exists() and not overwrite:
            raise OutputExistsError("evaluation.input_exists", path=path)
        try:
            truth = truths.read(ref, protocol)
        except DataError as error:
            left_out.append(LeftOut(ref.id, "unreadable", str(error)))
        else:
            stream = BytesIO()
            Image.fromarray(gray_of(truth)).save(stream, "PNG")
            write_whole(path, stream.getvalue(), overwrite=True, folders=True)
        on_photo()
    return left_out

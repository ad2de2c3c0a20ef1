"""Begins the work of a command for one photo while the rest of the command is still being imported."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from photochrom.inference.session import OnnxSession
from photochrom.registry import DEFAULT_MODEL, find_model

if TYPE_CHECKING:
    from photochrom.image_io import Picture

__all__ = ["Ahead", "begin"]

Answer = TypeVar("Answer")

#: formats whose readers are light
_FORMATS = ("JPEG", "PNG")


@dataclass(frozen=True)
class Ahead:
    """What was begun.

    Attributes:
        session: the network, on all processors.
        photos: the photo by its path, unless it is one that is read by rows.
    """

    session: "Future[OnnxSession]"
    photos: "Mapping[Path, Future[Picture]]"


def begin(
    inputs: Sequence[str], model: str | None, device: str, max_pixels: int | None, *, salvage: bool
) -> Ahead | None:
    """Opens a network and reads a photo, each in a thread; None where the inputs may be more than a JPEG or PNG.

    What goes wrong is told where the answer is asked for. What the threads need is imported here, so that they seldom
    wait for each other's imports.
    """
    path = Path(inputs[0])
    if len(inputs) != 1 or not path.is_file():
        return None
    from photochrom.image_io.formats import SUFFIXES

    format_name = SUFFIXES.get(path.suffix.lower())
    if format_name not in _FORMATS:
        return None
    session = _start(lambda: OnnxSession(find_model(DEFAULT_MODEL if model is None else model), device=device))

    from photochrom.image_io import MAX_PIXELS, read_picture, rows
    from photochrom.image_io.codecs.base import load_codec
    from photochrom.image_io.formats import count_pixels

    load_codec(format_name)
    if count_pixels(path) >= rows.LARGE:
        return Ahead(session, {})
    limit = MAX_PIXELS if max_pixels is None else max_pixels
    return Ahead(session, {path: _start(lambda: read_picture(path, max_pixels=limit, salvage=salvage))})


def _start(work: Callable[[], Answer]) -> "Future[Answer]":
    pool = ThreadPoolExecutor(1, thread_name_prefix="photochrom-ahead")
    begun = pool.submit(work)
    pool.shutdown(wait=False)
    return begun

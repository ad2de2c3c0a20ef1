"""What the codecs that go through OpenImageIO share: it reads and writes files by name alone."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

__all__ = ["named_file", "read_pixels", "write_pixels"]


@contextmanager
def named_file(stream: BinaryIO, path: Path | None, suffixes: tuple[str, ...]) -> Iterator[str]:
    """Gives a file name that OpenImageIO takes for a format: it goes by suffix, and cuts names at a question mark.

    Args:
        stream: the file.
        path: where it lies; None for bytes in memory.
        suffixes: of the format, lower case; a copy gets the first.
    """
    if path is not None and path.suffix.lower() in suffixes and "?" not in str(path):
        yield str(path)
        return
    with tempfile.TemporaryDirectory(prefix="photochrom-") as folder:
        copy = Path(folder) / f"source{suffixes[0]}"
        stream.seek(0)
        with copy.open("wb") as out:
            shutil.copyfileobj(stream, out, 1 << 22)
        yield str(copy)


def read_pixels(file_name: str) -> NDArray[Any]:
    """Returns the first picture of a file, (H,W,C) of its own dtype, alpha not multiplied in.

    Raises:
        ValueError: what OpenImageIO says.
    """
    import OpenImageIO as oiio  # noqa: N813

    wanted = oiio.ImageSpec()
    wanted["oiio:UnassociatedAlpha"] = 1
    source = oiio.ImageInput.open(file_name, wanted)
    if source is None:
        raise ValueError(oiio.geterror())
    try:
        spec = source.spec()
        pixels = source.read_image(0, 0, 0, spec.nchannels, spec.format)
        if pixels is None:
            raise ValueError(source.geterror())
        return np.asarray(pixels).reshape(spec.height, spec.width, spec.nchannels)
    finally:
        source.close()


def write_pixels(file_name: str, pixels: NDArray[Any], *, alpha: bool) -> None:
    """Writes (H,W,C) pixels as the format of the suffix.

    Raises:
        OSError: what OpenImageIO says.
    """
    import OpenImageIO as oiio  # noqa: N813

    height, width, channels = pixels.shape
    spec = oiio.ImageSpec(width, height, channels, pixels.dtype.name)
    if alpha:
        spec.alpha_channel = channels - 1
        spec["oiio:UnassociatedAlpha"] = 1
    out = oiio.ImageOutput.create(file_name)
    if out is None:
        raise OSError(oiio.geterror())
    if not (out.open(file_name, spec) and out.write_image(np.ascontiguousarray(pixels)) and out.close()):
        raise OSError(out.geterror() or oiio.geterror())

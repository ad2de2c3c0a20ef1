"""How many pixels may be in flight at once, so that several giant pictures do not fill the memory together."""

import importlib
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from photochrom.picture.formats import sniff

__all__ = ["PixelGate", "count_pixels"]

#: Pillow's plug-ins, asked one by one: opening through Pillow's front door warns of large pictures
_PLUGINS = {
    "AVIF": "AvifImagePlugin.AvifImageFile",
    "BMP": "BmpImagePlugin.BmpImageFile",
    "GIF": "GifImagePlugin.GifImageFile",
    "JPEG": "JpegImagePlugin.JpegImageFile",
    "PNG": "PngImagePlugin.PngImageFile",
    "TIFF": "TiffImagePlugin.TiffImageFile",
    "WEBP": "WebPImagePlugin.WebPImageFile",
}


class PixelGate:
    """Lets pictures in while their pixels together stay within a limit; one alone may be any size.

    First come, first served: a giant is not kept waiting for ever by small ones.

    Args:
        limit: pixels.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._inside = 0
        self._queue: deque[object] = deque()
        self._changed = threading.Condition()

    @contextmanager
    def admit(self, pixels: int) -> Iterator[None]:
        """Wait until there is room for a picture of so many pixels, and hold it for the ``with`` block."""
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
            self._changed.wait_for(lambda: self._queue[0] is ticket and self._has_room(pixels))
            self._queue.popleft()
            self._inside += pixels
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._inside -= pixels
                self._changed.notify_all()

    def _has_room(self, pixels: int) -> bool:
        return self._inside == 0 or self._inside + pixels <= self._limit


def count_pixels(path: Path) -> int:
    """About how many pixels a file decodes to, from its header, over all pages of a TIFF.

    Where the header tells nothing, the file's bytes stand for them; 0 where it cannot be opened.
    """
    try:
        size = path.stat().st_size
    except OSError:
        return 0
    try:
        with path.open("rb") as stream:
            kind = sniff(stream.read(64), path.name)
            module, _, name = _PLUGINS[kind].partition(".")
            stream.seek(0)
            image = getattr(importlib.import_module(f"PIL.{module}"), name)(stream)
            pages = image.n_frames if kind == "TIFF" else 1
            return int(image.width * image.height * pages)
    except Exception:  # decoders raise anything; what is wrong with the file is told when it is read
        return size

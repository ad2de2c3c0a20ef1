"""A coloured picture, and what is known about it."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import OptionError
from photochrom.image_io import Picture

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["Result"]

#: longest side of a result shown in a notebook, pixels
SHOWN = 1024


class MarkKeywords(TypedDict, total=False):
    """What a mark can be like."""

    mark: str | None
    mark_place: str
    mark_size: float
    mark_font: str | None


class CompareKeywords(TypedDict, total=False):
    """What a picture of original and result can be like."""

    compare: str | None
    caption: str
    mark_font: str | None


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """A coloured picture and what is known about it.

    Attributes:
        picture: the coloured picture, with everything the source came with.
        confidence: mean confidence 0..1; None where the network has no distribution.
        confidence_map: (h,w) float32, 0..1, of the first page, at the network's own resolution.
        model: the network's name.
        seconds: time taken from decoded source to coloured pixels.
        matches: hints taken from the reference, of all pages; None without a reference.
        original: the photo as it was read.
    """

    picture: Picture
    confidence: float | None
    confidence_map: NDArray[np.float32] | None
    model: str
    seconds: float
    matches: int | None = None
    original: Picture | None = None

    def save(self, path: str | Path, *, overwrite: bool = False, format: str | None = None) -> Path:  # noqa: A002
        """Write the picture atomically; see :meth:`photochrom.image_io.Picture.save`."""
        return self.picture.save(path, overwrite=overwrite, format=format)

    def to_bytes(self, format: str | None = None) -> bytes:  # noqa: A002
        """The picture as the bytes of a file, in the source's format unless another is named."""
        return self.picture.to_bytes(format)

    def to_pil(self) -> "Image.Image":
        """The first page as an 8-bit Pillow image."""
        return self.picture.to_pil()

    def marked(self, **options: Unpack[MarkKeywords]) -> Picture:
        """Returns the picture with words set into it; see :class:`photochrom.presentation.DisplayOptions`.

        Args:
            options: ``mark``, and if wanted ``mark_place``, ``mark_size`` and ``mark_font``.

        Raises:
            OptionError: a value is out of range, or the font lacks a letter.
        """
        from photochrom.presentation.mark import mark
        from photochrom.presentation.options import DisplayOptions

        return mark(self.picture, DisplayOptions(**options))

    def compared(self, **options: Unpack[CompareKeywords]) -> Picture:
        """Returns original and result in one picture; see :class:`photochrom.presentation.DisplayOptions`.

        Args:
            options: ``compare``, and if wanted ``caption`` and ``mark_font``.

        Raises:
            OptionError: a value is out of range, or the font lacks a letter.
        """
        from photochrom.presentation.compare import compare
        from photochrom.presentation.options import DisplayOptions

        given: dict[str, Any] = {"compare": "side-by-side", **options}
        return compare(self._find_original(), self.picture, DisplayOptions(**given))

    def layer(self) -> Picture:
        """Returns the colour alone, with alpha, to be laid over the photo; see :mod:`photochrom.presentation.layer`."""
        from photochrom.presentation.layer import make_layer

        return make_layer(self._find_original(), self.picture)

    def to_openraster(self) -> bytes:
        """Returns an OpenRaster file of photo and colour; see :mod:`photochrom.presentation.openraster`.

        Raises:
            UnsupportedPictureError: the photo has several pages.
        """
        from photochrom.presentation.openraster import build_openraster

        return build_openraster(self._find_original(), self.picture)

    def _find_original(self) -> Picture:
        if self.original is None:
            raise OptionError("option.no_original")
        return self.original

    def __repr__(self) -> str:
        page = self.picture.pages[0]
        sure = "" if self.confidence is None else f", confidence={self.confidence:.2f}"
        return f"<Result {page.width}x{page.height} {self.picture.format} by {self.model}{sure}>"

    def _repr_png_(self) -> bytes:
        # a notebook keeps what it shows: the first page, no larger than a screen
        image, stream = self.to_pil(), BytesIO()
        image.thumbnail((SHOWN, SHOWN))
        image.save(stream, "PNG")
        return stream.getvalue()

"""A picture: its pages, and what the file carries besides."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import OptionError
from photochrom.image_io.icc.color_space import SRGB, ColorSpace
from photochrom.image_io.metadata.types import Metadata
from photochrom.image_io.rows import are_rows

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["Page", "Picture", "middle_gray"]


@dataclass(frozen=True, eq=False)
class Page:
    """One page of a file, or one frame of an animation, upright.

    Attributes:
        pixels: (H,W) gray or (H,W,3) RGB, uint8, uint16 or float32 (floats mean 0..1). C-contiguous, but for coloured
            uint8 pixels, which may be a view of four bytes a pixel (see :meth:`four_bytes`). Where it was asked for, a
            :class:`~photochrom.image_io.rows.RowArray` instead.
        alpha: (H,W) of the same dtype, not multiplied into the pixels; None when opaque.
        space: how the pixels relate to light.
        duration_ms: how long a frame of an animation is shown; None for a still.
        extras: (H,W,C) of the same dtype: samples of a TIFF that are neither colour nor alpha, such as the infrared of
            a scanner; None without.
        missing: (H,W) bool, where a file that was salvaged had nothing to read; None where it all was read. There the
            pixels are middle gray and opaque, and stay so when they are coloured.
    """

    pixels: NDArray[Any]
    alpha: NDArray[Any] | None = None
    space: ColorSpace = field(default=SRGB)
    duration_ms: int | None = None
    extras: NDArray[Any] | None = None
    missing: NDArray[np.bool_] | None = None

    @property
    def height(self) -> int:
        """Returns the number of rows."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Returns the number of columns."""
        return int(self.pixels.shape[1])

    def four_bytes(self) -> NDArray[np.uint32] | None:
        """Returns the pixels as R, G, B and a byte without meaning, packed (H,W); None if they do not lie so in memory.

        Pillow keeps RGB in this order, so such pixels are encoded without a copy.
        """
        whole = self.pixels.base
        if not isinstance(whole, np.ndarray) or whole.dtype != np.uint32 or whole.shape[1:] != (self.width,):
            return None
        if not whole.flags.c_contiguous or self.pixels.strides != (*whole.strides, 1):
            return None
        first, rest = divmod(self.pixels.ctypes.data - whole.ctypes.data, whole.strides[0])
        return None if rest else whole[first : first + self.height]


@dataclass(frozen=True, eq=False)
class Picture:
    """All pages of a file, never none, and its metadata.

    Attributes:
        pages: the pages, or the frames of an animation.
        format: ``JPEG``, ``JPEG2000``, ``PNG``, ``TIFF``, ``WEBP``, ``BMP``, ``GIF``, ``AVIF``, ``HEIF``,
            ``PNM`` or ``TGA``.
        metadata: what goes over to the result.
        name: the source's file name, for messages.
        notes: what was left out of the file or mended in it, a sentence each.
    """

    pages: tuple[Page, ...]
    format: str = "PNG"
    metadata: Metadata = field(default_factory=Metadata)
    name: str | None = None
    notes: tuple[str, ...] = ()

    def with_colors(self, colors: Sequence[NDArray[Any]], *, model: str) -> "Picture":
        """Returns the picture with other, coloured pixels.

        Args:
            colors: (H,W,3) for each page, in its dtype and in the space ``page.space.encode`` gives.
            model: the network's name, which goes into the metadata with the IPTC digital source type.

        Raises:
            OptionError: not one array a page, or one of another shape or dtype.
        """
        from photochrom import __version__
        from photochrom.image_io.metadata.xmp import add_provenance

        if len(colors) != len(self.pages):
            raise OptionError("photo.page_count", given=len(colors), expected=len(self.pages))
        pages = []
        for page, pixels in zip(self.pages, colors, strict=True):
            if pixels.shape != (page.height, page.width, 3) or pixels.dtype != page.pixels.dtype:
                expected = f"{page.pixels.dtype} ({page.height}, {page.width}, 3)"
                raise OptionError("photo.pixels_mismatch", given=f"{pixels.dtype} {pixels.shape}", expected=expected)
            colored = _make_contiguous(pixels if page.missing is None else _put_gray(pixels, page.missing))
            pages.append(replace(page, pixels=colored, space=page.space.colored()))
        version = f"photochrom {__version__}"

        def mark(metadata: Metadata) -> Metadata:
            return replace(metadata, xmp=add_provenance(metadata.xmp, system=f"photochrom ({model})", version=version))

        metadata = replace(mark(self.metadata), others=tuple(map(mark, self.metadata.others)))
        return replace(self, pages=tuple(pages), metadata=metadata)

    def with_quality(self, quality: int) -> "Picture":
        """Returns the picture so that formats with loss are written at another quality than the source's.

        JPEG, WEBP, AVIF and HEIF have one; AVIF and HEIF with transparency are written without loss all the same.

        Args:
            quality: 1 to 100.

        Raises:
            OptionError: it is out of range.
        """
        if not 1 <= quality <= 100:
            raise OptionError("photo.quality_out_of_range", quality=quality)
        encoding = replace(self.metadata.encoding, quality=quality)
        return replace(self, metadata=replace(self.metadata, encoding=encoding))

    def save(self, path: str | Path, *, overwrite: bool = False, format: str | None = None) -> Path:  # noqa: A002
        """Writes the picture in one step: afterwards either the whole file is there, or nothing has changed.

        Args:
            path: where to; its suffix names the format.
            overwrite: whether an existing file may be replaced.
            format: the format, whatever the suffix says.

        Returns:
            The path.

        Raises:
            OutputExistsError: a file is there and ``overwrite`` is not set.
            UnsupportedPictureError: no such format.
            WriteError: disk full, no permission, no such folder.
        """
        from photochrom.image_io.write import save

        return save(self, Path(path), overwrite=overwrite, format_name=format)

    def to_bytes(self, format: str | None = None) -> bytes:  # noqa: A002
        """Returns the picture as a file in memory, in its own format unless another is named."""
        from photochrom.image_io.write import parse_format, write

        stream = BytesIO()
        write(self, stream, parse_format(format or self.format))
        return stream.getvalue()

    def to_pil(self) -> "Image.Image":
        """Returns the first page as an 8-bit Pillow image, RGB or L, with alpha RGBA or LA."""
        from photochrom.image_io.codecs.pillow import to_pil_image

        page = self.pages[0]
        image: Image.Image = to_pil_image(page)
        if page.space.output_icc:
            image.info["icc_profile"] = page.space.output_icc
        return image


def middle_gray(dtype: "np.dtype[Any]") -> float:
    """Returns the value half way between black and white: what stands where a file had nothing to read."""
    return 0.5 if dtype.kind == "f" else float(np.iinfo(dtype).max // 2 + 1)


def _put_gray(pixels: NDArray[Any], missing: NDArray[np.bool_]) -> NDArray[Any]:
    return np.where(missing[..., None], pixels.dtype.type(middle_gray(pixels.dtype)), pixels)


def _make_contiguous(pixels: NDArray[Any]) -> NDArray[Any]:
    # of four bytes a pixel only those of a whole picture are worth keeping so
    as_is = are_rows(pixels) or Page(pixels).four_bytes() is not None
    return pixels if as_is else np.ascontiguousarray(pixels)

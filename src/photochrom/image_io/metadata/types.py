"""What a picture file carries besides its pixels, and how the file was encoded."""

from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Density", "Encoding", "Metadata"]

_PER_INCH = {"inch": 1.0, "cm": 2.54, "metre": 0.0254, "none": 0.0}


@dataclass(frozen=True)
class Density:
    """Pixels per unit of length, in the unit the file gives; ``none`` is a mere aspect ratio."""

    x: float
    y: float
    unit: Literal["inch", "cm", "metre", "none"] = "inch"

    @property
    def dpi(self) -> tuple[float, float] | None:
        """Returns dots per inch (x, y), None where the file gives an aspect ratio only."""
        factor = _PER_INCH[self.unit]
        return (self.x * factor, self.y * factor) if factor else None

    def turned(self) -> "Density":
        """Returns the density of the picture turned by a quarter."""
        return Density(self.y, self.x, self.unit)


@dataclass(frozen=True)
class Encoding:
    """How the source's pixels were packed, so that the result can be packed at least as well.

    ``bits`` is that of a HEIC, whose 10 or 12 bits are pages of 16, and ``primary`` the place of its main picture among
    the others, from 0: here it is page 1. ``tiff_associated`` tells of each page whether its alpha was multiplied into
    the colours, ``run_lengths`` of a TGA that it is packed, ``turned`` that the pixels had to be turned upright.
    ``quality``, 1 to 100, is asked for by whoever saves; None follows the source.
    """

    jpeg_tables: tuple[tuple[int, ...], ...] = ()
    jpeg_subsampling: int | None = None
    progressive: bool = False
    webp_lossless: bool = False
    loop: int | None = None
    default_image: bool = False
    tiff_compressions: tuple[str, ...] = ()
    tiff_associated: tuple[bool, ...] = ()
    half: bool = False
    bits: int = 8
    primary: int = 0
    run_lengths: bool = False
    turned: bool = False
    quality: int | None = None


@dataclass(frozen=True)
class Metadata:
    """What goes from the source to the result unchanged, apart from orientation, thumbnail and provenance.

    Attributes:
        exif: the EXIF block (starts with its TIFF header), orientation reset to 1, thumbnail left out because it
            would show the picture gray and perhaps turned. Maker notes stay at their offset. For a TIFF it holds
            the descriptive tags of page 1.
        xmp: the XMP packet.
        iptc: the IPTC-IIM records.
        photoshop: the Photoshop image resources (which hold the IPTC-IIM of a JPEG).
        icc: the source's own ICC profile; what the result carries is ``Page.space.output_icc``.
        density: pixels per unit of length.
        comment: the JPEG or GIF comment.
        more_comments: further comments of a JPEG, in order.
        png_chunks: (type, data) of the text and time chunks of a PNG, as they stood.
        jp2_boxes: (type, data) of boxes of a JPEG 2000 that hold XML and the like, as they stood.
        page_tags: EXIF-like blocks with the tags of TIFF pages 2, 3, ....
        others: of the further pictures of a JPEG that holds several.
        picture_index: the index of such a JPEG; see :mod:`photochrom.image_io.metadata.mpf`.
        encoding: how the pixels were packed.
    """

    exif: bytes | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    photoshop: bytes | None = None
    icc: bytes | None = None
    density: Density | None = None
    comment: bytes | None = None
    more_comments: tuple[bytes, ...] = ()
    png_chunks: tuple[tuple[bytes, bytes], ...] = ()
    jp2_boxes: tuple[tuple[bytes, bytes], ...] = ()
    page_tags: tuple[bytes, ...] = ()
    others: tuple["Metadata", ...] = ()
    picture_index: bytes | None = None
    encoding: Encoding = field(default_factory=Encoding)

    @property
    def dpi(self) -> tuple[float, float] | None:
        """Returns dots per inch (x, y), None where unknown."""
        return self.density.dpi if self.density else None

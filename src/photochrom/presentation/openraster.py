"""OpenRaster: a photo and its colour as two layers of one file, for GIMP, Krita, MyPaint and others.

Follows the draft of the OpenRaster specification, version 0.0.5 (freedesktop.org): a zip whose first member is its
media type, ``stack.xml`` with the layers from the top, a PNG for each, the merged picture, and a thumbnail.
"""

import zipfile
from dataclasses import replace
from io import BytesIO

from photochrom.errors import UnsupportedPictureError
from photochrom.image_io import Page, Picture
from photochrom.image_io.metadata.types import Metadata
from photochrom.presentation.canvas import as_colored
from photochrom.presentation.layer import make_layer

__all__ = ["build_openraster"]

#: longest side of the thumbnail, pixels
_THUMBNAIL = 256


def build_openraster(original: Picture, result: Picture) -> bytes:
    """Returns an OpenRaster file: the photo below, its colour above it in the mode ``svg:color``.

    Layers have 16 bits where the photo has more than 8. The merged picture has 8, and the metadata of the result.

    Args:
        original: the photo as it was read, of one page.
        result: the same photo, coloured.

    Raises:
        UnsupportedPictureError: the photo has several pages.
        OptionError: the two are not of one size.
    """
    if len(result.pages) > 1:
        raise UnsupportedPictureError(
            "photo.pages_unsupported", format="OpenRaster", pages=len(result.pages), formats="TIFF"
        )
    color = make_layer(original, result).pages[0]
    page = result.pages[0]
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        # a PNG is packed already
        for name, content in (
            ("mimetype", b"image/openraster"),
            ("stack.xml", _describe(result).encode()),
            ("data/color.png", _encode(color)),
            ("data/photo.png", _encode(as_colored(original.pages[0], page))),
            ("mergedimage.png", _encode_merged(result)),
            ("Thumbnails/thumbnail.png", _encode_thumbnail(result)),
        ):
            # the time of a member is none of ours: the same photo gives the same file
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return stream.getvalue()


def _describe(result: Picture) -> str:
    page, dpi = result.pages[0], result.metadata.dpi
    density = f' xres="{round(dpi[0])}" yres="{round(dpi[1])}"' if dpi and min(dpi) >= 0.5 else ""
    # it opens the network libraries
    from xml.sax.saxutils import quoteattr

    name = quoteattr(result.name or "photo")
    return (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        f'<image version="0.0.5" w="{page.width}" h="{page.height}"{density}>\n'
        f"  <stack>\n"
        f'    <layer name="Colour" src="data/color.png" composite-op="svg:color" x="0" y="0"/>\n'
        f'    <layer name={name} src="data/photo.png" composite-op="svg:src-over" x="0" y="0"/>\n'
        f"  </stack>\n"
        f"</image>\n"
    )


def _encode(page: Page) -> bytes:
    return Picture((replace(page, extras=None),), "PNG", Metadata()).to_bytes("PNG")


def _encode_merged(result: Picture) -> bytes:
    from photochrom.image_io.codecs.pillow import to_uint8

    page = result.pages[0]
    alpha = None if page.alpha is None else to_uint8(page.alpha)
    small = replace(page, pixels=to_uint8(page.pixels), alpha=alpha, extras=None)
    return replace(result, pages=(small,)).to_bytes("PNG")


def _encode_thumbnail(result: Picture) -> bytes:
    image, stream = result.to_pil(), BytesIO()
    image.thumbnail((_THUMBNAIL, _THUMBNAIL))
    image.save(stream, "PNG")
    return stream.getvalue()

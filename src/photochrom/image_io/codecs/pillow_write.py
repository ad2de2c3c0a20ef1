"""Writes 8-bit PNG, WebP, GIF and AVIF, and HEIC through Pillow's encoders, with the metadata each of them can hold."""

import struct
from io import BytesIO
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import UnsupportedPictureError
from photochrom.image_io.codecs.heif import write_heif
from photochrom.image_io.metadata.containers import build_itxt, build_png_chunk, insert_gif_xmp
from photochrom.image_io.metadata.types import Metadata
from photochrom.image_io.types import Page, Picture

__all__ = ["png_metadata_chunks", "to_pil_image", "to_uint8", "write_with_pillow"]

#: signature and IHDR
_PNG_HEADER = 8 + 25


def to_uint8(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Returns values of uint8, uint16 or float 0..1, rounded to 8 bits."""
    if values.dtype == np.uint8:
        return values
    if values.dtype == np.uint16:
        # 257 steps of 16 bits are one of 8; the division is exact in 32 bits
        return ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)
    rounded: NDArray[np.uint8] = (np.clip(np.nan_to_num(values), 0, 1) * 255 + 0.5).astype(np.uint8)
    return rounded


def to_pil_image(page: Page) -> Any:
    """Returns a page as a Pillow image: L, LA, RGB or RGBA."""
    from PIL import Image

    size, packed = (page.width, page.height), page.four_bytes()
    if packed is not None:
        image = Image.frombytes("RGB", size, packed.data.cast("B"), "raw", "RGBX")
    else:
        pixels = np.ascontiguousarray(to_uint8(page.pixels))
        image = Image.frombytes("RGB" if pixels.ndim == 3 else "L", size, pixels.data.cast("B"))
    if page.alpha is not None:
        image.putalpha(Image.fromarray(to_uint8(page.alpha)))
    return image


def write_with_pillow(picture: Picture, stream: BinaryIO, format_name: str) -> None:
    """Writes a picture; formats with one page get the first."""
    writers = {"PNG": _write_png, "WEBP": _write_webp, "GIF": _write_gif, "AVIF": _write_avif, "HEIF": _write_heif}
    writers[format_name](picture, stream)


def png_metadata_chunks(metadata: Metadata, icc: bytes | None) -> list[tuple[bytes, bytes]]:
    """Returns the chunks that stand before a PNG's pixels: profile, density, EXIF, XMP, and the texts as they stood."""
    import zlib

    chunks = []
    if icc:
        chunks.append((b"iCCP", b"ICC profile\0\0" + zlib.compress(icc, 9)))
    if density := metadata.density:
        x, y, unit = density.x, density.y, int(density.unit != "none")
        if density.unit in ("inch", "cm"):
            x, y = (v / 0.0254 for v in density.dpi or (0, 0))
        chunks.append((b"pHYs", struct.pack(">IIB", round(x), round(y), unit)))
    if metadata.exif:
        chunks.append((b"eXIf", metadata.exif))
    if metadata.xmp:
        chunks.append((b"iTXt", build_itxt(b"XML:com.adobe.xmp", metadata.xmp)))
    return chunks + list(metadata.png_chunks)


def _write_png(picture: Picture, stream: BinaryIO) -> None:
    chunks = png_metadata_chunks(picture.metadata, picture.pages[0].space.output_icc)
    # Pillow drops most chunk types it is given, so they are put in on the way
    target: Any = _WithChunks(stream, b"".join(build_png_chunk(kind, data) for kind, data in chunks))
    first, *others = (to_pil_image(page) for page in picture.pages)
    options: dict[str, Any] = {}
    if others:
        encoding = picture.metadata.encoding
        # disposal: each frame is whole
        options |= {
            "save_all": True,
            "append_images": others,
            "duration": _list_durations(picture)[1:] if encoding.default_image else _list_durations(picture),
            "loop": encoding.loop or 0,
            "default_image": encoding.default_image,
        }
    first.save(target, "PNG", **options)


class _WithChunks:
    """Passes a PNG on and puts chunks in after its header chunk."""

    def __init__(self, stream: BinaryIO, chunks: bytes) -> None:
        self._stream, self._chunks, self._left = stream, chunks, _PNG_HEADER

    def write(self, data: bytes) -> int:
        if 0 < self._left <= len(data):
            self._stream.write(data[: self._left])
            self._stream.write(self._chunks)
            self._stream.write(data[self._left :])
        else:
            self._stream.write(data)
        self._left -= len(data)
        return len(data)

    def flush(self) -> None:
        self._stream.flush()


def _list_durations(picture: Picture) -> list[int]:
    return [page.duration_ms if page.duration_ms is not None else 100 for page in picture.pages]


def _common_options(picture: Picture) -> dict[str, Any]:
    metadata = picture.metadata
    options: dict[str, Any] = {"exif": metadata.exif or b"", "xmp": metadata.xmp or b""}
    if icc := picture.pages[0].space.output_icc:
        options["icc_profile"] = icc
    return options


def _write_webp(picture: Picture, stream: BinaryIO) -> None:
    encoding, options = picture.metadata.encoding, _common_options(picture)
    if max(picture.pages[0].width, picture.pages[0].height) > 16383:
        raise UnsupportedPictureError("photo.side_too_long", format="WebP", limit=16383)
    # exact: colours under full transparency stay too
    options |= {"exact": True, "lossless": True} if encoding.webp_lossless else {"exact": True, "quality": 92}
    first, *others = (to_pil_image(page) for page in picture.pages)
    if others:
        options |= {"save_all": True, "append_images": others, "duration": _list_durations(picture)}
        options["loop"] = encoding.loop or 0
    first.save(stream, "WEBP", **options)


def _write_avif(picture: Picture, stream: BinaryIO) -> None:
    # transparency is exact at 100 only, and has no quality of its own here
    quality = 90 if all(page.alpha is None for page in picture.pages) else 100
    options = _common_options(picture) | {"quality": quality, "subsampling": "4:4:4"}
    first, *others = (to_pil_image(page) for page in picture.pages)
    if others:
        options |= {"save_all": True, "append_images": others, "duration": _list_durations(picture)}
    first.save(stream, "AVIF", **options)


def _write_heif(picture: Picture, stream: BinaryIO) -> None:
    options = {key: value for key, value in _common_options(picture).items() if value}
    write_heif(picture.pages[0], stream, bits=picture.metadata.encoding.bits, options=options)


def _write_gif(picture: Picture, stream: BinaryIO) -> None:
    metadata = picture.metadata
    frames = [_palette_image(page) for page in picture.pages]
    options: dict[str, Any] = {"optimize": False}
    if metadata.comment:
        options["comment"] = metadata.comment
    if any(page.alpha is not None for page in picture.pages):
        options |= {"transparency": 255, "disposal": 2}
    if len(frames) > 1:
        options |= {"save_all": True, "append_images": frames[1:], "duration": _list_durations(picture)}
        if metadata.encoding.loop is not None:
            options["loop"] = metadata.encoding.loop
    packed = BytesIO()
    frames[0].save(packed, "GIF", **options)
    gif = packed.getvalue()
    stream.write(insert_gif_xmp(gif, metadata.xmp) if metadata.xmp else gif)


def _palette_image(page: Page) -> Any:
    from PIL import Image

    colors = to_pil_image(Page(page.pixels)).convert("RGB")
    if page.alpha is None:
        return colors.quantize(256, Image.Quantize.MEDIANCUT)
    image = colors.quantize(255, Image.Quantize.MEDIANCUT)
    hidden = Image.fromarray(np.where(to_uint8(page.alpha) < 128, 255, 0).astype(np.uint8))
    image.paste(255, mask=hidden)
    image.info["transparency"] = 255
    return image

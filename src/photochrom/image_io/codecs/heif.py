"""HEIC; 10 and 12 bits per channel are 16-bit pages, of which its plug-in for Pillow would make 8 bits."""

from dataclasses import replace
from io import BytesIO
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import MissingDependencyError, UnsupportedPictureError
from photochrom.image_io.codecs.base import Source
from photochrom.image_io.codecs.pillow import (
    check_size,
    metadata_options,
    open_source,
    read_still,
    to_pil_image,
)
from photochrom.image_io.metadata.announced import leave_out
from photochrom.image_io.metadata.boxes import find_coding
from photochrom.image_io.metadata.extract import gather_metadata, make_upright
from photochrom.image_io.normalize import page_from_image, page_from_values
from photochrom.image_io.types import Page, Picture
from photochrom.messages import render

__all__ = ["read", "write"]

#: transfer characteristics (ITU-T H.273) of HDR: perceptual quantiser and hybrid log-gamma
_HDR = (16, 18)
#: what 16-bit pages of other files become: more readers know this than 12
_USUAL_BITS = 10
#: x265's. At the qualities of photos the files are as large as with "slow", its wrapper's own, and 0.3 dB of 56 worse,
#: in an eighth of the time; without loss they would be a quarter larger
_PRESET, _LOSSLESS_PRESET = "ultrafast", "superfast"


def read(source: Source) -> Picture:
    """Reads the main picture, and behind it the others, where all have 8 bits per channel.

    Raises:
        MissingDependencyError: pillow-heif is not installed.
        UnsupportedPictureError: an HDR picture, whose values are not sRGB, or one that is not coded by HEVC.
    """
    coding = find_coding(source.stream)
    if coding not in (None, "HEVC"):
        raise UnsupportedPictureError("photo.coding_unsupported", name=source.name, format="HEIF", coding=coding)
    image = open_source(source, "HEIF")
    primary = image.tell()
    count = int(getattr(image, "n_frames", 1))
    others = _find_others(source, image, count)
    picture = leave_out(_read(source, image), source.stream)
    if others:
        picture = _add_pictures(source, picture, image, others)
        encoding = replace(picture.metadata.encoding, primary=primary)
        return replace(picture, metadata=replace(picture.metadata, encoding=encoding))
    if count > 1:
        note = str(render("note.pictures_left_out", {"count": count - 1, "total": count}))
        return replace(picture, notes=(*picture.notes, note))
    return picture


def _find_others(source: Source, image: Any, count: int) -> list[int]:
    """Returns the numbers of the pictures besides the main one; none where not all of them have 8 bits."""
    main = image.tell()
    pixels = 0
    for number in range(count):
        image.seek(number)
        pixels += image.width * image.height
        if int(image.info.get("bit_depth") or 8) > 8:
            count = 1
    image.seek(main)
    if count > 1:
        check_size(source.name, pixels // count, 1, count, source.max_pixels)
    return [number for number in range(count) if number != main]


def _add_pictures(source: Source, picture: Picture, image: Any, numbers: list[int]) -> Picture:
    pages, blocks = list(picture.pages), []
    for number in numbers:
        image.seek(number)
        metadata = gather_metadata(source.stream, "HEIF", image.info)
        metadata, orientation = make_upright(metadata, width=image.width, height=image.height)
        pages.append(page_from_image(image, metadata.icc, orientation, source.name))
        blocks.append(metadata.exif or b"")
    return replace(picture, pages=tuple(pages), metadata=replace(picture.metadata, page_tags=tuple(blocks)))


def _read(source: Source, image: Any) -> Picture:
    bits = int(image.info.get("bit_depth") or 8)
    if bits <= 8:
        return read_still(source, image, "HEIF")
    metadata = gather_metadata(source.stream, "HEIF", image.info)
    metadata, orientation = make_upright(metadata, width=image.width, height=image.height)
    page = page_from_values(*_read_deep_planes(source), metadata.icc, orientation, source.name)
    metadata = replace(metadata, encoding=replace(metadata.encoding, bits=bits))
    return Picture((page,), "HEIF", metadata, source.name)


def _read_deep_planes(source: Source) -> tuple[NDArray[np.uint16], NDArray[np.uint16] | None]:
    """Returns pixels (H,W) or (H,W,3) and alpha (H,W) or None of the main picture, its bits spread over 0..65535."""
    import pillow_heif

    source.stream.seek(0)
    heif = pillow_heif.open_heif(BytesIO(source.stream.read()), convert_hdr_to_8bit=False, hdr_to_16bit=False)
    if (heif.info.get("nclx_profile") or {}).get("transfer_characteristics") in _HDR:
        raise UnsupportedPictureError("photo.hdr_unsupported", name=source.name)
    mode, _, bits = heif.mode.partition(";")
    values: NDArray[Any] = np.asarray(heif)
    top = (1 << int(bits)) - 1
    spread = (np.arange(top + 1, dtype=np.uint32) * 65535 + top // 2) // top
    values = spread.astype(np.uint16).take(values, mode="clip")
    if values.ndim == 2:
        return values, None
    if values.shape[2] == 3:
        return values, None
    pixels, alpha = values[..., :-1], np.ascontiguousarray(values[..., -1])
    if mode.endswith("a"):
        # multiplied into the colours
        factor = np.float32(65535) / np.maximum(alpha, 1)[..., None]
        pixels = np.minimum(pixels * factor + np.float32(0.5), 65535).astype(np.uint16)
    return np.ascontiguousarray(pixels if pixels.shape[2] == 3 else pixels[..., 0]), alpha


def write(picture: Picture, stream: BinaryIO) -> None:
    """Writes all pages of 8 bits, or one of more: with the source's bits, or with 10 where it had 8.

    Raises:
        MissingDependencyError: pillow-heif is not installed.
        UnsupportedPictureError: several pages of more than 8 bits, or an animation.
    """
    try:
        import pillow_heif
    except ImportError:
        raise MissingDependencyError("Writing HEIC", "heic") from None
    page, bits, primary = picture.pages[0], picture.metadata.encoding.bits, 0
    moving = any(each.duration_ms is not None for each in picture.pages)
    if len(picture.pages) > 1 and (moving or any(each.pixels.dtype != np.uint8 for each in picture.pages)):
        raise UnsupportedPictureError(
            "photo.pages_unsupported", format="HEIF", pages=len(picture.pages), formats="TIFF"
        )
    if page.pixels.dtype == np.uint8:
        heif = pillow_heif.HeifFile()  # type: ignore[no-untyped-call]
        # what comes before the main picture in the source comes before it here
        primary = min(picture.metadata.encoding.primary, len(picture.pages) - 1)
        order = list(range(1, len(picture.pages)))
        order.insert(primary, 0)
        for number in order:
            if number:
                _add_page(heif, picture, picture.pages[number], number - 1)
            else:
                heif.add_from_pillow(to_pil_image(page))
    else:
        mode = ("RGB" if page.pixels.ndim == 3 else "L") + ("" if page.alpha is None else "A")
        bits = bits if bits > 8 else _USUAL_BITS
        planes = page.pixels.reshape(page.height, page.width, -1)
        if page.alpha is not None:
            planes = np.concatenate([planes, page.alpha[..., None]], axis=2)
        values = _reduce_bits(planes, (1 << bits) - 1)
        heif = pillow_heif.from_bytes(mode=f"{mode};{bits}", size=(page.width, page.height), data=values.tobytes())
    # transparency is exact without loss only, which -1 asks for
    wanted = picture.metadata.encoding.quality or 92
    quality = wanted if all(each.alpha is None for each in picture.pages) else -1
    heif.save(
        stream,
        quality=quality,
        chroma=444,
        primary_index=primary,
        enc_params={"preset": _PRESET if quality > 0 else _LOSSLESS_PRESET},
        **{key: value for key, value in metadata_options(picture).items() if value},
    )


def _add_page(heif: Any, picture: Picture, page: Page, number: int) -> None:
    image, blocks = to_pil_image(page), picture.metadata.page_tags
    image.info["xmp"] = picture.metadata.xmp or b""
    if number < len(blocks) and blocks[number]:
        image.info["exif"] = blocks[number]
    if page.space.output_icc:
        image.info["icc_profile"] = page.space.output_icc
    heif.add_from_pillow(image)


def _reduce_bits(values: NDArray[Any], top: int) -> NDArray[np.uint16]:
    if values.dtype.kind == "f":
        whole: NDArray[np.uint16] = (np.clip(np.nan_to_num(values), 0, 1) * top + 0.5).astype(np.uint16)
        return whole
    table = (np.arange(65536, dtype=np.uint64) * top + 32767) // 65535
    return table.astype(np.uint16).take(values)

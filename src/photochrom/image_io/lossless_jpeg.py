"""JPEG in colour whose luma is the source's, bit for bit: its DCT coefficients are never decoded, only chroma is added.

The coded luma of a gray JPEG goes over as it is (:mod:`photochrom.image_io.lossless_scans`). Of one in gray tones,
``jpeglib`` reads and writes the coefficients; it is the extra ``lossless``. All segments of metadata stay as they
stood, but for the XMP packet, which says that the colour is synthetic, and for what would be wrong in the new file.
"""

import struct
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from photochrom.errors import MissingDependencyError, UnsupportedPictureError
from photochrom.image_io.lossless_scans import add_chroma, halve_chroma
from photochrom.image_io.metadata.containers import build_app_segment, iterate_jpeg_segments
from photochrom.image_io.metadata.xmp import remove_provenance, split_packet
from photochrom.image_io.types import Page, Picture

__all__ = ["count_kept_luma", "join_luma", "load_jpeglib", "strip_colors"]

_XMP, _EXTENDED = b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0"
_SEGMENT = 65533
_APP0, _APP1, _APP2, _APP11, _APP14, _APP15, _COMMENT = 0xE0, 0xE1, 0xE2, 0xEB, 0xEE, 0xEF, 0xFE
#: what undoes each orientation that is not upright: numbers of Pillow's Transpose
_BACK = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
#: quality of the chroma
_QUALITY = 92


def load_jpeglib() -> Any:
    """Returns the library.

    Raises:
        MissingDependencyError: it is not installed.
    """
    try:
        import jpeglib
    except ImportError as error:
        raise MissingDependencyError("Keeping a JPEG bit for bit", "lossless") from error
    return jpeglib


def join_luma(source: bytes, colored: Picture, *, name: str) -> bytes:
    """Returns a JPEG with the luma of ``source`` and the chroma of ``colored``, at 4:2:0.

    Args:
        source: a JPEG, gray or of luma and chroma.
        colored: the same photo in colour, upright.
        name: the source's name, for errors.

    Raises:
        MissingDependencyError: the library is not installed, and the source is not gray.
        UnsupportedPictureError: the source is of another kind, or has a profile for gray.
    """
    segments = list(iterate_jpeg_segments(BytesIO(source)))
    count, orientation = _check(segments, name), _read_orientation(segments)
    if len(colored.pages) > 1:
        raise UnsupportedPictureError("photo.lossless_kind", name=name, kind="with several pictures")
    page, made = colored.pages[0], None
    if count == 1:
        chroma = _halve_turned(page, orientation) if orientation in _BACK else halve_chroma(page)
        made = add_chroma(source, chroma, quality=_QUALITY)
    if made is None:
        made = _join_coefficients(source, page, orientation, name)
    return _with_segments(made, _keep(segments, colored.metadata.xmp))


def _halve_turned(page: Page, orientation: int) -> tuple[Any, Any]:
    # pairs of pixels are those of the picture as it is stored
    stored = _turn_back(_make_image(page), orientation)
    return halve_chroma(Page(np.asarray(stored)))


def _make_image(page: Page) -> Any:
    from PIL import Image

    return Image.fromarray(np.ascontiguousarray(page.pixels))


def _join_coefficients(source: bytes, page: Page, orientation: int, name: str) -> bytes:
    """Returns a JPEG without metadata of the luma's coefficients, decoded and coded again, and chroma."""
    from PIL import Image

    jpeglib = load_jpeglib()
    upright = _make_image(page).convert("YCbCr")
    # its luma is not wanted, and an even one is quick to write and to read
    chroma = (Image.new("L", upright.size, 128), *upright.split()[1:])
    turned = _turn_back(Image.merge("YCbCr", chroma), orientation)
    stored = BytesIO()
    turned.save(stored, "JPEG", quality=_QUALITY, subsampling=2)
    with tempfile.TemporaryDirectory(prefix="photochrom-") as folder:
        old, new = (_read(jpeglib, Path(folder) / "a.jpg", data) for data in (source, stored.getvalue()))
        if old.Y.shape != new.Y.shape:
            raise UnsupportedPictureError("photo.lossless_kind", name=name, kind="with a coarser luma than chroma")
        new.Y = old.Y
        new.qt = np.stack([old.get_component_qt(0), new.get_component_qt(1)])
        new.quant_tbl_no = np.array([0, 1, 1])
        path = Path(folder) / "b.jpg"
        new.write_dct(str(path))
        return path.read_bytes()


def strip_colors(result: bytes, *, name: str) -> bytes:
    """Returns the gray photo in a JPEG: its luma, bit for bit, and its metadata without the mark of colouring.

    Raises:
        MissingDependencyError: the library is not installed.
        UnsupportedPictureError: it is a JPEG of another kind.
    """
    jpeglib = load_jpeglib()
    segments = list(iterate_jpeg_segments(BytesIO(result)))
    _check(segments, name)
    with tempfile.TemporaryDirectory(prefix="photochrom-") as folder:
        old = _read(jpeglib, Path(folder) / "a.jpg", result)
        gray = jpeglib.from_dct(old.Y, qt=old.get_component_qt(0)[None])
        gray.height, gray.width = old.height, old.width
        path = Path(folder) / "b.jpg"
        gray.write_dct(str(path))
        made = path.read_bytes()
    packet = next((data[len(_XMP) :] for marker, data in segments if marker == _APP1 and data.startswith(_XMP)), None)
    plain = None if packet is None else remove_provenance(packet)
    return _with_segments(made, _keep(segments, plain, keep_extended=True))


def count_kept_luma(original: Path, result: Path) -> int | None:
    """Returns how many luma coefficients of two JPEGs are the same, bit for bit; None where not all are.

    Raises:
        MissingDependencyError: the library is not installed.
    """
    jpeglib = load_jpeglib()
    files = [path.read_bytes() for path in (original, result)]
    try:
        for data in files:
            _check(list(iterate_jpeg_segments(BytesIO(data))), "")
    except UnsupportedPictureError:
        return None
    with tempfile.TemporaryDirectory(prefix="photochrom-") as folder:
        old, new = (_read(jpeglib, Path(folder) / "a.jpg", data) for data in files)
        same = (
            (old.height, old.width) == (new.height, new.width)
            and np.array_equal(old.get_component_qt(0), new.get_component_qt(0))
            and np.array_equal(old.Y, new.Y)
        )
        return int(old.Y.size) if same else None


def _read(jpeglib: Any, path: Path, data: bytes) -> Any:
    path.write_bytes(data)
    found = jpeglib.read_dct(str(path))
    found.load()
    return found


def _check(segments: list[tuple[int, bytes]], name: str) -> int:
    """Returns the number of components; refuses what has no luma of its own, or what would be wrong in colour."""
    frame = next((data for marker, data in segments if marker in (0xC0, 0xC1, 0xC2, 0xC9, 0xCA)), b"")
    count = frame[5] if len(frame) > 5 else 0
    adobe = next((data for marker, data in segments if marker == _APP14 and data.startswith(b"Adobe")), b"")
    is_jfif = any(marker == _APP0 and data.startswith(b"JFIF\0") for marker, data in segments)
    kind = None
    if count not in (1, 3):
        kind = f"of {count} components"
    elif count == 3 and not is_jfif and (adobe[11:12] == b"\0" or frame[6::3][:3] == b"RGB"):
        kind = "of red, green and blue"
    elif any(
        marker == _APP2 and data.startswith(b"ICC_PROFILE\0\x01") and data[30:34] == b"GRAY"
        for marker, data in segments
    ):
        kind = "with a profile for gray"
    if kind is not None:
        raise UnsupportedPictureError("photo.lossless_kind", name=name, kind=kind)
    return count


def _read_orientation(segments: list[tuple[int, bytes]]) -> int:
    from photochrom.image_io.metadata.exif import read_orientation

    start = b"Exif\0\0"
    block = next((data[6:] for marker, data in segments if marker == _APP1 and data.startswith(start)), None)
    return read_orientation(block)


def _turn_back(image: Any, orientation: int) -> Any:
    """Returns an upright image as it is stored: what turns it upright, undone."""
    return image.transpose(_BACK[orientation]) if orientation in _BACK else image


def _keep(
    segments: list[tuple[int, bytes]], packet: bytes | None, *, keep_extended: bool = False
) -> Iterator[tuple[int, bytes]]:
    """Yields the segments of metadata as they stood, with another XMP packet and without what would be wrong."""
    written = packet is None
    parts = [] if packet is None else list(_split(packet))
    for marker, data in segments:
        if not (_APP0 <= marker <= _APP15 or marker == _COMMENT):
            continue
        if marker == _APP1 and data.startswith(_XMP):
            if not written:
                yield from parts
                written = True
            continue
        if marker == _APP1 and data.startswith(_EXTENDED) and not keep_extended:
            # joined with the packet when it was read
            continue
        # C2PA and other JUMBF were of another file; places in a file of several pictures are no longer right
        if (marker == _APP11 and data.startswith(b"JP")) or (marker == _APP2 and data.startswith(b"MPF\0")):
            continue
        if marker == _APP14 and data.startswith(b"Adobe") and len(data) > 11:
            data = data[:11] + b"\x01" + data[12:]
        yield marker, data
    if not written:
        yield from parts


def _split(packet: bytes) -> Iterator[tuple[int, bytes]]:
    main, extended, guid = split_packet(packet, _SEGMENT - len(_XMP))
    yield _APP1, _XMP + main
    for at in range(0, len(extended), 65000):
        head = _EXTENDED + guid.encode() + struct.pack(">II", len(extended), at)
        yield _APP1, head + extended[at : at + 65000]


def _with_segments(jpeg: bytes, segments: Iterator[tuple[int, bytes]]) -> bytes:
    """Returns a JPEG with these segments in place of its own metadata."""
    at = 2
    own = []
    while jpeg[at] == 0xFF and jpeg[at + 1] != 0xDA:
        size = 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if not (_APP0 <= jpeg[at + 1] <= _APP15 or jpeg[at + 1] == _COMMENT):
            own.append(jpeg[at : at + size])
        at += size
    kept = [build_app_segment(marker, data) for marker, data in segments]
    return b"\xff\xd8" + b"".join(kept) + b"".join(own) + jpeg[at:]

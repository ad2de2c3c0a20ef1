"""Whether a JPEG that has lost its end still has all of its pixels."""

from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO

import numpy as np

from photochrom.image_io.codecs.pillow import open_image

__all__ = ["END", "TAILS", "has_all_pixels", "list_scans", "trim"]

END = b"\xff\xd9"
#: what is put behind a file: where pixels are missing, they come out of it, and differently
TAILS = (b"", b"\xaa" * 512, b"\x55" * 512)
_COEFFICIENTS, _SCAN = 64, 0xDA


def has_all_pixels(stream: BinaryIO) -> bool:
    """Tells whether all pixels of a JPEG without an end marker come from the file.

    A decoder reads on behind the data of a file that was cut, so the picture depends on what is put there; that of a
    whole one does not. A progressive file must besides have all of its scans.
    """
    stream.seek(0)
    data = stream.read()
    # a marker that was cut in two
    data = data[:-1] if data.endswith(b"\xff") else data
    if not _has_all_scans(data):
        return False
    seen = None
    for tail in TAILS:
        image = open_image(BytesIO(data + tail + END), "JPEG")
        pixels = np.asarray(image)
        if seen is not None and not np.array_equal(seen, pixels):
            return False
        seen = pixels
    return True


def trim(data: bytes) -> bytes:
    """Returns the data without a marker, or what belongs to one, that was cut in two at the end."""
    data = data[:-1] if data.endswith(b"\xff") else data
    end = len(data)
    for at, marker, payload, size in _walk(data):
        if len(payload) < size - 2:
            return data[:at]
        end = at + 2 + size if marker != _SCAN else len(data)
    return data[:end] if end > len(data) - 4 else data


def list_scans(data: bytes) -> tuple[bytes, list[tuple[bytes, int, int, int]]]:
    """Returns the codes of the components, and of each scan its components, first and last coefficient, and bits."""
    codes = b""
    scans: list[tuple[bytes, int, int, int]] = []
    for _, marker, payload, _ in _walk(data):
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC) and len(payload) > 6:
            codes, scans = payload[6::3][: payload[5]], []
        elif marker == _SCAN and payload and len(payload) >= 4 + 2 * payload[0]:
            first, last, bits = payload[1 + 2 * payload[0] :][:3]
            scans.append((payload[1 : 1 + 2 * payload[0] : 2], first, last, bits))
    return codes, scans


def _has_all_scans(data: bytes) -> bool:
    """Tells whether scans say all coefficients of all components, to the last bit (ITU-T T.81, annex G)."""
    codes, scans = list_scans(data)
    said: dict[int, set[int]] = {code: set() for code in codes}
    for parts, first, last, bits in scans:
        if bits & 15 == 0:
            for code in parts:
                said.setdefault(code, set()).update(range(first, last + 1))
    return bool(said) and all(len(known) == _COEFFICIENTS for known in said.values())


def _walk(data: bytes) -> Iterator[tuple[int, int, bytes, int]]:
    """Yields the place, the marker, the payload and the stated size of the segments, those between scans too."""
    at = 2
    while 0 <= at < len(data) - 3:
        if data[at] != 0xFF or data[at + 1] in (0xFF, 0x00) or 0xD0 <= data[at + 1] <= 0xD9:
            at = data.find(b"\xff", at + 1)
            continue
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        yield at, data[at + 1], data[at + 4 : at + 2 + size], size
        at += 2 + size

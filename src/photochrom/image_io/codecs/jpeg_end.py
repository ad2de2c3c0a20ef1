"""Whether a JPEG that has lost its end still has all of its pixels."""

from io import BytesIO
from typing import BinaryIO

import numpy as np

from photochrom.image_io.codecs.pillow import open_image

__all__ = ["END", "has_all_pixels"]

END = b"\xff\xd9"
#: what is put behind a file: where pixels are missing, they come out of it, and differently
_TAILS = (b"", b"\xaa" * 512, b"\x55" * 512)
_COEFFICIENTS = 64


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
    for tail in _TAILS:
        image = open_image(BytesIO(data + tail + END), "JPEG")
        pixels = np.asarray(image)
        if seen is not None and not np.array_equal(seen, pixels):
            return False
        seen = pixels
    return True


def _has_all_scans(data: bytes) -> bool:
    """Tells whether scans say all coefficients of all components, to the last bit (ITU-T T.81, annex G)."""
    said: dict[int, set[int]] = {}
    at = 2
    while 0 <= at < len(data) - 3:
        if data[at] != 0xFF or data[at + 1] in (0xFF, 0x00) or 0xD0 <= data[at + 1] <= 0xD9:
            at = data.find(b"\xff", at + 1)
            continue
        marker, size = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        payload = data[at + 4 : at + 2 + size]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC) and len(payload) > 6:
            said = {code: set() for code in payload[6::3][: payload[5]]}
        elif marker == 0xDA and payload and len(payload) >= 4 + 2 * payload[0]:
            first, last, bits = payload[1 + 2 * payload[0] :][:3]
            for code in payload[1 : 1 + 2 * payload[0] : 2]:
                if bits & 15 == 0:
                    said.setdefault(code, set()).update(range(first, last + 1))
        at += 2 + size
    return bool(said) and all(len(known) == _COEFFICIENTS for known in said.values())

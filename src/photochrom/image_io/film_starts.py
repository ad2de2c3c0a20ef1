"""Which first bytes are those of a film."""

from photochrom.image_io.brands import AVIF_BRANDS, HEIF_BRANDS, OTHER_BRANDS, read_brands

__all__ = ["START_BYTES", "is_film_start"]

#: bytes to look at: three packets of a transport stream
START_BYTES = 400
#: offset, and the bytes there
_MAGIC = (
    (0, b"\x1a\x45\xdf\xa3"),  # Matroska, WebM
    (0, b"\x00\x00\x01\xba"),  # MPEG program stream
    (0, b"\x00\x00\x01\xb3"),  # MPEG video alone
    (0, b"FLV\x01"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),  # ASF, WMV
    (0, b"OggS"),
    (0, b"YUV4MPEG2 "),
    (0, b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02"),  # MXF
    (0, b"DKIF"),  # IVF
    (0, b"\x1f\x07\x00\x3f"),  # DV of 60 fields, and of 50
    (0, b"\x1f\x07\x00\xbf"),
    (4, b"moov"),
    (4, b"mdat"),
    (4, b"wide"),
)


def is_film_start(head: bytes) -> bool:
    """Tells whether a file's first :data:`START_BYTES` bytes are those of a film; an animated GIF is a picture.

    They must not be those of a photo: its bytes may lie as those of a transport stream do.
    """
    if brands := read_brands(head):
        return brands[0] not in OTHER_BRANDS and not (AVIF_BRANDS | HEIF_BRANDS).intersection(brands)
    if head[:4] == b"RIFF":
        return head[8:12] == b"AVI "
    # MPEG transport streams say nothing but the same byte every 188 (192) bytes
    stream = len(head) > 196 and (
        all(byte == 0x47 for byte in head[::188]) or all(byte == 0x47 for byte in head[4::192])
    )
    return stream or any(head[place : place + len(magic)] == magic for place, magic in _MAGIC)

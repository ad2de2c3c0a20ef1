"""Which brands ISO base media files carry: AVIF, HEIF, films and others all begin in the same way."""

__all__ = ["AVIF_BRANDS", "HEIF_BRANDS", "OTHER_BRANDS", "read_brands"]

#: brands of files that hold photos: AVIF, and HEIF however it is coded
AVIF_BRANDS = frozenset({b"avif", b"avis"})
HEIF_BRANDS = frozenset(
    {
        b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"mif2", b"mif3", b"msf1", b"miaf", b"1pic",
        b"avci", b"avcs", b"jpeg", b"jpgs", b"j2ki", b"j2is", b"vvic", b"vvis", b"evbi", b"evbs", b"unif",
    }
)  # fmt: skip
#: and of those that hold neither these photos nor films: camera raw, other forms of photos, sound alone
OTHER_BRANDS = frozenset({b"crx ", b"jp2 ", b"jxl ", b"M4A ", b"M4B ", b"M4P "})


def read_brands(head: bytes) -> list[bytes]:
    """Returns the brands of an ISO base media file (ISO/IEC 14496-12, 4.3), the major one first; none of another."""
    if head[4:8] != b"ftyp":
        return []
    # a photo without a list of items has its second brand where others have a version (ISO/IEC 23008-12, mif3)
    first = 12 if head[8:12] == b"mif3" else 16
    length = min(int.from_bytes(head[:4], "big"), 64)
    return [head[8:12], *(head[at : at + 4] for at in range(first, length, 4))]

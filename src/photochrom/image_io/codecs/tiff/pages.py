"""Finds the pages of a TIFF from its directories alone: how each is stored and which descriptive tags it has.

Done before any decoder sees the file, so that loops, endless chains and absurd sizes end here.
"""

from dataclasses import dataclass
from typing import BinaryIO

from photochrom.errors import PictureTooLargeError, UnreadablePictureError, UnsupportedPictureError
from photochrom.image_io.metadata.tiff_tags import SUB_DIRECTORIES, Header, ReadAt, Tag, read_directory, read_header

__all__ = ["ASSOCIATED", "DESCRIBED_ELSEWHERE", "JPEG", "LAB", "STRUCTURE", "YCBCR", "TiffPage", "find_pages",
           "read_chain"]  # fmt: skip

#: a file with more is an attack, not a document
MAX_PAGES = 10_000
MAX_VALUE = 64 << 20

#: tags which say how pixels are stored (the writer sets them anew), or hold gray pixels: SubIFDs, Photoshop layers
STRUCTURE = frozenset(
    [*range(254, 260), 262, *range(263, 267), 273, *range(277, 282), 284, *range(288, 294), 301, *range(317, 329), 330]
).union(
    [332, 333, 334, 336, *range(338, 344), 347, 400, *range(512, 522), *range(529, 533), 559, 32995, 32996, 34232],
    [37439, 37724, 50674, 50706],
)
#: bits of whole numbers that OpenImageIO unpacks, and Pillow of palettes
_WHOLE_BITS, _PALETTE_BITS = (1, 2, 4, 6, 8, 10, 12, 14, 16), (1, 2, 4, 8)
#: more of them in a sample, or samples in a pixel, is nonsense
_MOST_BITS, _MOST_SAMPLES = 64, 4096
#: what OpenImageIO's libtiff unpacks
_COMPRESSIONS = (1, 2, 3, 4, 5, 7, 8, 32771, 32773, 32946, 50001)
#: those that a predictor goes with
_PREDICTED = (5, 8, 32946)
#: compressions from there on anybody may define; between TIFF's own and these there are none
_PRIVATE = 32766
_OTHERS = {6: "old JPEG", 34712: "JPEG 2000", 34887: "LERC", 34925: "LZMA", 50000: "Zstandard"}
#: Pixar's tag of a texture
TEXTURE = 33302
XMP, IPTC, PHOTOSHOP, ICC = 700, 33723, 34377, 34675
#: photometric interpretations of CIELAB: with signed a* and b*, and as in ICC profiles
LAB = (8, 9)
PALETTE, SEPARATED, YCBCR = 3, 5, 6
#: the compression
JPEG = 7
#: kinds of extra samples: alpha that is multiplied into the colours, and alpha that is not
ASSOCIATED, UNASSOCIATED = 1, 2
DESCRIBED_ELSEWHERE = frozenset([XMP, IPTC, PHOTOSHOP, ICC])


@dataclass(frozen=True)
class TiffPage:
    """One directory that holds a page: its place in the chain, its tags, and those of its sub-directories."""

    index: int
    tags: dict[int, Tag]
    described: dict[int, dict[int, Tag]]

    def number(self, code: int, default: int) -> int:
        """Returns the first number of a tag."""
        tag = self.tags.get(code)
        values = tag.numbers() if tag else ()
        return int(values[0]) if values else default

    def raw(self, code: int) -> bytes | None:
        """Returns the bytes of a tag, without padding zeros."""
        tag = self.tags.get(code)
        return tag.data if tag and tag.data else None

    @property
    def width(self) -> int:
        """Returns the number of stored columns."""
        return self.number(256, 0)

    @property
    def height(self) -> int:
        """Returns the number of stored rows."""
        return self.number(257, 0)

    @property
    def samples(self) -> int:
        """Returns the number of samples per pixel, alpha included."""
        return self.number(277, 1)

    @property
    def photometric(self) -> int:
        """Returns what the colour samples mean."""
        return self.number(262, 1)

    @property
    def separate(self) -> bool:
        """Tells whether each sample has a plane of its own."""
        return self.number(284, 1) == 2

    @property
    def tile(self) -> tuple[int, int] | None:
        """Returns columns and rows of a tile; None for strips."""
        width, height = self.number(322, 0), self.number(323, 0)
        return (width, height) if width > 0 and height > 0 else None

    @property
    def strips(self) -> list[tuple[int, int]]:
        """Returns the offset and the number of bytes of each strip or tile."""
        offsets, sizes = (
            self.tags[code].numbers() if code in self.tags else () for code in ((324, 325) if self.tile else (273, 279))
        )
        return [(int(offset), int(size)) for offset, size in zip(offsets, sizes, strict=False)]

    @property
    def subsampling(self) -> tuple[int, int]:
        """Returns how many columns and rows of luma share a chroma sample."""
        tag = self.tags.get(530)
        values = tag.numbers() if tag else ()
        return (int(values[0]), int(values[1])) if len(values) > 1 else (2, 2)

    @property
    def colors(self) -> int:
        """Returns how many of the samples are colours; the others are extra."""
        tag = self.tags.get(338)
        named = self.samples - (tag.count if tag else 0)
        if self.photometric in (0, 1):
            # a file that calls colours gray is one that forgot to say what they are
            return 3 if named >= 3 else 1
        most = {SEPARATED: 4}.get(self.photometric, 3)
        return most if self.samples >= most else 1

    @property
    def extra_kinds(self) -> tuple[int, ...]:
        """Returns the kind of each sample that is not a colour: 0 unspecified, 1 associated alpha, 2 unassociated."""
        count, tag = max(0, self.samples - self.colors), self.tags.get(338)
        if tag is None:
            # as other readers have it: one more sample of which a file says nothing is alpha
            return (UNASSOCIATED,) if count == 1 else (0,) * count
        kinds = tuple(map(int, tag.numbers()))[-count:] if count else ()
        return kinds + (0,) * (count - len(kinds))

    @property
    def alpha_place(self) -> int | None:
        """Returns which of the extra samples is alpha; None if none is."""
        places = [n for n, kind in enumerate(self.extra_kinds) if kind in (ASSOCIATED, UNASSOCIATED)]
        return places[0] if places else None


def read_chain(
    read_at: ReadAt, header: Header, *, largest: int, lenient: bool = False
) -> list[tuple[int, dict[int, Tag], int]]:
    """Returns all directories of a file as (offset, tags, offset of the next), up to one that leads back, if one does.

    ``lenient``: up to the first that cannot be read, if there is one before it.

    Raises:
        ValueError: damaged, or an endless chain.
    """
    chain: list[tuple[int, dict[int, Tag], int]] = []
    seen: set[int] = set()
    offset = header.first
    while offset:
        if offset in seen:
            break
        if len(chain) >= MAX_PAGES:
            raise ValueError(f"more than {MAX_PAGES} pages")
        seen.add(offset)
        try:
            tags, following = read_directory(read_at, header, offset, largest=largest)
        except (ValueError, OverflowError):
            if lenient and chain:
                break
            raise
        chain.append((offset, tags, following))
        offset = following
    return chain


def find_pages(stream: BinaryIO, name: str, max_pixels: int, *, lenient: bool = False) -> tuple[list[TiffPage], bool]:
    """Finds the pages of a TIFF, without thumbnails, reduced copies and masks, and whether their list leads back.

    ``lenient``: or is broken, in which case those before the fault are found.

    Raises:
        UnreadablePictureError: damaged directories.
        UnsupportedPictureError: a camera raw file, or pixels of a kind we cannot read.
        PictureTooLargeError: more than ``max_pixels`` over all pages.
    """

    def read_at(offset: int, size: int) -> bytes:
        stream.seek(offset)
        return stream.read(size)

    header = read_header(read_at(0, 16))
    try:
        if header is None:
            raise ValueError("no header")
        chain = read_chain(read_at, header, largest=MAX_VALUE, lenient=lenient)
    except (ValueError, OverflowError) as error:
        raise UnreadablePictureError("photo.damaged", name=name) from error
    if not chain:
        raise UnreadablePictureError("photo.damaged", name=name)
    pages = [_page(read_at, header, number, tags) for number, (_, tags, _) in enumerate(chain)]
    if any(50706 in page.tags or page.number(262, 1) in (32803, 34892) for page in pages):
        raise UnsupportedPictureError("photo.is_camera_raw", name=name)
    whole = [page for page in pages if not page.number(254, 0) & 5 and page.number(255, 1) != 2]
    if not whole and any(330 in page.tags for page in pages):
        raise UnsupportedPictureError("photo.is_camera_raw", name=name)
    if not whole or TEXTURE in pages[0].tags:
        # of a texture the further pages are the first one, halved again and again
        whole = pages[:1]
    total = 0
    for page in whole:
        if page.width < 1 or page.height < 1:
            raise UnreadablePictureError("photo.damaged", name=name)
        total += page.width * page.height
        if total > max_pixels:
            raise _too_large(page, name, total, max_pixels)
        _check_kind(page, name)
        _check_strips(page, name)
    return whole, chain[-1][2] != 0


def _too_large(page: TiffPage, name: str, pixels: int, max_pixels: int) -> PictureTooLargeError:
    if pixels == page.width * page.height:
        return PictureTooLargeError(
            "photo.too_large", name=name, width=page.width, height=page.height, max_pixels=max_pixels
        )
    return PictureTooLargeError(
        "photo.pages_too_large", name=name, pixels=pixels, pages=page.index + 1, max_pixels=max_pixels
    )


def _check_kind(page: TiffPage, name: str) -> None:
    bits, sample_format, photometric = page.number(258, 1), page.number(339, 1), page.photometric
    compression = page.number(259, 1)
    unpredictable = compression in _PREDICTED and not 0 < page.number(317, 1) < 4
    if (compression not in _COMPRESSIONS and 10 < compression < _PRIVATE) or unpredictable:
        raise UnreadablePictureError("photo.damaged", name=name)
    if compression not in _COMPRESSIONS:
        known = _OTHERS.get(compression, str(compression))
        raise UnsupportedPictureError("photo.compression_unsupported", name=name, compression=known)
    supported = (sample_format in (1, 4) and bits in _WHOLE_BITS) or (sample_format == 3 and bits in (16, 32))
    if compression == JPEG or photometric == YCBCR:
        supported = supported and bits == 8
    elif photometric == PALETTE:
        supported = supported and bits in _PALETTE_BITS
    every = page.tags[258].numbers() if 258 in page.tags else ()
    if not all(1 <= each <= _MOST_BITS for each in every):
        raise UnreadablePictureError("photo.damaged", name=name)
    if not supported or len(set(every)) > 1:
        kinds = {1: "unsigned", 2: "signed", 3: "float", 5: "complex", 6: "complex"}
        kind = kinds.get(sample_format, "unknown")
        shown = bits if len(set(every)) < 2 else "/".join(f"{value:g}" for value in every)
        raise UnsupportedPictureError("photo.sample_type_unsupported", name=name, bits=shown, kind=kind)
    lab = photometric in LAB and bits in (8, 16) and sample_format in (1, 2, 4)
    if not lab and photometric not in (0, 1, 2, PALETTE, SEPARATED, YCBCR):
        model = {8: "CIELAB", 9: "CIELAB", 10: "CIELAB", 32844: "LogLuv", 32845: "LogLuv"}.get(photometric, "unknown")
        raise UnsupportedPictureError("photo.color_model_unsupported", name=name, model=model)
    few = page.samples < 4 if photometric == SEPARATED else page.samples != 3 if photometric == YCBCR else False
    if compression == JPEG and photometric != SEPARATED:
        # beside colours, its decoder gives alpha of gray alone
        few = few or any(page.extra_kinds) is not bool(page.extra_kinds) or len(page.extra_kinds) > (page.colors == 1)
    elif compression == JPEG:
        few = page.samples != 4
    if page.samples > _MOST_SAMPLES:
        raise UnreadablePictureError("photo.damaged", name=name)
    if page.samples > 5 or few:
        raise UnsupportedPictureError("photo.channels_unsupported", name=name, channels=page.samples)
    if photometric == YCBCR and compression != JPEG:
        uneven = any(step not in (1, 2, 4) for step in page.subsampling)
        if uneven or (page.separate and page.subsampling != (1, 1)):
            raise UnsupportedPictureError("photo.color_model_unsupported", name=name, model="subsampled YCbCr")


def _check_strips(page: TiffPage, name: str) -> None:
    """Refuses a page whose strips lie otherwise than its rows per strip say: libtiff reads on behind the first one.

    Raises:
        UnreadablePictureError: there are more strips than the rows need, and the first is too small for its rows.
    """
    if page.tile or page.number(259, 1) != 1 or page.photometric == YCBCR:
        return
    rows = min(page.number(278, 0) or page.height, page.height)
    planes, together = (page.samples, 1) if page.separate else (1, page.samples)
    row = (page.width * together * page.number(258, 1) + 7) // 8
    if len(page.strips) > -(-page.height // rows) * planes and page.strips[0][1] < rows * row:
        raise UnreadablePictureError("photo.damaged", name=name)


def _page(read_at: ReadAt, header: Header, number: int, tags: dict[int, Tag]) -> TiffPage:
    main = {code: tag for code, tag in tags.items() if code not in STRUCTURE and code not in DESCRIBED_ELSEWHERE}
    described = {0: {code: tag for code, tag in main.items() if code not in SUB_DIRECTORIES}}
    pending = [(code, tags[code]) for code in SUB_DIRECTORIES if code in tags]
    while pending:
        code, tag = pending.pop()
        place = tag.numbers()
        if code in described or not place:
            continue
        try:
            described[code], _ = read_directory(read_at, header, int(place[0]), largest=MAX_VALUE)
        except (ValueError, OverflowError):
            continue
        pending += [(key, described[code][key]) for key in SUB_DIRECTORIES if key in described[code]]
    return TiffPage(number, tags, described)

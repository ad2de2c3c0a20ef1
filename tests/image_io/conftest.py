"""Small files of every kind, made by other programs' encoders, with the pixels they must be read as."""

import io
import struct
import zlib
from binascii import crc32
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pillow_heif
import pytest
import tifffile
from PIL import Image, ImageCms

HEIGHT, WIDTH = 37, 53
XMP = (
    b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="uuid:7"'
    b' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4">'
    b"<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>Gro\xc3\x9fmutter &amp; Enkel</rdf:li></rdf:Alt></dc:title>"
    b'</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)
IPTC = b"\x1c\x02\x00\x00\x02\x00\x04\x1c\x02\x78\x00\x0bOld picture"
MAKER_NOTE = b"ACME\x00\x01" + bytes(range(200))


def exif_block(orientation: int = 1) -> bytes:
    """An EXIF block with GPS and a maker note, as Pillow makes it, with its ``Exif`` prefix."""
    exif = Image.Exif()
    exif[274], exif[271], exif[270] = orientation, "Acme", "A walk, 1936"
    exif.get_ifd(0x8769).update({0x9003: "1936:07:01 12:00:00", 0x927C: MAKER_NOTE, 0xA002: WIDTH, 0xA003: HEIGHT})
    exif.get_ifd(0x8825).update({1: "N", 2: (47.0, 22.0, 0.0), 3: "E", 4: (8.0, 32.0, 0.0)})
    return exif.tobytes()


def srgb_icc() -> bytes:
    """An sRGB profile as LittleCMS makes it."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def icc_profile(colors: bytes, tags: dict[bytes, bytes], pcs: bytes = b"XYZ ") -> bytes:
    """An ICC profile of the given tags."""
    offset, table, body = 132 + 12 * len(tags), b"", b""
    for name, data in tags.items():
        table += name + struct.pack(">II", offset + len(body), len(data))
        body += data + b"\0" * (-len(data) % 4)
    body = struct.pack(">I", len(tags)) + table + body
    head = struct.pack(
        ">I4sI4s4s4s12s4s", 128 + len(body), b"test", 0x02400000, b"mntr", colors, pcs, bytes(12), b"acsp"
    )
    return head.ljust(68, b"\0") + struct.pack(">3i", 63190, 65536, 54061) + bytes(48) + body


def gamma_curve(gamma: float) -> bytes:
    """A ``curv`` tag of one gamma."""
    return b"curv" + struct.pack(">IIH", 0, 1, round(gamma * 256)) + b"\0\0"


def xyz(*values: float) -> bytes:
    """An ``XYZ`` tag."""
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in values))


def gray_icc(gamma: float = 1.8) -> bytes:
    """A gray profile of one gamma."""
    return icc_profile(b"GRAY", {b"kTRC": gamma_curve(gamma), b"wtpt": xyz(0.9642, 1.0, 0.8249)})


def adobe_icc() -> bytes:
    """A profile with the primaries of Adobe RGB (1998), D50, gamma 563/256."""
    columns = {
        b"rXYZ": (0.60974, 0.31111, 0.01947),
        b"gXYZ": (0.20528, 0.62567, 0.06087),
        b"bXYZ": (0.14919, 0.06322, 0.74457),
    }
    curves = dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), gamma_curve(563 / 256))
    return icc_profile(b"RGB ", {name: xyz(*v) for name, v in columns.items()} | curves)


@dataclass(frozen=True)
class Sample:
    """A file and what it must be read as."""

    data: bytes
    format: str
    pixels: list[Any]
    alpha: list[Any] = field(default_factory=lambda: [None])
    near: int = 0
    durations: list[int] | None = None


def encode(image: Any, format_name: str, **options: Any) -> bytes:
    """The bytes Pillow makes of an image."""
    out = io.BytesIO()
    image.save(out, format_name, **options)
    return out.getvalue()


def tiff(array: Any, **options: Any) -> bytes:
    """The bytes tifffile makes of an array."""
    out = io.BytesIO()
    tifffile.imwrite(out, array, **options)
    return out.getvalue()


def png16(array: Any) -> bytes:
    """A 16-bit PNG, from the specification alone: every row with another filter type."""
    height, width = array.shape[:2]
    channels = array.shape[2] if array.ndim == 3 else 1
    rows = array.reshape(height, -1).astype(">u2").view(np.uint8).astype(int)
    step, above, packed = channels * 2, np.zeros(rows.shape[1], int), b""
    for y, row in enumerate(rows):
        left, corner = (np.concatenate([np.zeros(step, int), r[:-step]]) for r in (row, above))
        guess = left + above - corner
        distances = np.abs(np.stack([guess - left, guess - above, guess - corner]))
        paeth = np.choose(distances.argmin(axis=0), [left, above, corner])
        predicted = (np.zeros_like(row), left, above, (left + above) // 2, paeth)[y % 5]
        packed += bytes([y % 5]) + ((row - predicted) % 256).astype(np.uint8).tobytes()
        above = row

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 16, {1: 0, 2: 4, 3: 2, 4: 6}[channels], 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"pHYs", struct.pack(">IIB", 11811, 5906, 1))
    return start + chunk(b"IDAT", zlib.compress(packed)) + chunk(b"IEND", b"")


def _samples() -> dict[str, Sample]:
    rng = np.random.default_rng(7)
    ramp = np.add.outer(np.arange(HEIGHT) * 3, np.arange(WIDTH) * 2).astype(np.uint8)
    rgb = np.stack([ramp, ramp[::-1], np.full_like(ramp, 90)], axis=-1)
    alpha = rng.integers(0, 256, ramp.shape, dtype=np.uint8)
    wide, wide_rgb = (rng.integers(0, 65536, shape, dtype=np.uint16) for shape in (ramp.shape, rgb.shape))
    wide_alpha = wide[::-1].copy()
    floats = (wide / 65535).astype(np.float32)
    bits = ramp > 100
    gray, color = Image.fromarray(ramp), Image.fromarray(rgb)
    palette = color.quantize(64)
    as_rgb = np.asarray(palette.convert("RGB"))
    clear = encode(palette, "PNG", transparency=3)
    clear_rgba = np.asarray(Image.open(io.BytesIO(clear)).convert("RGBA"))
    cmyk = color.convert("CMYK")
    heif = io.BytesIO()
    pillow_heif.from_pillow(gray.convert("RGB")).save(heif, quality=-1, exif=exif_block(), xmp=XMP)
    frames = [gray.convert("RGB"), color, color.transpose(Image.Transpose.FLIP_TOP_BOTTOM)]
    moving = {"save_all": True, "append_images": frames[1:], "loop": 3, "duration": [40, 70, 110]}
    flat = [frame.quantize(256) for frame in frames]
    flat_rgb = [np.asarray(frame.convert("RGB")) for frame in flat]
    arrays = [np.asarray(frame) for frame in frames]
    pages = io.BytesIO()
    with tifffile.TiffWriter(pages) as writer:
        writer.write(ramp, photometric="minisblack", resolution=(300, 300), resolutionunit=2, description="page one")
        writer.write(wide_rgb, photometric="rgb", compression="zlib", resolution=(150, 150), description="page two")
        writer.write(ramp[::2, ::2], photometric="minisblack", subfiletype=1)
        writer.write(floats[:20], photometric="minisblack", description="page three")
    rgba = np.dstack([rgb, alpha])
    full = {"exif": exif_block(), "icc_profile": srgb_icc(), "xmp": XMP}
    bilevel = Image.fromarray(bits)
    return {
        "jpeg-gray": Sample(
            encode(gray, "JPEG", quality=85, dpi=(300, 300), comment=b"box 3", **full), "JPEG", [ramp], near=24
        ),
        "jpeg-color": Sample(
            encode(color, "JPEG", quality=90, progressive=True, subsampling=1), "JPEG", [rgb], near=60
        ),
        "jpeg-cmyk": Sample(encode(cmyk, "JPEG", quality=95), "JPEG", [rgb], near=24),
        "png-bit": Sample(encode(bilevel, "PNG"), "PNG", [np.where(bits, 255, 0).astype(np.uint8)]),
        "png-gray": Sample(
            encode(gray, "PNG", dpi=(300, 300), **{k: full[k] for k in ("exif", "icc_profile")}), "PNG", [ramp]
        ),
        "png-palette": Sample(encode(palette, "PNG"), "PNG", [as_rgb]),
        "png-palette-clear": Sample(clear, "PNG", [clear_rgba[..., :3]], [clear_rgba[..., 3]]),
        "png-gray-alpha": Sample(
            encode(Image.merge("LA", [gray, Image.fromarray(alpha)]), "PNG"), "PNG", [ramp], [alpha]
        ),
        "png-rgba": Sample(encode(Image.fromarray(rgba), "PNG"), "PNG", [rgb], [alpha]),
        "png-gray-16": Sample(png16(wide), "PNG", [wide]),
        "png-gray-alpha-16": Sample(png16(np.dstack([wide, wide_alpha])), "PNG", [wide], [wide_alpha]),
        "png-rgb-16": Sample(png16(wide_rgb), "PNG", [wide_rgb]),
        "png-rgba-16": Sample(png16(np.dstack([wide_rgb, wide_alpha])), "PNG", [wide_rgb], [wide_alpha]),
        "png-moving": Sample(encode(frames[0], "PNG", **moving), "PNG", arrays, [None] * 3, durations=[40, 70, 110]),
        "gif": Sample(encode(flat[1], "GIF", comment=b"from a fair"), "GIF", [flat_rgb[1]]),
        "gif-moving": Sample(
            encode(flat[0], "GIF", **(moving | {"append_images": flat[1:]})),
            "GIF",
            flat_rgb,
            [None] * 3,
            durations=[40, 70, 110],
        ),
        "webp": Sample(encode(color, "WEBP", quality=95, **full), "WEBP", [rgb], near=60),
        "webp-lossless": Sample(
            encode(Image.fromarray(rgba), "WEBP", lossless=True, exact=True), "WEBP", [rgb], [alpha]
        ),
        "webp-moving": Sample(
            encode(frames[0], "WEBP", lossless=True, **moving), "WEBP", arrays, [None] * 3, durations=[40, 70, 110]
        ),
        "bmp": Sample(encode(gray, "BMP", dpi=(300, 300)), "BMP", [ramp]),
        "bmp-bit": Sample(encode(bilevel, "BMP"), "BMP", [np.where(bits, 255, 0).astype(np.uint8)]),
        "bmp-color": Sample(encode(color, "BMP"), "BMP", [rgb]),
        "avif": Sample(encode(color, "AVIF", quality=100, subsampling="4:4:4", **full), "AVIF", [rgb], near=6),
        "heif": Sample(heif.getvalue(), "HEIF", [arrays[0]], near=8),
        "tiff-gray": Sample(encode(gray, "TIFF", dpi=(300, 300), exif=exif_block()), "TIFF", [ramp]),
        "tiff-lzw": Sample(encode(gray, "TIFF", compression="tiff_lzw", dpi=(300, 300)), "TIFF", [ramp]),
        "tiff-bit": Sample(
            encode(bilevel, "TIFF", compression="group4"), "TIFF", [np.where(bits, 255, 0).astype(np.uint8)]
        ),
        "tiff-white": Sample(tiff(255 - ramp, photometric="miniswhite"), "TIFF", [ramp]),
        "tiff-white-16": Sample(tiff(65535 - wide, photometric="miniswhite"), "TIFF", [wide]),
        "tiff-gray-16": Sample(tiff(wide, photometric="minisblack"), "TIFF", [wide]),
        "tiff-gray-16-motorola": Sample(tiff(wide, photometric="minisblack", byteorder=">"), "TIFF", [wide]),
        "tiff-big": Sample(tiff(wide, photometric="minisblack", bigtiff=True), "TIFF", [wide]),
        "tiff-planes": Sample(
            tiff(wide_rgb.transpose(2, 0, 1).copy(), photometric="rgb", planarconfig="separate"), "TIFF", [wide_rgb]
        ),
        "tiff-tiles": Sample(tiff(wide, photometric="minisblack", tile=(16, 16)), "TIFF", [wide]),
        "tiff-rgb-16": Sample(tiff(wide_rgb, photometric="rgb", compression="zlib"), "TIFF", [wide_rgb]),
        "tiff-rgba-16": Sample(
            tiff(np.dstack([wide_rgb, wide_alpha]), photometric="rgb", extrasamples=["unassalpha"]),
            "TIFF",
            [wide_rgb],
            [wide_alpha],
        ),
        "tiff-gray-alpha": Sample(
            tiff(
                np.dstack([ramp, alpha]), photometric="minisblack", extrasamples=["unassalpha"], planarconfig="contig"
            ),
            "TIFF",
            [ramp],
            [alpha],
        ),
        "tiff-white-alpha": Sample(
            tiff(
                np.dstack([255 - ramp, alpha]),
                photometric="miniswhite",
                extrasamples=["unassalpha"],
                planarconfig="contig",
            ),
            "TIFF",
            [ramp],
            [alpha],
        ),
        "tiff-palette": Sample(encode(palette, "TIFF"), "TIFF", [as_rgb]),
        "tiff-cmyk": Sample(encode(cmyk, "TIFF"), "TIFF", [np.asarray(cmyk.convert("RGB"))]),
        "tiff-float": Sample(tiff(floats, photometric="minisblack"), "TIFF", [floats]),
        "tiff-half": Sample(
            tiff(floats.astype(np.float16), photometric="minisblack"), "TIFF", [floats.astype(np.float16)]
        ),
        "tiff-pages": Sample(pages.getvalue(), "TIFF", [ramp, wide_rgb, floats[:20]], [None] * 3),
    }


@pytest.fixture(scope="session")
def samples() -> dict[str, Sample]:
    """Every kind of file by name."""
    return _samples()


SAMPLE_NAMES = sorted(_samples())


def pytest_generate_tests(metafunc: Any) -> None:
    if "sample_name" in metafunc.fixturenames:
        metafunc.parametrize("sample_name", SAMPLE_NAMES)


@pytest.fixture
def sample(samples: dict[str, Sample], sample_name: str) -> Sample:
    """One kind of file."""
    return samples[sample_name]


@pytest.fixture(scope="session")
def make() -> dict[str, Callable[..., bytes]]:
    """The makers above, by name."""
    makers = (encode, tiff, png16, exif_block, srgb_icc, icc_profile, gamma_curve, xyz, gray_icc, adobe_icc)
    return {maker.__name__: maker for maker in makers}


@pytest.fixture(scope="session")
def facts() -> dict[str, bytes]:
    """Metadata which the samples carry."""
    return {"xmp": XMP, "iptc": IPTC, "maker_note": MAKER_NOTE}

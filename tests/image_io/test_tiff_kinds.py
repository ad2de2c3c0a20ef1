"""TIFF: colours by libtiff's own conversion, both kinds of alpha, other samples, and never a pixel of another file."""

import io
import itertools
import os
import struct
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from photochrom.errors import UnreadablePictureError, UnsupportedPictureError
from photochrom.image_io import read_picture

HEIGHT, WIDTH = 64, 80
ROWS, COLUMNS = np.mgrid[:HEIGHT, :WIDTH]
GRAY = ((COLUMNS * 3 + ROWS * 2) % 256).astype(np.uint8)
RGB = np.dstack([GRAY, GRAY[::-1], 255 - GRAY])
#: what unpacks a page, and prints a checksum; malloc fills what it gives with the byte in MALLOC_PERTURB_
READ = """
import hashlib, sys
from photochrom.errors import InputError
from photochrom.image_io import read_picture
for path in sys.argv[1:]:
    try:
        print(hashlib.sha256(read_picture(path).pages[0].pixels.tobytes()).hexdigest())
    except InputError as error:
        print(error.code)
"""


def by_pillow(pixels: Any, compression: str, **options: Any) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "TIFF", compression=compression, **options)
    return out.getvalue()


def by_ffmpeg(layout: str, compression: str, width: int = WIDTH, height: int = HEIGHT) -> bytes:
    av = pytest.importorskip("av")
    codec = av.CodecContext.create("tiff", "w")
    codec.width, codec.height, codec.pix_fmt, codec.time_base = width, height, layout, Fraction(1)
    codec.options = {"compression_algo": compression}
    whole = np.ascontiguousarray(RGB[:height, :width])
    frame = av.VideoFrame.from_ndarray(whole, format="rgb24").reformat(format=layout)
    frame.pts = 0
    return b"".join(bytes(packet) for packet in codec.encode(frame) + codec.encode(None))


def with_ycbcr_jpeg() -> bytes:
    """RGB as JPEG strips of YCbCr with half the chroma, as Photoshop and scanners have them."""
    stream = io.BytesIO()
    Image.fromarray(RGB).save(stream, "JPEG", quality=92, subsampling="4:2:0")
    return single_strip(stream.getvalue(), compression=7, photometric=6, extra={530: (2, 2)})


def single_strip(data: bytes, *, compression: int, photometric: int, extra: dict[int, tuple[int, ...]]) -> bytes:
    """A TIFF of three 8-bit samples, by the specification alone: one strip, with no directory but its own."""
    tags: dict[int, tuple[int, ...]] = {
        256: (WIDTH,),
        257: (HEIGHT,),
        258: (8, 8, 8),
        259: (compression,),
        262: (photometric,),
        273: (8,),
        277: (3,),
        278: (HEIGHT,),
        279: (len(data),),
        **extra,
    }
    tail = 8 + len(data) + len(data) % 2
    body, rows = b"", b""
    for code in sorted(tags):
        values = b"".join(value.to_bytes(4, "little") for value in tags[code])
        place = values
        if len(values) > 4:
            place = (tail + 6 + 12 * len(tags) + len(body)).to_bytes(4, "little")
            body += values
        rows += code.to_bytes(2, "little") + b"\4\0" + len(tags[code]).to_bytes(4, "little") + place
    start = b"II*\0" + tail.to_bytes(4, "little") + data + b"\0" * (len(data) % 2)
    return start + len(tags).to_bytes(2, "little") + rows + bytes(4) + body


def spoil(data: bytes, how: str) -> bytes:
    """The file with its last strip or tile damaged."""
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        offset, size = tiff.pages[0].dataoffsets[-1], tiff.pages[0].databytecounts[-1]
    spoiled = bytearray(data)
    start = {"zeros": offset, "ones": offset, "half": offset + size // 2}[how]
    spoiled[start : offset + size] = (b"\xff" if how == "ones" else b"\0") * (offset + size - start)
    return bytes(spoiled)


def rgb_of_ycbcr(planes: Any, across: int, down: int, width: int, height: int) -> Any:
    """RGB by ITU-R BT.601 at full range, each chroma sample standing for its whole block, as in libtiff."""
    luma, blue, red = (np.asarray(plane, float) for plane in planes)
    blue, red = (np.repeat(np.repeat(p, down, 0), across, 1)[:height, :width] - 128 for p in (blue, red))
    rgb = [luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue]
    return np.clip(np.dstack(rgb), 0, 255)


LAYOUTS = {"yuv420p": (2, 2), "yuv422p": (2, 1), "yuv444p": (1, 1), "yuv410p": (4, 4), "yuv411p": (4, 1)}


@pytest.mark.parametrize("compression", ["raw", "lzw", "deflate", "packbits"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("width", "height"), [(80, 64), (53, 37)])
def test_ycbcr_is_read_at_every_subsampling(layout: str, compression: str, width: int, height: int) -> None:
    av = pytest.importorskip("av")
    picture = read_picture(by_ffmpeg(layout, compression, width, height))
    whole = np.ascontiguousarray(RGB[:height, :width])
    frame = av.VideoFrame.from_ndarray(whole, format="rgb24").reformat(format=layout)
    across, down = LAYOUTS[layout]
    planes: list[Any] = []
    for number, plane in enumerate(frame.planes):
        size = (height, width) if number == 0 else (-(-height // down), -(-width // across))
        planes.append(np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: size[0], : size[1]])
    first: Any = tifffile.TiffFile(io.BytesIO(by_ffmpeg(layout, compression, width, height))).pages[0]
    tags = first.tags
    levels = tags[532].value if 532 in tags else None
    if levels is not None and levels[0] == 15:
        planes = [(planes[0] - 16.0) * 255 / 219, *((p - 128.0) * 255 / 224 + 128 for p in planes[1:])]
    expected = rgb_of_ycbcr(planes, across, down, width, height)
    assert np.abs(picture.pages[0].pixels - expected).max() <= 4


def test_jpeg_data_is_read_in_every_colour_model() -> None:
    ycc = read_picture(with_ycbcr_jpeg()).pages[0].pixels
    assert np.abs(ycc.astype(int) - RGB).mean() < 6
    gray = read_picture(by_pillow(GRAY, "jpeg")).pages[0].pixels
    assert np.abs(gray.astype(int) - GRAY).mean() < 4
    inks = np.dstack([RGB, GRAY // 3])
    out = io.BytesIO()
    image = Image.frombytes("CMYK", (WIDTH, HEIGHT), inks.tobytes())
    image.save(out, "TIFF", compression="jpeg")
    expected = np.asarray(image.convert("RGB")).astype(int)
    assert np.abs(read_picture(out.getvalue()).pages[0].pixels - expected).mean() < 12


FORMS: dict[str, Callable[[], bytes]] = {
    "gray-jpeg": lambda: by_pillow(GRAY, "jpeg", strip_size=WIDTH * 16),
    "rgb-jpeg": lambda: by_pillow(RGB, "jpeg", strip_size=WIDTH * 16 * 3),
    "ycbcr-jpeg": with_ycbcr_jpeg,
    "ycbcr-lzw": lambda: by_ffmpeg("yuv420p", "lzw"),
    "ycbcr-deflate": lambda: by_ffmpeg("yuv444p", "deflate"),
    "rgb-lzw": lambda: by_pillow(RGB, "tiff_lzw", strip_size=WIDTH * 16 * 3),
    "gray-deflate": lambda: by_pillow(GRAY, "tiff_adobe_deflate", strip_size=WIDTH * 16),
}


@pytest.mark.parametrize("how", ["zeros", "half"])
@pytest.mark.parametrize("form", FORMS)
def test_a_strip_that_cannot_be_unpacked_is_an_error(form: str, how: str) -> None:
    data = FORMS[form]()
    read_picture(data)
    with pytest.raises(UnreadablePictureError) as caught:
        read_picture(spoil(data, how))
    assert caught.value.code in ("photo.damaged", "photo.truncated")


@pytest.mark.integration
@pytest.mark.skipif(sys.platform != "linux", reason="glibc alone fills memory on request")
def test_no_pixel_is_what_stood_in_memory_before(tmp_path: Any) -> None:
    paths = []
    for form, how in itertools.product(FORMS, ("none", "zeros", "ones", "half")):
        path = tmp_path / f"{form}-{how}.tif"
        path.write_bytes(FORMS[form]() if how == "none" else spoil(FORMS[form](), how))
        paths.append(str(path))
    answers = []
    for filling in ("33", "180"):
        run = [sys.executable, "-c", READ, *paths]
        done = subprocess.run(run, env=os.environ | {"MALLOC_PERTURB_": filling}, capture_output=True, check=True)
        answers.append(done.stdout)
    assert answers[0].count(b"\n") == len(paths)
    assert answers[0] == answers[1]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("gray", [False, True])
def test_associated_alpha_is_divided_out_and_stays_associated(dtype: Any, gray: bool, make: Any) -> None:
    top = np.iinfo(dtype).max if dtype != np.float32 else 1
    alpha = (COLUMNS / (WIDTH - 1))[..., None]
    meant = (GRAY[..., None] if gray else RGB) / 255.0
    stored = np.concatenate([meant * alpha, alpha], axis=2) * top
    stored = (stored.round() if top > 1 else stored).astype(dtype)
    data = make["tiff"](stored, photometric="minisblack" if gray else "rgb", extrasamples=["assocalpha"])
    picture = read_picture(data)
    page = picture.pages[0]
    assert np.array_equal(page.alpha, stored[..., -1])  # type: ignore[arg-type]
    seen = np.broadcast_to(alpha > 0.5, meant.shape).reshape(page.pixels.shape)
    difference = np.abs(page.pixels / top - meant.reshape(page.pixels.shape))[seen]
    assert difference.max() < (0.008 if dtype == np.uint8 else 1e-4)
    # unchanged pixels go back to the very same file
    with tifffile.TiffFile(io.BytesIO(picture.to_bytes())) as tiff:
        written: Any = tiff.pages[0]
        assert written.extrasamples == (1,)
        back = written.asarray()
    assert np.allclose(back, stored, atol=1e-6) if dtype == np.float32 else np.array_equal(back, stored)


def test_unspecified_samples_are_neither_alpha_nor_lost(make: Any) -> None:
    infrared = (GRAY.astype(np.uint16) * 257)[..., None]
    wide = RGB.astype(np.uint16) * 257
    turned = [(274, 3, 1, 6, True)]
    cases = (
        (np.concatenate([wide, infrared], axis=2), "rgb", ["unspecified"], None),
        (np.concatenate([infrared, 65535 - infrared], axis=2), "minisblack", ["unspecified"], None),
        (np.concatenate([wide, infrared, 65535 - infrared], axis=2), "rgb", ["unspecified", "unassalpha"], 4),
    )
    for stored, photometric, kinds, alpha in cases:
        data = make["tiff"](stored, photometric=photometric, extrasamples=kinds, extratags=turned)
        picture = read_picture(data)
        page, upright = picture.pages[0], np.rot90(stored, -1)
        assert picture.notes
        assert page.extras is not None
        assert np.array_equal(page.extras[..., 0], upright[..., 1 if photometric == "minisblack" else 3])
        assert (page.alpha is None) is (alpha is None)
        colored = picture.with_colors([np.ones((*page.pixels.shape[:2], 3), np.uint16)], model="x").to_bytes()
        with tifffile.TiffFile(io.BytesIO(colored)) as tiff:
            written: Any = tiff.pages[0]
            back = written.asarray()
        assert np.array_equal(back[..., -1], page.extras[..., 0])
        assert written.extrasamples == ((0,) if alpha is None else (2, 0))
        if alpha is not None:
            assert np.array_equal(back[..., 3], upright[..., alpha])


def test_overviews_are_no_pages(make: Any) -> None:
    out = io.BytesIO()
    with tifffile.TiffWriter(out) as writer:
        writer.write(RGB, photometric="rgb", subifds=2)
        writer.write(RGB[::2, ::2], photometric="rgb", subfiletype=1)
        writer.write(RGB[::4, ::4], photometric="rgb", subfiletype=1)
        writer.write(GRAY, photometric="minisblack")
        writer.write(GRAY[::2, ::2], photometric="minisblack", subfiletype=1)
    pages = read_picture(out.getvalue()).pages
    assert [page.pixels.shape for page in pages] == [RGB.shape, GRAY.shape]
    assert np.array_equal(pages[1].pixels, GRAY)


def test_kinds_without_a_reader_are_unsupported_and_not_damaged() -> None:
    for extra, code in (
        ({530: (2, 2), 258: (12, 12, 12)}, "photo.sample_type_unsupported"),
        ({530: (2, 2), 258: (8, 8, 4)}, "photo.sample_type_unsupported"),
        ({530: (3, 1), 259: (1,)}, "photo.color_model_unsupported"),
        ({530: (2, 2), 259: (1,), 284: (2,)}, "photo.color_model_unsupported"),
    ):
        with pytest.raises(UnsupportedPictureError) as caught:
            read_picture(single_strip(b"\xff\xd8" + bytes(20000), compression=7, photometric=6, extra=extra))
        assert caught.value.code == code


def test_strips_that_lie_otherwise_than_the_rows_say(tmp_path: Any) -> None:
    """libtiff would read on behind the first strip, and planes would be shifted against each other."""
    rgb = np.random.default_rng(5).integers(0, 256, (40, 30, 3), dtype=np.uint8)
    for planes in ("contig", "separate"):
        path = tmp_path / f"{planes}.tif"
        array = rgb if planes == "contig" else rgb.transpose(2, 0, 1).copy()
        tifffile.imwrite(path, array, photometric="rgb", planarconfig=planes, rowsperstrip=8)
        assert np.array_equal(read_picture(path).pages[0].pixels, rgb)
        with tifffile.TiffFile(path, mode="r+b") as file:
            file.pages[0].tags[278].overwrite(2**32 - 1, dtype="I")
        with pytest.raises(UnreadablePictureError) as caught:
            read_picture(path)
        assert caught.value.code == "photo.damaged"


def test_pages_that_lead_back_to_the_first(tmp_path: Any) -> None:
    path = tmp_path / "loop.tif"
    with tifffile.TiffWriter(path) as writer:
        for value in (10, 200):
            writer.write(np.full((6, 5), value, np.uint8), photometric="minisblack", metadata=None)
    data = bytearray(path.read_bytes())
    first = struct.unpack_from("<I", data, 4)[0]
    second = struct.unpack_from("<I", data, first + 2 + 12 * struct.unpack_from("<H", data, first)[0])[0]
    end = second + 2 + 12 * struct.unpack_from("<H", data, second)[0]
    struct.pack_into("<I", data, end, first)
    picture = read_picture(bytes(data))
    assert [int(page.pixels[0, 0]) for page in picture.pages] == [10, 200]
    assert len(picture.notes) == 1

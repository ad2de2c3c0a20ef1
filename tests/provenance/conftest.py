"""Originals and results of every form, coloured without a network."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from photochrom.image_io import Picture, read_picture
from photochrom.recolor import recolor

HEIGHT, WIDTH = 75, 101


def scene(depth: int = 8) -> NDArray[Any]:
    """A gray ramp with waves, as wide as its depth, black and white in it."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    waves = np.sin(x / 9) * 0.2 + np.cos(y / 7) * 0.2 + x / WIDTH * 0.6 + 0.2
    return (np.clip(waves, 0, 1) * (2**depth - 1)).astype(f"uint{depth}")


def encode(image: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def tiff(pixels: NDArray[Any], **options: Any) -> bytes:
    stream = io.BytesIO()
    tifffile.imwrite(stream, pixels, **options)
    return stream.getvalue()


def toned() -> Image.Image:
    """The scene in sepia."""
    gray = scene().astype(int)
    return Image.fromarray(np.dstack([np.clip(gray + add, 0, 255) for add in (18, 4, -14)]).astype(np.uint8))


def originals() -> dict[str, tuple[str, bytes]]:
    """Suffix and bytes of an original of each form."""
    gray, floats = Image.fromarray(scene()), (scene(16) / 65535).astype(np.float32)
    return {
        "jpeg": (".jpg", encode(gray, "JPEG", quality=90)),
        "jpeg-coarse": (".jpg", encode(gray, "JPEG", quality=30)),
        "jpeg-toned": (".jpg", encode(toned(), "JPEG", quality=90, subsampling=2)),
        "jpeg-progressive": (".jpg", encode(gray, "JPEG", quality=85, progressive=True)),
        "png-8": (".png", encode(gray, "PNG")),
        "png-rgb": (".png", encode(toned(), "PNG")),
        "png-16": (".png", encode(Image.fromarray(scene(16)), "PNG")),
        "tiff-8": (".tif", tiff(scene(), photometric="minisblack")),
        "tiff-16": (".tif", tiff(scene(16), photometric="minisblack", compression="zlib")),
        "tiff-float": (".tif", tiff(floats, photometric="minisblack")),
        "tiff-half": (".tif", tiff(floats.astype(np.float16), photometric="minisblack")),
        "tiff-associated": (
            ".tif",
            tiff(
                np.dstack([scene() // 4 * 3, np.full((HEIGHT, WIDTH), 192, np.uint8)]),
                photometric="minisblack",
                planarconfig="contig",
                extrasamples=["assocalpha"],
            ),
        ),
        "tiff-pages": (".tif", tiff(np.stack([scene(), scene()[::-1]]), photometric="minisblack")),
        "webp": (".webp", encode(toned(), "WEBP", quality=90)),
        "webp-lossless": (".webp", encode(toned(), "WEBP", lossless=True)),
        "bmp": (".bmp", encode(gray, "BMP")),
        "gif": (".gif", encode(gray, "GIF")),
        "avif": (".avif", encode(toned(), "AVIF", quality=90)),
        "jp2": (".jp2", encode(gray, "JPEG2000", irreversible=False)),
        "ppm": (".ppm", encode(toned(), "PPM")),
        "tga": (".tga", encode(gray, "TGA")),
    }


FORMS = sorted(originals())


def color(picture: Picture) -> Picture:
    """Colours a picture softly, as a network would: warm on one side, cold on the other."""
    side = np.linspace(-1, 1, 12, dtype=np.float32)
    ab = np.stack([np.broadcast_to(side * 30, (9, 12)), np.broadcast_to(-side * 40, (9, 12))])
    return picture.with_colors([recolor(page, ab) for page in picture.pages], model="tiny & <new>")


@pytest.fixture(name="color", scope="session")
def give_color() -> Callable[[Picture], Picture]:
    return color


@dataclass(frozen=True)
class Pair:
    """An original and its result."""

    original: Path
    result: Path


@pytest.fixture
def pair(tmp_path: Path) -> Callable[[str], Pair]:
    """Makes an original of a form, and its result beside it, perhaps of another form; ``content`` is an original."""

    def make(form: str, suffix: str | None = None, content: bytes | None = None) -> Pair:
        own, usual = originals()[form]
        content = content or usual
        original = tmp_path / f"photo{own}"
        original.write_bytes(content)
        result = tmp_path / f"photo.color{suffix or own}"
        color(read_picture(original)).save(result, overwrite=True)
        return Pair(original, result)

    return make


def pytest_generate_tests(metafunc: Any) -> None:
    if "every_form" in metafunc.fixturenames:
        metafunc.parametrize("every_form", FORMS)

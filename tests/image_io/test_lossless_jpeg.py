"""The luma of a JPEG kept bit for bit: gray and gray-toned, all metadata, and back again."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from photochrom.errors import MissingDependencyError, UnsupportedPictureError
from photochrom.image_io import read_picture
from photochrom.image_io.lossless_jpeg import count_kept_luma, join_luma, strip_colors
from photochrom.image_io.metadata.containers import iterate_jpeg_segments
from photochrom.image_io.provenance import read_mark
from photochrom.recolor import recolor

jpeglib = pytest.importorskip("jpeglib", reason="keeping a JPEG bit for bit needs the lossless extra")
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"/></rdf:RDF></x:xmpmeta>'
)


def scene(width: int, height: int) -> Image.Image:
    y, x = np.mgrid[0:height, 0:width]
    return Image.fromarray(((np.sin(x / 9) + np.cos(y / 7)) * 60 + 125).astype(np.uint8))


def encode(image: Image.Image, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", **{"quality": 88, **options})
    return stream.getvalue()


def toned(image: Image.Image) -> Image.Image:
    return ImageOps.colorize(image, "#100800", "#fff0d8")


def exif(orientation: int = 1) -> Image.Exif:
    block = Image.Exif()
    block[270], block[274] = "Market day", orientation
    return block


def sources() -> dict[str, bytes]:
    gray = scene(101, 75)
    return {
        "gray": encode(gray),
        "gray-sixteenths": encode(scene(96, 64)),
        "gray-one-block": encode(scene(8, 8)),
        "gray-narrow": encode(scene(9, 41)),
        "gray-coarse": encode(gray, quality=20),
        "gray-fine": encode(gray, quality=100),
        "gray-progressive": encode(gray, progressive=True),
        "gray-restart": encode(gray, restart_marker_blocks=3),
        "gray-optimized": encode(gray, optimize=True, restart_marker_rows=1),
        "gray-metadata": encode(gray, exif=exif(), comment=b"shoebox 7", dpi=(600, 600), xmp=XMP),
        "toned-420": encode(toned(gray), subsampling=2),
        "toned-422": encode(toned(gray), subsampling=1),
        "toned-444": encode(toned(gray), subsampling=0, progressive=True),
        "no-tone": encode(gray.convert("RGB"), subsampling=0, exif=exif()),
        **{f"turned-{turn}": encode(gray, exif=exif(turn)) for turn in range(2, 9)},
    }


SOURCES = sources()


def color(content: bytes) -> Any:
    picture = read_picture(content)
    side = np.linspace(-1, 1, 12, dtype=np.float32)
    ab = np.stack([np.broadcast_to(side * 25, (9, 12)), np.broadcast_to(side[:9, None] * -25, (9, 12))])
    return picture.with_colors([recolor(picture.pages[0], ab)], model="tiny")


def pixels(content: bytes) -> Any:
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image)


def segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    for marker, data in iterate_jpeg_segments(io.BytesIO(content)):
        if (0xE0 <= marker <= 0xEF or marker == 0xFE) and not data.startswith(b"http://ns.adobe.com/xap"):
            yield marker, data


@pytest.mark.parametrize("name", SOURCES)
def test_luma_is_kept_and_comes_back(name: str, tmp_path: Path) -> None:
    source, result = tmp_path / "a.jpg", tmp_path / "b.jpg"
    source.write_bytes(SOURCES[name])
    picture = color(SOURCES[name])
    made = join_luma(SOURCES[name], picture, name="a.jpg")
    result.write_bytes(made)
    assert count_kept_luma(source, result) == jpeglib.read_dct(str(source)).Y.size
    # the colours are those of the usual way, upright as well, within what luma for lightness costs
    upright = read_picture(made).pages[0].pixels.astype(int)
    assert upright.shape == picture.pages[0].pixels.shape
    usual = read_picture(picture.to_bytes("JPEG")).pages[0].pixels
    if name not in ("gray-one-block", "gray-narrow"):
        assert np.abs(upright - usual).mean() < (12 if name == "gray-coarse" else 4)
        assert np.abs(upright[..., 0] - upright[..., 2]).mean() > 10
    assert list(segments(made)) == list(segments(SOURCES[name]))
    mark = read_mark(result)
    assert mark is not None
    assert mark.model == "tiny"
    back = strip_colors(made, name="b.jpg")
    shown = pixels(back)
    assert shown.ndim == 2
    if not name.startswith("toned"):
        wanted = pixels(SOURCES[name])
        assert np.array_equal(shown, wanted if wanted.ndim == 2 else wanted[..., 0])
    result.write_bytes(back)
    assert read_mark(result) is None
    assert list(segments(back)) == list(segments(SOURCES[name]))


def test_an_xmp_packet_is_as_it_was() -> None:
    back = strip_colors(join_luma(SOURCES["gray-metadata"], color(SOURCES["gray-metadata"]), name="a"), name="b")
    packets = [data for marker, data in iterate_jpeg_segments(io.BytesIO(back)) if b"adobe.com/xap" in data]
    assert len(packets) == 1
    assert b'xmp:Rating="4"' in packets[0]
    assert b"photochrom" not in packets[0]
    bare = strip_colors(join_luma(SOURCES["gray"], color(SOURCES["gray"]), name="a"), name="b")
    assert b"adobe.com/xap" not in bare


def test_one_changed_coefficient_is_found(tmp_path: Path) -> None:
    source, result = tmp_path / "a.jpg", tmp_path / "b.jpg"
    source.write_bytes(SOURCES["gray"])
    result.write_bytes(join_luma(SOURCES["gray"], color(SOURCES["gray"]), name="a"))
    changed = jpeglib.read_dct(str(result))
    changed.load()
    changed.Y[3, 4, 2, 1] += 1
    changed.write_dct(str(result))
    assert count_kept_luma(source, result) is None


@pytest.mark.parametrize("kind", ["cmyk", "rgb", "gray profile"])
def test_what_has_no_luma_of_its_own(kind: str, make: Any) -> None:
    gray = scene(40, 40)
    if kind == "cmyk":
        content = encode(gray.convert("CMYK"))
    elif kind == "rgb":
        content = encode(gray.convert("RGB"), keep_rgb=True)
    else:
        content = encode(gray, icc_profile=make["gray_icc"]())
    picture = replace(color(SOURCES["gray"]))
    with pytest.raises(UnsupportedPictureError) as caught:
        join_luma(content, picture, name="a.jpg")
    assert caught.value.code == "photo.lossless_kind"


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins

    real = builtins.__import__

    def lack(name: str, *args: Any, **options: Any) -> Any:
        if name == "jpeglib":
            raise ImportError(name)
        return real(name, *args, **options)

    picture, toned_picture = color(SOURCES["gray"]), color(SOURCES["toned-420"])
    monkeypatch.setattr(builtins, "__import__", lack)
    # the coded bytes of a gray photo are copied
    assert pixels(join_luma(SOURCES["gray"], picture, name="a.jpg")).shape == (75, 101, 3)
    with pytest.raises(MissingDependencyError) as caught:
        join_luma(SOURCES["toned-420"], toned_picture, name="a.jpg")
    assert caught.value.details["extra"] == "lossless"

"""What a file is, and how large, from its first bytes."""

import warnings
from pathlib import Path

import pytest
from PIL import Image

from photochrom.image_io.codecs.base import CODECS, load_codec
from photochrom.image_io.formats import SUFFIXES, count_pixels


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp", "bmp", "gif"])
def test_pixels_are_counted_from_the_header(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.linear_gradient("L").resize((90, 60)).save(path)
    assert count_pixels(path) == 90 * 60


def test_pixels_of_giants_and_of_rubbish(tmp_path: Path) -> None:
    giant = tmp_path / "giant.png"
    Image.new("1", (20_000, 15_000)).save(giant)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert count_pixels(giant) == 300_000_000
    (tmp_path / "rubbish.jpg").write_bytes(b"\xff\xd8\xff" + b"x" * 97)
    assert count_pixels(tmp_path / "rubbish.jpg") == 100
    assert count_pixels(tmp_path / "gone.jpg") == 0
    pages = [Image.new("L", (40, 30)) for _ in range(5)]
    pages[0].save(tmp_path / "pages.tif", save_all=True, append_images=pages[1:])
    assert count_pixels(tmp_path / "pages.tif") == 6000


def test_every_format_has_a_codec() -> None:
    assert set(CODECS) == set(SUFFIXES.values())
    for name in CODECS:
        codec = load_codec(name)
        assert callable(codec.read)
        assert callable(codec.write)

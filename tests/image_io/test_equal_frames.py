"""Every frame of an animation is written, with its time, whether or not it shows what the last one showed."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photochrom.image_io import Page, Picture, read_picture


def shot(name: str) -> Any:
    pixels = np.zeros((20, 30, 3), np.uint8)
    pixels[5:9] = 200
    if name == "b":
        pixels[10:12] = 90
    return pixels


@pytest.mark.parametrize("transparent", [False, True])
@pytest.mark.parametrize("order", ["aab", "abb", "abab", "aaa", "abbba", "aabb"])
@pytest.mark.parametrize("format_name", ["GIF", "PNG", "WEBP", "AVIF"])
def test_equal_frames_stay(format_name: str, order: str, transparent: bool) -> None:
    alpha = np.full((20, 30), 255, np.uint8)
    alpha[:3] = 0
    pages = tuple(
        Page(shot(name), alpha if transparent else None, duration_ms=100 + 20 * number)
        for number, name in enumerate(order)
    )
    data = Picture(pages, format_name).to_bytes()
    again = read_picture(data)
    assert [page.duration_ms for page in again.pages] == [page.duration_ms for page in pages]
    for page, meant in zip(again.pages, pages, strict=True):
        seen = alpha > 0 if transparent else np.ones_like(alpha, bool)
        assert np.abs(page.pixels.astype(int) - meant.pixels)[seen].max() <= (
            0 if format_name in ("GIF", "PNG") else 12
        )
        if transparent:
            assert page.alpha is not None
            assert np.array_equal(page.alpha > 0, seen)
    assert Image.open(io.BytesIO(data)).n_frames == len(order)  # type: ignore[attr-defined]


@pytest.mark.parametrize("order", ["xaab", "xaaa"])
def test_equal_frames_behind_a_still_stay(order: str) -> None:
    frames = [Image.fromarray(shot(name)) for name in order]
    stream = io.BytesIO()
    disposal = [0, 1, 0]
    frames[0].save(
        stream, "PNG", save_all=True, append_images=frames[1:], duration=[100, 200, 300], default_image=True,
        disposal=disposal,
    )  # fmt: skip
    picture = read_picture(stream.getvalue())
    again = read_picture(picture.with_colors([p.pixels for p in picture.pages], model="test").to_bytes())
    assert [p.duration_ms for p in again.pages] == [p.duration_ms for p in picture.pages]
    assert len(again.pages) == 4


def test_a_frame_outside_of_the_screen_makes_it_larger() -> None:
    first, second = (Image.new("P", size, 1) for size in ((20, 10), (30, 25)))
    stills = []
    for image in (first, second):
        image.putpalette([0, 0, 0, 200, 200, 200])
        out = io.BytesIO()
        image.save(out, "GIF")
        stills.append(out.getvalue())
    # the screen of the first, the frames of both
    begin = 13 + 3 * (2 << (stills[1][10] & 7))
    assert stills[0][10] == stills[1][10]
    data = stills[0][:-1] + stills[1][begin:]
    picture = read_picture(data)
    assert [page.pixels.shape[:2] for page in picture.pages] == [(25, 30), (25, 30)]
    assert np.array_equal(picture.pages[0].alpha > 0, np.pad(np.ones((10, 20), bool), ((0, 15), (0, 10))))
    made = picture.with_colors([np.full((25, 30, 3), 90, np.uint8)] * 2, model="tiny").to_bytes()
    assert len(read_picture(made).pages) == 2

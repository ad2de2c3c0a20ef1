"""Chroma put back on full-size pictures: lightness kept, strips seamless, gamut kept."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from skimage import data
from skimage.color import lab2rgb, rgb2lab

from photochrom.image_io import Page
from photochrom.recolor import recolor, shrink, strips
from photochrom.recolor.recolor import recolor_exactly

GRAY = np.asarray(Image.fromarray(data.chelsea()).convert("L"))


def colors(height: int = 24, width: int = 36, seed: int = 0, spread: float = 30.0) -> np.ndarray:
    coarse = np.random.default_rng(seed).normal(0, spread, (2, 4, 6)).astype(np.float32)
    return np.stack([np.asarray(Image.fromarray(plane).resize((width, height))) for plane in coarse])


def lightness_error(page: Page, made: np.ndarray) -> np.ndarray:
    """How far the picture's L* is from the page's, both by scikit-image."""
    scale = 1.0 if made.dtype == np.float32 else np.iinfo(made.dtype).max
    gray = page.pixels if page.pixels.ndim == 3 else np.stack([page.pixels] * 3, -1)
    return np.abs(rgb2lab(made / scale)[..., 0] - rgb2lab(gray / scale)[..., 0])


@pytest.mark.parametrize(
    ("pixels", "bar"),
    [
        (GRAY, 0.6),
        (GRAY.astype(np.uint16) * 257, 0.02),
        ((GRAY / 255).astype(np.float32), 0.02),
        (data.chelsea(), 0.6),
        (data.chelsea().astype(np.uint16) * 257, 0.02),
    ],
    ids=["gray8", "gray16", "grayfloat", "rgb8", "rgb16"],
)
def test_lightness_is_untouched(pixels: np.ndarray, bar: float) -> None:
    page = Page(pixels)
    made = recolor(page, colors())
    assert made.dtype == pixels.dtype
    assert made.shape == (*pixels.shape[:2], 3)
    assert np.mean(lightness_error(page, made) <= bar) >= 0.99


def test_every_gray_level_keeps_its_lightness_under_any_colour() -> None:
    ramp = Page(np.repeat(np.arange(256, dtype=np.uint8)[:, None], 90, 1))
    hue = np.linspace(0, 2 * np.pi, 90, dtype=np.float32)
    for reach in (20, 60, 110):
        wheel = np.stack([np.cos(hue), np.sin(hue)])[:, None] * np.float32(reach)
        made = recolor(ramp, np.repeat(wheel, 64, 1))
        assert np.mean(lightness_error(ramp, made) <= 0.6) >= 0.99


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_the_darkest_and_the_lightest_keep_their_lightness(dtype: type) -> None:
    # where the gamut is narrowest: a channel clipped by 1e-4 of the light there is 0.07 of L*
    ends = np.concatenate([np.linspace(0, 0.08, 400), np.linspace(0.97, 1, 400)])
    top = 65535 if dtype == np.uint16 else 1
    page = Page(np.repeat((ends * top).astype(dtype)[:, None], 90, 1))
    hue = np.linspace(0, 2 * np.pi, 90, dtype=np.float32)
    for reach in (5, 20, 60):
        wheel = np.stack([np.cos(hue), np.sin(hue)])[:, None] * np.float32(reach)
        made = recolor(page, np.repeat(wheel, 64, 1))
        assert np.mean(lightness_error(page, made) <= 0.02) >= 0.99


def test_strips_and_threads_make_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page(GRAY)
    whole = recolor(page, colors())
    monkeypatch.setattr(strips, "STRIP", 1000)
    assert np.array_equal(recolor(page, colors()), whole)
    assert np.array_equal(recolor(page, colors(), threads=4), whole)


@pytest.mark.parametrize("size", [(90, 90), (900, 1351), (2000, 2600)])
def test_the_table_for_gray_is_the_exact_way_within_rounding(size: tuple[int, int]) -> None:
    page = Page(np.asarray(Image.fromarray(GRAY).resize(size[::-1], Image.Resampling.BICUBIC)))
    quick, exact = (rgb2lab(way(page, colors()) / 255) for way in (recolor, recolor_exactly))
    difference = np.abs(quick - exact)
    # 8 bits resolve about 0.4 of L* and one unit of a*b*
    assert difference[..., 0].max() < 1.0
    assert difference[..., 1:].mean() < 0.5
    assert np.quantile(difference[..., 1:], 0.999) < 2.5


def test_chroma_is_enlarged_smoothly_and_edge_to_edge() -> None:
    page = Page(np.full((240, 360), 128, np.uint8))
    ab = colors(spread=8)
    made = rgb2lab(recolor(page, ab) / 255)[..., 1:]
    expected = np.stack(
        [np.asarray(Image.fromarray(plane).resize((360, 240), Image.Resampling.BICUBIC)) for plane in ab], -1
    )
    assert np.abs(made - expected).mean() < 0.3
    assert np.abs(made - expected).max() < 1.5


def test_strength_blends_with_the_pictures_own_colours() -> None:
    gray, sepia = Page(GRAY), Page(np.stack([GRAY, GRAY // 8 * 7, GRAY // 4 * 3], -1))
    ab = colors(spread=10)
    assert np.abs(recolor(gray, ab, strength=0).astype(int) - GRAY[..., None]).max() <= 1
    assert np.abs(recolor(sepia, ab, strength=0).astype(int) - sepia.pixels).max() <= 1
    # at full strength the sepia is gone: the same colours as on a gray picture of that lightness
    full = rgb2lab(recolor(sepia, ab) / 255)[..., 1:]
    half = rgb2lab(recolor(sepia, ab, strength=0.5) / 255)[..., 1:]
    own = rgb2lab(sepia.pixels / 255)[..., 1:]
    assert np.abs(half - (full + own) / 2).mean() < 0.6
    chroma_of = [
        np.hypot(*np.moveaxis(rgb2lab(recolor(gray, ab, strength=s) / 255)[..., 1:], -1, 0)).mean()
        for s in (0.5, 1, 1.5)
    ]
    assert chroma_of == sorted(chroma_of)


def test_colours_out_of_gamut_lose_chroma_not_hue() -> None:
    page = Page(np.full((32, 32), 200, np.uint8))
    far = np.zeros((2, 8, 8), np.float32)
    far[0], far[1] = 90, -30
    made = rgb2lab(recolor(page, far)[4, 4] / 255.0)
    assert abs(np.degrees(np.arctan2(made[2], made[1]) - np.arctan2(-30, 90))) < 1.5
    clipped = lab2rgb([rgb2lab(np.array([200] * 3) / 255)[0], 90, -30])
    assert abs(rgb2lab(clipped)[0] - made[0]) > 1, "clipping RGB would have shown the same"


@settings(deadline=None, derandomize=True, max_examples=60)
@given(height=st.integers(1, 300), width=st.integers(1, 300), target=st.tuples(st.integers(1, 40), st.integers(1, 40)))
def test_any_size_goes_through(height: int, width: int, target: tuple[int, int]) -> None:
    page = Page(np.full((height, width), 119, np.uint8))
    small = shrink(page, target)
    assert small.shape == target
    assert np.allclose(small, 50, atol=0.5)
    assert recolor(page, colors(3, 5)).shape == (height, width, 3)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_shrinking_is_the_same_for_every_depth_and_keeps_the_mean(dtype: type) -> None:
    big = np.asarray(Image.fromarray(GRAY).resize((1353, 900), Image.Resampling.BICUBIC))
    factor = {np.uint8: 1, np.uint16: 257, np.float32: np.float32(1 / 255)}[dtype]
    small = shrink(Page(big.astype(dtype) * dtype(factor)), (64, 96))
    expected = rgb2lab(np.stack([np.asarray(Image.fromarray(big).resize((96, 64), Image.Resampling.LANCZOS))] * 3, -1))
    assert np.abs(small - expected[..., 0]).mean() < 0.6

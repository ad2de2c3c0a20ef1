"""Contrast is restored gently, in order, and only on request."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from skimage import data
from skimage.color import rgb2lab

from photochrom import Colorizer
from photochrom.image_io import Page
from photochrom.recolor.auto_contrast import STEEPEST, stretch_contrast, stretch_curve

GRAY = np.asarray(Image.fromarray(data.chelsea()).convert("L").resize((150, 100)))
FADED = (100 + GRAY * 0.3).astype(np.uint8)


def lightness(pixels: np.ndarray) -> np.ndarray:
    rgb = np.stack([pixels] * 3, -1) if pixels.ndim == 2 else pixels
    top = 255 if rgb.dtype == np.uint8 else 65535 if rgb.dtype == np.uint16 else 1
    return rgb2lab(rgb / top)[..., 0]


@pytest.mark.parametrize("kind", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("tone", [(1, 1, 1), (1.0, 0.85, 0.65), None], ids=["neutral", "sepia", "gray"])
def test_a_faded_print_gets_its_range_back(kind: str, tone: tuple[float, ...] | None) -> None:
    scale = {"uint8": 1, "uint16": 257, "float32": 1 / 255}[kind]
    pixels = (FADED[..., None] * (np.array(tone) if tone else 1.0) * scale).astype(kind)
    page = Page(np.ascontiguousarray(pixels if tone else pixels[..., 0]))
    made = stretch_contrast(page)
    assert made.pixels.dtype == page.pixels.dtype
    assert made.pixels.shape == page.pixels.shape
    before, after = lightness(page.pixels), lightness(made.pixels)
    assert np.ptp(after) > 1.8 * np.ptp(before)
    # nothing changes places, and of 8 bits or more nothing that differed is the same
    order = np.argsort(before.ravel(), kind="stable")
    assert np.diff(after.ravel()[order]).min() > -0.6
    if tone == (1.0, 0.85, 0.65):
        chosen = (after > 20) & (after < 90)
        rgb = made.pixels / {"uint8": 255, "uint16": 65535, "float32": 1}[kind]
        assert np.median(rgb2lab(rgb)[..., 2][chosen]) > 8  # sepia stays sepia


def test_fine_steps_of_16_bits_survive() -> None:
    ramp = np.linspace(20000, 40000, 4096).astype(np.uint16)[None].repeat(8, 0)
    made = stretch_contrast(Page(ramp)).pixels
    assert len(np.unique(made)) > 4000
    assert np.all(np.diff(made[0].astype(int)) >= 0)


def test_a_picture_with_its_whole_range_stays() -> None:
    full = np.linspace(0, 255, 256).astype(np.uint8)[None].repeat(16, 0)
    made = stretch_contrast(Page(full)).pixels
    assert np.abs(made.astype(int) - full).max() <= 2


@settings(deadline=None)
@given(st.lists(st.floats(0, 100, width=32), min_size=2, max_size=50))
def test_any_curve_rises_and_stays_inside(values: list[float]) -> None:
    measured = np.array(values, np.float32)
    curve = stretch_curve(measured)
    steps = np.linspace(0, 100, 501, dtype=np.float32)
    made = curve(steps)
    assert made.dtype == np.float32
    assert np.all(np.diff(made) >= 0)
    assert (made[0], made[-1]) == (0, 100)
    low, high = np.quantile(measured, (0.005, 0.995))
    if high - low > 1:
        inner = curve(np.array([low, high], np.float32))
        assert inner[1] - inner[0] <= STEEPEST * (high - low) + 0.1


def test_the_networks_answer_is_put_on_the_stretched_picture() -> None:
    colorizer = Colorizer(threads=2)
    plain, restored = (colorizer(FADED, auto_contrast=asked).picture.pages[0].pixels for asked in (False, True))
    assert np.abs(lightness(plain) - lightness(FADED)).max() < 1.5
    assert np.ptp(lightness(restored)) > 1.8 * np.ptp(lightness(plain))


def test_sepia_is_read_by_its_lightness() -> None:
    colorizer = Colorizer(threads=2)
    sepia = np.clip(GRAY[..., None] * np.array([1.0, 0.86, 0.67]), 0, 255).astype(np.uint8)
    neutral = Page(sepia).space.lightness(sepia)
    made = colorizer(sepia, vividness=0.0).picture.pages[0].pixels
    assert np.abs(lightness(made) - neutral).mean() < 0.5
    # of the print's own tint nothing is left but what the network would give the gray picture
    gray = (
        np.interp(neutral, lightness(np.arange(256, dtype=np.uint8)[None])[0], np.arange(256)).round().astype(np.uint8)
    )
    other = colorizer(gray, vividness=0.0).picture.pages[0].pixels
    assert np.abs(rgb2lab(made)[..., 1:] - rgb2lab(other)[..., 1:]).mean() < 1.0

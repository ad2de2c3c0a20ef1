"""Luma goes through untouched; the chroma beside it shows the a*b* asked for and stays inside RGB."""

import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from skimage.color import rgb2lab

from photochrom.image_io import Page
from photochrom.recolor import shrink
from photochrom.video.yuv.chroma import ChromaMaker, blend_chroma
from photochrom.video.yuv.colorimetry import Colorimetry
from photochrom.video.yuv.luma_view import LumaViewer
from photochrom.video.yuv.rotation import UPRIGHT, Orientation

#: H.273 numbers of BT.709, BT.601 and BT.2020
MATRICES = {1: (0.2126, 0.0722), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}


@pytest.fixture(scope="module")
def photo():
    return np.asarray(Image.fromarray(skimage.data.astronaut()).convert("L"))


def codes(photo, light):
    """Luma codes of a gray photo."""
    return np.rint(light.black + photo * (light.luma_span / 255)).astype(np.uint8 if light.depth == 8 else np.uint16)


def shown(luma, u, v, light, steps):
    """RGB (3,H,W) as ITU-R BT.709-6, 601-7 and 2020-2 have it, nothing clipped, for even sizes."""
    kr, kb = MATRICES[light.matrix]
    y = (luma.astype(float) - light.black) / light.luma_span
    across, down = steps
    cb, cr = (
        np.repeat(np.repeat((plane.astype(float) - light.neutral) / light.chroma_span, down, 0), across, 1)
        for plane in (u, v)
    )
    red, blue = y + 2 * (1 - kr) * cr, y + 2 * (1 - kb) * cb
    return np.stack([red, (y - kr * red - kb * blue) / (1 - kr - kb), blue])


@pytest.mark.parametrize("depth", [8, 10])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("matrix", [1, 6])
def test_colors_come_out_as_asked(photo, depth, full, matrix):
    light = Colorimetry(matrix, 1, full, depth)
    luma = codes(photo, light)
    rng = np.random.default_rng(1)
    ab = np.stack([np.asarray(Image.fromarray(p).resize((32, 32), 3)) for p in rng.normal(0, 12, (2, 4, 4))])
    u, v = ChromaMaker(light, (1, 1))(luma, ab.astype(np.float32))
    assert u.dtype == luma.dtype
    lab = rgb2lab(np.moveaxis(shown(luma, u, v, light, (1, 1)), 0, -1).clip(0, 1))
    wanted = np.stack([np.asarray(Image.fromarray(p).resize((512, 512), Image.Resampling.BICUBIC)) for p in ab])
    error = np.abs(np.moveaxis(lab[..., 1:], -1, 0) - wanted)
    # where the gamut has room for any of these colours
    middle = (photo > 90) & (photo < 190)
    assert np.median(error[:, middle]) < 0.7
    assert np.percentile(error[:, middle], 99) < 3.0
    # the lightness is that of the gray but for what the same luma means under colour
    assert np.median(np.abs(lab[..., 0] - rgb2lab(np.dstack([photo] * 3))[..., 0])) < 1.0


@pytest.mark.parametrize("steps", [(2, 2), (2, 1), (1, 1)])
@pytest.mark.parametrize(("matrix", "primaries"), [(1, 1), (6, 5), (9, 9)])
@pytest.mark.parametrize(("depth", "full"), [(8, False), (8, True), (10, False)])
def test_rgb_stays_inside(photo, steps, matrix, primaries, depth, full):
    light = Colorimetry(matrix, primaries, full, depth)
    # grain and hard edges: neighbours under one sample of chroma that have little luma in common
    rng = np.random.default_rng(0)
    grain = np.clip(photo.astype(int) + rng.integers(-60, 60, photo.shape), 0, 255)
    luma = codes(grain, light)
    ab = rng.uniform(-110, 110, (2, 40, 40)).astype(np.float32)
    u, v = ChromaMaker(light, steps)(luma, ab)
    rgb = shown(luma, u, v, light, steps)
    code = 1.0 / light.luma_span
    assert rgb.min() > -1.8 * code
    assert rgb.max() < 1 + 1.8 * code
    assert np.abs(u.astype(float) - light.neutral).mean() > 4 * (1 << depth - 8)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 40), st.integers(1, 40), st.sampled_from([(2, 2), (2, 1), (1, 1), (4, 1)]), st.booleans(), st.data()
)
def test_any_size_any_codes(height, width, steps, interlaced, data):
    seed = data.draw(st.integers(0, 1000))
    rng = np.random.default_rng(seed)
    luma = rng.integers(0, 256, (height, width)).astype(np.uint8)
    maker = ChromaMaker(Colorimetry(6, 1, False, 8), steps)
    before = luma.copy()
    u, v = maker(luma, rng.uniform(-300, 300, (2, 3, 5)).astype(np.float32), interlaced=interlaced)
    assert u.shape == v.shape == maker.shape(height, width) == (-(-height // steps[1]), -(-width // steps[0]))
    assert (luma == before).all()
    # black and white have no colour to show
    dark = np.full((height, width), 16, np.uint8)
    assert all((plane == 128).all() for plane in maker(dark, np.full((2, 3, 5), 60, np.float32)))


def test_no_color_is_neutral(photo):
    for depth in (8, 10):
        light = Colorimetry(1, 1, False, depth)
        u, v = ChromaMaker(light, (2, 2))(codes(photo, light), np.zeros((2, 8, 8), np.float32))
        assert np.abs(u.astype(int) - light.neutral).max() <= 1
        assert np.abs(v.astype(int) - light.neutral).max() <= 1


def test_both_fields_are_coloured_by_their_own_lines():
    light = Colorimetry(6, 1, False, 8)
    luma = np.full((64, 64), 120, np.uint8)
    # the lower field is black: it can hold no colour, the upper can
    luma[1::2] = 16
    ab = np.full((2, 8, 8), 40, np.float32)
    u, _ = ChromaMaker(light, (2, 2))(luma, ab, interlaced=True)
    assert (np.abs(u[0::2].astype(int) - 128) > 10).all()
    assert (u[1::2] == 128).all()
    assert (ChromaMaker(light, (2, 2))(luma, ab)[0] == 128).all()


def test_blend_goes_from_the_films_own_to_the_made():
    own, made = np.full((4, 4), 100, np.uint8), np.full((8, 8), 140, np.uint8)
    assert (blend_chroma(own, made, 0.0) == 100).all()
    assert (blend_chroma(own, made, 0.5) == 120).all()
    assert (blend_chroma(own, made, 1.0) == made).all()


@pytest.mark.parametrize(("depth", "full"), [(8, False), (8, True), (10, False), (12, True)])
def test_the_view_is_the_photos_lightness(photo, depth, full):
    light = Colorimetry(1, 1, full, depth)
    view = LumaViewer(light, UPRIGHT, (128, 128))(codes(photo, light))
    expected = shrink(Page(photo), (128, 128))
    assert view.dtype == np.float32
    assert np.abs(view - expected).mean() < 1.0
    assert 0 <= view.min() < view.max() <= 100


def test_the_view_of_a_turned_film_is_upright(photo):
    light = Colorimetry(1, 1, False, 8)
    way = Orientation(transpose=True, mirror_x=True)
    stored = np.ascontiguousarray(way.stored(codes(photo[:256], light)))
    upright = LumaViewer(light, UPRIGHT, (64, 128))(codes(photo[:256], light))
    assert np.abs(LumaViewer(light, way, (64, 128))(stored) - upright).max() < 1.0

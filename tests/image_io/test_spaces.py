"""Values and light: lightness within 0.01 L*, encoding within half a step, and ICC profiles as LittleCMS reads them."""

import io
import struct
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms
from skimage import color

from photochrom.image_io import read_picture
from photochrom.image_io.icc.color_space import SRGB, ColorSpace, find_color_space
from photochrom.image_io.icc.profile import parse_profile, srgb_profile

ALL_16 = np.arange(65536, dtype=np.uint16).reshape(256, 256)


def exact_lightness(light: Any) -> Any:
    y = np.asarray(light, np.float64)
    return np.where(y > 216 / 24389, 116 * np.cbrt(y) - 16, y * 24389 / 27)


def exact_srgb(light: Any) -> Any:
    y = np.asarray(light, np.float64)
    return np.where(y > 0.0031308, 1.055 * np.maximum(y, 0.0031308) ** (1 / 2.4) - 0.055, 12.92 * y)


def test_gray_lightness_is_that_of_scikit_image() -> None:
    expected = color.rgb2lab(np.repeat((ALL_16 / 65535)[..., None], 3, 2))[..., 0]
    assert np.abs(SRGB.lightness(ALL_16) - expected).max() < 0.01
    eight = np.arange(256, dtype=np.uint8)[None]
    assert np.abs(SRGB.lightness(eight) - expected.ravel()[::257]).max() < 0.01
    assert np.abs(SRGB.lightness((ALL_16 / 65535).astype(np.float32)) - expected).max() < 0.01
    assert SRGB.lightness(ALL_16).dtype == np.float32


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_color_lightness_is_that_of_scikit_image(dtype: Any) -> None:
    rng = np.random.default_rng(3)
    floats = rng.random((64, 64, 3))
    pixels = floats.astype(np.float32) if dtype == np.float32 else (floats * np.iinfo(dtype).max).astype(dtype)
    scale = 1 if dtype == np.float32 else np.iinfo(dtype).max
    assert np.abs(SRGB.lightness(pixels) - color.rgb2lab(pixels / scale)[..., 0]).max() < 0.01


def test_lightness_of_broken_floats_is_in_range() -> None:
    values = np.array([[np.nan, np.inf, -np.inf, -1, 2, 0.5]], np.float32)
    for pixels in (values, np.repeat(values[..., None], 3, 2)):
        lightness = SRGB.lightness(pixels)
        assert np.isfinite(lightness).all()
        assert lightness.min() >= 0
        assert lightness.max() <= 100


def light_ramp() -> Any:
    dark = np.linspace(0, 0.005, 40000)
    return np.concatenate([dark, np.linspace(0, 1, 200000)]).astype(np.float32)[None].repeat(3, 0)[:, None]


def test_encoding_is_exact_to_half_a_step() -> None:
    linear = light_ramp()
    exact = np.moveaxis(exact_srgb(linear), 0, -1)
    assert np.abs(SRGB.encode(linear, np.uint8) - exact * 255).max() <= 0.51
    assert np.abs(SRGB.encode(linear, np.uint16) - exact * 65535).max() <= 1
    assert np.abs(SRGB.encode(linear, np.float32) - exact).max() < 1e-5


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("profile", [None, "gray_icc", "adobe_icc"])
def test_gray_goes_through_a_space_and_back_with_its_lightness(profile: str | None, dtype: Any, make: Any) -> None:
    space, _ = find_color_space(make[profile]() if profile else None, gray=True)
    values = (ALL_16 >> 8).astype(np.uint8) if dtype == np.uint8 else ALL_16
    lightness = space.lightness(values)
    y = np.where(lightness > 8, ((lightness + 16.0) / 116) ** 3, lightness * 27.0 / 24389).astype(np.float32)
    out = space.encode(np.stack([y, y, y]), dtype)
    assert out.shape == (256, 256, 3)
    again = space.colored().lightness(out)
    # half an 8-bit step of the output is up to 0.23 L* for sRGB, more where a gamma has no straight part
    limit = 0.35 if dtype == np.uint8 else 0.02
    assert np.quantile(np.abs(again - lightness), 0.99) <= limit
    if profile != "gray_icc" and dtype == np.uint16:
        assert np.abs(out[..., 0].astype(int) - values).max() <= 3


def test_matrix_profiles_agree_with_littlecms(make: Any) -> None:
    rng = np.random.default_rng(5)
    linear = rng.random((3, 40, 40)).astype(np.float32) ** 2
    space, _ = find_color_space(make["adobe_icc"](), gray=False)
    ours = space.encode(linear, np.uint8).astype(int)
    image = Image.fromarray(SRGB.encode(linear, np.uint8))
    adobe = ImageCms.ImageCmsProfile(io.BytesIO(make["adobe_icc"]()))
    theirs = ImageCms.profileToProfile(image, ImageCms.createProfile("sRGB"), adobe, renderingIntent=1)
    # both ends are rounded to 8 bits on the way of LittleCMS
    assert np.quantile(np.abs(ours - np.asarray(theirs)), 0.99) <= 2
    assert np.abs(ours - np.asarray(theirs).astype(int)).mean() < 0.5
    # and what is encoded has the lightness that went in
    assert (
        np.abs(space.lightness(space.encode(linear, np.uint16)) - SRGB.lightness(SRGB.encode(linear, np.uint16))).max()
        < 0.02
    )


@pytest.mark.parametrize("gamma", [1.0, 1.8, 2.2])
def test_gray_profiles_agree_with_littlecms(gamma: float, make: Any) -> None:
    icc = make["gray_icc"](gamma)
    space, _ = find_color_space(icc, gray=True)
    expected = exact_lightness((ALL_16 / 65535) ** (round(gamma * 256) / 256))
    assert np.abs(space.lightness(ALL_16) - expected).max() < 0.01
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    theirs = np.asarray(
        ImageCms.profileToProfile(ramp, source, ImageCms.createProfile("sRGB"), outputMode="RGB", flags=0x100)
    )
    # 0x100: without the 8-bit short cut of LittleCMS, which is 10 levels off in the blacks of a linear profile
    y = ((np.arange(256) / 255) ** (round(gamma * 256) / 256)).astype(np.float32)[None]
    assert np.abs(SRGB.encode(np.stack([y, y, y]), np.uint8).astype(int) - theirs).max() <= 1


def para(kind: int, *values: float) -> bytes:
    return b"para" + struct.pack(f">IHH{len(values)}i", 0, kind, 0, *(round(v * 65536) for v in values))


SQUARES = (np.linspace(0, 1, 1024) ** 2 * 65535).round().astype(">u2")
SQUARE_TABLE = b"curv" + struct.pack(">II", 0, 1024) + SQUARES.tobytes()


@pytest.mark.parametrize(
    ("tag", "exact"),
    [
        (b"curv" + bytes(8), lambda v: v),
        (SQUARE_TABLE, lambda v: v**2),
        (para(0, 2.0), lambda v: v**2.0),
        (para(1, 2.0, 0.75, 0.25), lambda v: (0.75 * v + 0.25) ** 2),
        (para(2, 2.0, 0.5, 0.25, 0.25), lambda v: (0.5 * v + 0.25) ** 2 + 0.25),
        (
            para(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045),
            lambda v: np.where(v >= 0.04045, ((v + 0.055) / 1.055) ** 2.4, v / 12.92),
        ),
        (para(4, 2.0, 0.75, 0.0, 0.5, 0.25, 0.25, 0.0), lambda v: np.where(v >= 0.25, (0.75 * v) ** 2 + 0.25, 0.5 * v)),
    ],
)
def test_tone_curves(tag: bytes, exact: Any, make: Any) -> None:
    profile = parse_profile(make["icc_profile"](b"GRAY", {b"kTRC": tag}))
    assert profile is not None
    values = np.linspace(0, 1, 4097)
    assert np.abs(profile.curves[0](values) - exact(values)).max() < 3e-5


def test_a_gray_curve_to_lab_is_lightness(make: Any) -> None:
    space, _ = find_color_space(make["icc_profile"](b"GRAY", {b"kTRC": make["gamma_curve"](1.0)}, b"Lab "), gray=True)
    assert np.abs(space.lightness(ALL_16) - ALL_16 / 655.35).max() < 0.01


def test_the_srgb_profile_is_srgb_and_always_the_same() -> None:
    space, profile = find_color_space(srgb_profile(), gray=False)
    assert profile is not None
    assert profile.kind == "matrix"
    assert space.output_curves is None
    assert space.output_icc == srgb_profile()
    assert ImageCms.ImageCmsProfile(io.BytesIO(srgb_profile())).profile.xcolor_space.strip() == "RGB"


def table_profile(make: Any, colors: bytes, grid: int) -> bytes:
    """A profile with a colour table from sRGB, or from inks that are its complement, to Lab (ICC.1, lut16Type)."""
    inks = 4 if colors == b"CMYK" else 3
    axes = np.stack(np.meshgrid(*[np.linspace(0, 1, grid)] * inks, indexing="ij"), axis=-1)
    rgb = (1 - axes[..., :3]) * (1 - axes[..., 3:]) if inks == 4 else axes
    d50 = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]])
    light = np.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    lab = color.xyz2lab(light @ d50.T, illuminant="D50")
    table = np.stack([lab[..., 0] * 652.8, (lab[..., 1] + 128) * 256, (lab[..., 2] + 128) * 256], axis=-1)
    head = (
        b"mft2" + struct.pack(">IBBBB", 0, inks, 3, grid, 0) + struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    )
    curves = struct.pack(">HH", 0, 65535)
    body = head + struct.pack(">HH", 2, 2) + curves * inks
    body += table.clip(0, 65535).round().astype(">u2").tobytes() + curves * 3
    return make["icc_profile"](colors, {b"A2B0": body, b"wtpt": make["xyz"](0.9642, 1.0, 0.8249)}, b"Lab ")  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("mode", "kind"), [("RGB", "PNG"), ("RGB", "TIFF"), ("CMYK", "JPEG"), ("CMYK", "TIFF"), ("RGBA", "PNG")]
)
def test_cmyk_and_table_profiles_are_converted_to_srgb(mode: str, kind: str, make: Any) -> None:
    colors = np.stack(np.meshgrid(*[np.linspace(20, 250, 6)] * 2), axis=-1).astype(np.uint8)
    rgb = np.dstack([colors, colors[..., :1] // 2 + 60]).repeat(16, 0).repeat(16, 1)
    image = Image.fromarray(255 - rgb) if mode == "CMYK" else Image.fromarray(rgb)
    if mode == "CMYK":
        image = Image.merge("CMYK", [*image.split(), Image.new("L", image.size)])
    alpha = np.arange(rgb[..., 0].size, dtype=np.uint32).reshape(rgb.shape[:2]).astype(np.uint8)
    if mode == "RGBA":
        image.putalpha(Image.fromarray(alpha))
    icc = table_profile(make, b"CMYK" if mode == "CMYK" else b"RGB ", 9 if mode == "CMYK" else 25)
    options = {"quality": 100, "subsampling": 0} if kind == "JPEG" else {}
    page = read_picture(make["encode"](image, kind, icc_profile=icc, **options)).pages[0]
    # what is left is the table's interpolation between its nodes
    assert np.abs(page.pixels.astype(int) - rgb).mean() < 4
    assert np.abs(page.pixels.astype(int) - rgb).max() < 25
    assert page.space.output_icc == srgb_profile()
    assert page.space.output_curves is None
    assert mode != "RGBA" or np.array_equal(page.alpha, alpha)  # type: ignore[arg-type]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.integers(1, 20), st.booleans(), st.booleans())
def test_a_damaged_profile_is_no_profile(seed: int, changes: int, cut: bool, gray: bool) -> None:
    icc = bytearray(srgb_profile())
    rng = np.random.default_rng(seed)
    for at in rng.integers(0, len(icc), changes):
        icc[at] = rng.integers(0, 256)
    data = bytes(icc[: rng.integers(0, len(icc))] if cut else icc)
    space, _ = find_color_space(data, gray=gray)
    lightness = space.lightness(np.arange(256, dtype=np.uint8)[None])
    assert np.isfinite(lightness).all()
    assert lightness.min() >= 0
    assert lightness.max() <= 100
    out = space.encode(np.linspace(0, 1, 30, dtype=np.float32).reshape(3, 2, 5), np.uint8)
    assert out.shape == (2, 5, 3)


def test_threads_share_a_space(make: Any) -> None:
    space, _ = find_color_space(make["adobe_icc"](), gray=False)
    fresh = ColorSpace(space.curves, space.matrix, output_icc=space.output_icc, output_curves=space.output_curves)
    linear = np.random.default_rng(0).random((3, 50, 50), np.float32)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: fresh.encode(linear, np.uint16), range(32)))
    assert all(np.array_equal(result, space.encode(linear, np.uint16)) for result in results)

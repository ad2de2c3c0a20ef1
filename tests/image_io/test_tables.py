"""Colour tables of ICC profiles: as LittleCMS at 8 bits, exact at 16, and harmless when damaged."""

import io
import struct
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from photochrom.errors import UnsupportedPictureError
from photochrom.image_io import read_picture
from photochrom.image_io.icc.color_space import SRGB
from photochrom.image_io.icc.profile import parse_profile, srgb_profile

D50 = np.array([0.9642, 1.0, 0.8249])
SRGB_D50 = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]])
WHITE_POINT = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
LAB_SHIFT, LAB_RANGE = np.array([0, 128, 128]), np.array([100, 255, 255])
IDENTITY = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
STRAIGHT = b"curv" + struct.pack(">II", 0, 0)
NO_SHORT_CUTS = 0x100 | ImageCms.Flags.BLACKPOINTCOMPENSATION


def light_of(values: Any) -> Any:
    return np.where(values > 0.04045, ((values + 0.055) / 1.055) ** 2.4, values / 12.92)


def values_of(light: Any) -> Any:
    return np.where(light > 0.0031308, 1.055 * np.maximum(light, 0.0031308) ** (1 / 2.4) - 0.055, light * 12.92)


def lab_of(xyz: Any) -> Any:
    f = xyz / D50
    f = np.where(f > 216 / 24389, np.cbrt(f), f * 841 / 108 + 4 / 29)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)


def xyz_of(lab: Any) -> Any:
    y = (lab[..., 0] + 16) / 116
    f = np.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], axis=-1)
    return np.where(f > 6 / 29, f**3, (f - 4 / 29) * 108 / 841) * D50


def grid(inputs: int, steps: int) -> Any:
    axes = np.meshgrid(*[np.linspace(0, 1, steps)] * inputs, indexing="ij")
    return np.stack(axes, axis=-1).reshape(-1, inputs)


def measured(device: Any, black: float = 0.0) -> Any:
    """XYZ (D50) of colours of a device like sRGB, of inks that are its complement, or of grays; black is not 0."""
    if device.shape[-1] == 4:
        device = (1 - device[..., :3]) * (1 - device[..., 3:])
    if device.shape[-1] == 1:
        device = device.repeat(3, axis=-1)
    return (light_of(device) @ SRGB_D50.T) * (1 - black) + black * D50


def coded(xyz: Any, kind: bytes, pcs: bytes) -> Any:
    """Connection space values as 0..1."""
    if pcs == b"XYZ ":
        return xyz / (1 + 32767 / 32768)
    lab = (lab_of(xyz) + LAB_SHIFT) / LAB_RANGE
    return lab * (65280 / 65535 if kind == b"mft2" else 1)


def stored(values: Any, width: int = 2) -> bytes:
    return (np.clip(values, 0, 1) * (256**width - 1)).round().astype(f">u{width}").tobytes()  # type: ignore[no-any-return]


def ramps(count: int, exponent: float, length: int, width: int = 2) -> bytes:
    return stored(np.linspace(0, 1, length) ** exponent, width) * count


def gamma(exponent: float) -> bytes:
    return b"para" + struct.pack(">IHHi", 0, 0, 0, round(exponent * 65536))


def fixed_table(kind: bytes, nodes: Any, inputs: int, steps: int, exponent: float = 1.0) -> bytes:
    """lut8Type or lut16Type: input curves of a power, nodes, straight output curves."""
    width, length = (1, 256) if kind == b"mft1" else (2, 1024)
    head = kind + struct.pack(">IBBBB", 0, inputs, nodes.shape[-1], steps, 0) + IDENTITY
    head += struct.pack(">HH", length, length) if width == 2 else b""
    ends = ramps(nodes.shape[-1], 1, length, width)
    return head + ramps(inputs, exponent, length, width) + stored(nodes, width) + ends


def element_table(kind: bytes, nodes: Any, steps: int, *, width: int, curve: bytes, matrix: Any = None) -> bytes:
    """lutAToBType or lutBToAType: A curves on the device's side, nodes, and straight B curves on the other.

    If asked there are M curves of gamma 2.4 and a matrix between nodes and B curves.
    """
    outputs = nodes.shape[-1]
    inputs = round(np.log(len(nodes)) / np.log(steps))
    parts = {"b": STRAIGHT * 3}
    if matrix is not None:
        parts["x"] = struct.pack(">12i", *(round(v * 65536) for v in (*matrix.ravel(), 0, 0, 0)))
        parts["m"] = gamma(2.4) * 3
    parts["c"] = bytes([steps] * inputs).ljust(16, b"\0") + bytes([width, 0, 0, 0]) + stored(nodes, width)
    parts["c"] += b"\0" * (-len(parts["c"]) % 4)
    parts["a"] = curve * (inputs if kind == b"mAB " else outputs)
    offsets, body = {}, b""
    for name, part in parts.items():
        offsets[name] = 32 + len(body)
        body += part
    places = struct.pack(">5I", *(offsets.get(name, 0) for name in "bxmca"))
    return kind + struct.pack(">IBBH", 0, inputs, outputs, 0) + places + body


def profile(make: Any, colors: bytes, pcs: bytes, tags: dict[bytes, bytes], *, kind: bytes, version: int = 2) -> bytes:
    icc = bytearray(make["icc_profile"](colors, tags | {b"wtpt": WHITE_POINT}, pcs))
    icc[8:12], icc[12:16] = bytes([version, 0x20 if version == 4 else 0x40, 0, 0]), kind
    return bytes(icc)


def table_of(kind: bytes, inputs: int, pcs: bytes, black: float) -> bytes:
    steps = {1: 33, 3: 17, 4: 9}[inputs]
    # the curve before the nodes puts them where the eye sees more
    device = grid(inputs, steps) ** (1 / 1.5)
    if kind == b"mAB ":
        return element_table(kind, coded(measured(device, black), kind, pcs), steps, width=2, curve=gamma(1.5))
    return fixed_table(kind, coded(measured(device, black), kind, pcs), inputs, steps, 1.5)


def back_table(kind: bytes) -> bytes:
    """From Lab to inks, roughly: black is three quarters of black ink and a little of the others."""
    lightness = grid(3, 9)[:, :1] * (1 if kind == b"mAB " else 65535 / 65280)
    inks = (1 - lightness) * [[0.3, 0.2, 0.2, 0.75]]
    if kind == b"mAB ":
        return element_table(b"mBA ", inks, 9, width=2, curve=STRAIGHT)
    return fixed_table(kind, inks, 3, 9)


def made_profiles(make: Any) -> dict[str, bytes]:
    out = {}
    for colors, inputs in ((b"RGB ", 3), (b"CMYK", 4), (b"GRAY", 1)):
        for kind in (b"mft1", b"mft2", b"mAB "):
            tag, version = table_of(kind, inputs, b"Lab ", 0.02), 4 if kind == b"mAB " else 2
            plain, device = {b"A2B0": tag}, b"prtr" if inputs == 4 else b"scnr"
            both = plain | {b"A2B1": tag} | ({b"B2A0": back_table(kind)} if inputs == 4 else {})
            name = f"{colors.decode().strip()}-{kind.decode().strip()}"
            out[name] = profile(make, colors, b"Lab ", plain, kind=device, version=version)
            out[f"{name}-black"] = profile(make, colors, b"Lab ", both, kind=device, version=version)
    out["RGB-mft2-xyz"] = profile(make, b"RGB ", b"XYZ ", {b"A2B0": table_of(b"mft2", 3, b"XYZ ", 0.0)}, kind=b"mntr")
    matrix = SRGB_D50 / (1 + 32767 / 32768)
    for width in (1, 2):
        tag = element_table(b"mAB ", grid(3, 5), 5, width=width, curve=STRAIGHT, matrix=matrix)
        name, both = f"RGB-mAB-matrix-{width}", {b"A2B0": tag, b"A2B1": tag}
        out[name] = profile(make, b"RGB ", b"XYZ ", both, kind=b"mntr", version=4)
    return out


NAMES = [
    *(f"{c}-{k}{b}" for c in ("RGB", "CMYK", "GRAY") for k in ("mft1", "mft2", "mAB") for b in ("", "-black")),
    *("RGB-mft2-xyz", "RGB-mAB-matrix-1", "RGB-mAB-matrix-2"),
]


@pytest.fixture(scope="session")
def profiles(make: Any) -> dict[str, bytes]:
    return made_profiles(make)


def ours(icc: bytes, pixels: Any, dtype: Any = None) -> Any:
    parsed = parse_profile(icc)
    assert parsed is not None
    assert parsed.table is not None
    return SRGB.encode(parsed.table.linear(pixels), dtype or pixels.dtype)


@pytest.mark.parametrize("name", NAMES)
def test_tables_agree_with_littlecms(name: str, profiles: dict[str, bytes]) -> None:
    mode = {"RGB": "RGB", "CMY": "CMYK", "GRA": "L"}[name[:3]]
    channels = {"RGB": 3, "CMYK": 4, "L": 1}[mode]
    device = np.random.default_rng(11).integers(0, 256, (96, 96, channels), dtype=np.uint8)
    device[0, :2] = [[0] * channels, [255] * channels]
    theirs = ImageCms.profileToProfile(
        Image.fromarray(device[..., 0] if channels == 1 else device, mode),
        ImageCms.ImageCmsProfile(io.BytesIO(profiles[name])),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=NO_SHORT_CUTS,
    )
    difference = np.abs(ours(profiles[name], device).astype(int) - np.asarray(theirs))
    assert difference.max() <= 1
    assert difference.mean() < 0.1


def lightness_of(pixels: Any) -> Any:
    """L* of sRGB pixels, in double precision."""
    scale = np.iinfo(pixels.dtype).max if pixels.dtype.kind == "u" else 1
    y = light_of(pixels / scale) @ SRGB_D50[1]
    return np.where(y > 216 / 24389, 116 * np.cbrt(y) - 16, y * 24389 / 27)


@pytest.mark.parametrize("kind", [b"mft2", b"mAB "])
@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_a_gray_ramp_keeps_its_lightness(kind: bytes, dtype: Any, make: Any) -> None:
    # a device whose grays have L* = 100 * value^1.5: the curve before the nodes makes them exact
    steps = 17
    axes = grid(3, steps)
    lab = np.stack([100 * axes[:, 1], 60 * (axes[:, 0] - axes[:, 1]), 60 * (axes[:, 1] - axes[:, 2])], axis=-1)
    nodes = (lab + LAB_SHIFT) / LAB_RANGE * (65280 / 65535 if kind == b"mft2" else 1)
    if kind == b"mft2":
        tag = fixed_table(kind, nodes, 3, steps, 1.5)
    else:
        tag = element_table(kind, nodes, steps, width=2, curve=gamma(1.5))
    icc = profile(make, b"RGB ", b"Lab ", {b"A2B0": tag}, kind=b"scnr", version=4 if kind == b"mAB " else 2)
    ramp = np.linspace(0, 1, 4096)
    device = (ramp * 65535).round().astype(np.uint16) if dtype == np.uint16 else ramp.astype(np.float32)
    out = ours(icc, device[None, :, None].repeat(3, 2))
    assert out.dtype == dtype
    assert np.abs(lightness_of(out)[0] - 100 * ramp**1.5).max() < 0.05
    assert len(np.unique(out[0, :, 1])) > 3500


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
@pytest.mark.parametrize(
    ("photometric", "name", "black"), [("rgb", "RGB-mft2-black", 0.0), ("separated", "CMYK-mAB", 0.02)]
)
def test_deep_scans_are_read(photometric: str, name: str, black: float, dtype: Any, profiles: Any, make: Any) -> None:
    # higher than one strip, and lying on its side
    channels = 3 if photometric == "rgb" else 4
    device = np.random.default_rng(3).random((700, 413, channels))
    stored_values = (device * 65535).round().astype(dtype) if dtype == np.uint16 else device.astype(dtype)
    turned = [(274, 3, 1, 6, False)]
    data = make["tiff"](stored_values, photometric=photometric, iccprofile=profiles[name], extratags=turned)
    page = read_picture(data).pages[0]
    assert page.pixels.dtype == dtype
    assert page.pixels.shape == (413, 700, 3)
    assert page.pixels.flags.c_contiguous
    assert page.space.output_icc == srgb_profile()
    whole = ours(profiles[name], np.rot90(stored_values, -1))
    assert np.array_equal(page.pixels, whole)
    # and what its colours are by the formula, but for the straight lines between the nodes
    exact = np.linalg.solve(SRGB_D50, measured(np.rot90(device, -1), black).reshape(-1, 3).T).T.reshape(whole.shape)
    scale = 65535 if dtype == np.uint16 else 1
    assert np.abs(whole / scale - values_of(np.clip(exact, 0, 1))).mean() < 0.02


def test_alpha_passes_a_table(profiles: Any, make: Any) -> None:
    values = np.random.default_rng(5).integers(0, 65536, (20, 31, 4), dtype=np.uint16)
    options = {"photometric": "rgb", "extrasamples": ["unassalpha"], "iccprofile": profiles["RGB-mft2"]}
    page = read_picture(make["tiff"](values, **options)).pages[0]
    assert np.array_equal(page.alpha, values[..., 3])  # type: ignore[arg-type]
    assert np.array_equal(page.pixels, ours(profiles["RGB-mft2"], values[..., :3]))


def test_gray_under_a_table_for_gray(profiles: Any, make: Any) -> None:
    ramp = np.arange(0, 65536, 16, dtype=np.uint16).reshape(64, 64)
    data = make["tiff"](ramp, photometric="minisblack", iccprofile=profiles["GRAY-mft2"])
    page = read_picture(data).pages[0]
    assert np.array_equal(page.pixels, ours(profiles["GRAY-mft2"], ramp[..., None]))
    # a profile for other colours is none, as at 8 bits
    for wide in (ramp, (ramp >> 8).astype(np.uint8)):
        data = make["tiff"](wide, photometric="minisblack", iccprofile=profiles["RGB-mft2"])
        assert np.array_equal(read_picture(data).pages[0].pixels, wide)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("photometric", ["cielab", "icclab"])
def test_lab_tiffs_are_read(photometric: str, dtype: Any, make: Any) -> None:
    deep, signed = dtype == np.uint16, photometric == "cielab"
    rgb = np.random.default_rng(9).random((40, 256, 3))
    rgb[0] = np.linspace(0, 1, 256)[:, None]
    lab = lab_of(light_of(rgb) @ SRGB_D50.T)
    white = (65535 if signed else 65280) if deep else 255
    chroma = (lab[..., 1:] + (0 if signed else 128)) * (256 if deep else 1)
    values = np.concatenate([lab[..., :1] / 100 * white, chroma], axis=-1).round().astype(np.int64).astype(dtype)
    page = read_picture(make["tiff"](values, photometric=photometric)).pages[0]
    assert page.pixels.dtype == dtype
    assert page.space.output_icc == srgb_profile()
    difference = np.abs(page.pixels / np.iinfo(dtype).max - rgb)
    assert difference.mean() < (0.0003 if deep else 0.01)
    assert np.quantile(difference, 0.99) < (0.003 if deep else 0.06)
    # half a step of L* in the file and half a level of the result
    assert np.abs(page.space.lightness(page.pixels[:1]) - lab[:1, :, 0]).max() < (0.02 if deep else 0.5)
    one = make["tiff"](values[..., 0], photometric="minisblack")
    tag = struct.pack("<HHII", 262, 3, 1, 1)
    assert one.count(tag) == 1
    gray = read_picture(one.replace(tag, struct.pack("<HHII", 262, 3, 1, 8 if signed else 9))).pages[0]
    assert gray.pixels.shape == (40, 256)
    assert np.abs(gray.space.lightness(gray.pixels) - lab[..., 0]).max() < (0.02 if deep else 0.5)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(name=st.sampled_from(NAMES), seed=st.integers(0, 2**32 - 1), changes=st.integers(1, 20), cut=st.booleans())
def test_damaged_tables_do_no_harm(name: str, seed: int, changes: int, cut: bool, profiles: Any, make: Any) -> None:
    icc = bytearray(profiles[name])
    rng = np.random.default_rng(seed)
    for at in rng.integers(128, 420, changes):
        icc[at] = rng.choice([0, 1, 2, 127, 255, rng.integers(0, 256)])
    data = bytes(icc[: rng.integers(0, len(icc))] if cut else icc)
    parsed = parse_profile(data)
    if parsed is not None and parsed.table is not None:
        pixels = rng.integers(0, 65536, (3, 5, parsed.table.inputs), dtype=np.uint16)
        linear = parsed.table.linear(pixels)
        assert np.isfinite(linear).all()
        assert linear.min() >= 0
        assert linear.max() <= 1
    options = {"photometric": "separated"} if name.startswith("CMYK") else {"photometric": "rgb"}
    channels = 4 if name.startswith("CMYK") else 3
    for dtype in (np.uint8, np.uint16):
        values = rng.integers(0, 256, (4, 5, channels)).astype(dtype)
        try:
            page = read_picture(make["tiff"](values, iccprofile=data, **options)).pages[0]
        except UnsupportedPictureError:
            # LittleCMS wants more of a profile than we do
            assert dtype == np.uint8
            continue
        assert page.pixels.shape == (4, 5, 3)
        assert page.pixels.dtype == dtype


def test_a_table_that_is_not_there_takes_no_memory(make: Any) -> None:
    huge = b"mft2" + struct.pack(">IBBBB", 0, 4, 3, 255, 0) + IDENTITY + struct.pack(">HH", 4096, 4096) + bytes(100_000)
    many = element_table(b"mAB ", grid(4, 2)[:, :3], 2, width=2, curve=STRAIGHT)
    wide = many.replace(bytes([2, 2, 2, 2]) + bytes(12), bytes([255] * 4) + bytes(12))
    assert wide != many
    long = many[:-48] + (b"curv" + struct.pack(">II", 0, 0xFFFFFFFF)) * 4
    for tag in (huge, wide, long):
        icc = profile(make, b"CMYK", b"Lab ", {b"A2B0": tag}, kind=b"mntr")
        tracemalloc.start()
        assert parse_profile(icc) is None
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
        tracemalloc.stop()

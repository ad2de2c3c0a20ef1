"""JPEG 2000, portable maps and TGA: read exactly, written so that other readers see the same, and named when cut."""

import io
import struct
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813
import pytest
from PIL import Image

from photochrom.errors import InputError, UnsupportedPictureError
from photochrom.image_io import Density, Page, Picture, read_picture
from photochrom.image_io.provenance import find_mark

HEIGHT, WIDTH = 41, 53
RNG = np.random.default_rng(3)
GRAY, ALPHA = (RNG.integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8) for _ in range(2))
RGB = RNG.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
DEEP = RNG.integers(0, 65536, (HEIGHT, WIDTH), dtype=np.uint16)
DEEP_RGB = RNG.integers(0, 65536, (HEIGHT, WIDTH, 3), dtype=np.uint16)
PALETTE = Image.fromarray(RGB).quantize(32)


def encode(array: Any, format_name: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image = array if isinstance(array, Image.Image) else Image.fromarray(array)
    image.save(out, format_name, **options)
    return out.getvalue()


def by_openimageio(array: Any, folder: Any) -> bytes:
    path = str(folder / "made.jp2")
    channels = array.shape[2] if array.ndim == 3 else 1
    out = oiio.ImageOutput.create(path)
    spec = oiio.ImageSpec(WIDTH, HEIGHT, channels, array.dtype.name)
    spec["oiio:UnassociatedAlpha"] = 1
    out.open(path, spec)
    out.write_image(array)
    out.close()
    return (folder / "made.jp2").read_bytes()


def map_of(kind: str, top: int, values: Any) -> bytes:
    head = f"{kind}\n# a comment\n{WIDTH} {HEIGHT}\n{top}\n".encode()
    if kind in ("P2", "P3"):
        return head + " ".join(map(str, values.ravel())).encode() + b"\n"
    return head + values.astype(">u2" if top > 255 else "u1").tobytes()


def gray_alpha() -> Image.Image:
    return Image.merge("LA", [Image.fromarray(GRAY), Image.fromarray(ALPHA)])


BITS = GRAY > 100
FILES: dict[str, tuple[Any, Any, Any]] = {
    "gray.jp2": (lambda: encode(GRAY, "JPEG2000"), GRAY, None),
    "rgb.jp2": (lambda: encode(RGB, "JPEG2000"), RGB, None),
    "rgba.jp2": (lambda: encode(np.dstack([RGB, ALPHA]), "JPEG2000"), RGB, ALPHA),
    "gray-alpha.jp2": (lambda: encode(gray_alpha(), "JPEG2000"), GRAY, ALPHA),
    "stream.j2k": (lambda: encode(RGB, "JPEG2000", no_jp2=True), RGB, None),
    "tiles.jp2": (lambda: encode(RGB, "JPEG2000", tile_size=(32, 32), num_resolutions=2), RGB, None),
    "gray16.jp2": (lambda: encode(DEEP, "JPEG2000"), DEEP, None),
    "bits.pbm": (lambda: encode(Image.fromarray(BITS), "PPM"), np.where(BITS, 255, 0), None),
    "gray.pgm": (lambda: map_of("P5", 255, GRAY), GRAY, None),
    "gray-text.pgm": (lambda: map_of("P2", 255, GRAY), GRAY, None),
    "gray16.pgm": (lambda: map_of("P5", 65535, DEEP), DEEP, None),
    "rgb.ppm": (lambda: map_of("P6", 255, RGB), RGB, None),
    "rgb4.ppm": (lambda: map_of("P6", 15, RGB % 16), RGB % 16 * 17, None),
    "rgb16.ppm": (lambda: map_of("P6", 65535, DEEP_RGB), DEEP_RGB, None),
    "rgb16-text.ppm": (lambda: map_of("P3", 65535, DEEP_RGB), DEEP_RGB, None),
    "gray.tga": (lambda: encode(GRAY, "TGA"), GRAY, None),
    "rgb.tga": (lambda: encode(RGB, "TGA"), RGB, None),
    "packed.tga": (lambda: encode(RGB // 64 * 64, "TGA", compression="tga_rle"), RGB // 64 * 64, None),
    "palette.tga": (lambda: encode(PALETTE, "TGA"), np.asarray(PALETTE.convert("RGB")), None),
    "rgba.tga": (lambda: encode(np.dstack([RGB, ALPHA]), "TGA"), RGB, ALPHA),
}


@pytest.fixture(params=sorted(FILES))
def file(request: pytest.FixtureRequest, tmp_path: Any) -> tuple[Any, Any, Any]:
    make, pixels, alpha = FILES[request.param]
    path = tmp_path / request.param
    path.write_bytes(make())
    return path, pixels, alpha


def test_pixels_are_exact(file: tuple[Any, Any, Any]) -> None:
    path, pixels, alpha = file
    page = read_picture(path).pages[0]
    assert np.array_equal(page.pixels, pixels)
    assert page.pixels.dtype == (np.uint16 if pixels.dtype == np.uint16 else np.uint8)
    assert (page.alpha is None) == (alpha is None)
    assert alpha is None or np.array_equal(page.alpha, alpha)


def test_colours_are_written_as_other_readers_see_them(file: tuple[Any, Any, Any], tmp_path: Any) -> None:
    path, _, alpha = file
    picture = read_picture(path)
    deep = picture.pages[0].pixels.dtype == np.uint16
    colors = DEEP_RGB if deep else RGB
    made = picture.with_colors([colors], model="tiny").save(tmp_path / f"made{path.suffix}")
    page = read_picture(made).pages[0]
    assert np.array_equal(page.pixels, colors)
    assert alpha is None or np.array_equal(page.alpha, alpha)
    with Image.open(made) as image:
        seen = np.asarray(image.convert("RGB")).astype(int)
        assert (
            image.info.get("compression") == ("tga_rle" if path.name == "packed.tga" else None) or path.suffix != ".tga"
        )
    # Pillow gives 8 bits, and turns 255.5 over
    gap = np.abs(seen - (colors >> 8 if deep else colors))
    assert np.quantile(gap, 0.99) <= 1
    assert find_mark(made) == ("tiny" if path.suffix in (".jp2", ".j2k") else None)


def test_deep_colours_of_jpeg_2000(tmp_path: Any) -> None:
    for array in (DEEP_RGB, np.dstack([DEEP_RGB, DEEP])):
        page = read_picture(by_openimageio(array, tmp_path)).pages[0]
        assert np.array_equal(page.pixels, DEEP_RGB)
        assert (page.alpha is not None) == (array.shape[2] == 4)
    # written here, read by Pillow
    made = Picture((Page(DEEP_RGB, DEEP),)).to_bytes("JPEG2000")
    with Image.open(io.BytesIO(made)) as image:
        gap = np.abs(np.asarray(image).astype(int) - (np.dstack([DEEP_RGB, DEEP]) >> 8))
        assert image.mode == "RGBA"
    assert np.quantile(gap, 0.99) <= 1
    floats = Picture((Page((DEEP_RGB / 65535).astype(np.float32)),)).to_bytes("JPEG2000")
    assert np.array_equal(read_picture(floats).pages[0].pixels, DEEP_RGB)
    with pytest.raises(UnsupportedPictureError) as caught:
        Picture((Page(DEEP_RGB[:20]),)).to_bytes("JPEG2000")
    assert caught.value.code == "photo.side_too_short"


def test_maps_of_10_bits_are_spread() -> None:
    for kind, values in (("P5", DEEP), ("P2", DEEP), ("P6", DEEP_RGB)):
        page = read_picture(map_of(kind, 1023, values % 1024)).pages[0]
        assert np.abs(page.pixels - (values % 1024) * (65535 / 1023)).max() <= 1


def test_boxes_stay(make: Any, facts: dict[str, bytes]) -> None:
    def box(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I4s", len(data) + 8, kind) + data

    data = encode(GRAY, "JPEG2000")
    at = data.index(b"jp2c") - 4
    uuid = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
    boxes = box(b"xml ", b"<mods>1936</mods>") + box(b"uuid", uuid + facts["xmp"])
    boxes += box(b"uuid", b"JpgTiffExif->JP2" + make["exif_block"](1)[6:])
    head = data.index(b"jp2h")
    size = struct.unpack(">I", data[head - 4 : head])[0]
    resolution = box(b"res ", box(b"resd", struct.pack(">4H2b", 300, 254, 300, 254, 4, 4)))
    jp2h = data[head - 4 : head - 4 + size]
    grown = struct.pack(">I", size + len(resolution)) + jp2h[4:] + resolution
    data = data[: head - 4] + grown + data[head - 4 + size : at] + boxes + data[at:]
    picture = read_picture(data)
    assert picture.metadata.dpi == pytest.approx((300, 300))
    made = picture.with_colors([RGB], model="tiny").to_bytes()
    again = read_picture(made)
    assert np.array_equal(again.pages[0].pixels, RGB)
    assert b"<mods>1936</mods>" in made
    assert b"photochrom (tiny)" in (again.metadata.xmp or b"")
    assert b"Enkel" in (again.metadata.xmp or b"")
    assert again.metadata.exif == picture.metadata.exif is not None
    assert again.metadata.dpi == pytest.approx((300, 300))
    with Image.open(io.BytesIO(made)) as image:
        assert image.info["dpi"] == pytest.approx((300, 300))


def test_a_profile_stays_in_jpeg_2000(make: Any) -> None:
    icc = make["adobe_icc"]()
    picture = read_picture(encode(RGB, "PNG", icc_profile=icc))
    made = picture.with_colors([RGB], model="tiny").to_bytes("JPEG2000")
    assert read_picture(made).metadata.icc == icc


def test_odd_densities_go_into_jpeg_2000() -> None:
    from dataclasses import replace

    picture = Picture((Page(RGB),))
    for density in (Density(72.5, 99.25), Density(118.11, 118.11, "cm"), Density(1, 2, "none")):
        made = replace(picture, metadata=replace(picture.metadata, density=density)).to_bytes("JPEG2000")
        dpi = read_picture(made).metadata.dpi
        assert dpi is None if density.dpi is None else dpi == pytest.approx(density.dpi, rel=1e-3)


@pytest.mark.parametrize(
    "name", ["rgb.jp2", "stream.j2k", "gray16.jp2", "rgb.ppm", "rgb16.ppm", "rgb.tga", "packed.tga"]
)
def test_cut_files_are_named(tmp_path: Any, name: str) -> None:
    data = FILES[name][0]()
    for size in (len(data) // 2, len(data) - 200, 30):
        (tmp_path / name).write_bytes(data[:size])
        with pytest.raises(InputError) as caught:
            read_picture(tmp_path / name)
        assert caught.value.code in ("photo.truncated", "photo.damaged")


def test_deep_jpeg_2000_with_coarser_chroma_is_named(tmp_path: Any) -> None:
    data = bytearray(by_openimageio(DEEP_RGB, tmp_path))
    # bits and steps of three components (ITU-T T.800, A.5.1)
    place = data.index(b"\x0f\x01\x01" * 3)
    data[place + 4] = 2
    with pytest.raises(UnsupportedPictureError) as caught:
        read_picture(bytes(data))
    assert caught.value.code == "photo.color_model_unsupported"


def test_no_alpha_in_portable_maps() -> None:
    with pytest.raises(UnsupportedPictureError) as caught:
        Picture((Page(RGB, ALPHA),)).to_bytes("PPM")
    assert caught.value.code == "photo.alpha_unsupported"


def test_a_tga_is_known_by_its_name_and_its_header(tmp_path: Any) -> None:
    data = encode(RGB, "TGA")
    for name, content in (("a.dat", data), ("a.tga", b"no picture at all, but text")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError) as caught:
            read_picture(tmp_path / name)
        assert caught.value.code == "photo.unrecognized"


@pytest.mark.parametrize(
    ("start", "code"),
    [
        (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "is_camera_raw"),
        (b"\0MRM\0\1\2\3", "is_camera_raw"),
        (b"FOVb\1\0\2\0", "is_camera_raw"),
        (b"II\x1a\0\0\0HEAPCCDR", "is_camera_raw"),
        (b"OggS\0\2", "is_video"),
        (b"DKIF\0\0", "is_video"),
        (b"YUV4MPEG2 W16", "is_video"),
        (b"RIFF\0\1\0\0AVI LIST", "is_video"),
        (b"\0\0\1\xba\x44", "is_video"),
        ((b"\x47" + bytes(187)) * 3, "is_video"),
        (b"\0\0\0\x20ftypM4A \0\0\0\0M4A mp42", "unrecognized"),
        (b"RIFF\0\1\0\0WAVEfmt ", "unrecognized"),
    ],
)
def test_what_is_no_photo_is_named(start: bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read_picture(start + bytes(600))
    assert caught.value.code == f"photo.{code}"

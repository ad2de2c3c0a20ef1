"""What comes in goes out: every kind of file, coloured with its own gray, saved, and opened by another reader."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from photochrom.errors import OptionError, UnsupportedPictureError
from photochrom.image_io import Picture, read_picture

SOURCE_TYPE = b"http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"


def colored(picture: Picture) -> Picture:
    """The picture with its own colours, through the color space."""
    pages = [
        page.pixels if page.pixels.ndim == 3 else np.repeat(page.pixels[..., None], 3, axis=2) for page in picture.pages
    ]
    return picture.with_colors(pages, model="photochrom_test")


def frames_of(data: bytes) -> list[np.ndarray[Any, Any]]:
    image, frames = Image.open(io.BytesIO(data)), []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        frames.append(
            np.asarray(image.convert("RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB"))
        )
    return frames


def test_every_kind_round_trips(sample: Any, tmp_path: Path) -> None:
    source = read_picture(sample.data)
    result = colored(source)
    suffix = {"JPEG": ".jpg", "HEIF": ".heic", "TIFF": ".tif"}.get(source.format, f".{source.format.lower()}")
    path = result.save(tmp_path / f"out{suffix}")
    data = path.read_bytes()
    assert list(tmp_path.iterdir()) == [path]
    lossy = {"jpeg": 60, "webp": 60, "avif": 12, "heif": 12}.get(Path(path).name and next(iter(sample_kind(sample))), 0)
    if source.format == "TIFF":
        with tifffile.TiffFile(io.BytesIO(data)) as tiff:
            shapes = [page.shape for page in tiff.pages]
            samples_per_page = [page.samplesperpixel for page in tiff.pages]
        assert shapes == [(*p.pixels.shape[:2], 3 + (p.alpha is not None)) for p in result.pages]
        assert all(s in (3, 4) for s in samples_per_page)
    elif source.format != "HEIF":
        frames = frames_of(data)
        assert len(frames) == len(result.pages)
        for frame, page in zip(frames, result.pages, strict=True):
            assert frame.shape[:2] == page.pixels.shape[:2]
    again = read_picture(data)
    assert again.format == source.format
    assert len(again.pages) == len(source.pages)
    for before, after in zip(result.pages, again.pages, strict=True):
        assert after.pixels.dtype == before.pixels.dtype
        difference = np.abs(after.pixels.astype(float) - before.pixels)
        assert difference.max() <= (lossy if source.format != "GIF" else 255)
        assert np.median(difference) <= (8 if source.format == "GIF" else 3)
        assert (after.alpha is None) == (before.alpha is None)
        assert before.alpha is None or np.array_equal(after.alpha, before.alpha)
        assert after.duration_ms == before.duration_ms
        assert after.space.output_icc == before.space.output_icc
    kept, had = again.metadata, source.metadata
    assert kept.encoding.loop == had.encoding.loop
    if source.format != "BMP":
        assert SOURCE_TYPE in (kept.xmp or b"")
        assert b"photochrom_test" in (kept.xmp or b"")
    if had.dpi:
        assert kept.dpi == pytest.approx(had.dpi, abs=0.02)
    assert kept.comment == had.comment
    if had.exif:
        old, new = (Image.Exif() for _ in range(2))
        old.load(had.exif), new.load(kept.exif)
        assert new.get_ifd(0x8825) == old.get_ifd(0x8825)
        assert new.get_ifd(0x8769) == old.get_ifd(0x8769)
        assert {k: v for k, v in new.items() if k not in (0x8769, 0x8825)} == {
            k: v for k, v in old.items() if k not in (0x8769, 0x8825)
        }


def sample_kind(sample: Any) -> set[str]:
    if sample.format == "WEBP" and sample.near == 0:
        return {"lossless"}
    return {sample.format.lower()}


@pytest.mark.parametrize("name", ["jpeg-gray", "webp", "avif", "tiff-gray", "heif"])
def test_exif_gps_and_maker_note_reach_an_independent_reader(
    name: str, samples: Any, facts: Any, tmp_path: Path
) -> None:
    path = colored(read_picture(samples[name].data)).save(tmp_path / "x", format=samples[name].format)
    if name == "heif":
        import pillow_heif

        exif = Image.Exif()
        exif.load(pillow_heif.open_heif(path).info["exif"])
    else:
        exif = Image.open(io.BytesIO(path.read_bytes())).getexif()
    assert exif[271] == "Acme"
    assert exif[270] == "A walk, 1936"
    assert exif.get(274, 1) == 1
    assert exif.get_ifd(0x8769)[0x927C] == facts["maker_note"]
    assert exif.get_ifd(0x8825)[2] == (47.0, 22.0, 0.0)


@pytest.mark.parametrize("name", ["jpeg-gray", "webp", "avif", "heif"])
def test_xmp_keeps_what_it_said(name: str, samples: Any) -> None:
    packet = read_picture(colored(read_picture(samples[name].data)).to_bytes()).metadata.xmp or b""
    for said in ("Großmutter &amp; Enkel", 'xmp:Rating="4"', 'rdf:about="uuid:7"'):
        assert said.encode() in packet
    assert SOURCE_TYPE in packet


def test_jpeg_is_at_least_as_fine(samples: Any, make: Any) -> None:
    for options in ({"quality": 97}, {"quality": 30}, {"quality": 85, "progressive": True}):
        ramp = Image.fromarray(samples["jpeg-gray"].pixels[0])
        source = Image.open(io.BytesIO(make["encode"](ramp, "JPEG", **options)))
        result = Image.open(io.BytesIO(colored(read_picture(make["encode"](ramp, "JPEG", **options))).to_bytes()))
        assert result.layer[0][1:3] == (1, 1)
        assert bool(result.info.get("progressive")) == bool(options.get("progressive"))
        for _, _, _, table in result.layer:
            assert all(a <= b for a, b in zip(result.quantization[table], source.quantization[0], strict=True))
    half = read_picture(samples["jpeg-color"].data)
    assert half.metadata.encoding.jpeg_subsampling == 1
    assert Image.open(io.BytesIO(colored(half).to_bytes())).layer[0][1:3] == (2, 1)


def test_jpeg_density_keeps_its_unit(samples: Any) -> None:
    data = bytearray(samples["jpeg-gray"].data)
    data[13:18] = b"\x02\x00\x76\x00\x77"
    again = read_picture(colored(read_picture(bytes(data))).to_bytes()).metadata.density
    assert (again.x, again.y, again.unit) == (118, 119, "cm")  # type: ignore[union-attr]


def test_png_texts_stay_as_they_were(make: Any) -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Title", "Grandmother")
    info.add_text("Long", "word " * 100, zip=True)
    info.add_itxt("Titel", "Großmutter", "de", "Titel")
    data = make["encode"](Image.new("L", (9, 7)), "PNG", pnginfo=info)
    result = Image.open(io.BytesIO(colored(read_picture(data)).to_bytes()))
    result.load()
    assert {k: str(v) for k, v in result.text.items() if not k.startswith("XML")} == {
        "Title": "Grandmother",
        "Long": "word " * 100,
        "Titel": "Großmutter",
    }


def test_photoshop_and_iptc_stay(facts: Any, samples: Any) -> None:
    irb = b"8BIM\x04\x04\0\0" + len(facts["iptc"]).to_bytes(4, "big") + facts["iptc"]
    thumbnail = b"8BIM\x04\x0c\0\0\0\0\0\x04abcd"
    segment = b"Photoshop 3.0\0" + thumbnail + irb + b"\0" * (len(facts["iptc"]) % 2)
    data = samples["jpeg-color"].data
    data = data[:2] + b"\xff\xed" + (len(segment) + 2).to_bytes(2, "big") + segment + data[2:]
    source = read_picture(data)
    assert source.metadata.iptc == facts["iptc"]
    for format_name in ("JPEG", "TIFF"):
        again = read_picture(colored(source).to_bytes(format_name)).metadata
        assert again.iptc == facts["iptc"]
        assert b"abcd" not in (again.photoshop or b"")


def test_tiff_pages_keep_their_own_tags(samples: Any) -> None:
    data = colored(read_picture(samples["tiff-pages"].data)).to_bytes()
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        assert [page.description for page in tiff.pages] == ["page one", "page two", "page three"]
        assert [page.dtype.name for page in tiff.pages] == ["uint8", "uint16", "float32"]
        assert [page.compression.name for page in tiff.pages] == ["NONE", "ADOBE_DEFLATE", "NONE"]
        assert [page.tags["XResolution"].value for page in tiff.pages][:2] == [(300, 1), (150, 1)]
        assert not any("OpenImageIO" in str(tag.value) for page in tiff.pages for tag in page.tags)
        assert np.array_equal(tiff.pages[1].asarray(), samples["tiff-pages"].pixels[1])


def test_half_stays_half(samples: Any) -> None:
    data = colored(read_picture(samples["tiff-half"].data)).to_bytes()
    read = tifffile.imread(io.BytesIO(data))
    assert read.dtype == np.float16
    assert np.array_equal(read[..., 1], samples["tiff-half"].pixels[0])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF"])
def test_profiles(kind: str, make: Any) -> None:
    image = Image.fromarray(np.tile(np.arange(256, dtype=np.uint8), (8, 1)))
    gray = read_picture(make["encode"](image, kind, icc_profile=make["gray_icc"]()))
    if kind in ("JPEG", "PNG", "TIFF"):
        written = Image.open(io.BytesIO(colored(gray).to_bytes())).info["icc_profile"]
        assert ImageCms.ImageCmsProfile(io.BytesIO(written)).profile.xcolor_space.strip() == "RGB"
    adobe = make["adobe_icc"]()
    color = read_picture(make["encode"](image.convert("RGB"), kind, icc_profile=adobe))
    assert Image.open(io.BytesIO(colored(color).to_bytes())).info["icc_profile"] == adobe
    plain = read_picture(make["encode"](image, kind))
    assert "icc_profile" not in Image.open(io.BytesIO(colored(plain).to_bytes())).info


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from([np.uint8, np.uint16, np.float32]),
    st.booleans(),
    st.sampled_from(["TIFF", "PNG"]),
    st.integers(0, 2**32 - 1),
)
def test_any_size_is_exact(height: int, width: int, dtype: Any, alpha: bool, format_name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = (height, width, 4 if alpha else 3)
    array = (
        rng.random(shape, np.float32) if dtype == np.float32 else rng.integers(0, np.iinfo(dtype).max + 1, shape, dtype)
    )
    if dtype == np.float32 and format_name == "PNG":
        # PNG has no floats: 16 bits are the most it holds
        array = np.rint(array * 65535).astype(np.uint16)
        dtype = np.uint16
    again = read_picture(colored(read_picture(array)).to_bytes(format_name)).pages[0]
    assert np.array_equal(again.pixels, array[..., :3])
    assert again.pixels.dtype == dtype
    assert again.alpha is None if not alpha else np.array_equal(again.alpha, array[..., 3])  # type: ignore[arg-type]


def test_wrong_colors_are_refused() -> None:
    picture = read_picture(np.zeros((4, 5), np.uint8))
    with pytest.raises(OptionError) as caught:
        picture.with_colors([], model="m")
    assert caught.value.code == "photo.page_count"
    with pytest.raises(OptionError) as caught:
        picture.with_colors([np.zeros((4, 5, 3), np.uint16)], model="m")
    assert caught.value.code == "photo.pixels_mismatch"


def test_what_a_format_cannot_hold_is_refused(samples: Any) -> None:
    for sample, name, code in (
        ("tiff-pages", "JPEG", "photo.pages_unsupported"),
        ("png-rgba", "JPEG", "photo.alpha_unsupported"),
        ("png-rgba", "XYZ", "photo.format_unknown"),
    ):
        with pytest.raises(UnsupportedPictureError) as caught:
            read_picture(samples[sample].data).to_bytes(name)
        assert caught.value.code == code


def test_a_deep_picture_is_rounded_for_an_explicit_jpeg(samples: Any) -> None:
    source = read_picture(samples["tiff-rgb-16"].data)
    again = read_picture(source.to_bytes("BMP")).pages[0]
    assert np.array_equal(again.pixels, np.rint(source.pages[0].pixels / 257).astype(np.uint8))


def test_to_pil(samples: Any) -> None:
    image = read_picture(samples["png-rgba-16"].data).to_pil()
    assert image.mode == "RGBA"
    assert np.array_equal(np.asarray(image)[..., 3], np.rint(samples["png-rgba-16"].alpha[0] / 257).astype(np.uint8))

"""Files of several pictures: JPEGs with an index (MPO) and animated PNGs of 16 bits. All of them come out."""

import io
import struct
import tracemalloc
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from photochrom.errors import PhotochromError, PictureTooLargeError, UnsupportedPictureError
from photochrom.image_io import Picture, read_picture
from photochrom.image_io.metadata.containers import build_png_chunk
from photochrom.image_io.metadata.mpf import MARK, parse_index
from photochrom.provenance.signer import check_signable

DOWN, ACROSS = np.mgrid[:64, :96]
SCENE = ((np.sin(DOWN / 5) + np.cos(ACROSS / 7)) * 50 + 128).astype(np.uint8)
XMP = b"http://ns.adobe.com/xap/1.0/\0"


def colored(picture: Picture) -> Picture:
    pages = [p.pixels if p.pixels.ndim == 3 else p.pixels[..., None].repeat(3, 2) for p in picture.pages]
    return picture.with_colors(pages, model="test")


def jpeg(pixels: Any, *segments: bytes, **options: Any) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=95, extra=b"".join(segments), **options)
    return stream.getvalue()


def segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def mpo(pictures: list[bytes], kinds: list[int], order: str = ">") -> bytes:
    """An index of its own making, with a field that a panorama has, and pictures that may be of any kind."""
    count = len(pictures)
    entries = 8 + 2 + 4 * 12 + 4
    index = (b"MM\0*" if order == ">" else b"II*\0") + struct.pack(f"{order}IH", 8, 4)
    index += struct.pack(f"{order}HHI4s", 0xB000, 7, 4, b"0100") + struct.pack(f"{order}HHII", 0xB001, 4, 1, count)
    index += struct.pack(f"{order}HHII", 0xB002, 7, 16 * count, entries)
    index += struct.pack(f"{order}HHII", 0xB201, 4, 1, 7) + bytes(4)
    # start of image, of the segment, and its mark
    start, rows = 2 + 4 + 4, b""
    at = len(pictures[0]) + len(segment(0xE2, MARK + index + bytes(16 * count)))
    for number, (data, kind) in enumerate(zip(pictures, kinds, strict=True)):
        rows += struct.pack(f"{order}3I2H", kind, len(data), at - start if number else 0, 0, 0)
        at += len(data) if number else 0
    first = pictures[0][:2] + segment(0xE2, MARK + index + rows) + pictures[0][2:]
    return b"".join([first, *pictures[1:]])


STEREO, PANORAMA, PREVIEW, MAIN, OTHER = 0x020002, 0x020001, 0x010001, 0x030000, 0


def views(count: int) -> list[Any]:
    return [np.roll(SCENE, 9 * number, axis=1) for number in range(count)]


@pytest.mark.parametrize("order", ["<", ">"])
def test_all_pictures_of_a_jpeg_are_coloured_and_written(order: str) -> None:
    exif = Image.Exif()
    exif[270], exif[274] = "the right eye", 6
    scenes = [SCENE, np.roll(SCENE, 9, axis=1), np.ascontiguousarray(SCENE[:40, :50])]
    files = [jpeg(scenes[0]), jpeg(scenes[1], exif=exif), jpeg(scenes[2])]
    picture = read_picture(mpo(files, [MAIN, STEREO, STEREO], order))
    assert [page.pixels.shape for page in picture.pages] == [(64, 96), (96, 64), (40, 50)]
    assert not picture.notes
    data = colored(picture).to_bytes()
    with Image.open(io.BytesIO(data)) as again:
        assert (again.format, again.n_frames) == ("MPO", 3)
        assert [entry["Attribute"]["MPType"] for entry in again.mpinfo[0xB002]][1] == "Multi-Frame Image: (Disparity)"
        # what the index says besides stays
        assert again.mpinfo[0xB201] == 7
        for number, scene in enumerate([scenes[0], np.rot90(scenes[1], -1), scenes[2]]):
            again.seek(number)
            assert np.abs(np.asarray(again.convert("L")).astype(int) - scene).max() <= 3
        again.seek(1)
        assert again.getexif()[270] == "the right eye"
        assert again.getexif().get(274, 1) == 1
    assert data.count(b"AISystemUsed>photochrom") == 3
    assert len(read_picture(data).pages) == 3


@pytest.mark.parametrize(
    ("segments", "kind"),
    [
        ([segment(0xE1, XMP + b'<x xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"/>')], OTHER),
        ([segment(0xE2, b"urn:iso:std:iso:ts:21496:-1\0" + bytes(8))], OTHER),
        ([segment(0xE1, XMP + b"<t>urn:com:apple:photo:2020:aux:hdrgainmap</t>")], OTHER),
        ([segment(0xE1, XMP + b"<t>urn:com:apple:photo:2018:aux:depth</t>")], OTHER),
        ([], PREVIEW),
    ],
)
def test_maps_and_previews_are_left_out_with_all_that_announces_them(segments: list[bytes], kind: int) -> None:
    files = [jpeg(SCENE), jpeg(SCENE[::2, ::2].copy(), *segments), jpeg(np.roll(SCENE, 9, axis=1))]
    alone = read_picture(mpo(files[:2], [MAIN, kind]))
    assert len(alone.pages) == len(alone.notes) == 1
    assert MARK not in colored(alone).to_bytes()
    picture = read_picture(mpo(files, [MAIN, kind, STEREO]))
    assert (len(picture.pages), len(picture.notes)) == (2, 1)
    with Image.open(io.BytesIO(colored(picture).to_bytes())) as again:
        assert again.n_frames == 2
        assert [entry["Attribute"]["MPType"] for entry in again.mpinfo[0xB002]][1] == "Multi-Frame Image: (Disparity)"


def test_a_further_picture_that_is_cut_is_left_out_with_a_note() -> None:
    data = mpo([jpeg(view) for view in views(3)], [MAIN, PANORAMA, PANORAMA])
    picture = read_picture(data[:-900])
    assert len(picture.pages) == 2
    assert [note.startswith("1 of 3") for note in picture.notes] == [True]
    assert len(read_picture(data[: len(data) // 3 + 300]).pages) == 1


def test_a_size_that_a_damaged_index_names_takes_no_memory(tmp_path: Any) -> None:
    data = bytearray(mpo([jpeg(view) for view in views(2)], [MAIN, STEREO], "<"))
    place = data.index(struct.pack("<I", STEREO)) + 4
    data[place : place + 4] = b"\xff\xff\xff\x7f"
    path = tmp_path / "photo.mpo"
    path.write_bytes(data)
    tracemalloc.start()
    try:
        assert len(read_picture(path).pages) == 2
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


def test_several_pictures_go_where_they_can() -> None:
    picture = colored(read_picture(mpo([jpeg(view) for view in views(2)], [MAIN, STEREO])))
    with Image.open(io.BytesIO(picture.to_bytes("TIFF"))) as pages:
        assert pages.n_frames == 2
    for format_name in ("BMP", "JPEG2000"):
        with pytest.raises(UnsupportedPictureError):
            picture.to_bytes(format_name)
    with pytest.raises(PictureTooLargeError):
        read_picture(mpo([jpeg(view) for view in views(3)], [MAIN, STEREO, STEREO]), max_pixels=64 * 96 * 2)
    with pytest.raises(UnsupportedPictureError):
        check_signable("JPEG", len(picture.pages))


def test_pages_of_another_format_do_not_go_into_a_jpeg() -> None:
    stream = io.BytesIO()
    first, *others = map(Image.fromarray, views(3))
    first.save(stream, "TIFF", save_all=True, append_images=others)
    with pytest.raises(UnsupportedPictureError) as caught:
        colored(read_picture(stream.getvalue())).to_bytes("JPEG")
    assert caught.value.code == "photo.pages_unsupported"


@settings(max_examples=30)
@given(st.data())
def test_a_damaged_index_is_an_error_of_ours_or_a_picture(data: st.DataObject) -> None:
    whole = bytearray(mpo([jpeg(view) for view in views(2)], [MAIN, STEREO]))
    start = whole.index(MARK)
    for _ in range(data.draw(st.integers(1, 4))):
        whole[start + data.draw(st.integers(4, 100))] = data.draw(st.integers(0, 255))
    parse_index(bytes(whole[start + 4 : start + 100]))
    try:
        picture = read_picture(bytes(whole))
    except PhotochromError:
        return
    assert len(read_picture(colored(picture).to_bytes()).pages) == len(picture.pages)


def frame(number: int, values: Any, place: tuple[int, int], disposal: int, blending: int) -> bytes:
    height, width = values.shape[:2]
    control = struct.pack(">5I2H2B", number, width, height, *place, 3, 20, disposal, blending)
    packed = zlib.compress(b"".join(b"\0" + row.tobytes() for row in values.astype(">u2")))
    kind, data = (b"fdAT", struct.pack(">I", number + 1) + packed) if number else (b"IDAT", packed)
    return build_png_chunk(b"fcTL", control) + build_png_chunk(kind, data)


def apng16(frames: list[bytes], color_type: int, size: tuple[int, int] = (96, 64)) -> bytes:
    head = struct.pack(">IIBBBBB", *size, 16, color_type, 0, 0, 0)
    chunks = build_png_chunk(b"IHDR", head) + build_png_chunk(b"acTL", struct.pack(">II", len(frames), 5))
    return b"\x89PNG\r\n\x1a\n" + chunks + b"".join(frames) + build_png_chunk(b"IEND", b"")


def deep(seed: int, height: int, width: int, channels: int) -> Any:
    return np.random.default_rng(seed).integers(0, 65536, (height, width, channels), dtype=np.uint16)


@pytest.mark.parametrize(("color_type", "channels"), [(0, 1), (2, 3), (4, 2), (6, 4)])
def test_frames_of_16_bits_are_put_together_as_the_file_says(color_type: int, channels: int) -> None:
    stored = [deep(n, *size, channels) for n, size in enumerate([(64, 96), (20, 30), (40, 16), (64, 96)])]
    places = [(0, 0), (11, 7), (60, 20), (0, 0)]
    disposals, blendings = [0, 2, 1, 0], [0, 1, 1, 0 if channels in (1, 3) else 1]
    numbers = [0, 1, 3, 5]
    data = apng16(
        [frame(*each) for each in zip(numbers, stored, places, disposals, blendings, strict=True)], color_type
    )
    picture = read_picture(data)
    colors = channels - (channels in (2, 4))
    canvas, alpha = np.zeros((64, 96, colors)), np.zeros((64, 96, 1))
    for page, values, (left, top), disposal, blending in zip(
        picture.pages, stored, places, disposals, blendings, strict=True
    ):
        assert page.pixels.dtype == np.uint16
        assert page.duration_ms == 150
        where = np.s_[top : top + len(values), left : left + values.shape[1]]
        before = canvas[where].copy(), alpha[where].copy()
        opacity = values[..., colors:] / 65535 if channels > colors else np.ones((*values.shape[:2], 1))
        under = alpha[where] * (1 - opacity) * blending
        whole = opacity + under
        canvas[where] = (values[..., :colors] * opacity + canvas[where] * under) / np.maximum(whole, 1e-9)
        if not blending:
            canvas[where] = values[..., :colors]
        alpha[where] = whole
        shown = alpha[..., 0] > 0
        assert np.abs(page.pixels.reshape(64, 96, -1)[shown] - canvas[shown]).max() <= 1
        if page.alpha is None:
            assert np.all(shown)
        else:
            assert np.abs(page.alpha - alpha[..., 0] * 65535).max() <= 1
        if disposal == 1:
            canvas[where], alpha[where] = 0, 0
        elif disposal == 2:
            canvas[where], alpha[where] = before
    again = read_picture(colored(picture).to_bytes())
    for page, other in zip(colored(picture).pages, again.pages, strict=True):
        assert np.array_equal(page.pixels, other.pixels)
        assert (page.alpha is None) == (other.alpha is None)
        assert page.alpha is None or np.array_equal(page.alpha, other.alpha)
        assert other.duration_ms == 150
    assert again.metadata.encoding.loop == 5
    with Image.open(io.BytesIO(colored(picture).to_bytes())) as seen:
        assert seen.n_frames == 4


def test_frames_out_of_order_or_place_leave_the_first_picture_and_a_note() -> None:
    values = deep(1, 64, 96, 1)
    first = frame(0, values, (0, 0), 0, 0)
    for second in (frame(2, values, (0, 0), 0, 0), frame(1, values[:20, :20], (90, 0), 0, 0)):
        picture = read_picture(apng16([first, second], 0))
        assert np.array_equal(picture.pages[0].pixels, values[..., 0])
        assert (len(picture.pages), len(picture.notes)) == (1, 1)


def test_a_cut_animation_of_16_bits_keeps_its_first_frames_on_request() -> None:
    frames = [frame(number, deep(number, 64, 96, 1), (0, 0), 0, 0) for number in (0, 1, 3, 5)]
    data = apng16(frames, 0)
    with pytest.raises(PhotochromError):
        read_picture(data[:-9000])
    picture = read_picture(data[:-9000], salvage=True)
    assert (len(picture.pages), len(picture.notes)) == (3, 1)
    assert np.array_equal(picture.pages[2].pixels, deep(3, 64, 96, 1)[..., 0])


def test_maps_that_follow_each_other_are_pages() -> None:
    bits = np.packbits(SCENE > 128, axis=1)
    data = b"P5\n# first\n96 64\n255\n" + SCENE.tobytes()
    data += b"P6 96 64 65535\n" + np.dstack([SCENE.astype(np.uint16) * 257] * 3).astype(">u2").tobytes()
    data += b"\nP4\n96 64\n" + (255 - bits).tobytes()
    picture = read_picture(data)
    assert [(page.pixels.dtype, page.pixels.shape) for page in picture.pages] == [
        (np.uint8, (64, 96)),
        (np.uint16, (64, 96, 3)),
        (np.uint8, (64, 96)),
    ]
    assert np.array_equal(picture.pages[0].pixels, SCENE)
    assert np.array_equal(picture.pages[1].pixels[..., 1], SCENE.astype(np.uint16) * 257)
    assert np.array_equal(picture.pages[2].pixels > 0, SCENE > 128)
    again = read_picture(colored(picture).to_bytes())
    for page, other in zip(colored(picture).pages, again.pages, strict=True):
        assert np.array_equal(page.pixels, other.pixels)
    with pytest.raises(PictureTooLargeError):
        read_picture(data, max_pixels=2 * 96 * 64)
    cut = read_picture(data[:-200], salvage=True)
    assert len(cut.pages) == 3
    assert cut.pages[2].missing is not None
    assert len(cut.notes) == 1
    # what is not a picture behind one is passed over, as before
    assert len(read_picture(data[: 22 + 96 * 64] + b"and so on").pages) == 1

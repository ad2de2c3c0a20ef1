"""JPEGs with what other programs stumble over: no end, many comments, large EXIF, motion photos, rare coding."""

import io
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photochrom.errors import UnreadablePictureError, UnsupportedPictureError
from photochrom.image_io import Picture, read_picture


def scene() -> Any:
    down, across = np.mgrid[:64, :96]
    return ((np.sin(down / 5) + np.cos(across / 7)) * 50 + 128).astype(np.uint8)


def jpeg(color: bool = False, **options: Any) -> bytes:
    stream = io.BytesIO()
    image = Image.fromarray(scene())
    (image.convert("RGB") if color else image).save(stream, "JPEG", **options)
    return stream.getvalue()


def segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def with_segments(*segments: bytes) -> bytes:
    data = jpeg()
    return data[:2] + b"".join(segments) + data[2:]


def colored(picture: Picture) -> Picture:
    pages = [p.pixels if p.pixels.ndim == 3 else p.pixels[..., None].repeat(3, 2) for p in picture.pages]
    return picture.with_colors(pages, model="test")


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("cut", [1, 2])
def test_a_lost_end_marker_is_made_up_for(color: bool, progressive: bool, cut: int) -> None:
    data = jpeg(color, progressive=progressive)
    whole, picture = read_picture(data), read_picture(data[:-cut])
    assert np.array_equal(picture.pages[0].pixels, whole.pages[0].pixels)
    assert len(picture.notes) == 1
    assert not whole.notes


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("cut", [8, 20, 100, 400])
def test_a_jpeg_that_lost_pixels_is_cut_short(progressive: bool, cut: int) -> None:
    with pytest.raises(UnreadablePictureError) as caught:
        read_picture(jpeg(True, progressive=progressive)[:-cut])
    assert caught.value.code == "photo.truncated"


def test_a_progressive_jpeg_without_its_last_scan_is_cut_short() -> None:
    data = jpeg(True, progressive=True)
    with pytest.raises(UnreadablePictureError) as caught:
        read_picture(data[: data.rindex(b"\xff\xda")])
    assert caught.value.code == "photo.truncated"


@pytest.mark.parametrize("comments", [[b"one"], [b"one", b"two"], [b"one", "Größe".encode(), b"x" * 65533]])
def test_all_comments_stay(comments: list[bytes]) -> None:
    picture = read_picture(with_segments(*(segment(0xFE, comment) for comment in comments)))
    again = read_picture(colored(picture).to_bytes())
    assert [again.metadata.comment, *again.metadata.more_comments] == comments


def test_exif_of_several_segments_is_written_again() -> None:
    exif = Image.Exif()
    exif[270], exif[0x9286] = "Caption", "x" * 150_000
    block = exif.tobytes().removeprefix(b"Exif\0\0")
    parts = [segment(0xE1, b"Exif\0\0" + block[at : at + 60000]) for at in range(0, len(block), 60000)]
    picture = read_picture(with_segments(*parts))
    assert len(picture.metadata.exif or b"") > 150_000
    data = colored(picture).to_bytes()
    assert read_picture(data).metadata.exif == picture.metadata.exif
    assert Image.open(io.BytesIO(data)).getexif()[270] == "Caption"


def xmp(attributes: bytes, inside: bytes = b"") -> bytes:
    return (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description rdf:about="" xmlns:c="http://ns.google.com/photos/1.0/camera/"'
        b' xmlns:k="http://ns.google.com/photos/1.0/container/" xmlns:h="http://ns.adobe.com/hdr-gain-map/1.0/"'
        b' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4" '
        + attributes + b">" + inside + b"</rdf:Description></rdf:RDF></x:xmpmeta>"
    )  # fmt: skip


DIRECTORY = b"<k:Directory><rdf:Seq><rdf:li>MotionPhoto</rdf:li></rdf:Seq></k:Directory>"


@pytest.mark.parametrize(
    ("packet", "gone"),
    [
        (xmp(b'c:MotionPhoto="1" c:MicroVideoOffset="99"', DIRECTORY), [b"MotionPhoto", b"MicroVideo", b"Directory"]),
        (xmp(b"", b"<c:MicroVideo>1</c:MicroVideo>"), [b"MicroVideo"]),
        (xmp(b'h:Version="1.0" h:GainMapMax="2"'), [b"GainMapMax", b"h:Version"]),
    ],
)
def test_what_is_left_out_is_announced_no_longer(packet: bytes, gone: list[bytes]) -> None:
    data = with_segments(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet)) + b"\0\0\0\x18ftypmp42" + bytes(99)
    picture = read_picture(data)
    assert len(picture.notes) == 1
    result = colored(picture).to_bytes()
    assert b"ftypmp42" not in result
    assert b'Rating="4"' in result
    for words in gone:
        assert words not in result


@pytest.mark.parametrize(
    ("marker", "precision"), [(0xC0, 12), (0xC1, 12), (0xC2, 12), (0xC3, 8), (0xC3, 16), (0xC5, 8), (0xF7, 8)]
)
def test_rare_coding_is_called_unsupported(marker: int, precision: int) -> None:
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 1], data[at + 4] = marker, precision
    with pytest.raises(UnsupportedPictureError) as caught:
        read_picture(bytes(data))
    assert caught.value.code == "photo.jpeg_unsupported"

"""EXIF blocks stay as they are but for orientation, sizes and thumbnail; directories survive being written anew."""

import io
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from photochrom.image_io.metadata.exif import build_block, make_block_upright, read_orientation, turn_upright
from photochrom.image_io.metadata.tiff_tags import Header, build_directories, read_block, read_directory

THUMBNAIL = b"\xff\xd8 a gray thumbnail \xff\xd9"


def block(order: str = "<", *, thumbnail_last: bool = True) -> bytes:
    """A block with orientation 6 and a thumbnail, laid out by hand."""
    mark = b"II*\0" if order == "<" else b"MM\0*"
    main = struct.pack(order + "H", 2)
    main += struct.pack(order + "HHIHH", 274, 3, 1, 6, 0) + struct.pack(order + "HHI", 271, 2, 4) + b"Box\0"
    second = 8 + len(main) + 4
    at = second + 2 + 24 + 4
    tail = struct.pack(order + "H", 2)
    tail += (
        struct.pack(order + "HHII", 513, 4, 1, at) + struct.pack(order + "HHII", 514, 4, 1, len(THUMBNAIL)) + bytes(4)
    )
    data = mark + struct.pack(order + "I", 8) + main + struct.pack(order + "I", second) + tail + THUMBNAIL
    return data if thumbnail_last else data + b"more"


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("last", [True, False])
def test_upright(order: str, last: bool) -> None:
    before = block(order, thumbnail_last=last)
    assert read_orientation(before) == 6
    after = make_block_upright(before, width=3, height=4)
    assert read_orientation(after) == 1
    assert b"thumbnail" not in after
    exif = Image.Exif()
    exif.load(after)
    assert exif[271] == "Box"
    assert not exif.get_ifd(1)
    assert after.endswith(b"more") or last
    assert make_block_upright(after, width=3, height=4) == after


def test_maker_notes_do_not_move(make: Any, facts: Any) -> None:
    before = make["exif_block"](6)[6:]
    after = make_block_upright(before, width=5, height=6)
    assert after.index(facts["maker_note"]) == before.index(facts["maker_note"])


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
def test_directories_written_anew_say_the_same(order: str, big: bool, make: Any) -> None:
    directories = read_block(make["exif_block"](3)[6:])
    header = Header(order, big, 0)
    body, place = build_directories(directories, header, 16)
    file = bytes(16) + body
    tags, following = read_directory(lambda at, size: file[at : at + size], header, place, largest=1000)
    assert following == 0
    for code, tag in directories[0].items():
        if code not in (34665, 34853):
            assert tags[code].numbers() == tag.numbers()
            assert tags[code].type == tag.type
    assert {34665, 34853} <= set(tags)
    again = read_block(build_block(directories))
    assert {key: set(value) for key, value in again.items()} == {key: set(value) for key, value in directories.items()}
    assert again[34853][2].numbers() == (47.0, 22.0, 0.0)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turn_is_what_pillow_does(orientation: int) -> None:
    from PIL import ImageOps

    pixels = np.arange(30, dtype=np.uint8).reshape(5, 6)
    image = Image.fromarray(pixels)
    image.getexif()[274] = orientation
    turned = turn_upright(pixels, orientation)
    assert np.array_equal(turned, np.asarray(ImageOps.exif_transpose(image)))
    assert turned.flags.c_contiguous


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.data())
def test_mutated_blocks_never_raise(data: Any) -> None:
    start = bytearray(block(data.draw(st.sampled_from("<>"))))
    for _ in range(data.draw(st.integers(1, 6))):
        start[data.draw(st.integers(0, len(start) - 1))] = data.draw(st.integers(0, 255))
    mutated = bytes(start[: data.draw(st.integers(0, len(start)))])
    assert read_orientation(mutated) in range(1, 9)
    make_block_upright(mutated, width=70000, height=3)
    directories = read_block(mutated)
    if 0 in directories:
        assert set(read_block(build_block(directories))[0]) >= {
            c for c in directories[0] if c not in (34665, 34853, 40965)
        }


def test_an_exif_block_of_a_real_program(make: Any) -> None:
    image = Image.open(io.BytesIO(make["encode"](Image.new("L", (4, 4)), "JPEG", exif=make["exif_block"](8))))
    assert read_orientation(image.info["exif"][6:]) == 8

"""Words set into a picture: where they stand, what they leave alone, and what is refused."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photochrom.errors import OptionError
from photochrom.image_io import Page, Picture, read_picture
from photochrom.image_io.metadata.types import Metadata
from photochrom.presentation.mark import mark
from photochrom.presentation.options import PLACES, DisplayOptions

PageMaker = Callable[..., Page]
FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")


def exif(width: int, height: int) -> bytes:
    """A block that names the size of its picture, as cameras write it."""
    block, stream = Image.Exif(), BytesIO()
    block.get_ifd(0x8769)[0xA002], block.get_ifd(0x8769)[0xA003] = width, height
    Image.new("L", (width, height)).save(stream, "JPEG", exif=block)
    found = read_picture(stream.getvalue()).metadata.exif
    assert found is not None
    return found


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_where_it_stands(page_of: PageMaker, place: str, dtype: Any) -> None:
    page = page_of(dtype, alpha=True, extras=True)
    picture = mark(Picture((page,)), DisplayOptions(mark="by software", mark_place=place, mark_size=9))
    marked = picture.pages[0]
    assert marked.pixels.dtype == dtype
    assert marked.alpha is not None
    assert marked.extras is not None
    if place in ("below", "above"):
        kept = marked.pixels[: page.height] if place == "below" else marked.pixels[-page.height :]
        band = marked.pixels[page.height :] if place == "below" else marked.pixels[: -page.height]
        assert np.array_equal(kept, page.pixels)
        assert band.shape[0] == 2 * round(90 * 0.09)
        assert band.min() < 0.3 * np.iinfo(dtype).max
        assert (band == np.iinfo(dtype).max).mean() > 0.5
        return
    changed = np.argwhere((marked.pixels != page.pixels).any(2))
    assert len(changed)
    vertical, horizontal = place.split("-")
    assert (changed[:, 0] < 45).all() if vertical == "top" else (changed[:, 0] >= 45).all()
    middle = changed[:, 1].mean()
    assert middle < 60 if horizontal == "left" else middle > 60
    # what is seen through stays so beside the mark
    assert marked.alpha.max() == np.iinfo(dtype).max
    assert (marked.alpha == page.alpha).mean() > 0.5


def test_size_and_none(page_of: PageMaker) -> None:
    picture = Picture((page_of(np.uint8),))
    assert mark(picture, DisplayOptions()) is picture
    changed = [
        (mark(picture, DisplayOptions(mark="AI", mark_size=size)).pages[0].pixels != picture.pages[0].pixels).sum()
        for size in (4, 8, 16)
    ]
    assert changed[0] < changed[1] < changed[2]


def test_long_words_are_made_smaller_and_tiny_pictures_hold(page_of: PageMaker) -> None:
    long = DisplayOptions(mark="coloured by software in the year of the second edition " * 3, mark_size=20)
    assert mark(Picture((page_of(np.uint8),)), long).pages[0].width == 120
    page = page_of(np.uint8)
    for side in (1, 3):
        tiny = replace(page, pixels=np.ascontiguousarray(page.pixels[:side, :side]))
        for place in ("bottom-right", "below"):
            assert mark(Picture((tiny,)), DisplayOptions(mark="AI", mark_place=place)).pages[0].width == side


def test_metadata_names_the_new_size(page_of: PageMaker) -> None:
    page = page_of(np.uint8)
    picture = Picture((page,), "JPEG", Metadata(exif=exif(120, 90)))
    data = mark(picture, DisplayOptions(mark="AI", mark_place="below", mark_size=10)).to_bytes()
    with Image.open(BytesIO(data)) as image:
        sizes = image.getexif().get_ifd(0x8769)
        assert (sizes[0xA002], sizes[0xA003]) == image.size == (120, 108)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"mark_place": "middle"}, "option.not_one_of"),
        ({"mark_size": 0.0}, "option.out_of_range"),
        ({"mark": "two\nlines"}, "option.words_unfit"),
        ({"mark": "x" * 201}, "option.words_unfit"),
        ({"mark": "Färbung"}, "option.font_lacks"),
        ({"mark": "Раскрашено"}, "option.font_lacks"),
        ({"mark": "AI", "mark_font": "nowhere.ttf"}, "option.font_unreadable"),
        ({"mark": "AI", "mark_font": __file__}, "option.font_unreadable"),
        ({"compare": "beneath"}, "option.not_one_of"),
        ({"layer": "psd"}, "option.not_one_of"),
    ],
)
def test_what_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(OptionError) as caught:
        DisplayOptions(**changes)
    assert caught.value.code == code


def test_another_font_has_other_letters(page_of: PageMaker) -> None:
    if not FONT.exists():
        pytest.skip("this system has no DejaVu Sans")
    picture = Picture((page_of(np.uint8),))
    options = DisplayOptions(mark="Раскрашено", mark_font=str(FONT), mark_size=8)
    assert not np.array_equal(mark(picture, options).pages[0].pixels, picture.pages[0].pixels)
    # by the name of an installed font, too
    DisplayOptions(mark="Färbung: Größe, café", mark_font="DejaVuSans.ttf")

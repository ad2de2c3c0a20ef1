"""The picture of confidence: readable, the photo under it, its legend right."""

import dataclasses

import numpy as np
import pytest
from PIL import Image
from skimage import data
from skimage.color import rgb2lab

from photochrom import Colorizer, Result
from photochrom.errors import OptionError
from photochrom.inspection.confidence_overlay import NARROWEST, draw, tint


@pytest.fixture(scope="module")
def result() -> Result:
    return Colorizer(threads=2)(np.asarray(Image.fromarray(data.chelsea()).convert("L")))


def test_the_photo_stays_and_unsure_places_are_tinted(result: Result) -> None:
    sheet = np.asarray(draw(result))
    assert sheet.shape[1] == 451
    assert sheet.shape[0] > 300
    lab = rgb2lab(sheet[:300])
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    sure = np.asarray(Image.fromarray(result.confidence_map).resize((451, 300)))
    assert chroma[sure > 0.9].mean() < 3
    assert chroma[sure < 0.5].mean() > 15
    # what is under the tint can still be made out
    gray = rgb2lab(result.picture.pages[0].pixels)[..., 0]
    for low, high in ((0.0, 0.5), (0.5, 0.75), (0.9, 1.0)):
        part = (sure >= low) & (sure < high)
        assert np.corrcoef(lab[..., 0][part], gray[part])[0, 1] > 0.5


def test_without_colour_vision_unsure_is_darker() -> None:
    sure = np.linspace(0, 0.8, 9, dtype=np.float32)[None]
    lightness = rgb2lab(tint(np.full((1, 9, 3), 0.7, np.float32), sure))[0, :, 0]
    assert np.all(np.diff(lightness) > 0)


def test_any_size_has_a_legend_that_can_be_read(result: Result) -> None:
    assert draw(result, side=100).width == NARROWEST
    tall = draw(result, side=200)
    assert tall.height - 133 > 40
    assert len(tall.getcolors(1 << 20)) > 50


def test_a_network_without_confidence_has_none_to_draw(result: Result) -> None:
    with pytest.raises(OptionError) as caught:
        draw(dataclasses.replace(result, confidence=None, confidence_map=None))
    assert caught.value.code == "inspection.confidence_unavailable"

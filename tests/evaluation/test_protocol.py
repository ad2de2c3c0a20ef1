"""How truth becomes gray."""

import numpy as np
import pytest
from PIL import Image
from skimage.color import rgb2lab

from photochrom.errors import OptionError
from photochrom.evaluation.inputs.protocol import PROTOCOLS, find_protocol, gray_of


@pytest.mark.parametrize("size", [(640, 480), (300, 900), (256, 256), (60, 40)])
def test_lab256_is_the_centre_square(size: tuple[int, int]) -> None:
    # red left and top edges, green middle
    pixels = np.zeros((size[1], size[0], 3), np.uint8)
    pixels[..., 1] = 200
    truth = find_protocol("lab256").truth_of(Image.fromarray(pixels))
    assert (truth.shape, truth.dtype) == ((256, 256, 3), np.uint8)
    assert (truth == (0, 200, 0)).all()


def test_full_keeps_every_pixel(truth: np.ndarray) -> None:
    odd = truth[:101, :67]
    assert np.array_equal(find_protocol("full").truth_of(Image.fromarray(odd)), odd)


def test_gray_has_the_lightness_of_the_truth(truth: np.ndarray) -> None:
    gray = gray_of(truth)
    assert gray.shape == truth.shape[:2]
    error = rgb2lab(np.stack([gray] * 3, -1) / 255)[..., 0] - rgb2lab(truth / 255)[..., 0]
    # half a level of 8 bits is at most 0.23 L* on the steep part of the curve
    assert np.abs(error).max() < 0.3


def test_gray_of_strips_is_that_of_the_whole(truth: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = gray_of(truth)
    monkeypatch.setattr("photochrom.evaluation.metrics.planes._STRIP", 256 * 7)
    assert np.array_equal(gray_of(truth), whole)


def test_names_and_versions() -> None:
    assert [(name, protocol.version) for name, protocol in PROTOCOLS.items()] == [("lab256", 1), ("full", 1)]
    with pytest.raises(OptionError, check=lambda error: error.code == "evaluation.unknown_protocol"):
        find_protocol("lab512")

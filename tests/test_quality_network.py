"""The network for quality, as it ships: two networks in one file, steered like one."""

from collections.abc import Callable

import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray

from photochrom import Colorizer, Hint
from photochrom.color.conversion import srgb_to_lab
from photochrom.evaluation.inputs.protocol import gray_of
from photochrom.registry import WEIGHTS, model_names
from photochrom.result import Result

TRUTH = skimage.data.astronaut()
GRAY = gray_of(TRUTH)


def chroma(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The a*b* (2,H,W) of sRGB (H,W,3)."""
    found: NDArray[np.float64] = srgb_to_lab(np.moveaxis(pixels / 255.0, -1, 0))[1:]
    return found


def made(result: Result) -> NDArray[np.float64]:
    return chroma(np.asarray(result.to_pil().convert("RGB")))


@pytest.fixture(scope="module")
def color() -> Callable[..., Result]:
    return Colorizer("photochrom", threads=1)


def error(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float(np.square(one - other).sum(0).mean())


def test_it_ships_in_the_package_within_its_size() -> None:
    assert model_names()[:2] == ["photochrom_fast", "photochrom"]
    assert sum(file.stat().st_size for file in WEIGHTS.glob("*.onnx")) < 42e6


def test_it_knows_more_than_gray_and_answers_otherwise_than_the_fast_one(color: Callable[..., Result]) -> None:
    truth = chroma(TRUTH)
    ours = made(color(GRAY, vividness=0.0))
    assert error(ours, truth) < 0.9 * error(np.zeros_like(truth), truth)
    assert error(ours, made(Colorizer("photochrom_fast", threads=1)(GRAY, vividness=0.0))) > 1


def test_a_hint_holds_and_vividness_tells(color: Callable[..., Result]) -> None:
    hinted = made(color(GRAY, hints=[Hint(x=120, y=120, color="#5a7a4a")]))
    wanted = np.array([-15.5, 18.5])
    assert np.abs(hinted[:, 116:125, 116:125].mean((1, 2)) - wanted).max() < 6
    strengths = [float(np.hypot(*made(color(GRAY, vividness=v))).mean()) for v in (0.0, 1.0, 2.0)]
    assert strengths == sorted(strengths)

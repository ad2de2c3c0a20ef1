"""Exposure within a shot: what is followed of it, and what is not."""

from itertools import pairwise

import numpy as np
import pytest
import skimage.data
from PIL import Image

from photochrom.video.temporal.exposure import follow_exposure, level
from photochrom.video.temporal.optical_flow import find_motion

PHOTO = np.asarray(Image.fromarray(skimage.data.astronaut()).convert("L").resize((200, 200)), np.float32) / 2.55


def window(x: int, scale: float = 1.0, photo: np.ndarray = PHOTO) -> np.ndarray:
    return np.clip((photo[60:124, x : x + 112] + 16) * np.float32(scale) - 16, 0, 100).astype(np.float32)


def follow(views: list[np.ndarray]) -> list[float]:
    exposures = [0.0]
    for before, after in pairwise(views):
        exposures.append(follow_exposure(exposures[-1], before, after, find_motion(before, after)))
    return exposures


@pytest.mark.parametrize("scale", [0.97, 1.03])
def test_a_factor_on_light_is_found_and_taken_back(scale: float) -> None:
    views = [window(40, scale**number) for number in range(6)]
    exposure = follow(views)[-1]
    assert exposure == pytest.approx(5 * np.log(scale), abs=0.02)
    unclipped = (views[-1] > 4) & (views[-1] < 96) & (views[0] > 4) & (views[0] < 96)
    assert np.abs(level(views[-1], exposure) - views[0])[unclipped].max() < 2


def test_what_passes_is_no_exposure() -> None:
    views = []
    for number in range(12):
        view = window(40)
        view[20:50, 6 * number : 6 * number + 30] = 92.0
        views.append(view)
    assert max(np.abs(follow(views))) < 0.02


def test_grain_adds_up_to_nothing() -> None:
    rng = np.random.default_rng(0)
    views = [np.clip(window(40) + rng.normal(0, 3, (64, 112)), 0, 100).astype(np.float32) for _ in range(20)]
    assert max(np.abs(follow(views))) < 0.03


def test_a_shot_that_begins_in_the_dark_is_seen_in_the_light() -> None:
    views = [window(40, part) for part in np.linspace(0.35, 1.0, 14)]
    exposures = follow(views)
    assert level(views[-1], exposures[-1]).mean() >= min(30.0, views[-1].mean()) - 1


def test_what_enters_is_at_an_exposure_of_its_own() -> None:
    first = follow([window(0, 1.0), window(0, 0.9)])[-1]
    exposure = first
    for x in range(0, 80, 4):
        before, after = window(x, 0.9), window(x + 4, 0.9)
        exposure = follow_exposure(exposure, before, after, find_motion(before, after))
    assert abs(exposure) < 0.7 * abs(first)


def test_a_frame_at_the_exposure_of_the_shot_is_left_alone() -> None:
    view = window(40)
    assert level(view, 0.0) is view

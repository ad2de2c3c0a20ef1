"""Exposure within a shot: what is followed of it, and what is not."""

import numpy as np
import pytest
import skimage.data
from PIL import Image

from photochrom.video.temporal.exposure import follow_exposure
from photochrom.video.temporal.tone import SAME, fit_tone

PHOTO = np.asarray(Image.fromarray(skimage.data.astronaut()).convert("L").resize((112, 64)), np.float32) / 2.55
ALL = np.ones(PHOTO.shape, bool)


@pytest.mark.parametrize(("gain", "offset"), [(1.0, 0.0), (0.7, 0.0), (0.65, -12.0), (1.3, 5.0), (1.0, -15.0)])
def test_a_factor_and_an_offset_are_found_and_taken_back(gain: float, offset: float) -> None:
    tone = SAME
    for part in np.linspace(0, 1, 12):
        light = np.clip(PHOTO * np.float32(1 + (gain - 1) * part) + np.float32(offset * part), 0, 100)
        tone = follow_exposure(tone, light, PHOTO, ALL)
    inside = (light > 4) & (light < 96)
    assert np.abs(tone.level(light) - PHOTO)[inside].max() < 1.5


@pytest.mark.parametrize("passing", [95.0, 10.0])
def test_what_passes_is_no_exposure(passing: float) -> None:
    light = PHOTO.copy()
    light[10:50, 20:60] = passing
    tone = fit_tone(PHOTO.ravel(), light.ravel())
    assert np.abs(tone.level(light) - PHOTO)[:, 64:].max() < 1.0


def test_grain_is_no_exposure() -> None:
    rng = np.random.default_rng(0)
    light = np.clip(PHOTO + rng.normal(0, 3, PHOTO.shape), 0, 100).astype(np.float32)
    assert np.abs(fit_tone(PHOTO.ravel(), light.ravel()).apply(PHOTO) - PHOTO).max() < 2.5


def test_a_flat_picture_moves_and_keeps_its_contrast() -> None:
    flat = np.full(500, 50.0, np.float32)
    assert fit_tone(flat, flat - 10) == pytest.approx((1.0, -10.0))


def test_what_was_not_seen_before_says_nothing() -> None:
    darker = PHOTO - np.float32(15.0)
    assert follow_exposure(SAME, darker, PHOTO, ~ALL) == SAME
    assert follow_exposure(SAME, darker, PHOTO, ALL) != SAME


def test_a_small_change_is_left_as_it_is() -> None:
    assert follow_exposure(SAME, PHOTO - np.float32(1.5), PHOTO, ALL) == SAME


def test_a_shot_that_begins_in_the_dark_is_seen_in_the_light() -> None:
    dark = PHOTO * np.float32(0.2)
    tone = follow_exposure(SAME, PHOTO, dark, ALL)
    assert tone.level(PHOTO).mean() > 27
    assert tone.level(PHOTO).mean() < PHOTO.mean()


def test_a_frame_at_the_exposure_of_the_shot_is_left_alone() -> None:
    assert SAME.level(PHOTO) is PHOTO

"""Measures of a film's colours, against motion that is known, and against SciPy."""

from itertools import pairwise

import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from photochrom.color.conversion import srgb_to_lab
from photochrom.evaluation.metrics.video_consistency import cdc, flicker, true_flow, warp_error

PHOTO = srgb_to_lab(np.moveaxis(skimage.data.coffee(), -1, 0) / 255.0).astype(np.float32)


def pan(frames: int = 6, step: int = 3) -> list[np.ndarray]:
    return [PHOTO[:, 100:228, 60 + step * n : 60 + step * n + 192] for n in range(frames)]


@pytest.fixture(scope="module")
def motion() -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    flows, masks = zip(*[true_flow(a[0], b[0]) for a, b in pairwise(pan())], strict=True)
    return flows, masks


def test_true_flow_is_true(motion) -> None:
    for flow, mask in zip(*motion, strict=True):
        assert np.median(flow[..., 0]) == pytest.approx(3, abs=0.05)
        assert np.median(flow[..., 1]) == pytest.approx(0, abs=0.05)
        assert not mask[:, -2:].any()
        assert mask[10:-10, 10:-10].mean() > 0.9


def test_colour_that_moves_with_its_thing_has_no_warp_error_and_colour_that_stays_has(motion) -> None:
    true = [frame[1:] for frame in pan()]
    moving, resting = warp_error(true, *motion), warp_error([true[0]] * 6, *motion)
    assert moving < 0.5
    assert resting > 5 * moving
    assert warp_error([0 * ab for ab in true], *motion) == 0


def test_warp_error_is_a_distance_in_lab_units(motion) -> None:
    steps = [np.full((2, 128, 192), value, np.float32) * np.float32([[[3]], [[4]]]) for value in range(6)]
    assert warp_error(steps, *motion) == pytest.approx(5.0, rel=1e-5)


def test_nothing_believed_is_no_figure(motion) -> None:
    flows, masks = motion
    assert np.isnan(warp_error([frame[1:] for frame in pan()], flows, [0 * mask > 0 for mask in masks]))


def test_one_frame_too_few_is_refused(motion) -> None:
    with pytest.raises(ValueError, match="zip"):
        warp_error([frame[1:] for frame in pan(5)], *motion)


def test_flicker_is_jumping_not_changing() -> None:
    plain = np.ones((2, 8, 8), np.float32)
    assert flicker([plain * n for n in range(9)]) == pytest.approx(0, abs=1e-6)
    assert flicker([plain * (n % 2) for n in range(9)]) == pytest.approx(2**0.5)
    assert np.isnan(flicker([plain, plain]))


@given(st.integers(0, 2**32 - 1), st.integers(5, 9))
@settings(max_examples=20, deadline=None)
def test_cdc_is_what_scipy_says(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    frames = [np.clip(rng.normal(100, 60, (6, 7, 3)), 0, 255).astype(np.uint8) for _ in range(count)]
    shares = [[np.bincount(frame[..., c].ravel(), minlength=256) / 42 for c in range(3)] for frame in frames]
    # SciPy gives the root of the divergence
    steps = [
        np.mean(
            [jensenshannon(shares[n][c], shares[n + step][c], 2) ** 2 for n in range(count - step) for c in range(3)]
        )
        for step in (1, 2, 4)
    ]
    assert cdc(frames) == pytest.approx(np.mean(steps))


def test_cdc_ends() -> None:
    frames = [np.full((4, 4, 3), 10 * n, np.uint8) for n in range(6)]
    assert cdc(frames) == pytest.approx(1.0)
    assert cdc(frames[:1] * 6) == 0.0
    assert np.isnan(cdc(frames[:4]))

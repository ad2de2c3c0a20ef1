"""Metrics against scikit-image and hand-computed values."""

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio

from photochrom.evaluation.metrics import AreaUnderCurve, colorfulness, colorfulness_abs, psnr


def test_psnr_equals_scikit_image() -> None:
    rng = np.random.default_rng(0)
    truth, result = rng.uniform(size=(2, 3, 20, 30))
    assert psnr(result, truth) == pytest.approx(peak_signal_noise_ratio(truth, result, data_range=1.0), abs=1e-9)
    assert psnr(truth, truth) == float("inf")


def test_colorfulness_of_constructed_pictures() -> None:
    gray = np.repeat(np.random.default_rng(0).uniform(size=(1, 8, 8)), 3, 0)
    assert colorfulness(gray) == pytest.approx(0, abs=1e-9)
    # half red, half green: rg is +-255 (mean 0, deviation 255), yb is 127.5 everywhere
    halves = np.zeros((3, 4, 4))
    halves[0, :, :2] = 1
    halves[1, :, 2:] = 1
    assert colorfulness(halves) == pytest.approx(255 + 0.3 * 127.5)
    # with abs() first, rg is 255 everywhere: no deviation at all
    assert colorfulness_abs(halves) == pytest.approx(0.3 * np.hypot(255, 127.5))


def test_area_under_curve_by_hand() -> None:
    truth = np.zeros((2, 1, 4))
    truth[0, 0, 3] = 40.0
    area = AreaUnderCurve()
    area.add(np.zeros_like(truth), truth)
    # three of four pixels are right from t = 0 on, one from t = 40 on
    late = (151 - 40) / 151
    assert area.raw == pytest.approx(100 * (0.75 + 0.25 * late))
    assert area.rebalanced == pytest.approx(100 * (0.5 + 0.5 * late))


def test_errors_over_the_limit_never_count_as_right() -> None:
    area = AreaUnderCurve()
    area.add(np.full((2, 2, 2), 150.0), np.zeros((2, 2, 2)))
    assert area.raw == 0.0

"""Metrics against scikit-image, published and hand-computed values."""

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from photochrom.color.conversion import ab_bins, srgb_to_lab
from photochrom.evaluation.metrics import (
    AreaUnderCurve,
    Colorfulness,
    SquaredError,
    colorfulness,
    colorfulness_abs,
    psnr,
)
from photochrom.evaluation.metrics.calibration import count_confidence, expected_error, fifths, sum_tenths
from photochrom.evaluation.metrics.color_error import ColorDifference, ciede2000
from photochrom.evaluation.metrics.fid import frechet_distance
from photochrom.evaluation.metrics.histogram import count_bins, find_bins, histogram_distance
from photochrom.evaluation.metrics.hue_error import HUE_NAMES, HueErrors
from photochrom.evaluation.metrics.planes import rgb_planes, srgb8_to_lab, strips
from photochrom.evaluation.metrics.ssim import ms_ssim, ssim

#: of the 34 pairs of Sharma, Wu & Dalal (2005), those that catch the usual mistakes
SHARMA = [
    ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
    ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0000),
    ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
    ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0009), 7.1792),
    ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0011), 7.2195),
    ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
    ((50.0, 2.5, 0.0), (58.0, 24.0, 15.0), 19.4535),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((22.7233, 20.0904, -46.694), (23.0331, 14.973, -42.5619), 2.0373),
    ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
]


def noisy(truth: np.ndarray, deviation: float = 12.0) -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, deviation, truth.shape)
    return np.clip(truth + noise, 0, 255).astype(np.uint8)


def test_psnr_equals_scikit_image() -> None:
    rng = np.random.default_rng(0)
    truth, result = rng.uniform(size=(2, 3, 20, 30))
    assert psnr(result, truth) == pytest.approx(peak_signal_noise_ratio(truth, result, data_range=1.0), abs=1e-9)
    assert psnr(truth, truth) == float("inf")


def test_ssim_equals_scikit_image(truth: np.ndarray) -> None:
    a, b = rgb_planes(truth), rgb_planes(noisy(truth))
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 1.0}
    assert ssim(b, a) == pytest.approx(structural_similarity(a, b, channel_axis=0, **options), abs=1e-9)
    # 8-bit pictures are scaled on the way, and odd sizes are no matter
    planes = [np.moveaxis(pixels[:201, :77], -1, 0) for pixels in (noisy(truth), truth)]
    scaled = [plane / 255 for plane in planes]
    assert ssim(*planes) == pytest.approx(structural_similarity(*scaled, channel_axis=0, **options), abs=1e-9)


def test_ms_ssim_equals_torchmetrics(truth: np.ndarray) -> None:
    torch = pytest.importorskip("torch", reason="the oracle for MS-SSIM needs the train extra")
    image = pytest.importorskip("torchmetrics.image", reason="the oracle for MS-SSIM needs the train extra")
    made = noisy(truth)
    theirs = image.MultiScaleStructuralSimilarityIndexMeasure(data_range=1.0)
    batches = [torch.from_numpy(rgb_planes(pixels))[None] for pixels in (made, truth)]
    planes = [np.moveaxis(pixels, -1, 0) for pixels in (made, truth)]
    assert ms_ssim(*planes) == pytest.approx(float(theirs(*batches)), abs=1e-4)


def test_structure_of_strips_is_that_of_the_whole(truth: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    planes = [np.moveaxis(pixels, -1, 0) for pixels in (noisy(truth), truth)]
    whole = ssim(*planes), ms_ssim(*planes)
    monkeypatch.setattr("photochrom.evaluation.metrics.ssim._STRIP", 256 * 3 * 17)
    assert (ssim(*planes), ms_ssim(*planes)) == pytest.approx(whole, abs=1e-12)


def test_structure_of_what_is_too_small_for_it() -> None:
    small = np.zeros((3, 10, 300), np.uint8)
    assert np.isnan(ssim(small, small))
    assert np.isnan(ms_ssim(*np.zeros((2, 3, 175, 300), np.uint8)))
    assert ms_ssim(*np.zeros((2, 3, 176, 300), np.uint8)) == pytest.approx(1.0)


@pytest.mark.parametrize(("first", "second", "published"), SHARMA)
def test_ciede2000_of_published_pairs(first: tuple[float, ...], second: tuple[float, ...], published: float) -> None:
    one, other = (np.array(color).reshape(3, 1, 1) for color in (first, second))
    assert ciede2000(one, other).item() == pytest.approx(published, abs=1e-4)
    assert ciede2000(other, one).item() == pytest.approx(published, abs=1e-4)


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


def test_area_equals_the_curve_drawn_out(truth: np.ndarray) -> None:
    true = srgb8_to_lab(truth)[1:]
    made = true * 0.4
    area = AreaUnderCurve()
    area.add(made, true)
    error, bins = np.hypot(*(made - true)).ravel(), find_bins(true)
    steps = np.arange(151)
    raw = np.mean([(error <= t).mean() for t in steps])
    by_bin = [np.mean([(error[bins == b] <= t).mean() for t in steps]) for b in np.unique(bins)]
    assert area.raw == pytest.approx(100 * raw, abs=1e-9)
    assert area.rebalanced == pytest.approx(100 * np.mean(by_bin), abs=1e-9)


def test_errors_over_the_limit_never_count_as_right() -> None:
    area = AreaUnderCurve()
    area.add(np.full((2, 2, 2), 150.0), np.zeros((2, 2, 2)))
    assert area.raw == 0.0


def test_every_colour_of_srgb_finds_its_bin() -> None:
    levels = np.arange(0, 256, 15).astype(np.uint8)
    cube = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(-1, 18, 3)
    ab = srgb8_to_lab(cube)[1:]
    assert np.abs(ab_bins()[find_bins(ab)].T - ab.reshape(2, -1)).max() <= 5.0


def test_histogram_distance_by_hand() -> None:
    truth, shifted = np.zeros((2, 2, 2)), np.full((2, 2, 2), 20.0)
    same, other = count_bins(truth), count_bins(shifted)
    assert histogram_distance(3 * same, same) == pytest.approx(0.0, abs=1e-7)
    assert histogram_distance(other, same) == pytest.approx(1.0)
    # half of it right: entropy of (3/4, 1/4) less half of that of (1/2, 1/2)
    divergence = -(0.75 * np.log2(0.75) + 0.25 * np.log2(0.25)) - 0.5
    assert histogram_distance(same + other, same) == pytest.approx(np.sqrt(divergence))


def test_hues_by_hand() -> None:
    angles = np.radians([0, 29, 44, 46, 180, 300, 344, -14])
    truth = 40 * np.stack([np.cos(angles), np.sin(angles)])[:, None]
    hues = HueErrors()
    hues.add(truth / 2, truth, np.full((1, 8), 7.0))
    pixels = dict(zip(HUE_NAMES, hues.sums[:, 0].astype(int), strict=True))
    assert {name: count for name, count in pixels.items() if count} == {
        "pink": 2, "red": 2, "orange": 1, "teal": 1, "violet": 1, "magenta": 1,
    }  # fmt: skip
    assert hues.sums[1].tolist() == pytest.approx([2, 14, 40, 80])
    # gray has no hue
    hues.add(truth, truth / 5, np.zeros((1, 8)))
    assert hues.sums[:, 0].sum() == 8


def test_calibration_by_hand() -> None:
    sure = np.array([0.25] * 4 + [0.95] * 6)
    error = np.array([30.0, 30.0, 30.0, 1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 20.0])
    counts = count_confidence(sure, error, 15.0)
    rows = sum_tenths(counts)
    assert rows[2].tolist() == pytest.approx([4, 1.0, 1, 91.0])
    assert rows[9].tolist() == pytest.approx([6, 5.7, 5, 30.0])
    # 4 cells say 0.25 and are right in 0.25; 6 say 0.95 and are right in 5/6
    assert expected_error(counts) == pytest.approx(0.6 * (0.95 - 5 / 6))
    assert fifths(counts) == pytest.approx((22.75, 22.75, 5.0, 5.0, 5.0))


def test_the_distance_of_two_gaussians() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 6)) @ rng.normal(size=(6, 6))
    y = rng.normal(size=(400, 6)) @ rng.normal(size=(6, 6)) + 1.5
    one, other = np.cov(x.T), np.cov(y.T)
    root = scipy.linalg.sqrtm(one @ other).real
    published = np.sum((x.mean(0) - y.mean(0)) ** 2) + np.trace(one + other - 2 * root)
    assert frechet_distance(x, y) == pytest.approx(published, rel=1e-6)
    assert frechet_distance(x, x) == pytest.approx(0.0, abs=1e-9)
    assert frechet_distance(x + 2.0, x) == pytest.approx(4.0 * 6)
    # fewer pictures than features, where a root of the product is complex
    assert frechet_distance(x[:4] * 2, x[:4]) == pytest.approx(
        np.sum(x[:4].mean(0) ** 2) + np.trace(np.cov(x[:4].T)), rel=1e-9
    )


@settings(max_examples=25, deadline=None)
@given(height=st.integers(1, 40), width=st.integers(1, 40), cut=st.integers(1, 40), seed=st.integers(0, 99))
def test_what_is_added_in_strips_is_what_is_added_whole(height: int, width: int, cut: int, seed: int) -> None:
    made, truth = np.random.default_rng(seed).integers(0, 256, (2, height, width, 3), dtype=np.uint8)
    totals = []
    for parts in ([slice(None)], [slice(0, cut), slice(cut, None)]):
        error, color, difference = SquaredError(), Colorfulness(), ColorDifference()
        for rows in parts:
            if len(truth[rows]):
                error.add(rgb_planes(made[rows]), rgb_planes(truth[rows]))
                color.add(rgb_planes(made[rows]))
                lab = srgb8_to_lab(truth[rows])
                difference.add(srgb8_to_lab(made[rows]), lab, lab[0])
        totals.append([error.psnr, color.faithful, color.with_abs, *difference.means.values(), difference.area.raw])
    assert totals[0] == pytest.approx(totals[1], rel=1e-9)


def test_strips_cover_every_row_once() -> None:
    rows = [row for part in strips(1003, 4000) for row in range(1003)[part]]
    assert rows == list(range(1003))


def test_the_looked_up_lab_is_the_computed_one(truth: np.ndarray) -> None:
    assert np.array_equal(srgb8_to_lab(truth), srgb_to_lab(rgb_planes(truth)))

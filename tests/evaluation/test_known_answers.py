"""What every metric must say of a gray picture, the truth, a shifted hue and a desaturated picture."""

from pathlib import Path

import numpy as np
import pytest

from photochrom.color.conversion import fit_gamut, lab_to_srgb
from photochrom.evaluation.inputs.ground_truth import open_ground_truths
from photochrom.evaluation.inputs.protocol import find_protocol, gray_of, score
from photochrom.evaluation.metrics import AreaUnderCurve
from photochrom.evaluation.metrics.histogram import histogram_distance
from photochrom.evaluation.metrics.planes import srgb8_to_lab
from photochrom.evaluation.score_photo import PhotoScore, score_photo

VAL = Path(__file__).parents[2] / "../shared/data/benchmark/val.parquet"


def repaint(truth: np.ndarray, *, degrees: float = 0.0, chroma: float = 1.0) -> np.ndarray:
    lab = srgb8_to_lab(truth)
    a, b, turn = lab[1] * chroma, lab[2] * chroma, np.radians(degrees)
    turned = np.stack([lab[0], a * np.cos(turn) - b * np.sin(turn), a * np.sin(turn) + b * np.cos(turn)])
    return np.moveaxis(np.rint(np.clip(lab_to_srgb(fit_gamut(turned)), 0, 1) * 255).astype(np.uint8), 0, -1)


@pytest.fixture(scope="module")
def scores(truth: np.ndarray) -> dict[str, PhotoScore]:
    gray = gray_of(truth)
    pictures = {
        "truth": truth,
        "gray": np.stack([gray] * 3, axis=-1),
        "pale": repaint(truth, chroma=0.5),
        "paler": repaint(truth, chroma=0.25),
        "turned": repaint(truth, degrees=60),
        "turned about": repaint(truth, degrees=180),
    }
    return {name: score_photo(made, truth, gray) for name, made in pictures.items()}


def area(score: PhotoScore) -> AreaUnderCurve:
    whole = AreaUnderCurve()
    whole.seen, whole.credit = score.seen, score.credit
    return whole


def test_the_truth_is_perfect(scores: dict[str, PhotoScore]) -> None:
    values = scores["truth"].values
    assert values["psnr"] == float("inf")
    assert (values["ssim"], values["ms_ssim"], values["accuracy"]) == pytest.approx((1.0, 1.0, 100.0))
    for key in ("ciede2000", "ab_error", "colorfulness_difference"):
        assert values[key] == pytest.approx(0.0, abs=1e-9)
    # but for the rounding of the gray picture to 8 bits
    assert values["lightness_error"] < 0.2
    assert area(scores["truth"]).raw == pytest.approx(100.0)
    assert area(scores["truth"]).rebalanced == pytest.approx(100.0)


def test_gray_has_no_colour_and_all_the_lightness(scores: dict[str, PhotoScore]) -> None:
    values = scores["gray"].values
    assert values["colorfulness"] == pytest.approx(0.0, abs=1e-6)
    assert values["colorfulness_difference"] == pytest.approx(values["colorfulness_truth"])
    assert values["lightness_error"] == pytest.approx(0.0, abs=1e-9)
    assert values["ssim"] > 0.8
    assert scores["gray"].hues[:, 2].sum() < 0.01 * scores["gray"].hues[:, 0].sum()


@pytest.mark.parametrize("key", ["psnr", "ssim", "ms_ssim", "accuracy"])
def test_more_of_the_colour_is_better(scores: dict[str, PhotoScore], key: str) -> None:
    ranked = [scores[name].values[key] for name in ("truth", "pale", "paler", "gray")]
    assert ranked == sorted(ranked, reverse=True)
    assert len(set(ranked)) == 4


@pytest.mark.parametrize("key", ["ciede2000", "ab_error", "colorfulness_difference"])
def test_less_of_the_colour_is_worse(scores: dict[str, PhotoScore], key: str) -> None:
    ranked = [scores[name].values[key] for name in ("truth", "pale", "paler", "gray")]
    assert ranked == sorted(ranked)
    assert len(set(ranked)) == 4


def test_areas_fall_with_the_colour(scores: dict[str, PhotoScore]) -> None:
    for part in ("raw", "rebalanced"):
        ranked = [getattr(area(scores[name]), part) for name in ("truth", "pale", "paler", "gray")]
        assert ranked == sorted(ranked, reverse=True)
        assert len(set(ranked)) == 4


def test_a_shifted_hue_is_as_lively_and_wrong(scores: dict[str, PhotoScore]) -> None:
    turned, about, gray = (scores[name].values for name in ("turned", "turned about", "gray"))
    # colourfulness alone cannot see it; everything that compares with the truth does
    assert turned["colorfulness"] > 0.5 * turned["colorfulness_truth"]
    assert turned["lightness_error"] < 0.3
    assert about["ab_error"] > turned["ab_error"]
    assert about["ciede2000"] > gray["ciede2000"]
    assert about["psnr"] < gray["psnr"]
    distances = [
        float(histogram_distance(scores[name].made, scores[name].seen)) for name in ("truth", "pale", "turned about")
    ]
    assert distances[0] == pytest.approx(0.0, abs=1e-7)
    assert distances == sorted(distances)


def test_desaturation_shows_in_every_hue(scores: dict[str, PhotoScore]) -> None:
    pixels, _, chroma, true = scores["pale"].hues[scores["pale"].hues[:, 0] > 500].T
    assert len(pixels) >= 4
    assert chroma / true == pytest.approx(np.full(len(pixels), 0.5), abs=0.05)


@pytest.mark.skipif(not VAL.exists(), reason="shared data not here")
def test_gray_on_the_benchmark() -> None:
    truths = open_ground_truths(VAL)
    protocol = find_protocol("lab256")
    squares = (truths.read(place, protocol) for place in truths.refs[::4])
    gray = score(squares, lambda gray: np.stack([gray] * 3, -1))
    assert gray.auc_raw == pytest.approx(89, abs=1.5)
    assert gray.auc_rebalanced == pytest.approx(60, abs=3)

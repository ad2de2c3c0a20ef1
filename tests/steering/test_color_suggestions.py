"""Suggestions: distinct, ordered, and worth their probability."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data

from photochrom import Colorizer, Hint
from photochrom.color.conversion import ab_bins
from photochrom.color.hex import lab_to_hex
from photochrom.errors import OptionError
from photochrom.hints import Hint as PlainHint
from photochrom.steering.color_suggestions import APART, distinct_colors

BINS = ab_bins()
GRAY = data.coffee()[..., 1].copy()


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer(threads=1)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(seed=st.integers(0, 10_000), sharpness=st.floats(0.1, 12.0), k=st.integers(1, 9))
def test_colours_are_distinct_ordered_and_share_the_probability(seed: int, sharpness: float, k: int) -> None:
    score = np.random.default_rng(seed).standard_normal(len(BINS)) * sharpness
    probability = (np.exp(score - score.max()) / np.exp(score - score.max()).sum()).astype(np.float32)
    ab, share = distinct_colors(probability, BINS, k)
    assert 1 <= len(ab) == len(share) <= k
    apart = np.linalg.norm(ab[:, None] - ab[None], axis=-1) + 1e9 * np.eye(len(ab))
    assert apart.min() >= APART - 1e-3
    assert list(share) == sorted(share, reverse=True)
    assert share.min() >= 0
    assert share.sum() <= 1 + 1e-5


def test_two_humps_are_found_where_they_are() -> None:
    def hump(at: tuple[float, float]) -> np.ndarray:
        return np.exp(-np.square(BINS - np.array(at)).sum(1) / (2 * 7.0**2))

    red, blue = hump((52, 31)), hump((4, -43))
    probability = (0.65 * red / red.sum() + 0.35 * blue / blue.sum()).astype(np.float32)
    ab, share = distinct_colors(probability, BINS, 2)
    assert np.linalg.norm(ab[0] - (52, 31)) < 3
    assert np.linalg.norm(ab[1] - (4, -43)) < 3
    assert share == pytest.approx([0.65 * 0.9, 0.35 * 0.9], abs=0.07)


def test_a_certain_distribution_has_one_suggestion() -> None:
    probability = np.zeros(len(BINS), np.float32)
    probability[17] = 1
    ab, share = distinct_colors(probability, BINS, 5)
    assert np.allclose(ab, BINS[17])
    assert share.tolist() == [1.0]


def test_hex_is_read_back_as_the_same_chroma() -> None:
    for ab in ((30.0, 20.0), (-25.0, 10.0), (0.0, -30.0)):
        assert np.allclose(PlainHint(x=0, y=0, color=lab_to_hex(55, np.array(ab, np.float32))).ab, ab, atol=1.0)


def test_suggestions_of_a_photo_are_hints_that_are_taken(colorizer: Colorizer) -> None:
    found = colorizer.suggest_colors(GRAY, 420, 210, 4)
    assert 2 <= len(found) <= 4
    assert sum(each.probability for each in found) > 0.2
    plain = colorizer(GRAY).to_pil().getpixel((420, 210))
    for each in found[:2]:
        hint = Hint(x=420, y=210, color=each.color, radius=60)
        made = colorizer(GRAY, hints=[hint]).to_pil().getpixel((420, 210))
        wanted = np.array([int(each.color[i : i + 2], 16) for i in (1, 3, 5)])
        assert np.linalg.norm(made - wanted) < max(40.0, float(np.linalg.norm(plain - wanted)))


def test_a_hint_makes_its_colour_likely(colorizer: Colorizer) -> None:
    blue = Hint(x=420, y=210, color="#3050a0", radius=50)
    first = colorizer.suggest_colors(GRAY, 420, 210, 3, hints=[blue])[0]
    assert np.linalg.norm(np.subtract(Hint(x=0, y=0, color=first.color).ab, blue.ab)) < 25


@pytest.mark.parametrize(
    ("x", "y", "count", "code"),
    [
        (700, 5, 3, "option.point_outside"),
        (5, -1, 3, "option.point_outside"),
        (float("nan"), 5, 3, "option.point_outside"),
        (5, 5, 0, "option.not_an_integer_in_range"),
    ],
)
def test_what_is_no_point_is_refused(colorizer: Colorizer, x: float, y: float, count: int, code: str) -> None:
    with pytest.raises(OptionError, check=lambda error: error.code == code):
        colorizer.suggest_colors(GRAY, x, y, count)

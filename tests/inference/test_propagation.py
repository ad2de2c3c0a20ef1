"""Hints are obeyed, spread over what belongs to them, and leave the rest."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from skimage import data
from skimage.color import rgb2lab

from photochrom import Colorizer, Hint
from photochrom.inference.propagation import LOOKS, MOST, spread

GRAY = np.asarray(Image.fromarray(data.astronaut()).convert("L").resize((256, 256)))


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer(threads=2)


def scene() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two things side by side: an answer (2,32,32), its lightness, and a affinity that tells them apart."""
    left = np.arange(32) < 16
    lightness = np.where(left, 70, 30)[None].repeat(32, 0).astype(np.float32)
    affinity = np.where(left, 3.0, -3.0)[None, None].repeat(LOOKS, 0).repeat(32, 1).astype(np.float32)
    return np.zeros((2, 32, 32), np.float32), lightness, affinity


def planes(places: list[tuple[int, int]], ab: tuple[float, float], side: int = 32) -> np.ndarray:
    drawn = np.zeros((3, side, side), np.float32)
    for row, column in places:
        drawn[:, row, column] = (*ab, 1.0)
    return drawn


def test_exact_at_the_hint_whole_on_its_thing_nothing_beyond() -> None:
    answer, lightness, affinity = scene()
    made = spread(answer, planes([(16, 8)], (40.0, 20.0)), lightness=lightness, affinity=affinity)
    assert np.allclose(made[:, 16, 8], (40, 20), atol=1.0)
    assert made[0, 12:20, 4:12].min() > 15
    assert np.abs(made[:, :, 18:]).max() < 5


def test_a_gray_hint_makes_gray() -> None:
    answer, lightness, affinity = scene()
    made = spread(answer + 30, planes([(16, 8)], (0.0, 0.0)), lightness=lightness, affinity=affinity)
    assert np.abs(made[:, 16, 8]).max() < 1.0


def test_two_hints_share_what_lies_between() -> None:
    answer, lightness, affinity = scene()
    drawn = planes([(4, 8)], (40.0, 0.0)) + planes([(28, 8)], (-40.0, 0.0))
    made = spread(answer, drawn, lightness=lightness, affinity=affinity)
    assert made[0, 4, 8] > 38
    assert made[0, 28, 8] < -38
    assert abs(made[0, 16, 8]) < 5


def test_a_match_is_half_believed_and_gives_way_to_a_hint() -> None:
    answer, lightness, affinity = scene()
    none = np.zeros((3, 32, 32), np.float32)
    match = planes([(16, 8)], (40.0, 0.0))
    alone = spread(answer, none, matches=match, lightness=lightness, affinity=affinity)
    assert 15 < alone[0, 16, 8] < 38
    both = spread(answer, planes([(16, 8)], (-40.0, 0.0)), matches=match, lightness=lightness, affinity=affinity)
    assert both[0, 16, 8] < -38


def test_what_is_unsure_gives_way_further() -> None:
    answer, lightness, affinity = scene()
    uncertainty = np.full((32, 32), 9, np.float32)
    uncertainty[:8] = 18
    made = spread(
        answer, planes([(16, 8)], (40.0, 0.0)), lightness=lightness, affinity=affinity, uncertainty=uncertainty
    )
    assert made[0, 16, 8] > 38
    assert made[0, 7, 8] > 1.3 * made[0, 8, 8]


def test_hints_that_agree_tell_of_the_whole_picture_one_does_not() -> None:
    answer, lightness, affinity = scene()
    one = spread(answer, planes([(16, 8)], (20.0, 0.0)), lightness=lightness, affinity=affinity)
    blot = spread(
        answer, planes([(r, c) for r in (15, 16) for c in (7, 8)], (20.0, 0.0)), lightness=lightness, affinity=affinity
    )
    places = [(4, 2), (4, 12), (28, 2), (28, 12), (16, 8)]
    many = spread(answer, planes(places, (20.0, 0.0)), lightness=lightness, affinity=affinity)
    beyond = [float(np.abs(made[0, :, 20:]).mean()) for made in (one, blot, many)]
    assert max(beyond[:2]) < 1.0  # a large hint is one hint
    assert beyond[2] > 1.5


def test_without_hints_nothing_moves() -> None:
    answer, lightness, affinity = scene()
    none = np.zeros((3, 32, 32), np.float32)
    assert np.array_equal(spread(answer, none, lightness=lightness, affinity=affinity), answer)


@given(
    st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15), st.floats(-60, 60), st.floats(-60, 60)), min_size=1),
    st.booleans(),
)
def test_any_hints_are_met_and_nothing_explodes(hints: list[tuple[int, int, float, float]], seen: bool) -> None:
    rng = np.random.default_rng(0)
    drawn = np.zeros((3, 16, 16), np.float32)
    for row, column, a, b in hints:
        drawn[:, row, column] = (a, b, 1.0)
    lightness = rng.uniform(0, 100, (16, 16)).astype(np.float32)
    affinity = rng.standard_normal((LOOKS * 4, 16, 16)).astype(np.float32) if seen else None
    uncertainty = rng.uniform(0, 40, (16, 16)).astype(np.float32) if seen else None
    made = spread(
        np.zeros((2, 16, 16), np.float32), drawn, lightness=lightness, affinity=affinity, uncertainty=uncertainty
    )
    assert made.dtype == np.float32
    assert np.isfinite(made).all()
    assert np.abs(made).max() < 130
    there = drawn[2] > 0
    # noise is part of the model: neighbours of opposite colours give way a little
    assert np.abs(made[:, there] - drawn[:2, there]).max() < 12


def test_more_hints_than_are_used_at_once() -> None:
    side = 64
    drawn = np.zeros((3, side, side), np.float32)
    drawn[:, ::2] = np.array([20.0, -10.0, 1.0])[:, None, None]
    assert (drawn[2] > 0).sum() > 2 * MOST
    lightness = np.full((side, side), 50, np.float32)
    made = spread(np.zeros((2, side, side), np.float32), drawn, lightness=lightness, affinity=None)
    assert np.allclose(made[0], 20, atol=2)


@pytest.mark.parametrize("color", ["#3355aa", "#c03028", "#808080"])
def test_a_click_is_obeyed_on_a_real_photo(colorizer: Colorizer, color: str) -> None:
    hint = Hint(x=60, y=200, color=color, radius=4)
    made = rgb2lab(colorizer(GRAY, hints=[hint]).picture.pages[0].pixels / 255)
    assert np.linalg.norm(made[200, 60, 1:] - hint.ab) < 6

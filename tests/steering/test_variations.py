"""Alternatives: different where the network is unsure, alike where it is sure, the same for the same seed."""

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image
from skimage import data
from skimage.color import rgb2lab

from photochrom import Colorizer, Hint, Result
from photochrom.errors import OptionError
from photochrom.image_io import read_picture
from photochrom.inference.views import PageView
from photochrom.recolor import recolor
from photochrom.steering.variations import POOL, check_request, choose_apart, draw_codes, draw_hints

GRAY = np.asarray(Image.fromarray(data.coffee()[:, 100:500]).convert("L").resize((256, 256)))


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer(threads=1)


@pytest.fixture(scope="module")
def found(colorizer: Colorizer) -> list[Result]:
    return colorizer.variations(GRAY, 4, seed=5)


def ab_of(result: Result) -> np.ndarray:
    return rgb2lab(np.asarray(result.to_pil().resize((64, 64), Image.Resampling.BOX)) / 255)[..., 1:]


def test_they_differ_where_the_network_is_unsure(colorizer: Colorizer, found: list[Result]) -> None:
    plain = colorizer(GRAY)
    spread = np.mean(
        [np.linalg.norm(ab_of(one) - ab_of(other), axis=-1) for one, other in combinations([*found, plain], 2)], axis=0
    )
    assert plain.confidence_map is not None
    order = spread.ravel()[np.argsort(plain.confidence_map.ravel())]
    third = len(order) // 3
    assert order[:third].mean() > 6
    assert order[-third:].mean() < 3.5
    # each is a picture of its own
    for one, other in combinations([*found, plain], 2):
        assert np.linalg.norm(ab_of(one) - ab_of(other), axis=-1).mean() > 1.5


def test_lightness_stays_and_confidence_is_that_of_the_plain_answer(colorizer: Colorizer, found: list[Result]) -> None:
    before = rgb2lab(np.stack([GRAY] * 3, -1))[..., 0]
    plain = colorizer(GRAY)
    for result in found:
        after = rgb2lab(np.asarray(result.to_pil()) / 255)[..., 0]
        assert np.mean(np.abs(after - before) <= 0.6) > 0.99
        assert result.confidence == plain.confidence


def test_a_seed_makes_the_same_pictures_and_fewer_are_the_first_of_more(
    colorizer: Colorizer, found: list[Result]
) -> None:
    again = colorizer.variations(GRAY, 2, seed=5)
    for one, other in zip(again, found, strict=False):
        assert np.array_equal(one.picture.pages[0].pixels, other.picture.pages[0].pixels)
    others = colorizer.variations(GRAY, 2, seed=6)
    assert not np.array_equal(others[0].picture.pages[0].pixels, again[0].picture.pages[0].pixels)


def test_a_person_s_hint_holds_in_all_of_them(colorizer: Colorizer) -> None:
    hint = Hint(x=200, y=140, color="#2f5fae", radius=20)
    for result in colorizer.variations(GRAY, 2, hints=[hint]):
        assert np.linalg.norm(ab_of(result)[34:37, 49:52].mean((0, 1)) - hint.ab) < 16


def test_every_page_gets_its_own(colorizer: Colorizer) -> None:
    picture = read_picture(GRAY[:96, :96])
    page = picture.pages[0]
    double = replace(picture, pages=(page, replace(page, pixels=np.ascontiguousarray(GRAY[60:156, 60:156]))))
    for result in colorizer.variations(double, 2):
        assert [p.pixels.shape for p in result.picture.pages] == [(96, 96, 3)] * 2


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (200, 3), (40, 40)])
def test_any_shape(colorizer: Colorizer, shape: tuple[int, int]) -> None:
    gray = np.random.default_rng(0).integers(0, 255, shape, np.uint8)
    for result in colorizer.variations(gray, 2):
        assert result.picture.pages[0].pixels.shape == (*shape, 3)


def test_hints_are_few_and_lie_inside(colorizer: Colorizer) -> None:
    page = read_picture(GRAY).pages[0]
    field = colorizer.predictor.predict_distribution(PageView(page))
    (hints,) = draw_hints(field, (256, 256), 1, 0)
    assert 100 < len(hints) < 64 * 64 / 16
    assert all(0 < hint.x < 256 and 0 < hint.y < 256 for hint in hints)


def test_the_farthest_come_first() -> None:
    def flat(a: float, b: float) -> np.ndarray:
        return np.broadcast_to(np.array([a, b], np.float32)[:, None, None], (2, 3, 3))

    candidates = np.stack([flat(1, 0), flat(10, 0), flat(9, 0), flat(0, 4), flat(-6, 0)])
    assert choose_apart(flat(0, 0), candidates, 3) == [1, 4, 3]
    assert sorted(choose_apart(flat(0, 0), candidates, 5)) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("count", "seed", "name"),
    [(0, 0, "count"), (13, 0, "count"), (True, 0, "count"), (2, -1, "seed")],
)
def test_numbers_out_of_range_are_named(colorizer: Colorizer, count: Any, seed: int, name: str) -> None:
    with pytest.raises(OptionError, check=lambda error: error.details["name"] == name):
        colorizer.variations(GRAY, count, seed=seed)


def test_a_network_with_one_answer_is_refused(colorizer: Colorizer) -> None:
    single = replace(colorizer.card, name="zhang_regression", inputs=["lightness"], outputs=["ab"])
    with pytest.raises(OptionError, check=lambda error: error.code == "option.no_variations"):
        check_request(SimpleNamespace(card=single), 2, 0)  # type: ignore[arg-type]


def test_a_variational_network_is_asked_with_other_codes(tiny_network: Callable[[str], Any]) -> None:
    colorizer = Colorizer(tiny_network("vae").path, threads=1)
    page = read_picture(GRAY).pages[0]
    results = colorizer.variations(GRAY, 3, seed=1, input_size=64)
    again = colorizer.variations(GRAY, 2, seed=1, input_size=64)
    assert all(
        np.array_equal(a.picture.pages[0].pixels, b.picture.pages[0].pixels)
        for a, b in zip(results, again, strict=False)
    )
    # the first is the candidate farthest from the plain answer
    codes = draw_codes(colorizer.predictor.latent_size, 1)
    assert codes.shape == (POOL, 8)
    plain = colorizer.predictor.predict(PageView(page), input_size=64).ab
    away = [
        np.linalg.norm(
            colorizer.predictor.predict(PageView(page), input_size=64, latent=code).ab - plain, axis=0
        ).mean()
        for code in codes
    ]
    assert max(away) > 0.05
    first = colorizer.predictor.predict(PageView(page), input_size=64, latent=codes[int(np.argmax(away))])
    assert np.array_equal(results[0].picture.pages[0].pixels, recolor(page, first.ab))

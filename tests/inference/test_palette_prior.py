"""A palette pulls, and does no more than that."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from skimage import data
from skimage.color import rgb2lab

from photochrom import Colorizer, Hint
from photochrom.color.conversion import ab_bins
from photochrom.color.hex import hex_to_ab, lab_to_hex
from photochrom.color.palette import check_palette, is_hex_color, split_palette
from photochrom.errors import OptionError
from photochrom.inference.palette_prior import GRAY, MOST, bin_bias

ASTRONAUT = np.asarray(Image.fromarray(data.astronaut()).convert("L").resize((256, 256)))
CHELSEA = np.asarray(Image.fromarray(data.chelsea()).convert("L").resize((300, 200)))
BINS = ab_bins()
COLORS = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer(threads=2)


def ab(result: object) -> np.ndarray:
    return rgb2lab(result.picture.pages[0].pixels / 255)[..., 1:]


def distance(made: np.ndarray, palette: list[str]) -> float:
    colors = np.array([hex_to_ab(color) for color in palette])
    return float(np.linalg.norm(made[:, :, None] - colors, axis=-1).min(-1).mean())


@pytest.mark.parametrize("gray", [ASTRONAUT, CHELSEA])
@pytest.mark.parametrize("palette", [["#c8553d"], ["#3a7d44", "#8a5a3c"], ["#b03060", "#808080", "#d8a657"]])
def test_the_picture_comes_nearer_to_the_palette(colorizer: Colorizer, gray: np.ndarray, palette: list[str]) -> None:
    plain, pulled = ab(colorizer(gray)), ab(colorizer(gray, palette=palette))
    # how far depends on what the network thinks possible: of the cat, hardly any red
    assert distance(pulled, palette) < 0.995 * distance(plain, palette)


def test_what_is_surely_warm_does_not_turn_green(colorizer: Colorizer) -> None:
    face = np.s_[40:85, 95:130]
    pulled = ab(colorizer(ASTRONAUT, palette=["#2e8b3d", "#3355aa"]))[face]
    assert np.median(pulled[..., 0]) > 0  # a*: greens are below


def test_hints_hold_against_a_palette(colorizer: Colorizer) -> None:
    hint = Hint(x=60, y=200, color="#7a4fa0", radius=6)
    made = ab(colorizer(ASTRONAUT, hints=[hint], palette=["#3a7d44"]))[200, 60]
    assert np.linalg.norm(made - hint.ab) < 6


def test_confidence_and_lightness_are_not_a_palettes_business(colorizer: Colorizer) -> None:
    plain, pulled = colorizer(ASTRONAUT), colorizer(ASTRONAUT, palette=["#2f5fa8"])
    assert plain.confidence == pulled.confidence
    before, after = (rgb2lab(r.picture.pages[0].pixels / 255)[..., 0] for r in (plain, pulled))
    assert np.mean(np.abs(before - after) <= 1.2) > 0.99


def test_variations_and_suggestions_know_the_palette(colorizer: Colorizer) -> None:
    palette = ["#2f5fa8"]
    free = [distance(ab(r), palette) for r in colorizer.variations(ASTRONAUT, 2, input_size=128)]
    pulled = [distance(ab(r), palette) for r in colorizer.variations(ASTRONAUT, 2, input_size=128, palette=palette)]
    assert np.mean(pulled) < np.mean(free)

    def share_of_blue(offered: object) -> float:
        return sum(s.probability for s in offered if hex_to_ab(s.color)[1] < -10)

    place = (60, 200)
    assert share_of_blue(colorizer.suggest_colors(ASTRONAUT, *place, palette=palette)) > share_of_blue(
        colorizer.suggest_colors(ASTRONAUT, *place)
    )


@given(st.lists(COLORS, min_size=1, max_size=16))
def test_the_bias_is_highest_at_the_palette_and_never_costs_more_than_agreed(palette: list[str]) -> None:
    bins = BINS
    wanted = bin_bias(palette, bins)
    assert wanted.shape == (len(bins),)
    assert np.all((wanted <= 0) & (wanted >= -MOST))
    assert wanted[np.square(bins).sum(1).argmin()] >= -GRAY - 1e-6
    for color in palette:
        assert wanted[np.square(bins - hex_to_ab(color)).sum(1).argmin()] > -0.6
    assert np.array_equal(bin_bias(palette[::-1], bins), wanted)


def test_no_palette_is_no_bias() -> None:
    assert not bin_bias((), ab_bins()).any()


@pytest.mark.parametrize(
    ("palette", "code"),
    [
        ("#aabbcc", "color.palette_type"),
        (["#aabbcc"] * 17, "color.palette_too_long"),
        (["red"], "color.invalid"),
        ([None], "color.invalid"),
        (7, "color.palette_type"),
    ],
)
def test_what_is_not_a_palette(colorizer: Colorizer, palette: object, code: str) -> None:
    with pytest.raises(OptionError) as caught:
        colorizer(ASTRONAUT, palette=palette)
    assert caught.value.code == code


def test_a_network_of_one_answer_has_no_palette() -> None:
    engine = Colorizer(threads=1).predictor._session
    object.__setattr__(engine.card, "inputs", ["lightness", "hints", "temperature", "correction"])
    with pytest.raises(OptionError, check=lambda error: error.code == "option.no_palette"):
        engine.predict(np.full((64, 64), 50, np.float32), bin_bias=np.zeros(261, np.float32))


def test_words_become_colours() -> None:
    assert split_palette("#aabbcc, #def") == ("#aabbcc", "#def")
    assert check_palette(["#def"]) == ("#def",)
    assert hex_to_ab("#def") == hex_to_ab("#ddeeff")
    assert not is_hex_color("#dead")
    assert not is_hex_color(None)


@given(COLORS)
def test_text_and_back(color: str) -> None:
    rgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)], np.uint8).reshape(1, 1, 3)
    lightness = float(rgb2lab(rgb / 255)[0, 0, 0])
    back = lab_to_hex(lightness, np.array(hex_to_ab(color), np.float32))
    assert max(abs(int(back[i : i + 2], 16) - int(color[i : i + 2], 16)) for i in (1, 3, 5)) <= 1

"""Hints: what is refused, and where they land on the grid."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.color import rgb2lab

from photochrom.errors import OptionError
from photochrom.hints import Hint, load_hints
from photochrom.inference.hint_plane import draw_plane, hint_coverage


def test_colour_is_that_of_scikit_image() -> None:
    expected = rgb2lab(np.array([[[0x8A, 0x5A, 0x3C]]]) / 255)[0, 0, 1:]
    assert np.allclose(Hint(x=0, y=0, color="#8a5a3c").ab, expected)
    assert Hint(x=0, y=0, color="#fff").ab == Hint(x=0, y=0, color="#ffffff").ab


@pytest.mark.parametrize(
    "entry",
    [
        {"x": -1, "y": 0, "color": "#fff"},
        {"x": 0, "y": float("nan"), "color": "#fff"},
        {"x": 0, "y": float("inf"), "color": "#fff"},
        {"x": True, "y": 0, "color": "#fff"},
        {"x": "1", "y": 0, "color": "#fff"},
        {"x": 0, "y": 0, "color": "red"},
        {"x": 0, "y": 0, "color": "#ffff"},
        {"x": 0, "y": 0, "color": None},
        {"x": 0, "y": 0, "color": "#fff", "radius": -2},
    ],
)
def test_bad_hints_are_refused(entry: dict[str, object]) -> None:
    with pytest.raises(OptionError):
        Hint(**entry)  # type: ignore[arg-type]


def test_a_hint_fills_its_cell_and_its_circle() -> None:
    grid = draw_plane(
        [Hint(x=150, y=50, color="#ff0000", radius=20)], extent=(100, 200), content=(10, 20), padded=(16, 24)
    )
    assert grid.shape == (3, 16, 24)
    mask = grid[2] == 1
    rows, columns = np.nonzero(mask)
    centres = np.hypot(columns * 10 + 5 - 150, rows * 10 + 5 - 50)
    assert mask[5, 15]
    assert centres.max() <= 20
    assert mask.sum() == 12
    assert np.allclose(grid[:2, 5, 15], Hint(x=0, y=0, color="#ff0000").ab)
    assert not grid[:, ~mask].any()


@settings(deadline=None, derandomize=True)
@given(
    size=st.tuples(st.integers(1, 5000), st.integers(1, 5000)),
    at=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    cells=st.tuples(st.integers(1, 40), st.integers(1, 40)),
)
def test_every_point_of_the_picture_has_a_cell(
    size: tuple[int, int], at: tuple[float, float], cells: tuple[int, int]
) -> None:
    hint = Hint(x=at[1] * size[1], y=at[0] * size[0], color="#888")
    grid = draw_plane([hint], extent=size, content=cells, padded=(48, 48))
    assert grid[2].sum() == 1
    assert grid[2, : cells[0], : cells[1]].sum() == 1


def test_the_later_hint_wins() -> None:
    both = [Hint(x=5, y=5, color="#ff0000"), Hint(x=5.5, y=5, color="#0000ff")]
    grid = draw_plane(both, extent=(10, 10), content=(2, 2), padded=(8, 8))
    assert np.allclose(grid[:2, 1, 1], both[1].ab)


def test_a_hint_outside_is_named() -> None:
    with pytest.raises(OptionError, check=lambda error: error.code == "option.hint_outside"):
        draw_plane([Hint(x=11, y=3, color="#fff")], extent=(10, 10), content=(2, 2), padded=(8, 8))


def test_numbers_of_numpy_are_numbers() -> None:
    hint = Hint(x=np.float32(3.5), y=np.int64(4), color="#fff", radius=np.float64(2))  # type: ignore[arg-type]
    assert draw_plane([hint], extent=(10, 10), content=(10, 10), padded=(10, 10))[2, 4, 3] == 1


def test_a_radius_of_any_size_fills_the_picture() -> None:
    assert (
        draw_plane([Hint(x=1, y=1, color="#fff", radius=1e30)], extent=(9, 9), content=(3, 3), padded=(4, 4))[2].sum()
        == 9
    )


def test_a_wrong_entry_of_a_file_is_named_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "hints.json"
    path.write_text('[{"x": 1, "y": 2, "color": "#abc"}, {"x": 3, "y": 4, "color": "red"}]')
    with pytest.raises(OptionError, check=lambda error: error.code == "option.hint_entry") as caught:
        load_hints(path)
    assert caught.value.details["place"] == f"Entry 2 of '{path}'"


def test_hints_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "hints.json"
    path.write_text('[{"x": 1, "y": 2.5, "color": "#abc"}, {"x": 3, "y": 4, "color": "#aabbcc", "radius": 5}]')
    assert load_hints(path) == [Hint(1, 2.5, "#abc"), Hint(3, 4, "#aabbcc", 5)]


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[1]", '[{"x": 1}]', '[{"x": 1, "y": 2, "color": "#fff", "size": 3}]', "\x00", "[" * 100_000],
)
def test_a_bad_hints_file_is_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "hints.json"
    path.write_text(text)
    with pytest.raises(OptionError) as caught:
        load_hints(path)
    assert str(path) in str(caught.value)
    with pytest.raises(OptionError, check=lambda error: error.code == "option.hints_unreadable"):
        load_hints(tmp_path / "none.json")


def test_a_byte_order_mark_is_not_part_of_the_json(tmp_path: Path) -> None:
    path = tmp_path / "hints.json"
    path.write_bytes(b"\xef\xbb\xbf" + b'[{"x": 1, "y": 2, "color": "#abc"}]')
    assert load_hints(path) == [Hint(1, 2, "#abc")]


def masked(*boxes: tuple[int, int, int]) -> np.ndarray:
    mask = np.zeros((64, 80), bool)
    for row, column, side in boxes:
        mask[row : row + side, column : column + side] = True
    return mask


def test_one_hint_is_a_wish_for_its_place_many_speak_for_the_picture() -> None:
    one, large, pair = masked((30, 30, 1)), masked((30, 30, 4)), masked((5, 5, 1), (55, 70, 1))
    assert hint_coverage(masked()) == hint_coverage(one) == hint_coverage(large) == 0.0
    assert 0.05 < hint_coverage(pair) < 0.15
    rng = np.random.default_rng(3)
    found = []
    for count in (3, 10, 40, 2000):
        places = zip(rng.integers(0, 64, count), rng.integers(0, 80, count), strict=True)
        found.append(hint_coverage(masked(*((int(row), int(column), 1) for row, column in places))))
    assert found == sorted(found)
    assert found[0] < 0.5
    assert found[1] > 0.7
    assert found[-1] < 1.0

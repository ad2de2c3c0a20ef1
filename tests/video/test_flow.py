"""Motion: of pictures moved by a known way, of what is hidden, and of nothing."""

import sys

import cv2
import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from photochrom.errors import MissingDependencyError
from photochrom.video.temporal import optical_flow as flow
from photochrom.video.temporal.optical_flow import find_motion, warp_layers

PHOTO = np.asarray(Image.fromarray(skimage.data.astronaut()).convert("L").resize((200, 200)), np.float32) / 2.55
OTHER = np.asarray(Image.fromarray(skimage.data.chelsea()).convert("L").resize((200, 200)), np.float32) / 2.55


def window(x: int, y: int, photo: np.ndarray = PHOTO) -> np.ndarray:
    return photo[y : y + 64, x : x + 112].copy()


@pytest.mark.parametrize(("x", "y"), [(0, 0), (1, 0), (-3, 2), (6, 5)])
def test_a_known_way_is_found_and_believed(x: int, y: int) -> None:
    motion = find_motion(window(40, 60), window(40 + x, 60 + y))
    inside = np.s_[8:-8, 8:-8]
    # what was at (x, y) more to the right and below before, is here now
    assert np.median(np.abs(motion.back[inside] - (x, y))) < 0.15
    assert np.median(np.abs(motion.ahead[inside] + (x, y))) < 0.15
    assert motion.kept[inside].mean() > 0.9
    assert motion.lasting[inside].mean() > 0.9
    assert not motion.lost


def test_what_comes_in_is_not_believed() -> None:
    motion = find_motion(window(40, 60), window(48, 60))
    assert motion.kept[:, -7:].mean() < 0.1
    assert motion.kept[:, :-10].mean() > 0.9
    assert motion.lasting[:, :7].mean() < 0.1


def test_what_is_hidden_and_shown_is_not_believed() -> None:
    before, after = window(40, 60), window(40, 60)
    before[20:44, 30:50] = OTHER[80:104, 80:100]
    after[20:44, 34:54] = OTHER[80:104, 80:100]
    motion = find_motion(before, after)
    # the strip it leaves has no past, the strip it goes to has no future
    assert motion.kept[22:42, 31:33].mean() < 0.6
    assert motion.lasting[22:42, 51:53].mean() < 0.6
    assert motion.kept[22:42, 37:52].mean() > 0.7
    assert np.median(motion.back[24:40, 38:50, 0]) == pytest.approx(-4, abs=0.3)


@pytest.mark.parametrize(("gain", "offset"), [(0.6, 0), (1.0, 20), (0.5, 30)])
def test_exposure_is_no_motion(gain: float, offset: float) -> None:
    motion = find_motion(window(40, 60), window(40, 60) * np.float32(gain) + np.float32(offset))
    assert motion.kept.mean() > 0.8
    assert np.median(np.hypot(*np.moveaxis(motion.back, -1, 0))) < 0.3


def add_grain(view: np.ndarray, seed: int, level: float = 7.0) -> np.ndarray:
    grain = cv2.GaussianBlur(np.random.default_rng(seed).normal(0, 1, view.shape).astype(np.float32), (0, 0), 0.8)
    return np.clip(view + grain * np.float32(level / grain.std()), 0, 100)


@pytest.mark.parametrize("x", [0, 2])
def test_grain_is_no_change(x: int) -> None:
    before, after = add_grain(window(40, 60), 0), add_grain(window(40 + x, 60), 1)
    motion = find_motion(before, after)
    # by how many threads OpenCV looks, a little more or less of it is found
    assert (motion.kept[8:-8, 8:-8] > 0.5).mean() > 0.85
    # what came into view still is one
    after[20:44, 40:70] = add_grain(window(80, 100, OTHER), 2)[20:44, 40:70]
    motion = find_motion(before, after)
    assert motion.kept[22:42, 42:68].mean() < 0.5
    assert motion.kept[:, 80:-8].mean() > 0.7


def test_no_grain_makes_one_picture_of_two() -> None:
    before, after = add_grain(window(40, 60), 0), add_grain(window(40, 60, OTHER), 1)
    assert find_motion(before, after).lost
    assert not flow.is_nearly_still(before, after)


def test_where_all_is_lost_things_stay_with_half_the_belief() -> None:
    motion = find_motion(window(40, 60), window(40, 60, OTHER))
    assert motion.lost
    assert not motion.back.any()
    assert np.unique(motion.kept).tolist() == [0.5]


def test_carrying_fetches_what_was_there() -> None:
    layers = np.dstack([window(40, 60), window(20, 10)])
    still = np.zeros((64, 112, 2), np.float32)
    assert np.array_equal(warp_layers(layers, still), layers)
    moved = warp_layers(layers, still + np.float32([3, 2]))
    assert np.array_equal(moved[:-2, :-3], layers[2:, 3:])
    assert np.array_equal(moved[0, -3:], np.repeat(layers[2, -1:], 3, 0))


def test_threads_change_nothing() -> None:
    # a film gone on with on another machine, or by several processes, is the same film
    rng = np.random.default_rng(0)
    photo = np.kron(rng.uniform(0, 100, (30, 40)), np.ones((8, 8))).astype(np.float32)
    before, threads = (photo[:-4], photo[4:]), cv2.getNumThreads()
    found = []
    try:
        for number in (1, 2, 5):
            cv2.setNumThreads(number)
            found.append(find_motion(*before))
    finally:
        cv2.setNumThreads(threads)
    for other in found[1:]:
        assert np.array_equal(found[0].back, other.back)
        assert np.array_equal(found[0].kept, other.kept)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_any_size(height: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pair = rng.uniform(0, 100, (2, height, width)).astype(np.float32)
    motion = find_motion(*pair)
    assert motion.back.shape == motion.ahead.shape == (height, width, 2)
    for belief in (motion.kept, motion.lasting):
        assert belief.shape == (height, width)
        assert belief.min() >= 0
        assert belief.max() <= 1


def test_without_opencv_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    flow.load_cv2.cache_clear()
    try:
        with pytest.raises(MissingDependencyError) as caught:
            find_motion(window(0, 0), window(1, 0))
        assert caught.value.details["extra"] == "video"
    finally:
        flow.load_cv2.cache_clear()

"""What is hidden for a while: its colours come back with it."""

from itertools import pairwise

import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from PIL import Image

from photochrom.video.temporal.background import Background, find_camera
from photochrom.video.temporal.color_accumulator import ColorAccumulator
from photochrom.video.temporal.optical_flow import find_motion, no_motion

WIDE = np.asarray(Image.fromarray(skimage.data.astronaut()).convert("L").resize((200, 64)), np.float32) / 2.55
HEIGHT, WIDTH = 64, 112
ONES = np.ones((HEIGHT, WIDTH), np.float32)
RED = np.stack([ONES * 40, ONES * 20])
STILL, CAMERA = no_motion(ONES.shape), np.zeros(2, np.float32)


def pass_by(light: NDArray[np.float32], left: int, level: float = 95.0) -> NDArray[np.float32]:
    """Returns a frame in front of which a bare thing stands, 30 cells wide, its left edge at ``left``."""
    frame = light.copy()
    frame[16:48, max(0, left) : max(0, left + 30)] = level
    return frame


def follow(frames: list[NDArray[np.float32]]) -> tuple[ColorAccumulator, ColorAccumulator]:
    """Returns the colours of the last frame, all red in the first, with the background and without."""
    colors = alone = ColorAccumulator.empty(ONES.shape).accumulate(RED, frames[0], ONES)
    background = Background.empty(ONES.shape).remember(colors, frames[0], STILL, CAMERA)
    for before, frame in pairwise(frames):
        motion = find_motion(before, frame)
        alone = alone.warp(motion.back, motion.kept, 1.0)
        camera = find_camera(motion)
        background = background.follow(camera, 1.0)
        colors, found = background.uncover(colors.warp(motion.back, motion.kept, 1.0), frame)
        assert found.min() >= 0.0
        assert found.max() <= 1.0
        background = background.remember(colors, frame, motion, camera)
    return colors, alone


@pytest.mark.parametrize("pan", [0.0, 1.0])
def test_what_is_uncovered_has_its_colors_again(pan: float) -> None:
    frames = []
    for step in range(40):
        start = round(step * pan)
        frames.append(pass_by(np.ascontiguousarray(WIDE[:, start : start + WIDTH]), -40 + 5 * step))
    colors, alone = follow(frames)
    # what the thing has hidden in the middle of the frame, and left long ago
    path = (slice(20, 44), slice(30, 60))
    assert np.median(alone.sums[path][..., 3]) < 0.1
    assert np.median(colors.sums[path][..., 3]) > 0.5
    red = colors.sums[path][..., 0] / np.maximum(colors.sums[path][..., 3], 1e-6)
    assert np.median(red) == pytest.approx(40.0, abs=1.0)


def test_another_thing_does_not_get_them() -> None:
    wall = np.full_like(ONES, 60.0)
    background = Background.empty(ONES.shape).remember(
        ColorAccumulator.empty(ONES.shape).accumulate(RED, wall, ONES), wall, STILL, CAMERA
    )
    colors, found = background.uncover(ColorAccumulator.empty(ONES.shape), pass_by(wall, 40, 20.0))
    assert found[20:44, 46:64].max() < 0.1
    assert found[:, :30].min() > 0.9
    assert colors.sums[30, 55, 3] < 0.1


def test_what_stays_long_enough_is_the_background() -> None:
    wall, parked = np.full_like(ONES, 60.0), np.full_like(ONES, 20.0)
    empty = ColorAccumulator.empty(ONES.shape)
    background = Background.empty(ONES.shape).remember(empty.accumulate(RED, wall, ONES), wall, STILL, CAMERA)
    green = empty.accumulate(-RED, parked, ONES)
    for _ in range(20):
        background = background.remember(green, parked, STILL, CAMERA)
    assert background.colors.sums[0, 0, 0] == 40.0
    for _ in range(20):
        background = background.remember(green, parked, STILL, CAMERA)
    assert background.colors.sums[0, 0, 0] == -40.0


def test_where_nothing_moves_as_one_it_knows_nothing() -> None:
    rng = np.random.default_rng(0)
    motion = no_motion(ONES.shape)
    motion.back[:] = rng.uniform(-6, 6, motion.back.shape)
    wall = np.full_like(ONES, 60.0)
    background = Background.empty(ONES.shape).remember(
        ColorAccumulator.empty(ONES.shape).accumulate(RED, wall, ONES), wall, STILL, CAMERA
    )
    assert background.colors.sums.any()
    assert find_camera(motion) is None
    assert not background.follow(None, 1.0).colors.sums.any()

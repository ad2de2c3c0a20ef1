"""Cuts, and what looks like one: real films, and shots made of moving photos."""

from pathlib import Path

import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from photochrom.video.temporal.shot_detection import SETTLED, CutFinder

FILMS = Path(__file__).parents[2] / "../shared/data/video"
SIZE = (64, 96)
PHOTOS = [
    np.asarray(Image.fromarray(photo).convert("L").resize((160, 110)), np.float32) / 2.55
    for photo in (skimage.data.astronaut(), skimage.data.coffee(), skimage.data.chelsea(), skimage.data.rocket())
]


def pan(photo: int, count: int, speed: int = 1) -> list[np.ndarray]:
    return [PHOTOS[photo][n // 4 :][: SIZE[0], speed * n : speed * n + SIZE[1]] for n in range(count)]


def cuts_of(frames: list[np.ndarray]) -> list[int]:
    finder = CutFinder()
    for frame in frames:
        finder.feed(np.clip(frame, 0, 100).astype(np.float32))
    finder.finish()
    return finder.cuts


@pytest.mark.parametrize(
    ("name", "cuts"),
    [
        ("bikes_colour_cuts.mp4", [30, 76, 137, 187, 242]),
        # quick pans and blur, but one shot
        ("cockatoo_colour_mp3audio.mp4", []),
        ("chaplin_bw_mp3audio.mp4", []),
    ],
)
def test_all_cuts_of_real_films_and_nothing_else(name: str, cuts: list[int]) -> None:
    if not FILMS.exists():
        pytest.skip("shared data not here")
    av = pytest.importorskip("av", reason="films need the video extra")
    frames = []
    with av.open(str(FILMS / name)) as film:
        for frame in film.decode(video=0):
            small = frame.reformat(64 * frame.width // frame.height, 64, "gray").to_ndarray()
            frames.append(small.astype(np.float32) / 2.55)
    assert cuts_of(frames) == cuts


@given(st.data())
@settings(max_examples=8, deadline=None)
def test_every_cut_between_moving_shots(data: st.DataObject) -> None:
    # no picture comes back: a shot of a few frames between two of one picture is, to the finder, a flash
    shot = st.tuples(st.integers(0, 3), st.integers(2, 12), st.integers(0, 3))
    shots = data.draw(st.lists(shot, max_size=4, unique_by=lambda drawn: drawn[0]))
    frames = [frame for shot in shots for frame in pan(*shot)]
    ends = np.cumsum([count for _, count, _ in shots]).tolist()
    assert cuts_of(frames) == ends[:-1]


@pytest.mark.parametrize("length", [1, 2, 4])
@pytest.mark.parametrize("light", [+70, -70])
def test_a_flash_is_no_cut(light: int, length: int) -> None:
    frames = pan(0, 30)
    for number in range(12, 12 + length):
        frames[number] = frames[number] + light
    assert cuts_of(frames) == []


def test_a_flash_at_a_cut_hides_no_cut() -> None:
    frames = pan(0, 12) + pan(2, 12)
    frames[11] = frames[11] + 70
    assert 12 in cuts_of(frames)


def test_fades_and_a_dissolve_are_no_cuts() -> None:
    rng = np.random.default_rng(0)
    down, up = (np.linspace(*ends, 15) for ends in ((1, 0), (0, 1)))
    fade = [frame * part for frame, part in zip(pan(0, 30), [*down, *up], strict=True)]
    assert cuts_of(fade) == []
    assert cuts_of([frame + rng.normal(0, 0.7, SIZE) for frame in fade]) == []
    still = pan(0, 1)[0], pan(1, 1)[0]
    assert cuts_of([still[0] * (1 - part) + still[1] * part for part in np.linspace(0, 1, 25)]) == []


def test_grain_and_a_still_are_no_cuts() -> None:
    rng = np.random.default_rng(1)
    assert cuts_of([frame + rng.normal(0, 4, SIZE) for frame in pan(1, 20)]) == []
    assert cuts_of([np.full(SIZE, 40.0)] * 10) == []


def test_a_picture_that_is_shown_once_is_a_shot() -> None:
    assert cuts_of(pan(0, 8) + pan(2, 1) + pan(1, 8)) == [8, 9]


def test_a_decision_falls_in_time() -> None:
    finder = CutFinder()
    frames = pan(0, 10) + pan(1, 20)
    for number, frame in enumerate(frames):
        finder.feed(frame)
        assert number < 10 + SETTLED or finder.cuts == [10]

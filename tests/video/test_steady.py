"""Steady colour, by the network that ships, on real films and on photos that move."""

import io
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photochrom.color.conversion import srgb_to_lab
from photochrom.errors import OptionError
from photochrom.evaluation.metrics.video_consistency import true_flow, warp_error
from photochrom.inference.predictor import Predictor
from photochrom.inference.session import OnnxSession
from photochrom.inference.views import FrameView
from photochrom.recolor import resize
from photochrom.registry import find_model
from photochrom.video.temporal.color_accumulator import ColorAccumulator
from photochrom.video.temporal.frame_hint import FrameHint
from photochrom.video.temporal.hint_tracking import follow_hints, hints_at, locate_hints, trace_hints_back
from photochrom.video.temporal.optical_flow import find_motion, no_motion
from photochrom.video.temporal.shot_view import ShotView, view_size
from photochrom.video.temporal.smoothing import smooth_colors
from photochrom.video.temporal.stabilizer import (
    LONGEST_STEP,
    LOOK_AHEAD,
    ShotState,
    StabilizerOptions,
    color_shot,
)
from photochrom.video.temporal.tone import SAME

FILMS = Path(__file__).parents[2] / "../shared/data/video"
#: one small size is quick; what is tested is what becomes of the network's answers
SMALL = StabilizerOptions(input_size=128)
CARD = find_model().card


def lightness(photo: np.ndarray, width: int, height: int) -> np.ndarray:
    image = Image.fromarray(photo).convert("RGB").resize((width, height))
    return srgb_to_lab(np.moveaxis(np.asarray(image), -1, 0) / 255.0)[0].astype(np.float32)


SCENE = lightness(skimage.data.coffee(), 420, 280)
CAT = lightness(skimage.data.chelsea(), 96, 64)


def pan(frames: int, step: int = 2) -> list[np.ndarray]:
    return [SCENE[60:188, 40 + step * n : 40 + step * n + 192].copy() for n in range(frames)]


@pytest.fixture(scope="module")
def engine() -> OnnxSession:
    return OnnxSession(find_model(), threads=2)


def looked_at(views):
    return (ShotView.of(view, CARD.output_stride) for view in views)


def colors_of(engine: OnnxSession, views, **how) -> list[np.ndarray]:
    return [ab for ab, _ in color_shot(engine, looked_at(views), **{"options": SMALL, **how})]


@pytest.fixture(scope="module")
def panned(engine: OnnxSession) -> list[np.ndarray]:
    return colors_of(engine, pan(60))


class Counting:
    """The network, and the short sides of what it was asked about."""

    is_parallel = False

    def __init__(self, engine: OnnxSession) -> None:
        self.card, self.engine, self.sides = engine.card, engine, []

    @property
    def asked(self) -> int:
        return len(self.sides)

    def predict(self, view, **options):
        self.sides.append(min(view.shape))
        return self.engine.predict(view, **options)


@pytest.mark.parametrize(
    ("height", "width", "size", "wanted"),
    [
        (360, 640, None, (256, 448)),
        (1080, 1920, None, (256, 448)),
        (480, 640, None, (256, 340)),
        (272, 640, None, (224, 512)),
        (640, 360, None, (448, 256)),
        (360, 640, 128, (128, 224)),
        (1, 1, None, (256, 256)),
        (1, 5000, None, (4, 1024)),
    ],
)
def test_the_view(engine: OnnxSession, height: int, width: int, size: int | None, wanted: tuple[int, int]) -> None:
    assert view_size(engine.card, height, width, size) == wanted


@given(st.integers(1, 8000), st.integers(1, 8000), st.sampled_from([None, 32, 256, 2048]))
def test_no_view_is_large_or_off_the_grid(height: int, width: int, size: int | None) -> None:
    view = view_size(CARD, height, width, size)
    assert all(side >= 4 and side % CARD.output_stride == 0 for side in view)
    assert view[0] * view[1] <= ((size or 256) + 8) ** 2 * 4


@pytest.mark.parametrize("frames", [0, 1, 2, 9])
@pytest.mark.parametrize("shape", [(64, 96), (4, 4), (4, 64), (132, 60)])
def test_every_view_gets_its_colours(engine: OnnxSession, frames: int, shape: tuple[int, int]) -> None:
    made = colors_of(engine, [view[: shape[0], : shape[1]] for view in pan(frames)])
    assert [ab.shape for ab in made] == [(2, min(shape[0], 128) // 4, shape[1] // 4)] * frames
    assert all(ab.dtype == np.float32 and np.isfinite(ab).all() for ab in made)


def test_not_steady_is_frame_by_frame(engine: OnnxSession) -> None:
    views = pan(4)
    made = colors_of(engine, views, options=StabilizerOptions(input_size=128, temporal_smoothing=0))
    for view, ab in zip(views, made, strict=True):
        assert np.allclose(ab, Predictor(engine).predict(FrameView(view, 128), input_size=128).ab, atol=1e-3)


def test_frame_by_frame_is_what_a_photo_gets(engine: OnnxSession) -> None:
    view = SCENE[:256, :256]
    frame = FrameView(view, 256)
    wide, both = (Predictor(engine).predict(frame, input_size=size).ab for size in (256, None))
    assert engine.card.sizes == [128, 256]
    assert np.array_equal(wide, engine.predict(view).ab)
    assert 0.1 < np.abs(wide - both).mean() < 10


def test_the_network_is_asked_seldom(engine: OnnxSession) -> None:
    counting = Counting(engine)
    made = colors_of(counting, pan(60, step=0))
    # frames 0, 48 and the last, each at the one size
    assert counting.asked == 3
    assert len(made) == 60


def test_grain_asks_for_no_more_looks(engine: OnnxSession) -> None:
    counting, chance = Counting(engine), np.random.default_rng(0)
    views = []
    for view in pan(40, step=0):
        grain = resize(chance.normal(0, 9, (40, 60)).astype(np.float32), (192, 128))
        views.append(np.clip(view + grain, 0, 100))
    colors_of(counting, views)
    assert counting.asked == 2


def test_what_came_into_view_at_the_end_of_a_shot_is_seen(engine: OnnxSession) -> None:
    still = Counting(engine), pan(6, step=0)
    moving = Counting(engine), pan(6, step=8)
    for counting, views in (still, moving):
        colors_of(counting, views)
    assert (still[0].asked, moving[0].asked) == (1, 2)


def test_the_network_sees_every_frame_where_that_is_asked_for(engine: OnnxSession) -> None:
    counting = Counting(engine)
    colors_of(counting, pan(5), options=StabilizerOptions(input_size=128, keyframe_interval=1))
    assert counting.asked == 5


def test_a_shot_is_seen_at_all_sizes_once_and_then_small(engine: OnnxSession) -> None:
    view = lightness(skimage.data.coffee(), 448, 256)
    counting = Counting(engine)
    colors_of(counting, [view] * 30, options=StabilizerOptions(keyframe_interval=12))
    assert sorted(counting.sides[:2]) == [128, 256]
    assert set(counting.sides[2:]) == {128}
    # not where every frame is wanted, nor where a person has a say
    counting = Counting(engine)
    colors_of(counting, [view] * 3, options=StabilizerOptions(keyframe_interval=1))
    assert sorted(counting.sides) == [128] * 3 + [256] * 3
    counting = Counting(engine)
    hint = FrameHint(frame=0, x=0.5, y=0.5, ab=(20.0, 10.0))
    colors_of(counting, [view] * 30, options=StabilizerOptions(keyframe_interval=12), hints=[hint])
    assert counting.sides.count(256) == counting.sides.count(128) > 2


def test_a_dissolve_leaves_nothing_of_the_old_shot(engine: OnnxSession) -> None:
    old, new = SCENE[60:188, 40:232], lightness(skimage.data.chelsea(), 192, 128)
    parts = np.concatenate([np.zeros(12), np.linspace(0, 1, 12), np.ones(12)])
    made = colors_of(engine, [(old * (1 - part) + new * part).astype(np.float32) for part in parts])
    first, last = (Predictor(engine).predict(FrameView(view, 128), input_size=128).ab for view in (old, new))
    apart = np.hypot(*(first - last)).mean()
    assert np.hypot(*(made[0] - first)).mean() < 0.1 * apart
    assert np.hypot(*(made[-1] - last)).mean() < 0.25 * apart
    assert np.hypot(*(made[26] - last)).mean() < 0.35 * apart


def test_a_dissolve_into_a_bright_shot_is_no_change_of_exposure(engine: OnnxSession) -> None:
    old = SCENE[60:188, 40:232] * np.float32(0.35)
    new = np.clip(lightness(skimage.data.chelsea(), 192, 128) * np.float32(0.6) + 40, 0, 100)
    parts = np.concatenate([np.zeros(12), np.linspace(0, 1, 24), np.ones(24)])
    views = [ShotView.of((old * (1 - part) + new * part).astype(np.float32), 4) for part in parts]
    states = [state for _, state in color_shot(engine, views, options=SMALL)]
    dissolving = [state for state in states if state.unsettled]
    assert dissolving
    assert all(state.exposure == SAME for state in dissolving)


def test_colour_follows_the_thing_and_not_its_exposure(engine: OnnxSession) -> None:
    # a static camera whose exposure falls by a third of the light's root, and comes back
    fall = np.concatenate([np.ones(8), np.linspace(1, 0.75, 20), np.full(30, 0.75), np.linspace(0.75, 1, 20)])
    still = SCENE[60:188, 40:232]
    views = [np.clip((still + 16) * np.float32(part) - 16, 0, 100) for part in fall]
    made = colors_of(engine, views)
    for ab in made:
        assert np.hypot(*(ab - made[0]).mean((1, 2))) < 0.5
        assert np.hypot(*(ab - made[0])).mean() < 2.0


def test_what_moves_keeps_its_colour(engine: OnnxSession, panned: list[np.ndarray]) -> None:
    views = pan(60)
    one_by_one = [Predictor(engine).predict(FrameView(view, 128), input_size=128).ab for view in views]
    flows, masks = zip(*[true_flow(*pair) for pair in pairwise(views)], strict=True)
    steady, single = (
        warp_error([np.stack([resize(p, (192, 128)) for p in ab]) for ab in made], flows, masks)
        for made in (panned, one_by_one)
    )
    assert steady < single / 3
    # and it is the network's colour, not some gray that keeps still
    for ab, own in zip(panned[::10], one_by_one[::10], strict=True):
        assert np.hypot(*ab).mean() > 0.75 * np.hypot(*own).mean()


@pytest.mark.parametrize(
    ("views", "stops"),
    # much comes into view, and so little that the network looks again after twice as many frames as are read ahead
    [(pan(48), (1, 8, 27, 47)), ([pan(2, step=n // 12)[1] for n in range(60)], (26, 40))],
)
def test_a_shot_is_gone_on_with_as_if_never_stopped(
    engine: OnnxSession, views: list[np.ndarray], stops: tuple[int, ...]
) -> None:
    hints = [FrameHint(frame=6, x=0.6, y=0.4, ab=(40.0, -30.0), radius=0.05)]
    whole = list(color_shot(engine, looked_at(views), options=SMALL, hints=hints))
    for stop in stops:
        stream = io.BytesIO()
        np.savez(stream, **whole[stop - 1][1].to_arrays())
        stream.seek(0)
        state = ShotState.from_arrays(np.load(stream))
        assert state.frame == stop
        rest = list(color_shot(engine, looked_at(views[stop:]), options=SMALL, hints=hints, state=state))
        assert len(rest) == len(views) - stop
        for (ab, after), (wanted, there) in zip(rest, whole[stop:], strict=True):
            assert np.array_equal(ab, wanted)
            assert after.frame == there.frame
    assert list(color_shot(engine, looked_at([]), options=SMALL, hints=hints, state=whole[-1][1])) == []


def test_the_look_ahead_is_bounded(engine: OnnxSession) -> None:
    taken = 0

    def views():
        nonlocal taken
        for view in pan(70):
            taken += 1
            yield view

    for number, _ in enumerate(color_shot(engine, looked_at(views()), options=SMALL)):
        assert taken - 1 <= number + LOOK_AHEAD


def test_what_enters_has_colours_of_its_own_and_what_it_hid_gets_its_own_back(engine: OnnxSession) -> None:
    still = SCENE[60:188, 40:232]
    views = []
    for number in range(50):
        view = still.copy()
        left = 200 - 6 * number
        inside = slice(max(0, left), min(192, left + 96))
        if inside.start < inside.stop:
            view[40:104, inside] = CAT[:, inside.start - left : inside.stop - left]
        views.append(view)
    made = colors_of(engine, views)
    middle = views[24]  # the cat is at 56..152
    own = Predictor(engine).predict(FrameView(middle, 128), input_size=128).ab
    hidden = made[0]
    there = np.s_[:, 12:24, 18:34]
    off = [np.hypot(*(made[24] - other)[there]).mean() for other in (own, hidden)]
    assert off[0] < off[1] / 2
    # nothing of it stays behind
    before, after = made[0][there], made[-1][there]
    assert np.hypot(*(after - before)).mean() < 0.5 * np.hypot(*(own - hidden)[there]).mean()


def test_a_flash_changes_no_colours_after_it(engine: OnnxSession, panned: list[np.ndarray]) -> None:
    views = pan(60)
    for number in (30, 31):
        views[number] = np.clip(views[number] + 75, 0, 100)
    made = colors_of(engine, views)
    for number in (34, 40, 50):
        moved = np.hypot(*(made[number] - panned[number])).mean()
        assert moved < 0.25 * np.hypot(*panned[number]).mean()
    # the flash itself is no wash of other colour either
    assert np.hypot(*(made[31] - panned[31])).mean() < 0.5 * np.hypot(*panned[31]).mean()


def test_a_hint_is_held_along_the_motion(engine: OnnxSession, panned: list[np.ndarray]) -> None:
    wanted = np.float32([10.0, -60.0])
    hint = FrameHint(frame=20, x=0.75, y=0.5, ab=(10.0, -60.0), radius=0.1)
    made = colors_of(engine, pan(60), hints=[hint])
    nearer = []
    for number in (0, 20, 30, 50):
        # two pixels a frame to the left, of 192
        x = round((0.75 - (number - 20) * 2 / 192) * 48)
        there = np.s_[:, 14:18, x - 2 : x + 2]
        gaps = [np.linalg.norm(ab[number][there].mean((1, 2)) - wanted) for ab in (panned, made)]
        nearer.append(gaps[1] / gaps[0])
    assert nearer[0] > 0.85
    assert max(nearer[1:]) < 0.7
    change = np.hypot(*(made[22] - panned[22]))
    assert change[26:, :20].mean() < change[14:18, 33:37].mean() / 3


def test_a_hint_is_let_go_where_its_thing_leaves() -> None:
    views = pan(38, step=5)
    hints = [FrameHint(frame=0, x=0.2, y=0.5, ab=(0.0, 0.0)), FrameHint(frame=37, x=0.75, y=0.5, ab=(0.0, 0.0))]
    places = locate_hints(hints)
    for number, (before, after) in enumerate(pairwise(views), 1):
        motion = find_motion(before[::4, ::4].copy(), after[::4, ::4].copy())
        places = follow_hints(places, motion, hints, number)
        if number == 2:
            assert places[0, 0] == pytest.approx(0.2 - 2 * 5 / 192, abs=0.02)
            assert [hint.x for hint in hints_at(hints, places, number)] == [pytest.approx(float(places[0, 0]))]
    assert [bool(place[2]) for place in places] == [False, True]
    assert hints_at(hints, places, 37) == [hints[1]]


def test_a_hint_is_followed_back_to_where_its_thing_comes_in() -> None:
    here = FrameHint(frame=20, x=0.5, y=0.5, ab=(9.0, 9.0), radius=0.05)
    first = FrameHint(frame=0, x=0.5, y=0.5, ab=(1.0, 1.0))
    slow, quick = ([view[::4, ::4].copy() for view in pan(30, step)] for step in (3, 6))
    early, *same = trace_hints_back(slow, [here, first])
    assert same == [here, first]
    assert (early.frame, early.ab, early.radius) == (0, here.ab, here.radius)
    assert early.x == pytest.approx(0.5 + 20 * 3 / 192, abs=0.04)
    assert early.y == pytest.approx(0.5, abs=0.04)
    # at twice the speed it was at the right edge 16 frames before; the eighth frame is the next the network looks at
    assert trace_hints_back(iter(quick), [here])[0].frame == 8
    assert trace_hints_back(iter(slow), []) == ()


def test_colours_are_means_where_there_are_some_and_spread_where_there_are_none() -> None:
    rng = np.random.default_rng(0)
    ab = rng.normal(0, 20, (2, 13, 22)).astype(np.float32)
    full = np.ones((13, 22), np.float32)
    empty = ColorAccumulator.empty(full.shape)
    assert np.allclose(empty.accumulate(ab, full, full).accumulate(ab * 3, full, full).resolve(), ab * 2, atol=1e-4)
    twice = empty.accumulate(ab, full, full).merge(empty.accumulate(ab * 3, full, full * 9).fade(full / 9))
    assert np.allclose(twice.resolve(), ab * 2, atol=1e-4)
    two = np.zeros_like(ab)
    two[0, :, 11:] = 40.0
    holes = full.copy()
    holes[4:8, 3:6] = holes[:, 17:] = 0.0
    filled = empty.accumulate(two, full, holes).resolve()
    assert np.abs(filled - two)[:, :, 14:].max() < 6
    assert np.abs(filled - two)[:, 4:8, 3:6].max() < 8
    assert np.isfinite(empty.accumulate(ab, full, 0 * full).resolve()).all()


@pytest.mark.parametrize(
    ("make", "code", "name"),
    [
        (lambda: StabilizerOptions(vividness=2.5), "option.out_of_range", "vividness"),
        (lambda: StabilizerOptions(temporal_smoothing=-0.1), "option.out_of_range", "temporal_smoothing"),
        (lambda: StabilizerOptions(temporal_smoothing=float("nan")), "option.out_of_range", "temporal_smoothing"),
        (lambda: StabilizerOptions(keyframe_interval=0), "option.not_an_integer_in_range", "keyframe_interval"),
        (
            lambda: StabilizerOptions(keyframe_interval=LONGEST_STEP + 1),
            "option.not_an_integer_in_range",
            "keyframe_interval",
        ),
        (lambda: StabilizerOptions(keyframe_interval=2.5), "option.not_an_integer_in_range", "keyframe_interval"),
        (lambda: StabilizerOptions(input_size=8), "option.not_an_integer_in_range", "input_size"),
        (lambda: FrameHint(frame=-1, x=0, y=0, ab=(0, 0)), "video.frame_hint_frame_negative", None),
        (lambda: FrameHint(frame=0, x=1.2, y=0, ab=(0, 0)), "video.frame_hint_out_of_range", "x"),
    ],
)
def test_values_out_of_range_are_named(make, code: str, name: str | None) -> None:
    with pytest.raises(OptionError) as caught:
        make()
    assert (caught.value.code, caught.value.details.get("name")) == (code, name)


def test_views_of_two_sizes_are_refused(engine: OnnxSession) -> None:
    with pytest.raises(OptionError) as caught:
        colors_of(engine, [pan(1)[0], pan(1)[0][:64]])
    assert caught.value.code == "video.view_shape_changed"


@pytest.mark.parametrize(
    ("name", "first", "frames"), [("cockatoo_colour_mp3audio.mp4", 30, 24), ("bikes_colour_cuts.mp4", 187, 24)]
)
def test_real_films_meet_the_bar(engine: OnnxSession, name: str, first: int, frames: int) -> None:
    if not FILMS.exists():
        pytest.skip("shared data not here")
    av = pytest.importorskip("av", reason="films need the video extra")
    labs = []
    with av.open(str(FILMS / name)) as film:
        for number, frame in enumerate(film.decode(video=0)):
            if first <= number < first + frames:
                rgb = frame.reformat(320, 320 * frame.height // frame.width, "rgb24").to_ndarray()
                labs.append(srgb_to_lab(np.moveaxis(rgb, -1, 0) / np.float32(255)).astype(np.float32))
    height, width = labs[0].shape[1:]
    size = view_size(engine.card, height, width)
    views = [np.clip(resize(lab[0], size[::-1]), 0, 100) for lab in labs]
    flows, masks = zip(*[true_flow(a[0], b[0]) for a, b in pairwise(labs)], strict=True)
    warp, error = {}, {}
    for steady in (0.0, 1.0):
        made = colors_of(engine, views, options=StabilizerOptions(temporal_smoothing=steady))
        wide = [np.stack([resize(plane, (width, height)) for plane in ab]) for ab in made]
        warp[steady] = warp_error(wide, flows, masks)
        error[steady] = np.mean([np.hypot(*(ab - lab[1:])).mean() for ab, lab in zip(wide, labs, strict=True)])
    assert warp[1.0] <= warp[0.0] / 3
    assert warp[1.0] <= 1.5 * warp_error([lab[1:] for lab in labs], flows, masks)
    # so short a part rests on two looks, by chance better or worse; benchmarks/flicker.py takes whole films
    assert error[1.0] <= 1.15 * error[0.0]


def test_what_trembles_along_the_motion_comes_to_rest() -> None:
    chance = np.random.default_rng(0)
    thing = np.full((2, 16, 24), 20.0, np.float32)
    trembling = [thing + chance.normal(0, 2, thing.shape).astype(np.float32) for _ in range(40)]
    held, steps = trembling[0], []
    for colors in trembling[1:]:
        smoothed = smooth_colors(colors, held, no_motion((16, 24)), agreement=None, strength=1.0)
        steps.append(np.abs(smoothed - held).mean())
        held = smoothed
    raw = np.mean([np.abs(b - a).mean() for a, b in pairwise(trembling)])
    assert np.mean(steps[10:]) < raw / 5
    # another color is there at once, and what is new has none of the old
    other = thing - 60
    assert np.abs(smooth_colors(other, held, no_motion((16, 24)), agreement=None, strength=1.0) - other).max() < 0.1
    gone = replace(no_motion((16, 24)), kept=np.zeros((16, 24), np.float32))
    assert np.array_equal(smooth_colors(thing, held, gone, agreement=None, strength=1.0), thing)

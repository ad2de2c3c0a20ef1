"""Frames asked for one by one: those of ``photochrom video`` in any order, and through VapourSynth itself."""

from typing import Any

import numpy as np
import pytest

from photochrom import colorize_video
from photochrom.errors import OptionError
from photochrom.inference.session import OnnxSession
from photochrom.registry import find_model
from photochrom.video.clip_painter import ClipFrame, ClipPainter
from photochrom.video.media.probe import probe
from photochrom.video.media.reader import FrameReader
from photochrom.video.temporal.stabilizer import StabilizerOptions
from photochrom.video.yuv.colorimetry import colorimetry_of

OPTIONS: dict[str, Any] = {"model": "photochrom_fast", "input_size": 64}


@pytest.fixture
def color_film(make_film, tmp_path):
    """Make a film with a cut: its path, its frames, and those that ``photochrom video`` makes from it."""

    def make(count):
        source = make_film("a.mkv", count=count, cut=count // 3, codec="ffv1")
        target = tmp_path / "b.mkv"
        colorize_video(source, target, codec="ffv1", **OPTIONS)
        return source, list(FrameReader(probe(source)).frames()), list(FrameReader(probe(target)).frames())

    return make


def test_any_order_gives_the_same(color_film) -> None:
    source, frames, colored = color_film(40)
    reads = []

    def read(number: int) -> ClipFrame:
        reads.append(number)
        return ClipFrame(frames[number].luma, frames[number].chroma)

    def make() -> ClipPainter:
        return ClipPainter(
            read,
            count=40,
            size=frames[0].luma.shape,
            light=colorimetry_of(probe(source)),
            steps=(2, 2),
            session=OnnxSession(find_model("photochrom_fast"), device="cpu"),
            options=StabilizerOptions(input_size=64),
        )

    painter = make()
    for number in range(40):
        for plane, expected in zip(painter.chroma(number), colored[number].chroma, strict=True):
            assert np.array_equal(plane, expected), number
    assert reads == list(range(40))
    other = make()
    for number in (30, 31, 5, 39, 12, 0):
        for plane, expected in zip(other.chroma(number), colored[number].chroma, strict=True):
            assert np.array_equal(plane, expected), number


def test_in_vapoursynth(color_film) -> None:
    vs = pytest.importorskip("vapoursynth", reason="needs VapourSynth, which runs on Python 3.12 and later")
    from photochrom.vapoursynth import colorize

    _, frames, colored = color_film(100)
    height, width = frames[0].luma.shape
    blank = vs.core.std.BlankClip(format=vs.YUV420P8, width=width, height=height, length=100, keep=True)

    def fill(n: int, f: Any) -> Any:
        out = f.copy()
        for plane, values in enumerate((frames[n].luma, *frames[n].chroma)):
            np.asarray(out[plane])[:] = values
        out.props["number"] = n
        return out

    clip = blank.std.ModifyFrame(blank, fill)
    made = colorize(clip, **OPTIONS)
    assert (made.format.id, made.num_frames) == (clip.format.id, 100)
    # several at the same time, as a player asks
    for number, frame in enumerate(made.frames(prefetch=8)):
        assert frame.props["number"] == number
        assert np.array_equal(np.asarray(frame[0]), frames[number].luma)
        for plane, expected in zip((1, 2), colored[number].chroma, strict=True):
            assert np.array_equal(np.asarray(frame[plane]), expected), number
    threads = vs.core.num_threads
    try:
        vs.core.num_threads = 1
        gray = colorize(clip.std.ShufflePlanes(0, vs.GRAY)[:4].resize.Point(format=vs.GRAY16), **OPTIONS)
        with gray.get_frame(3) as frame:
            assert frame.format.name == "YUV444P16"
            assert np.ptp(np.asarray(frame[1])) > 500
    finally:
        vs.core.num_threads = threads
    for other in (clip.resize.Point(format=vs.RGB24, matrix_in=1), clip.resize.Point(format=vs.YUV444PS)):
        with pytest.raises(OptionError) as caught:
            colorize(other, **OPTIONS)
        assert caught.value.code == "video.clip_format"

"""Segments, the end of one beside the start of the next: the same files as one after the other, and nothing lost."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from photochrom.video.execution.render_task import RenderTask
from photochrom.video.execution.segment_writer import JoinedFrame, SegmentWriter
from photochrom.video.media.encoder import Encoding
from photochrom.video.media.segments import Segment, SegmentFile, is_whole_segment, partial_path, segment_path
from photochrom.video.temporal.shot_state import ShotState

pytest.importorskip("av", reason="films need the video extra")

ENCODING = Encoding(
    codec="h264",
    pixel_format="yuv420p",
    width=128,
    height=96,
    rate=(25, 1),
    options={"preset": "veryfast", "crf": "18"},
    depth=8,
    shift=0,
    full_range=False,
    matrix=1,
    primaries=1,
    transfer=1,
    aspect=(1, 1),
    interlaced=False,
    top_first=True,
    threads=3,
    global_header=True,
)
#: three shots, the second in two segments
SEGMENTS = (Segment(0, 0, 0, 20), Segment(1, 1, 20, 45), Segment(2, 1, 45, 70), Segment(3, 2, 70, 80))


class _State:
    def to_arrays(self) -> dict[str, Any]:
        return {"numbers": np.zeros(4)}


def make_task(folder: Path) -> RenderTask:
    return cast(RenderTask, SimpleNamespace(encoding=ENCODING, folder=folder, segments=SEGMENTS))


def join_frames(first: int = 0) -> Iterator[JoinedFrame]:
    for number in range(first, 80):
        rng = np.random.default_rng(number)
        planes = tuple(rng.integers(16, 235, shape, np.uint8) for shape in ((96, 128), (48, 64), (48, 64)))
        yield JoinedFrame(number, planes, cast(ShotState, _State()))


def write(folder: Path, on_frame: Callable[[int], bool] = lambda _: False) -> list[Segment]:
    folder.mkdir()
    return list(SegmentWriter(make_task(folder), on_frame).write(SEGMENTS, join_frames()))


def test_the_files_are_those_of_segments_written_one_by_one(tmp_path: Path) -> None:
    assert write(tmp_path / "all") == list(SEGMENTS)
    (tmp_path / "single").mkdir()
    for segment in SEGMENTS:
        writer = SegmentWriter(make_task(tmp_path / "single"), lambda _: False)
        assert list(writer.write([segment], join_frames(segment.first))) == [segment]
        together, alone = (segment_path(tmp_path / name, segment).read_bytes() for name in ("all", "single"))
        assert together == alone
    assert {path.name for path in (tmp_path / "all").iterdir()} == {
        path.name for path in (tmp_path / "single").iterdir()
    }
    assert [path.name for path in (tmp_path / "all").glob("*.npz")] == ["000001.state.npz"]


@pytest.mark.parametrize("last", [25, 44, 46])
def test_a_stop_keeps_what_there_is(tmp_path: Path, last: int) -> None:
    done = write(tmp_path / "run", lambda number: number == last)
    whole = [segment for segment in SEGMENTS if segment.stop <= last + 1]
    assert done == whole
    for segment in whole:
        assert is_whole_segment(segment_path(tmp_path / "run", segment), segment)
    parts = [segment for segment in SEGMENTS if partial_path(tmp_path / "run", segment).exists()]
    assert parts == [segment for segment in SEGMENTS if segment.first <= last < segment.stop - 1]


def test_a_full_disk_at_the_end_of_a_segment_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finish = SegmentFile.finish

    def fail_once(file: SegmentFile) -> None:
        if file._path.name.startswith("000001"):
            raise OSError(28, "No space left on device")
        finish(file)

    monkeypatch.setattr(SegmentFile, "finish", fail_once)
    with pytest.raises(OSError, match="No space left"):
        write(tmp_path / "run")
    kept = [segment.number for segment in SEGMENTS if segment_path(tmp_path / "run", segment).exists()]
    assert 0 in kept
    assert 1 not in kept
    assert not list((tmp_path / "run").glob("000001.state*"))


def test_an_error_in_the_frames_comes_out(tmp_path: Path) -> None:
    def fail(number: int) -> bool:
        if number == 30:
            raise ZeroDivisionError
        return False

    with pytest.raises(ZeroDivisionError):
        write(tmp_path / "run", fail)
    assert is_whole_segment(segment_path(tmp_path / "run", SEGMENTS[0]), SEGMENTS[0])
    assert not partial_path(tmp_path / "run", SEGMENTS[1]).exists()

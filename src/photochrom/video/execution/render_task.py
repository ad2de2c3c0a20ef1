"""What is to be rendered of a film, and what of it is on the disk already."""

from dataclasses import dataclass
from pathlib import Path

from photochrom.video.media.encoder import Encoding
from photochrom.video.media.probe import Video
from photochrom.video.media.scan import Scan
from photochrom.video.media.segments import Segment, frame_numbers, is_whole_segment, partial_path, segment_path
from photochrom.video.temporal.frame_hint import FrameHint
from photochrom.video.temporal.stabilizer import StabilizerOptions

__all__ = ["RenderTask", "ShotTask", "find_playable", "find_remaining_shots", "list_all_shots"]


@dataclass(frozen=True, eq=False, kw_only=True)
class RenderTask:
    """What is to be rendered of a film; it can be sent to other processes.

    Attributes:
        video: the source.
        scan: its frames and cuts.
        encoding: how the pictures are compressed, and at what size.
        segments: all of them, in order.
        folder: where segments are kept.
        stabilizer: how shots are coloured.
        hints: by shot, colours at places of its frames.
    """

    video: Video
    scan: Scan
    encoding: Encoding
    segments: tuple[Segment, ...]
    folder: Path
    stabilizer: StabilizerOptions
    hints: dict[int, tuple[FrameHint, ...]]


@dataclass(frozen=True)
class ShotTask:
    """The segments of a shot that are not there yet, and the first frame of the shot."""

    first: int
    segments: tuple[Segment, ...]


def find_remaining_shots(task: RenderTask) -> list[ShotTask]:
    """Returns what is left to do, shot by shot; within a shot everything after the first segment that is not whole."""
    shots: dict[int, list[Segment]] = {}
    begins: dict[int, int] = {}
    for segment in task.segments:
        begins.setdefault(segment.shot, segment.first)
        done = shots.setdefault(segment.shot, [])
        if done or not is_whole_segment(segment_path(task.folder, segment), segment):
            done.append(segment)
    return [ShotTask(begins[shot], tuple(segments)) for shot, segments in shots.items() if segments]


def list_all_shots(task: RenderTask) -> list[ShotTask]:
    """Returns what there is to do where nothing is kept: every shot."""
    shots: dict[int, list[Segment]] = {}
    for segment in task.segments:
        shots.setdefault(segment.shot, []).append(segment)
    return [ShotTask(segments[0].first, tuple(segments)) for segments in shots.values()]


def find_playable(task: RenderTask) -> list[Path]:
    """Returns the segments from the first on as far as they are there, the last perhaps in part."""
    paths: list[Path] = []
    for segment in task.segments:
        path = segment_path(task.folder, segment)
        if path.exists():
            paths.append(path)
            continue
        part = partial_path(task.folder, segment)
        return [*paths, part] if part.exists() and frame_numbers(part) else paths
    return paths

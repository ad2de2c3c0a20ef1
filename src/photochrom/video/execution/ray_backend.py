"""Shares the shots of one film among the machines of a Ray cluster.

Each shot is a task. It reads the film where it lies, so every machine must see it under the same path; finished
segments come back through Ray and are kept in the folder beside the output, so a run on a cluster is resumed as any
other. The result is that of one process wherever the machines' processors compute alike.
"""

import socket
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from photochrom.errors import UnreadableFilmError
from photochrom.system.atomic import write_whole
from photochrom.system.ray_cluster import RETRIES, connect_ray, explain_ray_error
from photochrom.video.execution.pool import SessionFactory
from photochrom.video.execution.render_task import RenderTask, ShotTask
from photochrom.video.execution.shot_renderer import ShotRenderer
from photochrom.video.media.segments import Segment, segment_path, state_path

__all__ = ["render_on_ray"]

_POLL = 0.2


def render_on_ray(
    task: RenderTask,
    sessions: SessionFactory,
    shots: Sequence[ShotTask],
    *,
    tasks: int | None,
    on_frames: Callable[[int], bool],
) -> bool:
    """Renders the segments of these shots on a Ray cluster: that of ``RAY_ADDRESS``, or one begun here and ended after.

    Args:
        task: what is to be rendered.
        sessions: opens the network in each task.
        shots: what is left.
        tasks: at most so many at a time; None for as many as the cluster has processors.
        on_frames: called now and then with the frames rendered so far; True stops the work.

    Returns:
        False where it was stopped, with the finished segments kept.

    Raises:
        MissingDependencyError: Ray is not installed.
        OutputError: the cluster cannot be reached, or a shot was lost too often.
        UnreadableFilmError: a machine does not see the film, or it has changed.
    """
    with connect_ray("Sharing a film among machines") as ray:
        return _collect_segments(ray, task, sessions, shots, tasks, on_frames)


def _collect_segments(
    ray: Any,
    task: RenderTask,
    sessions: SessionFactory,
    shots: Sequence[ShotTask],
    tasks: int | None,
    on_frames: Callable[[int], bool],
) -> bool:
    render = ray.remote(num_cpus=1, max_retries=RETRIES)(_render_shot)
    shared = ray.put((task, sessions))
    # long shots first, so that none is left for the end
    waiting = sorted(shots, key=lambda shot: shot.segments[-1].stop - shot.segments[0].first)
    most = tasks or len(waiting)
    running: dict[Any, ShotTask] = {}
    made = 0
    while waiting or running:
        while waiting and len(running) < most:
            shot = waiting.pop()
            running[render.remote(shared, shot, _read_state_before(task, shot))] = shot
        ready, _ = ray.wait(list(running), num_returns=1, timeout=_POLL, fetch_local=False)
        for stream in ready:
            try:
                segment, packets, state = ray.get(next(stream))
            except StopIteration:
                del running[stream]
                continue
            except ray.exceptions.RayError as error:
                raise explain_ray_error(ray, error, "a shot") from error
            _store_segment(task, segment, packets, state)
            made += segment.stop - segment.first
        if on_frames(made):
            for stream in running:
                ray.cancel(stream, force=True)
            return False
    return True


def _render_shot(
    shared: tuple[RenderTask, SessionFactory], shot: ShotTask, state: bytes | None
) -> Iterator[tuple[Segment, bytes, bytes | None]]:
    """Renders a shot on a machine of the cluster; yields its segments, as files' bytes, each with its state."""
    task, sessions = shared
    if not task.video.path.is_file():
        raise UnreadableFilmError("video.missing_on_machine", path=task.video.path, machine=socket.gethostname())
    with tempfile.TemporaryDirectory(prefix="photochrom-") as folder:
        here = replace(task, folder=Path(folder))
        if state is not None:
            state_path(here.folder, task.segments[shot.segments[0].number - 1]).write_bytes(state)
        for segment in ShotRenderer(here, sessions.open(), lambda _: False).render_segments([shot]):
            packets, after = segment_path(here.folder, segment), state_path(here.folder, segment)
            yield segment, packets.read_bytes(), after.read_bytes() if after.exists() else None
            packets.unlink()


def _read_state_before(task: RenderTask, shot: ShotTask) -> bytes | None:
    before = shot.segments[0]
    if before.first == shot.first:
        return None
    path = state_path(task.folder, task.segments[before.number - 1])
    return path.read_bytes() if path.exists() else None


def _store_segment(task: RenderTask, segment: Segment, packets: bytes, state: bytes | None) -> None:
    # the state first: from a whole segment a run can always go on
    pairs = [(segment_path(task.folder, segment), packets)]
    if state is not None:
        pairs.insert(0, (state_path(task.folder, segment), state))
    for path, content in pairs:
        write_whole(path, content, overwrite=True)

"""Shares the shots of one film among the machines of a Ray cluster.

Each shot is a task. It reads the film where it lies, so every machine must see it under the same path; finished
segments come back through Ray and are kept in the folder beside the output, so a run on a cluster is gone on with as
any other. The result is that of one process wherever the machines' processors compute alike.
"""

import socket
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from photochrom.errors import UnreadableFilmError
from photochrom.system.atomic import write_whole
from photochrom.system.ray_cluster import RETRIES, joined, reason
from photochrom.video.execution.pool import Network
from photochrom.video.execution.shot_renderer import ShotRenderer, ShotWork, Work
from photochrom.video.media.segments import Segment, segment_path, state_path

__all__ = ["paint_on_ray"]

_POLL = 0.2


def paint_on_ray(
    work: Work,
    network: Network,
    shots: Sequence[ShotWork],
    *,
    tasks: int | None,
    on_frames: Callable[[int], bool],
) -> bool:
    """Make the segments of these shots on a Ray cluster: that of ``RAY_ADDRESS``, or one begun here and ended after.

    Args:
        work: what is to be made.
        network: opened by each task.
        shots: what is left.
        tasks: at most so many at a time; None for as many as the cluster has processors.
        on_frames: called now and then with the frames made so far; True stops the work.

    Returns:
        False where it was stopped, with the finished segments kept.

    Raises:
        MissingDependencyError: Ray is not installed.
        OutputError: the cluster cannot be reached, or a shot was lost too often.
        UnreadableFilmError: a machine does not see the film, or it has changed.
    """
    with joined("Sharing a film among machines") as ray:
        return _gather(ray, work, network, shots, tasks, on_frames)


def _gather(
    ray: Any,
    work: Work,
    network: Network,
    shots: Sequence[ShotWork],
    tasks: int | None,
    on_frames: Callable[[int], bool],
) -> bool:
    task = ray.remote(num_cpus=1, max_retries=RETRIES)(_paint_shot)
    shared = ray.put((work, network))
    # long shots first, so that none is left for the end
    waiting = sorted(shots, key=lambda shot: shot.segments[-1].stop - shot.segments[0].first)
    most = tasks or len(waiting)
    running: dict[Any, ShotWork] = {}
    made = 0
    while waiting or running:
        while waiting and len(running) < most:
            shot = waiting.pop()
            running[task.remote(shared, shot, _state_before(work, shot))] = shot
        ready, _ = ray.wait(list(running), num_returns=1, timeout=_POLL, fetch_local=False)
        for stream in ready:
            try:
                segment, packets, state = ray.get(next(stream))
            except StopIteration:
                del running[stream]
                continue
            except ray.exceptions.RayError as error:
                raise reason(ray, error, "a shot") from error
            _keep(work, segment, packets, state)
            made += segment.stop - segment.first
        if on_frames(made):
            for stream in running:
                ray.cancel(stream, force=True)
            return False
    return True


def _paint_shot(
    shared: tuple[Work, Network], shot: ShotWork, state: bytes | None
) -> Iterator[tuple[Segment, bytes, bytes | None]]:
    """On a machine of the cluster: the segments of a shot, as files' bytes, each with the state after it."""
    work, network = shared
    if not work.film.path.is_file():
        raise UnreadableFilmError(
            f"{work.film.path} is not there on {socket.gethostname()}: put the film where every machine of the cluster "
            "sees it under the same path"
        )
    with tempfile.TemporaryDirectory(prefix="photochrom-") as folder:
        here = replace(work, folder=Path(folder))
        if state is not None:
            state_path(here.folder, work.segments[shot.segments[0].number - 1]).write_bytes(state)
        for segment in ShotRenderer(here, network.open(), lambda _: False).segments([shot]):
            packets, after = segment_path(here.folder, segment), state_path(here.folder, segment)
            yield segment, packets.read_bytes(), after.read_bytes() if after.exists() else None
            packets.unlink()


def _state_before(work: Work, shot: ShotWork) -> bytes | None:
    before = shot.segments[0]
    if before.first == shot.first:
        return None
    path = state_path(work.folder, work.segments[before.number - 1])
    return path.read_bytes() if path.exists() else None


def _keep(work: Work, segment: Segment, packets: bytes, state: bytes | None) -> None:
    # the state first: a whole segment always can be gone on from
    pairs = [(segment_path(work.folder, segment), packets)]
    if state is not None:
        pairs.insert(0, (state_path(work.folder, segment), state))
    for path, content in pairs:
        write_whole(path, content, overwrite=True)

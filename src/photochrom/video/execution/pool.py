"""Shares the shots of one film among processes. The result is that of one process, packet by packet."""

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.synchronize import Event
from typing import Any

from photochrom.errors import OutputError
from photochrom.inference.session import OnnxSession
from photochrom.registry import Model
from photochrom.system.processes import follow_parent, limit_threads
from photochrom.video.execution.render_task import RenderTask, ShotTask
from photochrom.video.execution.shot_renderer import ShotRenderer

__all__ = ["SessionFactory", "render_in_processes"]

_POLL = 0.2
_renderer: ShotRenderer


class SessionFactory:
    """Opens a network, in each process for itself.

    Args:
        model: the network.
        device: where it runs.
        threads: that it may use; None for all.
    """

    def __init__(self, model: Model, device: str, threads: int | None) -> None:
        self._model, self._device, self._threads = model, device, threads
        self._session: OnnxSession | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Travels to another process without the network."""
        return self.__dict__ | {"_session": None}

    def open(self) -> OnnxSession:
        """Returns the network, which this process opens once.

        Raises:
            ModelError: it cannot be used.
        """
        if self._session is None:
            self._session = OnnxSession(self._model, device=self._device, threads=self._threads)
        return self._session


def render_in_processes(
    task: RenderTask,
    sessions: SessionFactory,
    shots: Sequence[ShotTask],
    *,
    processes: int,
    on_frames: Callable[[int], bool],
) -> bool:
    """Renders the segments of these shots in several processes.

    Args:
        task: what is to be rendered.
        sessions: opens the network in each process.
        shots: what is left.
        processes: how many.
        on_frames: called now and then with the frames rendered so far; True stops the work.

    Returns:
        False where it was stopped, with what was rendered kept.

    Raises:
        OutputError: a process was killed.
    """
    context = multiprocessing.get_context("spawn")
    limit_threads()
    count = context.Value("q", 0)
    stop = context.Event()
    with ProcessPoolExecutor(
        processes, mp_context=context, initializer=_start_worker, initargs=(task, sessions, count, stop)
    ) as pool:
        # long shots first, so that none is left for the end
        longest = sorted(shots, key=lambda shot: shot.segments[0].first - shot.segments[-1].stop)
        waiting = {pool.submit(_render_shot, shot) for shot in longest}
        whole = True
        try:
            while waiting:
                done, waiting = wait(waiting, timeout=_POLL, return_when=FIRST_COMPLETED)
                if on_frames(count.value):
                    stop.set()
                for future in done:
                    whole = future.result() and whole
        except BrokenProcessPool as error:
            raise OutputError("video.worker_killed") from error
        except BaseException:
            stop.set()
            raise
        on_frames(count.value)
        return whole


def _start_worker(task: RenderTask, sessions: SessionFactory, count: Any, stop: Event) -> None:
    global _renderer
    follow_parent()

    def on_frame(number: int) -> bool:
        with count.get_lock():
            count.value += 1
        return stop.is_set()

    _renderer = ShotRenderer(task, sessions.open(), on_frame)


def _render_shot(shot: ShotTask) -> bool:
    return _renderer.render([shot])

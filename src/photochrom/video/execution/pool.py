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
from photochrom.system.processes import follow_parent, one_thread_each
from photochrom.video.execution.shot_renderer import ShotRenderer, ShotWork, Work

__all__ = ["Network", "paint_shared"]

_POLL = 0.2
_painter: ShotRenderer


class Network:
    """A network, where it runs, and the threads it may use; opened in each process for itself."""

    def __init__(self, model: Model, device: str, threads: int | None) -> None:
        self._model, self._device, self._threads = model, device, threads

    def open(self) -> OnnxSession:
        """Open it. Raises ModelError."""
        return OnnxSession(self._model, device=self._device, threads=self._threads)


def paint_shared(
    work: Work,
    network: Network,
    shots: Sequence[ShotWork],
    *,
    processes: int,
    on_frames: Callable[[int], bool],
) -> bool:
    """Make the segments of these shots in several processes.

    Args:
        work: what is to be made.
        network: opened by each process.
        shots: what is left.
        processes: how many.
        on_frames: called now and then with the frames made so far; True stops the work.

    Returns:
        False where it was stopped, with what was made kept.

    Raises:
        OutputError: a process was killed.
    """
    context = multiprocessing.get_context("spawn")
    one_thread_each()
    count = context.Value("q", 0)
    stop = context.Event()
    with ProcessPoolExecutor(
        processes, mp_context=context, initializer=_begin, initargs=(work, network, count, stop)
    ) as pool:
        # long shots first, so that none is left for the end
        longest = sorted(shots, key=lambda shot: shot.segments[0].first - shot.segments[-1].stop)
        waiting = {pool.submit(_paint, shot) for shot in longest}
        whole = True
        try:
            while waiting:
                done, waiting = wait(waiting, timeout=_POLL, return_when=FIRST_COMPLETED)
                if on_frames(count.value):
                    stop.set()
                for future in done:
                    whole = future.result() and whole
        except BrokenProcessPool as error:
            raise OutputError(
                "a process that coloured shots was killed, perhaps for want of memory: go on with --resume and fewer "
                "--jobs"
            ) from error
        except BaseException:
            stop.set()
            raise
        on_frames(count.value)
        return whole


def _begin(work: Work, network: Network, count: Any, stop: Event) -> None:
    global _painter
    follow_parent()

    def on_frame(number: int) -> bool:
        with count.get_lock():
            count.value += 1
        return stop.is_set()

    _painter = ShotRenderer(work, network.open(), on_frame)


def _paint(shot: ShotWork) -> bool:
    return _painter.paint([shot])

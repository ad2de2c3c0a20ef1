"""One photo taken from its file to its scores, in this process or in others side by side."""

import multiprocessing
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any

from photochrom.errors import DataError, EvaluationError, PhotochromError
from photochrom.evaluation.colorize import SystemColorizer
from photochrom.evaluation.hint_sampling import draw_hints
from photochrom.evaluation.inputs.ground_truth import Place, Truths, is_gray
from photochrom.evaluation.inputs.predictions import UnfitOutputError
from photochrom.evaluation.inputs.protocol import Pixels, Protocol, gray_of
from photochrom.evaluation.inputs.systems import System
from photochrom.evaluation.journal import Scored
from photochrom.evaluation.metrics import psnr
from photochrom.evaluation.metrics.planes import rgb_planes
from photochrom.evaluation.onnx_metrics import Judges, open_judge
from photochrom.evaluation.results.schema import LeftOut
from photochrom.evaluation.score_photo import score_photo
from photochrom.system.processes import follow_parent, one_thread_each

__all__ = ["Conditions", "Task", "Worker", "side_by_side"]


@dataclass(frozen=True)
class Conditions:
    """What every photo is scored under."""

    truths: Truths
    protocol: Protocol
    judges: Judges
    device: str
    seed: int


@dataclass(frozen=True)
class Task:
    """One photo, and the systems it has still to be scored with; all of them together read it once."""

    place: Place
    systems: tuple[System, ...]


class Worker:
    """Does tasks.

    Args:
        conditions: see there.

    Raises:
        EvaluationError: a network to measure with cannot be opened.
    """

    def __init__(self, conditions: Conditions) -> None:
        self._conditions = conditions
        self._painter = SystemColorizer(conditions.device)
        self._judges = {role: open_judge(path) for role, path in conditions.judges.named().items()}

    def do(self, task: Task) -> list[Scored]:
        """What became of the photo, one answer a system, in their order."""
        photo = task.place.id
        try:
            truth = self._conditions.truths.read(task.place, self._conditions.protocol)
        except DataError as error:
            left_out = LeftOut(photo, "unreadable", str(error))
            return [Scored(photo, left_out=left_out, of_set=True) for _ in task.systems]
        size = (truth.shape[1], truth.shape[0])
        if is_gray(truth):
            reason = f"'{task.place.name}' has no colour of its own: nothing can be measured by it"
            left_out = LeftOut(photo, "gray truth", reason)
            return [Scored(photo, size, left_out=left_out, of_set=True) for _ in task.systems]
        gray = gray_of(truth)
        return [self._score(system, photo, gray, truth, size) for system in task.systems]

    def _score(self, system: System, photo: str, gray: Pixels, truth: Pixels, size: tuple[int, int]) -> Scored:
        try:
            painted = self._painter.paint(system, gray, truth, photo)
        except UnfitOutputError as error:
            return Scored(photo, size, left_out=LeftOut(photo, error.kind, str(error)))
        except PhotochromError as error:
            return Scored(photo, size, left_out=LeftOut(photo, "failed", str(error)))
        confidence = painted.confidence if system.calibrated else None
        score = score_photo(painted.pixels, truth, gray, confidence=confidence, judges=self._judges)
        hints = tuple((count, self._with_hints(system, count, photo, gray, truth)) for count in system.hints)
        return Scored(photo, size, score, painted.seconds, hints)

    def _with_hints(self, system: System, count: int, photo: str, gray: Pixels, truth: Pixels) -> float:
        hints = draw_hints(truth, count, seed=self._conditions.seed, photo=photo)
        made = self._painter.color(system, gray, hints=hints).pixels
        return psnr(rgb_planes(made), rgb_planes(truth))


def side_by_side(conditions: Conditions, tasks: Sequence[Task], jobs: int) -> Iterator[tuple[Task, list[Scored]]]:
    """Do tasks in ``jobs`` processes, or in this one; answers come in the tasks' order, a bounded number ahead.

    Raises:
        EvaluationError: a process was killed.
    """
    if jobs == 1 or len(tasks) < 2:
        worker = Worker(conditions)
        yield from ((task, worker.do(task)) for task in tasks)
        return
    one_thread_each()
    pool = ProcessPoolExecutor(
        min(jobs, len(tasks)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(conditions,),
    )
    waiting: deque[tuple[Task, Future[list[Scored]]]] = deque()
    remaining = iter(tasks)
    try:
        for task in remaining:
            waiting.append((task, pool.submit(_do, task)))
            if len(waiting) > 3 * jobs:
                first, answer = waiting.popleft()
                yield first, answer.result()
        while waiting:
            first, answer = waiting.popleft()
            yield first, answer.result()
    except BrokenProcessPool as error:
        raise EvaluationError(
            "a process that was scoring has been killed, most likely for want of memory: use fewer --jobs, then go on "
            "with --resume"
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_worker: Any = None


def _begin(conditions: Conditions) -> None:
    global _worker
    follow_parent()
    _worker = Worker(conditions)


def _do(task: Task) -> list[Scored]:
    answer: list[Scored] = _worker.do(task)
    return answer

"""Scores photos one by one, from the file to the figures, in this process or in several."""

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
from photochrom.evaluation.inputs.ground_truth import GroundTruths, PhotoRef, is_gray
from photochrom.evaluation.inputs.predictions import UnusablePredictionError
from photochrom.evaluation.inputs.protocol import Pixels, Protocol, gray_of
from photochrom.evaluation.inputs.systems import System
from photochrom.evaluation.journal import PhotoOutcome
from photochrom.evaluation.metrics import psnr
from photochrom.evaluation.metrics.planes import rgb_planes
from photochrom.evaluation.onnx_metrics import MetricNetworks, open_onnx_metric
from photochrom.evaluation.results.schema import LeftOut
from photochrom.evaluation.score_photo import score_photo
from photochrom.messages import render
from photochrom.system.processes import follow_parent, limit_threads

__all__ = ["Conditions", "Task", "Worker", "run_tasks"]


@dataclass(frozen=True)
class Conditions:
    """The conditions that every photo is scored under."""

    truths: GroundTruths
    protocol: Protocol
    networks: MetricNetworks
    device: str
    seed: int


@dataclass(frozen=True)
class Task:
    """One photo, and the systems it has still to be scored with; all of them together read it once."""

    ref: PhotoRef
    systems: tuple[System, ...]


class Worker:
    """Scores the photos of tasks.

    Args:
        conditions: see there.

    Raises:
        EvaluationError: a network to measure with cannot be opened.
    """

    def __init__(self, conditions: Conditions) -> None:
        self._conditions = conditions
        self._colorizer = SystemColorizer(conditions.device)
        self._networks = {role: open_onnx_metric(path) for role, path in conditions.networks.by_role().items()}

    def do(self, task: Task) -> list[PhotoOutcome]:
        """Returns the outcomes of the task's photo, one a system, in their order."""
        photo = task.ref.id
        try:
            truth = self._conditions.truths.read(task.ref, self._conditions.protocol)
        except DataError as error:
            left_out = LeftOut(photo, "unreadable", str(error))
            return [PhotoOutcome(photo, left_out=left_out, of_set=True) for _ in task.systems]
        size = (truth.shape[1], truth.shape[0])
        if is_gray(truth):
            reason = str(render("evaluation.truth_is_gray", {"photo": task.ref.name}))
            left_out = LeftOut(photo, "gray truth", reason)
            return [PhotoOutcome(photo, size, left_out=left_out, of_set=True) for _ in task.systems]
        gray = gray_of(truth)
        return [self._score(system, photo, gray, truth, size) for system in task.systems]

    def _score(self, system: System, photo: str, gray: Pixels, truth: Pixels, size: tuple[int, int]) -> PhotoOutcome:
        try:
            answer = self._colorizer.colorize(system, gray, truth, photo)
        except UnusablePredictionError as error:
            return PhotoOutcome(photo, size, left_out=LeftOut(photo, error.kind, str(error)))
        except PhotochromError as error:
            return PhotoOutcome(photo, size, left_out=LeftOut(photo, "failed", str(error)))
        confidence = answer.confidence if system.calibrated else None
        score = score_photo(answer.pixels, truth, gray, confidence=confidence, networks=self._networks)
        hints = tuple((count, self._measure_with_hints(system, count, photo, gray, truth)) for count in system.hints)
        return PhotoOutcome(photo, size, score, answer.seconds, hints)

    def _measure_with_hints(self, system: System, count: int, photo: str, gray: Pixels, truth: Pixels) -> float:
        hints = draw_hints(truth, count, seed=self._conditions.seed, photo=photo)
        made = self._colorizer.run_network(system, gray, hints=hints).pixels
        return psnr(rgb_planes(made), rgb_planes(truth))


def run_tasks(conditions: Conditions, tasks: Sequence[Task], jobs: int) -> Iterator[tuple[Task, list[PhotoOutcome]]]:
    """Does tasks in ``jobs`` processes, or in this one; answers come in the tasks' order, a bounded number ahead.

    Raises:
        EvaluationError: a process was killed.
    """
    if jobs == 1 or len(tasks) < 2:
        worker = Worker(conditions)
        yield from ((task, worker.do(task)) for task in tasks)
        return
    limit_threads()
    pool = ProcessPoolExecutor(
        min(jobs, len(tasks)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(conditions,),
    )
    waiting: deque[tuple[Task, Future[list[PhotoOutcome]]]] = deque()
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
        raise EvaluationError("evaluation.worker_killed") from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_worker: Any = None


def _begin(conditions: Conditions) -> None:
    global _worker
    follow_parent()
    _worker = Worker(conditions)


def _do(task: Task) -> list[PhotoOutcome]:
    answer: list[PhotoOutcome] = _worker.do(task)
    return answer

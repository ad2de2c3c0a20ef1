"""Scores photos one by one, from the file to the figures, in this process or in several."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

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
from photochrom.evaluation.onnx_metrics import MetricNetworks, OnnxMetric, open_onnx_metric
from photochrom.evaluation.results.schema import LeftOut
from photochrom.evaluation.score_photo import score_photo
from photochrom.messages import render
from photochrom.system.process_pool import map_in_order

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
    """Scores the photos of tasks. It opens its networks with the first, so until then it can be sent to a process.

    Args:
        conditions: see there.
    """

    def __init__(self, conditions: Conditions) -> None:
        self._conditions = conditions

    @cached_property
    def _colorizer(self) -> SystemColorizer:
        return SystemColorizer(self._conditions.device)

    @cached_property
    def _networks(self) -> dict[str, OnnxMetric]:
        return {role: open_onnx_metric(path) for role, path in self._conditions.networks.by_role().items()}

    def do(self, task: Task) -> list[PhotoOutcome]:
        """Returns the outcomes of the task's photo, one a system, in their order.

        Raises:
            EvaluationError: a network to measure with cannot be opened.
        """
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
        EvaluationError: a network to measure with cannot be opened, or a process was killed.
    """
    try:
        yield from zip(tasks, map_in_order(Worker.do, Worker(conditions), tasks, jobs=jobs), strict=True)
    except DataError as error:
        if error.code != "system.process_killed":
            raise
        raise EvaluationError("evaluation.worker_killed") from error

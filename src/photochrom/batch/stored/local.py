"""Colours photos by their addresses on this machine."""

import threading
import time
from dataclasses import replace

from photochrom.batch.output import PhotoRenderer
from photochrom.batch.photo_task import Outcome
from photochrom.batch.stored.marks import OutputMarks
from photochrom.batch.stored.outcomes import StoreWatch, fail, succeed
from photochrom.batch.stored.plan import StoredPlan
from photochrom.batch.stored.select import StoredTask
from photochrom.batch.stored.stage import color_bytes, deliver, fetch
from photochrom.system.admission import PixelGate
from photochrom.system.stores import StoreSet

__all__ = ["StoredRunner"]


class StoredRunner:
    """Colours the photos of a plan here. Its method may run in several threads at once.

    Args:
        plan: what to colour.
        renderer: colours a photo.
        model: the network's name.
        jobs: photos coloured at the same time.
    """

    def __init__(self, plan: StoredPlan, renderer: PhotoRenderer, *, model: str, jobs: int) -> None:
        self._renderer, self._saving, self._model = renderer, plan.saving, model
        self._stores = StoreSet()
        self._target = self._stores.get(plan.jobs[0].target)
        self._marks = None if plan.output is None else OutputMarks(self._target, plan.output)
        self._coloring = threading.BoundedSemaphore(jobs)
        self._gate = None if renderer.in_flight is None else PixelGate(renderer.in_flight)
        self._watch = StoreWatch()

    def colorize(self, task: StoredTask, stop: threading.Event) -> Outcome | None:
        """Colours one photo; None where the run was stopped before it began."""
        if stop.is_set():
            return None
        start = time.perf_counter()
        try:
            photo = fetch(self._stores, task)
            with self._coloring:
                result = color_bytes(self._renderer, task, photo, self._saving, self._gate)
            record = replace(result.record, seconds=time.perf_counter() - start)
            deliver(self._target, self._marks, task, result, record)
        except Exception as exception:  # one bad file must not end the run, whatever it does to the libraries
            outcome = fail(task.index, task.job, exception, model=self._model, seconds=time.perf_counter() - start)
            return self._watch.look(outcome)
        return self._watch.look(succeed(task.index, task.job, record, model=self._model))

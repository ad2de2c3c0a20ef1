"""The budget of a training, in steps or in minutes, and the learning rate that follows it."""

import math
import signal
import time
from types import FrameType
from typing import Any

import lightning.pytorch as pl

from photochrom.training.options import ScheduleOptions

__all__ = ["Budget", "rate_factor"]

#: a step that seems to take longer than this was interrupted: the machine slept, or a person held the process
LONGEST_STEP = 60.0


def rate_factor(progress: float, step: int, options: ScheduleOptions) -> float:
    """The share of the peak rate: linear warm-up, times a cosine from 1 to ``options.final``.

    Args:
        progress: used share of the budget, 0..1.
        step: steps done.
        options: warm-up and final share.
    """
    warm = min(1.0, (step + 1) / options.warmup) if options.warmup else 1.0
    cosine = 0.5 * (1.0 + math.cos(math.pi * min(progress, 1.0)))
    return warm * (cosine * (1.0 - options.final) + options.final)


class Budget(pl.Callback):
    """Sets the rates, counts time and steps, and ends the training when they are used up or Ctrl-C asks for it.

    The time used is part of every checkpoint, so a resumed training has only the rest. Validation does not count.

    Args:
        options: the budget.
    """

    def __init__(self, options: ScheduleOptions) -> None:
        self.options = options
        #: seconds of training so far, over all runs
        self.used = 0.0
        self.interrupted = False
        self._clock: float | None = None
        self._previous: Any = None

    def progress(self, step: int) -> float:
        """Used share of the budget, 0..1."""
        if self.options.steps:
            return min(step / self.options.steps, 1.0)
        return min(self.used / (60.0 * self.options.minutes), 1.0)

    def state_dict(self) -> dict[str, Any]:
        """The time used."""
        return {"used": self.used}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up the time used."""
        self.used = float(state_dict["used"])

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start the clock; from here on Ctrl-C waits for the end of a step."""
        self._clock = time.monotonic()
        trainer.should_stop = self.progress(trainer.global_step) >= 1.0
        try:
            self._previous = signal.signal(signal.SIGINT, self._interrupt)
        except ValueError:  # not the main thread: Ctrl-C is not ours to handle
            self._previous = None

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self.interrupted = True
        signal.signal(signal.SIGINT, signal.default_int_handler)  # asked twice, stop at once

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Set each group's rate."""
        factor = rate_factor(self.progress(trainer.global_step), trainer.global_step, self.options)
        for group in trainer.optimizers[0].param_groups:
            group["lr"] = group["peak"] * factor

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Count the step, and stop if it was the last."""
        now = time.monotonic()
        if self._clock is not None:
            self.used += min(now - self._clock, LONGEST_STEP)
        self._clock = now
        if self.interrupted or self.progress(trainer.global_step) >= 1.0:
            trainer.should_stop = True

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Leave out the time validation took."""
        self._clock = time.monotonic()

    def teardown(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Give Ctrl-C back."""
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)
            self._previous = None

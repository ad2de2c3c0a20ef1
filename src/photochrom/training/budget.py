"""What a training may use, in time, processor time, steps or photos, and what it has used."""

import signal
import time
from types import FrameType
from typing import Any

import lightning.pytorch as pl
import torch

from photochrom.training.cpu_time import ProcessorTime
from photochrom.training.optim.lr_schedule import periods_passed, rate_factor
from photochrom.training.schema import ScheduleOptions

__all__ = ["BUDGET_KEY", "TrainingBudget"]

#: a step that seems to take longer than this was interrupted: the machine slept, or a person held the process
LONGEST_STEP = 60.0
#: what checkpoints call the budget
BUDGET_KEY = "Budget"


class TrainingBudget(pl.Callback):
    """Sets the rates, counts what is used, and ends the training when that is all or Ctrl-C asks for it.

    What was used is part of every checkpoint, so a resumed training has only the rest. Validation does not count. Of
    several processes each knows the same: the time of the first, the sum of processor times, and whether any was
    interrupted.

    Args:
        options: the budget.
        photos: size of the training set.
    """

    def __init__(self, options: ScheduleOptions, photos: int) -> None:
        self.options, self.photos = options, photos
        #: seconds of training so far, over all runs
        self.used = 0.0
        #: seconds of processor time so far, over all runs and processes
        self.processor = 0.0
        #: used share of the budget, 0..1
        self.progress = 0.0
        #: whether the last batch ended a step; with accumulation, most do not
        self.stepped = False
        self.interrupted = False
        #: whether a training has begun
        self.started = False
        self._asked = False
        self._step = 0
        self._clock = 0.0
        self._processor_clock = ProcessorTime()
        self._previous: Any = None

    @property
    def state_key(self) -> str:
        """What checkpoints call this, whatever the class is called."""
        return BUDGET_KEY

    def state_dict(self) -> dict[str, Any]:
        """Returns what was used."""
        return {"used": self.used, "processor": self.processor}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes that up."""
        self.used = float(state_dict["used"])
        self.processor = float(state_dict.get("processor", 0.0))

    def restart(self) -> None:
        """Leaves out the time since the last batch: it went into something else."""
        self._clock = time.monotonic()
        self._processor_clock.lap()

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Starts the clock; from here on Ctrl-C waits for the end of a step."""
        self.started = True
        self._step = trainer.global_step
        self.restart()
        self._advance(trainer, pl_module)
        trainer.should_stop = self.progress >= 1.0
        try:
            self._previous = signal.signal(signal.SIGINT, self._interrupt)
        except ValueError:  # not the main thread: Ctrl-C is not ours to handle
            self._previous = None

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Sets each group's rate."""
        step, samples = trainer.global_step, _samples(pl_module)
        periods = periods_passed(self.options, step=step, samples=samples, photos=self.photos)
        factor = rate_factor(self.progress, step, self.options, periods=periods)
        for group in trainer.optimizers[0].param_groups:
            group["lr"] = group["peak"] * factor

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Counts the batch, and stops if it ended the last step."""
        now = time.monotonic()
        time_used, processor_used = min(now - self._clock, LONGEST_STEP), self._processor_clock.lap()
        self._clock = now
        # one exchange a batch: processes that disagree on when to stop wait for each other for ever
        each = _of_all(trainer, [time_used, processor_used, float(self._asked)])
        self.used += float(each[0, 0])
        self.processor += float(each[:, 1].sum())
        self.stepped = trainer.global_step != self._step
        self._step = trainer.global_step
        if self.stepped:
            self._advance(trainer, pl_module)
            self.interrupted = bool(each[:, 2].any())
            trainer.should_stop = self.interrupted or self.progress >= 1.0

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Leaves out what validation took."""
        self.restart()

    def teardown(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Gives Ctrl-C back."""
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)
            self._previous = None

    def _advance(self, trainer: pl.Trainer, task: Any) -> None:
        options = self.options
        shares = (
            (trainer.global_step, options.max_steps),
            (_samples(task), options.epochs * self.photos),
            (self.used, 60.0 * options.max_minutes),
            (self.processor, 60.0 * options.max_cpu_minutes),
        )
        self.progress = min(max(done / whole for done, whole in shares if whole), 1.0)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self._asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)  # asked twice, stop at once


def _samples(task: Any) -> int:
    return int(task.samples)


def _of_all(trainer: pl.Trainer, values: list[float]) -> torch.Tensor:
    """Returns these numbers of every process, (processes, numbers)."""
    own = torch.tensor(values)
    if trainer.world_size == 1:
        return own[None]
    gathered: torch.Tensor = trainer.strategy.all_gather(own.to(trainer.strategy.root_device))
    return gathered.cpu()

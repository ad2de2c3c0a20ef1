"""What a person sees while a network trains: a bar at a terminal, a line now and then in a log."""

from typing import Any

import lightning.pytorch as pl
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from photochrom.training.budget import TrainingBudget
from photochrom.training.callbacks.csv_logger import CsvLogger

__all__ = ["ProgressReport"]


class ProgressReport(pl.Callback):
    """Shows how much of the budget is used, the photos a second, and the latest losses and scores.

    Args:
        budget: knows the progress.
        curves: knows the losses.
    """

    def __init__(self, budget: TrainingBudget, curves: CsvLogger) -> None:
        self.budget, self.curves = budget, curves
        self.console = Console(stderr=True)
        self._bar: Progress | None = None
        self._task = TaskID(0)
        self._start, self._samples, self._said = 0.0, 0, ""

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Puts up the bar."""
        self._start, self._samples = self.budget.used, self._seen(pl_module)
        if self.console.is_terminal and trainer.is_global_zero:
            columns = (BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeRemainingColumn())
            self._bar = Progress(TextColumn("{task.description}"), *columns, console=self.console)
            self._task = self._bar.add_task("training", total=1.0)
            self._bar.start()

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Moves the bar; in a log, says something when the curves have something new."""
        rate = (self._seen(pl_module) - self._samples) / max(self.budget.used - self._start, 1e-6)
        losses = "  ".join(f"{n} {v:.4g}" for n, v in self.curves.latest.items() if n != "lr")
        if self._bar is not None:
            self._bar.update(self._task, completed=self.budget.progress, description=f"{rate:.3g} photos/s  {losses}")
        elif trainer.is_global_zero and losses != self._said:
            self._said = losses
            text = f"step {trainer.global_step}  {100 * self.budget.progress:.0f} %  {rate:.3g} photos/s  {losses}"
            self.console.print(text, soft_wrap=True, highlight=False, markup=False)

    def teardown(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Takes the bar down."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    @staticmethod
    def _seen(task: Any) -> int:
        return int(task.samples)

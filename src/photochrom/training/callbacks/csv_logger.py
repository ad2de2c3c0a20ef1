"""The curves of a training as a table that grows as it goes and survives a resume."""

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import torch

from photochrom.system.atomic import write_whole
from photochrom.training.budget import TrainingBudget
from photochrom.training.recipe_upgrade import rename_columns

__all__ = ["PROGRESS", "CsvLogger", "read_curves"]

#: the columns that say where a row stands; all others are measured there
PROGRESS = ("step", "samples", "epoch", "minutes", "cpu_minutes")


class CsvLogger(pl.Callback):
    """Writes ``metrics.csv``: how far, the rate, mean losses since the last line, and what validation found.

    Losses on validation photos begin with ``val_``. Rows of steps that a resumed training does again are dropped, so
    no step stands there twice; the means begun before a checkpoint go on after it.

    Args:
        path: of the table.
        budget: knows the time.
        every: steps between two lines.
        listeners: called with the step and the values of each new row.
    """

    def __init__(
        self,
        path: Path,
        budget: TrainingBudget,
        every: int,
        listeners: tuple[Callable[[int, Mapping[str, float]], None], ...] = (),
    ) -> None:
        self.path, self.budget, self.every, self.listeners = path, budget, every, listeners
        self.rows: list[dict[str, str]] = []
        #: the latest values, for whoever shows them
        self.latest: dict[str, float] = {}
        self._sums: dict[str, float] = {}
        self._batches = 0

    @property
    def state_key(self) -> str:
        """What checkpoints call this, whatever the class is called."""
        return "Curves"

    def state_dict(self) -> dict[str, Any]:
        """Returns the means begun."""
        return {"sums": dict(self._sums), "batches": self._batches}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes them up."""
        sums = rename_columns(state_dict.get("sums", {}))
        self._sums = {str(name): float(value) for name, value in sums.items()}
        self._batches = int(state_dict.get("batches", 0))

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Reads what was written before, up to the step the training starts from."""
        if self.path.is_file() and trainer.global_step:
            rows = [rename_columns(row) for row in read_curves(self.path)]
            self.rows = [row for row in rows if int(row["step"]) <= trainer.global_step]

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Adds this batch to the means; writes them if a line is due."""
        for name, value in outputs.items():
            # Lightning has divided what is minimised, and only that, by the batches of a step
            share = trainer.accumulate_grad_batches if name == "loss" else 1
            self._sums[name] = self._sums.get(name, 0.0) + float(value) * share
        self._batches += 1
        if self.budget.stepped and (trainer.global_step % self.every == 0 or trainer.should_stop):
            own = torch.tensor([value / self._batches for value in self._sums.values()])
            means = trainer.strategy.reduce(own.to(trainer.strategy.root_device), reduce_op="mean").tolist()
            values = dict(zip(self._sums, means, strict=True))
            self._sums, self._batches = {}, 0
            self._write(trainer, pl_module, {"lr": trainer.optimizers[0].param_groups[-1]["lr"], **values})

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Writes the scores."""
        scores: Any = pl_module.scores
        if scores:
            self._write(trainer, pl_module, scores)

    def _write(self, trainer: pl.Trainer, task: Any, values: Mapping[str, float]) -> None:
        self.latest.update(values)
        if not trainer.is_global_zero:
            return
        used = (f"{self.budget.used / 60:.3f}", f"{self.budget.processor / 60:.3f}")
        place = (trainer.global_step, task.samples, f"{task.samples / self.budget.photos:.4g}", *used)
        row = {name: str(value) for name, value in zip(PROGRESS, place, strict=True)}
        self.rows.append(row | {name: f"{value:.6g}" for name, value in values.items()})
        names = list(dict.fromkeys(name for row in self.rows for name in row))
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, names, restval="")
        writer.writeheader()
        writer.writerows(self.rows)
        write_whole(self.path, text.getvalue().encode(), overwrite=True)
        for listener in self.listeners:
            listener(trainer.global_step, values)


def read_curves(path: Path) -> list[dict[str, str]]:
    """Returns the rows of a ``metrics.csv`` that say which step they are of."""
    with path.open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if (row.get("step") or "").isdecimal()]

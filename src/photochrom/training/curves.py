"""The curves of a training as a table that grows as it goes and survives a resume."""

import csv
import io
from collections import defaultdict
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import torch

from photochrom.training.atomic import write_whole
from photochrom.training.schedule import Budget

__all__ = ["Curves"]


class Curves(pl.Callback):
    """Writes ``metrics.csv``: step, samples, minutes, rate, mean losses since the last line, and validation scores.

    Rows of steps that a resumed training does again are dropped, so no step stands there twice.

    Args:
        path: of the table.
        budget: knows the time.
        every: steps between two lines.
    """

    def __init__(self, path: Path, budget: Budget, every: int) -> None:
        self.path, self.budget, self.every = path, budget, every
        self.rows: list[dict[str, str]] = []
        #: the latest values, for whoever shows them
        self.latest: dict[str, float] = {}
        self._sums: dict[str, list[float]] = defaultdict(list)

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Read what was written before, up to the step the training starts from."""
        if self.path.is_file() and trainer.global_step:
            with self.path.open(newline="", encoding="utf-8") as file:
                rows = [row for row in csv.DictReader(file) if (row.get("step") or "").isdecimal()]
            self.rows = [row for row in rows if int(row["step"]) <= trainer.global_step]

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Add this step to the means; write them if a line is due."""
        for name, value in outputs.items():
            self._sums[name].append(float(value))
        if trainer.global_step % self.every == 0 or trainer.should_stop:
            means = {name: sum(values) / len(values) for name, values in self._sums.items()}
            self._sums.clear()
            self._write(trainer, pl_module, {"rate": trainer.optimizers[0].param_groups[-1]["lr"], **means})

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write the scores."""
        scores = {
            n: float(v) for n, v in trainer.callback_metrics.items() if isinstance(v, torch.Tensor) and n == "psnr"
        }
        if scores and not trainer.sanity_checking:
            self._write(trainer, pl_module, scores)

    def _write(self, trainer: pl.Trainer, task: Any, values: dict[str, float]) -> None:
        self.latest.update(values)
        if not trainer.is_global_zero:
            return
        row = {"step": trainer.global_step, "samples": task.samples, "minutes": f"{self.budget.used / 60:.2f}"}
        self.rows.append({name: str(v) for name, v in row.items()} | {name: f"{v:.6g}" for name, v in values.items()})
        names = list(dict.fromkeys(name for row in self.rows for name in row))
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, names, restval="")
        writer.writeheader()
        writer.writerows(self.rows)
        write_whole(self.path, text.getvalue().encode(), overwrite=True)

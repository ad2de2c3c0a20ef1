"""When a checkpoint is written, and what happens when a loss stops being a number."""

import io
import math
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import torch
from lightning.fabric.utilities import move_data_to_device

from photochrom.errors import TrainingError
from photochrom.system.atomic import write_whole
from photochrom.training.budget import TrainingBudget
from photochrom.training.checkpoints.io import KEY
from photochrom.training.schema import RunOptions

__all__ = ["Checkpointing", "FiniteLoss"]


class Checkpointing(pl.Callback):
    """Writes the run's one checkpoint every so many minutes or steps, and at the end of the training.

    Args:
        path: of the checkpoint.
        options: how often.
        about: what the checkpoint says of itself.
        budget: knows the time, the same in all processes.
    """

    def __init__(self, path: Path, options: RunOptions, about: dict[str, Any], budget: TrainingBudget) -> None:
        self.path, self.options, self.about, self.budget = path, options, about, budget
        self._last = 0.0

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Counts the time from here."""
        self._last = self.budget.used

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Writes it if it is due. Between two steps there are gradients, which no checkpoint holds."""
        steps, seconds = self.options.checkpoint_steps, 60.0 * self.options.checkpoint_minutes
        due = bool(steps and trainer.global_step % steps == 0)
        due |= bool(seconds and self.budget.used - self._last >= seconds)
        if self.budget.stepped and (due or trainer.should_stop):
            trainer.save_checkpoint(self.path)
            self._last = self.budget.used

    def on_save_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Says what the checkpoint is."""
        checkpoint[KEY] = self.about


class FiniteLoss(pl.Callback):
    """Stops a training whose loss is not a number, before the weights take it up, and keeps the batch that did it.

    Of several processes the one with that batch keeps it, the first one speaks, and all stop.

    Args:
        folder: where the batch goes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._batch: Any = None

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Remembers the batch."""
        self._batch = batch

    def on_before_backward(self, trainer: pl.Trainer, pl_module: pl.LightningModule, loss: torch.Tensor) -> None:
        """Looks at the loss.

        Raises:
            TrainingError: it is infinite or no number.
            SystemExit: the same in another process than the first.
        """
        losses = [float(value) for value in trainer.strategy.all_gather(loss.detach()).reshape(-1)]
        bad = [rank for rank, value in enumerate(losses) if not math.isfinite(value)]
        if not bad:
            return
        paths = {rank: self.folder / f"batch-{trainer.global_step}-rank-{rank}.pt" for rank in bad}
        if trainer.global_rank in paths:
            content = io.BytesIO()
            torch.save(move_data_to_device(self._batch, torch.device("cpu"))._asdict(), content)
            write_whole(paths[trainer.global_rank], content.getvalue(), overwrite=True)
        trainer.strategy.barrier("batches are kept")
        if not trainer.is_global_zero:
            raise SystemExit(0)
        raise TrainingError(
            "training.loss_not_finite", step=trainer.global_step, loss=losses[bad[0]], path=paths[bad[0]]
        )

"""When a checkpoint is written, and what happens when a loss stops being a number."""

import io
import time
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import torch

from photochrom.errors import TrainingError
from photochrom.training.atomic import write_whole
from photochrom.training.checkpoint import KEY
from photochrom.training.options import RunOptions

__all__ = ["FiniteLoss", "Saving"]


class Saving(pl.Callback):
    """Writes the run's one checkpoint every so many minutes or steps, and at the end of the training.

    Args:
        path: of the checkpoint.
        options: how often.
        about: what the checkpoint says of itself.
    """

    def __init__(self, path: Path, options: RunOptions, about: dict[str, Any]) -> None:
        self.path, self.options, self.about = path, options, about
        self._last = time.monotonic()

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Write it if it is due."""
        steps, seconds = self.options.checkpoint_steps, 60.0 * self.options.checkpoint_minutes
        due = bool(steps and trainer.global_step % steps == 0)
        due |= bool(seconds and time.monotonic() - self._last >= seconds)
        # processes must agree, or those that write wait for those that do not
        if trainer.strategy.broadcast(due or trainer.should_stop):
            trainer.save_checkpoint(self.path)
            self._last = time.monotonic()

    def on_save_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Say what the checkpoint is."""
        checkpoint[KEY] = self.about


class FiniteLoss(pl.Callback):
    """Stops a training whose loss is no number, before the weights take it up, and keeps the batch that did it.

    Args:
        folder: where the batch goes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._batch: Any = None

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Remember the batch."""
        self._batch = batch

    def on_before_backward(self, trainer: pl.Trainer, pl_module: pl.LightningModule, loss: torch.Tensor) -> None:
        """Look at the loss.

        Raises:
            TrainingError: it is infinite or no number.
        """
        if bool(torch.isfinite(loss).all()):
            return
        path = self.folder / f"batch-{trainer.global_step}-rank-{trainer.global_rank}.pt"
        content = io.BytesIO()
        torch.save({name: value.cpu() for name, value in self._batch._asdict().items()}, content)
        write_whole(path, content.getvalue(), overwrite=True)
        raise TrainingError(
            f"The loss at step {trainer.global_step} is {float(loss.detach())}; the batch is kept in '{path}': "
            "lower optimizer.rate, or look for damaged photos in it"
        )

"""The curves and the sample sheets for TensorBoard."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import numpy as np
from numpy.typing import NDArray

from photochrom.errors import MissingDependencyError

__all__ = ["TensorBoardLogger"]


class TensorBoardLogger(pl.Callback):
    """Writes TensorBoard's event files; steps that a resumed training does again replace those lost.

    Args:
        folder: of the event files.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._writer: Any = None

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Opens a file.

        Raises:
            MissingDependencyError: TensorBoard is not installed.
        """
        if not trainer.is_global_zero:
            return
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ModuleNotFoundError as error:
            raise MissingDependencyError("Writing for TensorBoard", "train") from error
        self._writer = SummaryWriter(str(self.folder), purge_step=trainer.global_step + 1)

    def add_row(self, step: int, values: Mapping[str, float]) -> None:
        """Adds a row of the curves; losses of training and validation come to stand in one chart."""
        if self._writer is not None:
            for name, value in values.items():
                where = "validation" if name.startswith("val_") or name == "psnr" else "training"
                self._writer.add_scalar(f"{name.removeprefix('val_')}/{where}", value, step)

    def add_sheet(self, step: int, sheet: NDArray[np.uint8]) -> None:
        """Adds a sample sheet (H,W,3)."""
        if self._writer is not None:
            self._writer.add_image("samples", sheet, step, dataformats="HWC")

    def teardown(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Closes it."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

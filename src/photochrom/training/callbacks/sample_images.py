"""Sample sheets: what the network makes of the same few photos each time it is validated."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from photochrom.color.conversion import lab_to_srgb, srgb_to_lab
from photochrom.errors import WriteError
from photochrom.system.atomic import write_whole
from photochrom.training.budget import TrainingBudget

__all__ = ["SampleImages", "make_sheet"]

#: pixels of a photo on a sheet, of the gaps between them, and of the margins that hold words
CELL, GAP, LEFT, TOP = 192, 4, 92, 34
INK, PAPER = (40, 40, 40), (255, 255, 255)


class SampleImages(pl.Callback):
    """Writes ``samples/STEP.png`` at each validation: gray, truth and prediction of the first validation photos.

    Args:
        folder: of the sheets.
        photos: on one sheet; 0 for no sheets.
        budget: leaves out the time this takes.
        listeners: called with the step and each new sheet, (H,W,3) uint8.
    """

    def __init__(
        self,
        folder: Path,
        photos: int,
        budget: TrainingBudget,
        listeners: tuple[Callable[[int, NDArray[np.uint8]], None], ...] = (),
    ) -> None:
        self.folder, self.photos, self.budget, self.listeners = folder, photos, budget, listeners
        self._pairs: list[tuple[Tensor, Tensor]] = []

    def on_validation_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Forgets the last photos."""
        self._pairs = []

    def on_validation_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Keeps the first photos."""
        wanted = self.photos - len(self._pairs)
        if trainer.is_global_zero and wanted > 0:
            pairs = zip(outputs["truth"].cpu(), outputs["result"].cpu(), strict=True)
            self._pairs += list(pairs)[:wanted]

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Writes the sheet.

        Raises:
            WriteError: the folder cannot be made.
        """
        if self._pairs:
            step, scores = trainer.global_step, getattr(pl_module, "scores", {})
            sheet = make_sheet(self._pairs, f"step {step:,}   {scores['psnr']:.2f} dB over all validation photos")
            try:
                self.folder.mkdir(exist_ok=True)
            except OSError as error:
                raise WriteError("training.folder_unwritable", path=self.folder, reason=error.strerror) from error
            content = io.BytesIO()
            Image.fromarray(sheet).save(content, "PNG")
            write_whole(self.folder / f"{step:08d}.png", content.getvalue(), overwrite=True)
            for listener in self.listeners:
                listener(step, sheet)
        self.budget.restart()


def make_sheet(pairs: Sequence[tuple[Tensor, Tensor]], title: str) -> NDArray[np.uint8]:
    """Returns photos as columns: gray of the same lightness, the truth, and the prediction below each other.

    Args:
        pairs: truth and prediction, (3,H,W) RGB in 0..1 each.
        title: what stands above.

    Returns:
        (H,W,3) uint8.
    """
    width, height = LEFT + len(pairs) * (CELL + GAP), TOP + 3 * (CELL + GAP)
    sheet = Image.new("RGB", (width, height), PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(16)
    pen.text((LEFT, TOP // 2), title, fill=INK, font=font, anchor="lm")
    for row, word in enumerate(("gray", "truth", "prediction")):
        pen.text((LEFT - 8, TOP + row * (CELL + GAP) + CELL // 2), word, fill=INK, font=font, anchor="rm")
    for column, (truth, result) in enumerate(pairs):
        for row, picture in enumerate((_gray(truth), truth, result)):
            pixels = (picture.clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
            cell = Image.fromarray(pixels).resize((CELL, CELL), Image.Resampling.LANCZOS)
            sheet.paste(cell, (LEFT + column * (CELL + GAP), TOP + row * (CELL + GAP)))
    return np.asarray(sheet)


def _gray(rgb: Tensor) -> Tensor:
    lab = srgb_to_lab(rgb)
    return lab_to_srgb(torch.cat([lab[:1], torch.zeros_like(lab[1:])]))

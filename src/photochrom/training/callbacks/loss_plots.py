"""The curves of a training as a picture."""

import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import lightning.pytorch as pl

from photochrom.errors import MissingDependencyError
from photochrom.system.atomic import write_whole
from photochrom.training.budget import TrainingBudget
from photochrom.training.callbacks.csv_logger import PROGRESS, CsvLogger

__all__ = ["LossPlot", "draw_curves"]

#: of the training photos, and of the validation photos: apart for colour-blind readers too (Okabe & Ito, 2008)
TRAINING, VALIDATION = "#0072b2", "#d55e00"
#: what an axis is called where the column's name does not say it
LABELS = {
    "loss": "loss, weighted sum",
    "cross_entropy": "cross entropy, nats",
    "mse": "squared error of a*b*, (10 units)²",
    "kl": "divergence from the prior, nats",
    "psnr": "PSNR of validation photos, dB",
    "lr": "learning rate",
}
#: inches
PANEL = 2.7
#: share of a drawn curve's last value that each new one keeps
SMOOTHING = 0.8


class LossPlot(pl.Callback):
    """Draws ``curves.png`` after each validation and at the end.

    Args:
        path: of the picture.
        title: of the picture.
        curves: what is drawn.
        budget: leaves out the time this takes.
    """

    def __init__(self, path: Path, title: str, curves: CsvLogger, budget: TrainingBudget) -> None:
        self.path, self.title, self.curves, self.budget = path, title, curves, budget
        self._drawn = 0

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Draws what there is by now."""
        self._draw(trainer)
        self.budget.restart()

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Draws what came after the last validation."""
        self._draw(trainer)

    def _draw(self, trainer: pl.Trainer) -> None:
        if trainer.is_global_zero and len(self.curves.rows) > self._drawn:
            self._drawn = len(self.curves.rows)
            write_whole(self.path, draw_curves(self.curves.rows, self.title), overwrite=True)


def draw_curves(rows: Sequence[Mapping[str, str]], title: str) -> bytes:
    """Draws one panel for each thing measured, training and validation in one, over the steps.

    Args:
        rows: of a ``metrics.csv``.
        title: of the picture.

    Returns:
        A PNG file.

    Raises:
        MissingDependencyError: matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise MissingDependencyError("Drawing curves", "train") from error
    names = list(dict.fromkeys(name.removeprefix("val_") for row in rows for name in row if name not in PROGRESS))
    # losses first, then what they are for
    names.sort(key=lambda name: (name in ("psnr", "lr"), name == "lr"))
    height = -(-len(names) // 2)
    inches = 0.4 + PANEL * height
    figure = Figure(figsize=(10, inches))
    FigureCanvasAgg(figure)
    figure.suptitle(title, y=1 - 0.15 / inches, va="top")
    # fixed margins: matplotlib's own layout would draw everything twice
    figure.subplots_adjust(0.085, 0.5 / inches, 0.985, 1 - 0.5 / inches, wspace=0.2, hspace=0.7 / (PANEL - 0.7))
    for place, name in enumerate(names, 1):
        axes = figure.add_subplot(height, 2, place)
        _panel(axes, rows, name)
    content = io.BytesIO()
    figure.savefig(content, dpi=110, format="png", metadata={"Software": None})
    return content.getvalue()


def _panel(axes: Any, rows: Sequence[Mapping[str, str]], name: str) -> None:
    training, validation = _points(rows, name), _points(rows, f"val_{name}")
    if name == "psnr":
        training, validation = [], training
    if training and name == "lr":
        axes.plot(*zip(*training, strict=True), color="0.3", linewidth=1.5)
    elif training:
        axes.plot(*zip(*training, strict=True), color=TRAINING, linewidth=0.8, alpha=0.35)
        axes.plot(*zip(*_smooth(training), strict=True), color=TRAINING, linewidth=1.6, label="training")
    if validation:
        axes.plot(*zip(*validation, strict=True), color=VALIDATION, marker="o", markersize=3.5, label="validation")
    values = [value for _, value in (*training, *validation)]
    # a few wild first values would flatten all that follows
    if training and name != "lr" and values and min(values) > 0 and max(values) > 20 * min(values):
        axes.set_yscale("log")
    axes.set_xlim(0, 1.02 * max(int(row["step"]) for row in rows))
    axes.set_xlabel("step")
    axes.set_ylabel(LABELS.get(name, name.replace("_", " ")), fontsize=9)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    if training and validation:
        axes.legend(frameon=False)


def _points(rows: Sequence[Mapping[str, str]], name: str) -> list[tuple[int, float]]:
    points = [(int(row["step"]), float(row[name])) for row in rows if row.get(name)]
    return [(step, value) for step, value in points if math.isfinite(value)]


def _smooth(points: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Returns a moving average that weighs its young values right (Kingma & Ba, 2015, section 3)."""
    total, weight, smooth = 0.0, 0.0, []
    for step, value in points:
        total, weight = SMOOTHING * total + (1 - SMOOTHING) * value, SMOOTHING * weight + (1 - SMOOTHING)
        smooth.append((step, total / weight))
    return smooth

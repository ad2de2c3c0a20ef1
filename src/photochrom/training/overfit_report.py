"""What one photo learnt by heart looks like: a sheet of pictures with the curve of the error, and a table."""

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np

from photochrom.errors import OutputExistsError, WriteError
from photochrom.inspection.canvas import (
    FAINT,
    INK,
    TITLE,
    WIDTH,
    as_png,
    grid_height,
    lay_out,
    open_figure,
    own_style,
    show,
)
from photochrom.inspection.visualize import in_color
from photochrom.system.atomic import write_whole
from photochrom.training.overfit import Overfit

__all__ = ["SHEET", "TABLE", "check_folder", "save_overfit"]

SHEET, TABLE = "overfit.png", "overfit.csv"
#: height of the curve, inches
CURVE = 3.4


def check_folder(folder: Path, *, overwrite: bool) -> None:
    """Refuses a folder that holds such a sheet already, before minutes are spent.

    Raises:
        OutputExistsError: it does, or it is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise OutputExistsError("training.not_a_folder", path=folder)
    for name in (SHEET, TABLE):
        if (folder / name).exists() and not overwrite:
            raise OutputExistsError("training.output_exists", path=folder / name)


def save_overfit(found: Overfit, folder: Path, *, overwrite: bool) -> Path:
    """Writes ``overfit.csv`` and ``overfit.png`` into a folder, made if missing; the latter's path comes back.

    Raises:
        OutputExistsError: they are there already.
        WriteError: they cannot be written.
        MissingDependencyError: matplotlib is not installed.
    """
    check_folder(folder, overwrite=overwrite)
    with own_style():
        sheet = _draw(found)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError("training.folder_unwritable", path=folder, reason=error.strerror) from error
    write_whole(folder / TABLE, _tabulate(found), overwrite=overwrite)
    return write_whole(folder / SHEET, sheet, overwrite=overwrite)


def _tabulate(found: Overfit) -> bytes:
    """Returns a line an epoch: the error after it, and the rate of the step that led there."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["epoch", "rate", "error"])
    for epoch, error in enumerate(found.errors):
        writer.writerow([epoch, f"{found.rates[epoch - 1]:.6g}" if epoch else "", f"{error:.6g}"])
    return text.getvalue().encode()


def _draw(found: Overfit) -> bytes:
    columns = len(found.shots) + 2
    pictures = grid_height(2, columns, 1.0)
    height = pictures + TITLE + CURVE
    figure = open_figure(height)
    axes = lay_out(figure, 2, columns, aspect=1.0)
    shown = [("gray", np.zeros_like(found.truth), found.gray)]
    shown += [(f"{shot.epoch} epochs", shot.ab, shot.error) for shot in found.shots]
    show(axes[columns - 1], "true", in_color(found.lightness, found.truth))
    axes[-1].set_visible(False)
    for place, (title, ab, error) in enumerate(shown):
        show(axes[place], title, in_color(found.lightness, ab))
        axes[place].set_title(f"error {error:.1f}", loc="right", fontsize=9, color=FAINT, pad=4)
        distance = np.sqrt(np.square(ab - found.truth).sum(0))
        show(axes[columns + place], "", distance, cmap="magma", vmin=0, vmax=40)
    axes[columns].set_title("distance from the true colour, 0 to 40 units", loc="left", fontsize=9, color=FAINT, pad=4)
    _draw_curve(figure.add_axes((0.7 / WIDTH, 0.5 / height, 1 - 0.9 / WIDTH, (CURVE - 0.6) / height)), found)
    return as_png(figure)


def _draw_curve(axes: Any, found: Overfit) -> None:
    options = found.options
    axes.plot(range(len(found.errors)), found.errors, color="#0072b2", linewidth=1.4)
    # each below its line, at the end where the curve is far
    for level, label, side in ((found.gray, "gray", "right"), (found.least, "least with cells of this width", "left")):
        axes.axhline(level, color=FAINT, linewidth=0.8, linestyle=(0, (4, 3)))
        axes.annotate(
            f"{label}: {level:.1f}",
            (float(side == "right"), level),
            xycoords=("axes fraction", "data"),
            xytext=(-6 if side == "right" else 6, -4),
            textcoords="offset points",
            ha=side,
            va="top",
            fontsize=9,
            color=FAINT,
        )
    for shot in found.shots:
        axes.plot(shot.epoch, shot.error, "o", color="#d55e00", markersize=5)
        axes.annotate(
            f"{shot.error:.1f}",
            (shot.epoch, shot.error),
            xytext=(0, 8),
            textcoords="offset points",
            ha="center",
            fontsize=9,
            color=INK,
        )
    axes.set_yscale("log")
    axes.set_ylim(0.6 * max(min(found.least, *found.errors), 1e-3), 1.4 * max(found.gray, *found.errors))
    axes.set_xlim(0, options.epochs * 1.01)
    axes.set_ylabel("mean squared error of a*b*, Lab units²", fontsize=9, color=INK)
    axes.set_xlabel("epochs of one step", fontsize=9, color=INK)
    axes.set_title(f"{options.model}, recipe {options.recipe}, on {found.photo}", loc="left", fontsize=10, color=INK)
    axes.tick_params(labelsize=8, colors=FAINT)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)

"""The distribution over colours at one point, drawn."""

from typing import Any

import numpy as np

from photochrom.inspection.analyze import Findings, Point
from photochrom.inspection.canvas import FAINT, INK, TITLE, WIDTH, as_png, bare, open_figure, show
from photochrom.inspection.visualize import in_color

__all__ = ["draw_point"]


def draw_point(findings: Findings, point: Point) -> bytes:
    """Draws the place in the photo, the distribution there on the a*b* plane, and the likeliest colours: a PNG file."""
    height = 4.4
    figure = open_figure(height)
    aspect = findings.lightness.shape[0] / findings.lightness.shape[1]
    side = height - TITLE - 0.3
    wide = min(3.6, side / aspect)
    photo = bare(
        figure.add_axes((0.12 / WIDTH, 1 - (TITLE + wide * aspect) / height, wide / WIDTH, wide * aspect / height))
    )
    show(photo, "The point", in_color(findings.lightness, findings.ab))
    column, row = (
        part * size - 0.5
        for part, size in zip(
            (point.x / findings.width, point.y / findings.height), findings.lightness.shape[::-1], strict=True
        )
    )
    for color, thick in (("white", 3.5), ("black", 1.2)):
        photo.plot(column, row, marker="o", markersize=15, fillstyle="none", color=color, markeredgewidth=thick)
    photo.set_xlabel(
        f"x {point.x:.0f}, y {point.y:.0f}: L* {point.lightness:.0f}, confidence {point.confidence:.2f}",
        fontsize=9,
        color=FAINT,
        loc="left",
        labelpad=4,
    )
    plane = figure.add_axes((4.3 / WIDTH, 0.5 / height, side / WIDTH, (height - TITLE - 0.5) / height))
    _draw_plane(plane, point)
    bars = figure.add_axes((9.35 / WIDTH, 0.5 / height, 2.2 / WIDTH, (height - TITLE - 0.5) / height))
    _draw_bars(bars, point)
    return as_png(figure)


def _draw_plane(axes: Any, point: Point) -> None:
    """Draws every bin as a square of its colour at the point's lightness; the more likely, the larger."""
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    step = float(np.min(np.diff(np.unique(point.bins[:, 0]))))
    lightness = np.full((1, len(point.bins)), min(max(point.lightness, 30.0), 85.0), np.float32)
    colors = in_color(lightness, point.bins.T[:, None])[0] / 255
    # the side goes by the square root, so that the area is the probability, up to the likeliest
    sides = step * np.sqrt(point.probability / point.probability.max())
    frames = [Rectangle((b - step / 2, a - step / 2), step, step) for a, b in point.bins]
    squares = [
        Rectangle((b - side / 2, a - side / 2), side, side) for (a, b), side in zip(point.bins, sides, strict=True)
    ]
    axes.add_collection(PatchCollection(frames, facecolor="#f1f1f1", edgecolor="white", linewidth=0.6))
    axes.add_collection(PatchCollection(squares, facecolor=colors, edgecolor="none"))
    axes.plot(point.ab[1], point.ab[0], "x", color=INK, markersize=8, markeredgewidth=1.6, label="given")
    if point.truth is not None:
        axes.plot(
            point.truth[1],
            point.truth[0],
            "o",
            color=INK,
            markersize=9,
            fillstyle="none",
            markeredgewidth=1.6,
            label="true",
        )
    axes.legend(loc="lower right", fontsize=8, frameon=False)
    axes.set_title("How likely each colour is there", loc="left", fontsize=10, color=INK, pad=4)
    axes.set_xlabel("b*, blue to yellow", fontsize=9, color=FAINT)
    axes.set_ylabel("a*, green to red", fontsize=9, color=FAINT, labelpad=1)
    axes.set_aspect("equal")
    axes.autoscale_view()
    axes.tick_params(labelsize=8, colors=FAINT, length=2)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _draw_bars(axes: Any, point: Point) -> None:
    found = list(point.suggestions)
    shares = [suggestion.probability for suggestion in found]
    places = range(len(found))
    axes.barh(places, shares, color=[suggestion.color for suggestion in found], edgecolor="#cccccc", linewidth=0.6)
    axes.set_yticks(list(places), [suggestion.color for suggestion in found], fontsize=9, family="monospace", color=INK)
    for place, share in zip(places, shares, strict=True):
        axes.text(share + 0.02 * max(shares), place, f"{share:.0%}", va="center", fontsize=9, color=INK)
    axes.set_xlim(0, 1.25 * max(shares))
    axes.invert_yaxis()
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.set_title("The likeliest distinct colours", loc="left", fontsize=10, color=INK, pad=4)
    axes.set_xlabel("within 15 units of a*b*", fontsize=9, color=FAINT, loc="left")
    for spine in axes.spines.values():
        spine.set_visible(False)

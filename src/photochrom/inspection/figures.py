"""The findings drawn: one sheet for the colours, the planes, the layers and the point."""

from collections.abc import Mapping

import numpy as np

from photochrom.inspection.analyze import Findings
from photochrom.inspection.canvas import FAINT, add_scale, as_png, grid_height, lay_out, open_figure, own_style, show
from photochrom.inspection.point_plot import draw_point
from photochrom.inspection.visualize import chroma_limit, chroma_ramp, colors_alone, in_color

__all__ = ["describe_findings", "draw_sheets"]


def draw_sheets(findings: Findings) -> dict[str, bytes]:
    """Draws all there is: PNG by name, in the order they are read.

    Raises:
        MissingDependencyError: matplotlib is not installed.
    """
    with own_style():
        return _draw_all(findings)


def _draw_all(findings: Findings) -> dict[str, bytes]:
    sheets = {"colours": _draw_colors(findings), "planes": _draw_planes(findings)}
    if findings.point is not None:
        sheets["point"] = draw_point(findings, findings.point)
    if findings.layers:
        sheets["layers"] = _draw_layers(findings)
    return sheets


def _draw_colors(findings: Findings) -> bytes:
    """Draws each colouring above its colours alone; without truth, one row."""
    aspect = findings.lightness.shape[0] / findings.lightness.shape[1]
    rows = 1 if findings.truth is None else 2
    figure = open_figure(grid_height(rows, 4, aspect))
    axes = lay_out(figure, rows, 4, aspect=aspect)
    lightness, ab, truth = findings.lightness, findings.ab, findings.truth
    show(axes[0], "What the network sees", in_color(lightness, np.zeros_like(ab)))
    show(axes[1], "Its colouring", in_color(lightness, ab))
    show(axes[-2 if truth is None else 5], "Its colours alone, at L* 65", colors_alone(ab))
    if truth is not None and findings.error is not None:
        show(axes[2], "The photo's own colours", in_color(lightness, truth))
        show(axes[6], "The photo's own, at L* 65", colors_alone(truth))
        most = max(10.0, float(np.ceil(np.percentile(findings.error, 99) / 10) * 10))
        image = show(axes[3], "Distance", findings.error, cmap="magma", vmin=0, vmax=most)
        add_scale(figure, image, axes[3], f"a*b* units, mean {findings.error.mean():.1f}")
        axes[7].set_visible(False)
    sure = axes[3 if truth is None else 4]
    if findings.confidence is None:
        sure.set_visible(False)
    else:
        image = show(sure, "Confidence", findings.confidence, cmap="cividis", vmin=0, vmax=1)
        add_scale(figure, image, sure, f"mean {findings.confidence.mean():.2f}")
    return as_png(figure)


def _draw_planes(findings: Findings) -> bytes:
    from matplotlib.colors import ListedColormap

    limit = chroma_limit(findings)
    rows = [("predicted", findings.ab), *([] if findings.truth is None else [("true", findings.truth)])]
    aspect = findings.lightness.shape[0] / findings.lightness.shape[1]
    figure = open_figure(grid_height(len(rows), 3, aspect))
    free = iter(lay_out(figure, len(rows), 3, aspect=aspect))
    for kind, ab in rows:
        axes = next(free)
        image = show(axes, "L*, the photo's own in both", findings.lightness, cmap="gray", vmin=0, vmax=100)
        add_scale(figure, image, axes, "0 to 100")
        for axis, (name, ends) in enumerate((("a*", "green to red"), ("b*", "blue to yellow"))):
            axes = next(free)
            look = {"cmap": ListedColormap(chroma_ramp(axis)), "vmin": -limit, "vmax": limit}
            add_scale(figure, show(axes, f"{name} {kind}", ab[axis], **look), axes, ends)
    return as_png(figure)


def _draw_layers(findings: Findings) -> bytes:
    columns = 1 + max(len(layer.strongest) for layer in findings.layers)
    aspect = findings.lightness.shape[0] / findings.lightness.shape[1]
    rows = len(findings.layers)
    figure = open_figure(grid_height(rows, columns, aspect))
    axes = lay_out(figure, rows, columns, aspect=aspect)
    for row, layer in enumerate(findings.layers):
        line = axes[row * columns : (row + 1) * columns]
        high = max(float(np.percentile(layer.mean, 99.5)), 1e-6)
        show(line[0], layer.title, layer.mean, cmap="magma", vmin=0, vmax=high)
        for number, plane in enumerate(layer.strongest):
            low, high = (float(value) for value in np.percentile(plane, (0.5, 99.5)))
            show(line[1 + number], "", plane, cmap="gray", vmin=low, vmax=max(high, low + 1e-6))
        height, width = layer.mean.shape
        line[1].set_title(
            f"its strongest channels, of {layer.channels}; {width} x {height} cells",
            loc="left",
            fontsize=9,
            color=FAINT,
            pad=4,
        )
        for unused in line[1 + len(layer.strongest) :]:
            unused.set_visible(False)
    return as_png(figure)


def describe_findings(findings: Findings) -> Mapping[str, str]:
    """Returns what the sheets cannot show, by name."""
    card = findings.card
    height, width = findings.lightness.shape
    facts = {
        "network": f"{card.name} {card.version}: {card.description}",
        "parameters": f"{card.parameters:,}",
        "seen": f"{width} x {height} pixels of {findings.width} x {findings.height}",
    }
    if findings.confidence is not None:
        facts["confidence"] = f"{findings.confidence.mean():.2f} on average"
    if findings.error is not None:
        facts["distance"] = f"{findings.error.mean():.1f} a*b* units from the true colours on average"
    return facts

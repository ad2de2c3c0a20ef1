"""A white sheet with a grid of pictures on it: what all sheets have in common."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from photochrom.errors import MissingDependencyError

__all__ = [
    "FAINT",
    "INK",
    "TITLE",
    "WIDTH",
    "add_scale",
    "as_png",
    "bare",
    "grid_height",
    "lay_out",
    "open_figure",
    "own_style",
    "show",
]

#: width of a sheet, inches, and dots to an inch
WIDTH, DPI = 12.0, 110
#: space above a panel for its title, and between panels, inches
TITLE, GAP = 0.34, 0.12
INK, FAINT = "#222222", "#888888"


@contextmanager
def own_style() -> Iterator[None]:
    """Draws in matplotlib's own style, whatever a user has set, and gives theirs back.

    Raises:
        MissingDependencyError: matplotlib is not installed.
    """
    try:
        import matplotlib
    except ModuleNotFoundError as error:
        raise MissingDependencyError("Drawing what is inside a network", "train") from error
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        yield


def open_figure(height: float) -> Any:
    """Returns an empty sheet of this height, inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def as_png(figure: Any) -> bytes:
    """Returns the sheet as a PNG file; the same sheet gives the same bytes."""
    stream = BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()


def lay_out(figure: Any, rows: int, columns: int, *, aspect: float) -> list[Any]:
    """Returns axes in a grid, each as high as a picture of this aspect (height by width), with a title above."""
    width = (WIDTH - GAP * (columns + 1)) / columns
    height = figure.get_figheight()
    axes = []
    for index in range(rows * columns):
        row, column = divmod(index, columns)
        left = GAP + column * (width + GAP)
        top = (row + 1) * TITLE + row * (width * aspect + GAP)
        box = (left / WIDTH, 1 - (top + width * aspect) / height, width / WIDTH, width * aspect / height)
        axes.append(bare(figure.add_axes(box)))
    return axes


def grid_height(rows: int, columns: int, aspect: float) -> float:
    """Returns the height, inches, that :func:`lay_out` wants."""
    return rows * ((WIDTH - GAP * (columns + 1)) / columns * aspect + TITLE + GAP) + GAP


def bare(axes: Any) -> Any:
    """Returns the axes without ticks and frame."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    return axes


def show(axes: Any, title: str, picture: Any, **look: Any) -> Any:
    """Fills axes with a picture, (h,w) under a colour map or (h,w,3) as it is, with a title above."""
    axes.set_title(title, loc="left", fontsize=10, color=INK, pad=4)
    return axes.imshow(picture, aspect="auto", interpolation="nearest", **look)


def add_scale(figure: Any, image: Any, axes: Any, label: str) -> None:
    """Draws a thin scale in the lower right corner of a panel, on a ground of its own."""
    ground = axes.inset_axes((0.48, 0.03, 0.49, 0.115), zorder=3)
    bare(ground).set_facecolor((1, 1, 1, 0.82))
    scale = ground.inset_axes((0.09, 0.62, 0.82, 0.24))
    bar = figure.colorbar(image, cax=scale, orientation="horizontal")
    bar.outline.set_visible(False)
    low, high = image.get_clim()
    bar.set_ticks([low, (low + high) / 2, high])
    scale.tick_params(labelsize=7, length=2, pad=1, colors=INK)
    ground.set_xlabel("")
    axes.set_title(label, loc="right", fontsize=8.5, color=FAINT, pad=4)

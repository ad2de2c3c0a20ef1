"""Charts as inline SVG, drawn by hand: small, sharp, coloured by the page's style sheet in light and dark alike.

A chart is 520 wide, so that its words can be read at half that, on a phone. Series are told apart by class ``s0`` to
``s7``, whose colours are the style sheet's; gray is ``sg``. Words that come from outside are escaped by ``Markup``.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

__all__ = ["Axis", "Point", "Series", "draw_dots", "draw_lines", "draw_ridges", "ticks"]

WIDTH = 520
#: room for words around a chart: left, right, top, bottom
MARGINS = (70, 14, 14, 46)
ROW = 34


@dataclass(frozen=True)
class Point:
    """A figure at a place of the x axis, with its interval where it has one."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Series:
    """What belongs together: ``css`` names its colour."""

    label: str
    css: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Axis:
    """From where to where, what it says, and where: (place, word)."""

    label: str
    low: float
    high: float
    marks: tuple[tuple[float, str], ...]

    @classmethod
    def of(cls, label: str, values: Sequence[float], *, zero: bool = False) -> "Axis":
        """Returns an axis that holds these values, with round marks; from zero if wished."""
        low, high = min(values), max(values)
        low = min(0.0, low) if zero else low
        span = (high - low) or max(abs(high), 1.0)
        if not zero:
            low -= 0.06 * span
        marks = ticks(low, high + 0.06 * span)
        return cls(label, low, high + 0.06 * span, tuple((mark, _word(mark, marks)) for mark in marks))


def ticks(low: float, high: float, *, about: int = 5) -> list[float]:
    """Returns round numbers between two others.

    >>> ticks(0.0, 1.0)
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """
    raw = (high - low) / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round((first + i) * step, 10) for i in range(int((high - first * step) / step + 1e-9) + 1)]


def _word(mark: float, marks: Sequence[float]) -> str:
    return f"{mark:g}" if len(marks) < 2 or marks[1] - marks[0] < 1000 else f"{mark:,.0f}"


def draw_lines(
    title: str,
    x: Axis,
    y: Axis,
    series: Sequence[Series],
    *,
    diagonal: bool = False,
    swatches: Sequence[tuple[str, str]] = (),
) -> Markup:
    """Draws lines with points and the bars of their intervals.

    Args:
        title: for those who cannot see it.
        x: from where to where.
        y: from where to where.
        series: the lines.
        diagonal: draw where y equals x.
        swatches: dots in place of words below the whole numbers of the x axis: (colour, name).
    """
    height = 330
    left, right, top, bottom = MARGINS
    to_x = _scale(x, left + 10, WIDTH - right - 10)
    to_y = _scale(y, height - bottom, top)
    parts = [_grid(y, to_y, left, WIDTH - right), _x_words(x, to_x, height - bottom, height)]
    parts.append(_y_label(y.label, (top + height - bottom) / 2))
    if diagonal:
        ends = (to_x(x.low), to_y(x.low), to_x(x.high), to_y(x.high))
        parts.append(Markup('<line class="even" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(*ends))
    for place, (color, name) in enumerate(swatches):
        dot = Markup('<circle cx="{:.1f}" cy="{:.1f}" r="9" fill="{}"><title>{}</title></circle>')
        parts.append(dot.format(to_x(place), height - bottom + 20, color, name))
    for each in series:
        path = "M" + "L".join(f"{to_x(p.x):.1f} {to_y(p.y):.1f}" for p in each.points)
        body = [Markup('<path class="line" d="{}"/>').format(path)]
        for p in each.points:
            if p.low is not None and p.high is not None:
                bar = Markup('<line class="bar" x1="{0:.1f}" x2="{0:.1f}" y1="{1:.1f}" y2="{2:.1f}"/>')
                body.append(bar.format(to_x(p.x), to_y(p.low), to_y(p.high)))
            body.append(Markup('<circle cx="{:.1f}" cy="{:.1f}" r="3.5"/>').format(to_x(p.x), to_y(p.y)))
        parts.append(Markup('<g class="series {}">{}</g>').format(each.css, Markup("").join(body)))
    return _wrap(title, height, parts)


def draw_ridges(title: str, x: Axis, series: Sequence[Series]) -> Markup:
    """Draws how values are spread: one hill a series, with a mark at the median; ``points`` hold the values as y."""
    left, right, top, bottom = 12, 14, 14, 46
    hill = 44
    height = top + bottom + hill * len(series)
    to_x = _scale(x, left, WIDTH - right)
    parts = [_x_words(x, to_x, height - bottom, height, grid=top)]
    for row, each in enumerate(series):
        base = top + hill * (row + 1) - 4
        values = sorted(point.y for point in each.points)
        heights = _density(values, x)
        peak = max(heights) or 1.0
        steps = [x.low + (x.high - x.low) * i / (len(heights) - 1) for i in range(len(heights))]
        outline = "L".join(
            f"{to_x(at):.1f} {base - (hill - 8) * h / peak:.1f}" for at, h in zip(steps, heights, strict=True)
        )
        middle = values[len(values) // 2] if len(values) % 2 else sum(values[len(values) // 2 - 1 :][:2]) / 2
        path = Markup('<path class="hill" d="M{:.1f} {:.1f}L{}L{:.1f} {:.1f}Z"/>')
        mark = Markup('<line class="median" x1="{0:.1f}" x2="{0:.1f}" y1="{1:.1f}" y2="{2:.1f}"/>')
        word = Markup('<text class="name" x="{}" y="{:.1f}">{}</text>')
        # the name stands where the hill is not
        right_half = to_x(middle) < WIDTH / 2
        place = Markup('<text class="name" text-anchor="end" x="{}" y="{:.1f}">{}</text>') if right_half else word
        body = [
            path.format(to_x(x.low), base, outline, to_x(x.high), base),
            mark.format(to_x(middle), base, base - hill + 8),
            place.format(WIDTH - right if right_half else left, base - hill + 18, _short(each.label)),
        ]
        parts.append(Markup('<g class="series {}">{}</g>').format(each.css, Markup("").join(body)))
    return _wrap(title, height, parts)


def draw_dots(title: str, x: Axis, rows: Sequence[str], series: Sequence[Series]) -> Markup:
    """Draws one row a group, a dot with its interval for each series; a point's x is the row, its y the figure."""
    room = min(200.0, 16 + 7.6 * max(len(_short(row)) for row in rows))
    top, bottom = 10, 46
    height = top + bottom + ROW * len(rows)
    to_x = _scale(x, room, WIDTH - 14)
    parts = [_x_words(x, to_x, height - bottom, height, grid=top)]
    for number, row in enumerate(rows):
        middle = top + ROW * (number + 0.5)
        parts.append(
            Markup('<text x="{:.0f}" y="{:.1f}" text-anchor="end">{}</text>').format(room - 12, middle + 5, _short(row))
        )
    for place, each in enumerate(series):
        off = (place - (len(series) - 1) / 2) * min(8.0, 24 / len(series))
        body = []
        for p in each.points:
            y = top + ROW * (p.x + 0.5) + off
            if p.low is not None and p.high is not None:
                bar = Markup('<line class="bar" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>')
                body.append(bar.format(to_x(p.low), to_x(p.high), y, y))
            body.append(Markup('<circle cx="{:.1f}" cy="{:.1f}" r="3.8"/>').format(to_x(p.y), y))
        parts.append(Markup('<g class="series {}">{}</g>').format(each.css, Markup("").join(body)))
    return _wrap(title, height, parts)


def _density(values: Sequence[float], x: Axis, *, steps: int = 121) -> list[float]:
    """Returns a Gaussian kernel density over an axis, its width by Silverman's rule (1986)."""
    count = len(values)
    mean = sum(values) / count
    deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / count)
    spread = values[min(count - 1, 3 * count // 4)] - values[count // 4]
    scale = min(filter(None, (deviation, spread / 1.34)), default=0.0)
    width = max(0.9 * scale * count**-0.2, (x.high - x.low) / 150)
    places = [x.low + (x.high - x.low) * i / (steps - 1) for i in range(steps)]
    return [sum(math.exp(-(((at - value) / width) ** 2) / 2) for value in values) for at in places]


def _scale(axis: Axis, start: float, end: float) -> Callable[[float], float]:
    span = (axis.high - axis.low) or 1.0
    return lambda value: start + (end - start) * (value - axis.low) / span


def _grid(y: Axis, to_y: Callable[[float], float], left: float, right: float) -> Markup:
    line = Markup(
        '<line class="grid" x1="{0:.1f}" x2="{1:.1f}" y1="{2:.1f}" y2="{2:.1f}"/>'
        '<text x="{3:.1f}" y="{4:.1f}" text-anchor="end">{5}</text>'
    )
    return Markup("").join(
        line.format(left, right, to_y(at), left - 8, to_y(at) + 5, word)
        for at, word in y.marks
        if y.low <= at <= y.high
    )


def _x_words(
    x: Axis, to_x: Callable[[float], float], base: float, height: float, *, grid: float | None = None
) -> Markup:
    """Draws words below the chart; with ``grid``, lines from there down."""
    parts = []
    for at, word in x.marks:
        if grid is not None:
            line = Markup('<line class="grid" x1="{0:.1f}" x2="{0:.1f}" y1="{1:.1f}" y2="{2:.1f}"/>')
            parts.append(line.format(to_x(at), grid, base))
        parts.append(
            Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>').format(to_x(at), base + 19, word)
        )
    middle = (to_x(x.low) + to_x(x.high)) / 2
    label = Markup('<text class="label" x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>')
    return Markup("").join([*parts, label.format(middle, height - 6, x.label)])


def _y_label(label: str, middle: float) -> Markup:
    words = Markup('<text class="label" transform="translate(14 {:.1f}) rotate(-90)" text-anchor="middle">{}</text>')
    return words.format(middle, label)


def _short(label: str, *, most: int = 34) -> str:
    return label if len(label) <= most else label[: most - 1] + "…"


def _wrap(title: str, height: float, parts: Sequence[Markup]) -> Markup:
    svg = Markup('<svg class="chart" viewBox="0 0 {} {:.0f}" role="img" aria-label="{}">{}</svg>')
    return svg.format(WIDTH, height, title, Markup("").join(parts))

"""Pictures of a set: its contact sheet, and its prior over colours."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from photochrom.color.conversion import BIN_STEP, fit_gamut, lab_to_srgb

__all__ = ["HUES", "draw_prior", "draw_sheet", "swatch"]

PAPER, INK, FAINT = "#fbfaf7", "#26241f", "#8b877d"
#: contact sheet: width of the names, gap between photos, columns
LABEL, GAP, COLUMNS = 150, 4, 12
#: prior: side of a bin, margins, space for the scale; decades shown
BIN, MARGIN, SCALE, DECADES = 18, 46, 96, 5
#: from rare to frequent, dark to light, even in lightness (after viridis by S. van der Walt and N. Smith, CC0)
HEAT = ("#440154", "#3b528b", "#21918c", "#5ec962", "#fde725")
#: names of parts of the hue circle, degrees of CIELAB hue at their ends
HUES = (
    ("pink", 22.5),
    ("red", 52.5),
    ("orange", 82.5),
    ("yellow", 112.5),
    ("green", 172.5),
    ("cyan", 232.5),
    ("blue", 307.5),
    ("purple", 337.5),
    ("pink", 360.0),
)


def swatch(lightness: float, a: float, b: float) -> str:
    """Returns a colour as ``#rrggbb``, brought into the gamut."""
    lab = np.array([lightness, a, b], float).reshape(3, 1, 1)
    return "#" + (lab_to_srgb(fit_gamut(lab)).clip(0, 1) * 255).round().astype(np.uint8).tobytes().hex()


def draw_sheet(rows: Sequence[tuple[str, str, Sequence[NDArray[np.uint8]]]]) -> Image.Image:
    """Returns a contact sheet.

    Args:
        rows: a name, what is said below it, and square photos (S,S,3) uint8 of one size, in as many lines as it takes.
    """
    side = next((len(photo) for *_, photos in rows for photo in photos), 1)
    step = side + GAP
    lines = [max(1, -(-len(photos) // COLUMNS)) for *_, photos in rows]
    sheet = Image.new("RGB", (LABEL + COLUMNS * step + GAP, sum(lines) * step + (len(rows) + 1) * GAP), PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    top = GAP
    for (name, about, photos), height in zip(rows, lines, strict=True):
        pen.text((8, top + 6), _fit(name, pen, font, LABEL - 14), INK, font)
        pen.text((8, top + 26), about, FAINT, font)
        for number, photo in enumerate(photos):
            line, column = divmod(number, COLUMNS)
            sheet.paste(Image.fromarray(photo), (LABEL + column * step, top + line * step))
        top += height * step + GAP
    return sheet


def draw_prior(prior: NDArray[np.float64], bins: NDArray[np.float32]) -> Image.Image:
    """Returns the a*b* plane twice: the bins in their colours at L* 65, and how often each occurs, on a logarithmic scale.

    Args:
        prior: (Q,) shares.
        bins: (Q,2) a*b*, multiples of the bin step.
    """
    cells = np.rint(bins / BIN_STEP).astype(int)
    low, high = cells.min(0), cells.max(0)
    width, height = ((high - low + 1) * BIN).tolist()
    picture = Image.new("RGB", (2 * (width + MARGIN) + MARGIN + SCALE, height + 2 * MARGIN), PAPER)
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(13)
    decades = np.log10(np.maximum(prior, 1e-300) / max(float(prior.max()), 1e-300))
    colors = [swatch(65, *color) for color in bins.tolist()]
    heats = [_heat(1 + decade / DECADES) for decade in decades.tolist()]
    panels: list[tuple[str, Sequence[Any]]] = [("the bins, L* 65", colors), ("how often each occurs", heats)]
    for panel, (title, paints) in enumerate(panels):
        left = MARGIN + panel * (width + MARGIN)
        pen.text((left, 12), title, INK, font)
        for (a, b), paint in zip(cells.tolist(), paints, strict=True):
            x, y = left + (a - low[0]) * BIN, MARGIN + (high[1] - b) * BIN
            pen.rectangle((x, y, x + BIN - 2, y + BIN - 2), fill=paint)
        _draw_axes(pen, font, left, (width, height), low.tolist(), high.tolist())
    _draw_scale(pen, font, 2 * (width + MARGIN) + 20, height)
    return picture


def _draw_axes(
    pen: ImageDraw.ImageDraw,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    left: int,
    size: tuple[int, int],
    low: Sequence[int],
    high: Sequence[int],
) -> None:
    zero = left + (0 - low[0]) * BIN + BIN // 2 - 1, MARGIN + high[1] * BIN + BIN // 2 - 1
    pen.line((zero[0], MARGIN - 4, zero[0], MARGIN + size[1] + 2), FAINT)
    pen.line((left - 4, zero[1], left + size[0] + 2, zero[1]), FAINT)
    for tick in range(-100, 101, 50):
        cell = tick // BIN_STEP
        if low[0] <= cell <= high[0]:
            pen.text((zero[0] + cell * BIN, MARGIN + size[1] + 6), str(tick), FAINT, font, anchor="ma")
        if low[1] <= cell <= high[1] and tick:
            pen.text((left - 6, zero[1] - cell * BIN), str(tick), FAINT, font, anchor="rm")
    pen.text((left + size[0], MARGIN + size[1] + 24), "a*", INK, font, anchor="ra")
    pen.text((left - 6, MARGIN + 2), "b*", INK, font, anchor="rm")


def _draw_scale(
    pen: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, left: int, height: int
) -> None:
    for y in range(height):
        pen.line((left, MARGIN + y, left + 14, MARGIN + y), _heat(1 - y / (height - 1)))
    for decade in range(DECADES + 1):
        y = MARGIN + round(decade / DECADES * (height - 1))
        text = "most" if decade == 0 else f"1/{10**decade:,}"
        pen.text((left + 20, y), text, FAINT, font, anchor="lm")


def _heat(share: float) -> tuple[int, int, int]:
    place = min(max(share, 0.0), 1.0) * (len(HEAT) - 1)
    first = min(int(place), len(HEAT) - 2)
    ends = np.array([[int(HEAT[n][k : k + 2], 16) for k in (1, 3, 5)] for n in (first, first + 1)])
    red, green, blue = np.rint(ends[0] + (ends[1] - ends[0]) * (place - first)).astype(int).tolist()
    return red, green, blue


def _fit(text: str, pen: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    """Returns the text, cut where it is too wide, without what the font cannot draw."""
    text = "".join(char if char.isprintable() else "?" for char in text).encode("latin-1", "replace").decode("latin-1")
    if pen.textlength(text, font) <= width:
        return text
    while text and pen.textlength(text + "...", font) > width:
        text = text[:-1]
    return text + "..."

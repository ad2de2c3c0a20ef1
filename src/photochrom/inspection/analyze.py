"""What is found when a network looks at a photo: planes, confidence, error, activations, and one point."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photochrom.colorizer import Colorizer
from photochrom.deprecations import renamed_keywords
from photochrom.errors import OptionError
from photochrom.image_io import MAX_PIXELS, Page, read_picture
from photochrom.inference.prediction import ColorDistribution
from photochrom.inference.views import PageView
from photochrom.inspection.activations import Layer, record_activations
from photochrom.options import ColorizeOptions
from photochrom.recolor import resize, shrink_colors
from photochrom.registry import DEFAULT_MODEL, ModelCard, find_model
from photochrom.steering.color_suggestions import Suggestion, check_point, suggest_colors

__all__ = ["Findings", "Point", "has_colors", "look_inside"]

Planes = NDArray[np.float32]

#: chroma below which 95 of 100 pixels of a gray photo lie
GRAY = 4.0
#: in a toned print lightness explains all of the colour but this share of its chroma
UNEXPLAINED = 0.12
#: suggestions at the point
SUGGESTIONS = 6


@dataclass(frozen=True, eq=False)
class Point:
    """What the network thinks possible at one place.

    Attributes:
        x: pixels from the left edge of the photo.
        y: pixels from its top edge.
        lightness: L* there.
        probability: (Q,) over the bins, sums to 1.
        bins: (Q,2) a*b* in Lab units.
        ab: (2,) the colour given, Lab units.
        confidence: 0..1.
        truth: (2,) the true colour; None where the photo has none.
        suggestions: the most likely clearly distinct colours.
    """

    x: float
    y: float
    lightness: float
    probability: Planes
    bins: Planes
    ab: Planes
    confidence: float
    truth: Planes | None
    suggestions: Sequence[Suggestion]


@dataclass(frozen=True, eq=False)
class Findings:
    """A photo as a network sees it; planes (H,W) are as large as its view, padding cut off.

    Attributes:
        card: of the network.
        photo: the file's name.
        width: of the photo, pixels.
        height: of the photo, pixels.
        lightness: (H,W) L* 0..100.
        ab: (2,H,W) the colours predicted, Lab units.
        truth: (2,H,W) the photo's own; None where it is gray or toned.
        confidence: (h,w) 0..1; None where the network has no distribution.
        layers: the end of each group.
        point: None where the network has no distribution.
    """

    card: ModelCard
    photo: str
    width: int
    height: int
    lightness: Planes
    ab: Planes
    truth: Planes | None
    confidence: Planes | None
    layers: Sequence[Layer]
    point: Point | None

    @property
    def error(self) -> Planes | None:
        """Returns the (H,W) distance from the true colours in the a*b* plane, Lab units; None where there are none."""
        return None if self.truth is None else np.sqrt(np.square(self.ab - self.truth).sum(0))


@renamed_keywords("look_inside")
def look_inside(
    source: str | Path,
    *,
    model: str | Path = DEFAULT_MODEL,
    at: tuple[float, float] | None = None,
    input_size: int | None = None,
    max_pixels: int = MAX_PIXELS,
) -> Findings:
    """Shows a photo to a network and returns what happens.

    Args:
        source: the photo; of a file with several pages the first.
        model: a network's name or file.
        at: the point looked at, x and y in pixels of the upright photo; None for the least certain one.
        input_size: short side the network sees, pixels; None for the finest of its own.
        max_pixels: refuse photos with more pixels than this.

    Raises:
        OptionError: the point lies outside, or the network has no distribution to look at there.
        MissingDependencyError: the onnx package is not installed.
        InputError, ModelError: the photo or the network cannot be used; their subclasses say why.
    """
    colorizer = Colorizer(model)
    card = colorizer.card
    side = ColorizeOptions(input_size=input_size or max(card.sizes)).input_size
    known = "probability" in card.outputs
    if at is not None and not known:
        raise OptionError("inspection.point_unavailable", model=card.name)
    page = read_picture(source, max_pixels=max_pixels).pages[0]
    if at is not None:
        check_point(*at, SUGGESTIONS, width=page.width, height=page.height)
    predictor = colorizer.predictor
    image = PageView(page)
    view = predictor.view(image, side)
    height, width = view.height, view.width
    lightness = view.lightness[:height, :width]
    own = shrink_colors(page, (height, width))
    truth = own if has_colors(lightness, own) else None
    layers = record_activations(find_model(model), view.lightness, (height, width))
    field = predictor.predict_distribution(image, input_size=side) if known else None
    answer = predictor.predict(image, input_size=side).ab if field is None else field.ab
    return Findings(
        card=card,
        photo=Path(source).name,
        width=page.width,
        height=page.height,
        lightness=lightness,
        ab=np.stack([resize(np.ascontiguousarray(plane, np.float32), (width, height)) for plane in answer]),
        truth=truth,
        confidence=None if field is None else field.confidence,
        layers=layers,
        point=None if field is None else _describe_point(field, page, at or _find_least_certain(field, page), truth),
    )


def has_colors(lightness: Planes, ab: Planes) -> bool:
    """Returns whether a photo, L* (H,W) and a*b* (2,H,W), has colours of its own: not gray, not a toned print."""
    chroma = np.hypot(*ab)
    if float(np.percentile(chroma, 95)) < GRAY:
        return False
    # toning makes colour a function of lightness, nearly a parabola
    level = lightness.ravel()[:: max(1, lightness.size // 4096)].astype(np.float64) / 100
    flat = ab.reshape(2, -1)[:, :: max(1, lightness.size // 4096)].T.astype(np.float64)
    terms = np.stack([np.ones_like(level), level, level**2], 1)
    left = flat - terms @ np.linalg.pinv(terms) @ flat
    return bool(np.sqrt(np.square(left).sum(1).mean()) >= UNEXPLAINED * chroma.mean())


def _find_least_certain(field: ColorDistribution, page: Page) -> tuple[float, float]:
    # in black and in white no colour can be seen
    visible = (field.lightness > 20) & (field.lightness < 92)
    score = np.where(visible, field.confidence, 1.0 + field.confidence)
    height, width = score.shape
    row, column = divmod(int(score.argmin()), width)
    return (column + 0.5) * page.width / width, (row + 0.5) * page.height / height


def _describe_point(field: ColorDistribution, page: Page, at: tuple[float, float], truth: Planes | None) -> Point:
    x, y = at
    height, width = field.lightness.shape
    row, column = min(int(y / page.height * height), height - 1), min(int(x / page.width * width), width - 1)
    true = None
    if truth is not None:
        cell = truth.shape[1] // height, truth.shape[2] // width
        true = truth[:, row * cell[0] : (row + 1) * cell[0], column * cell[1] : (column + 1) * cell[1]].mean((1, 2))
    return Point(
        x=x,
        y=y,
        lightness=float(field.lightness[row, column]),
        probability=field.probability[:, row, column],
        bins=field.bins,
        ab=field.ab[:, row, column],
        confidence=float(field.confidence[row, column]),
        truth=true,
        suggestions=suggest_colors(field, x / page.width, y / page.height, SUGGESTIONS),
    )

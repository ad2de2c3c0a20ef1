"""A page in, what the network says of it out: the network's view of a page, its padding, and its several sizes."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import EllipsisType

import numpy as np
from numpy.typing import NDArray

from photochrom.hints import Hint, plane
from photochrom.image_io import Page
from photochrom.inference.palette_prior import preference
from photochrom.inference.propagation import spread
from photochrom.inference.session import OnnxSession, Prediction
from photochrom.options import Options
from photochrom.recolor import resize, shrink
from photochrom.registry import ModelCard

__all__ = ["ColorDistribution", "Predictor", "View"]

#: a panorama longer than this many short sides is seen smaller, so that no shape makes the network's input large
MAX_ASPECT = 4.0


@dataclass(frozen=True, eq=False)
class View:
    """What a network sees of a page.

    Attributes:
        lightness: (H,W) float32, L* 0..100, padded to multiples of the network's stride.
        height: rows of it that the picture covers, from the top.
        width: columns of it that the picture covers, from the left.
    """

    lightness: NDArray[np.float32]
    height: int
    width: int


@dataclass(frozen=True, eq=False)
class ColorDistribution:
    """What a network with a distribution says of a page, on its output grid of h x w cells.

    Attributes:
        lightness: (h,w) float32, L* 0..100, the mean of each cell.
        probability: (Q,h,w) float32 over the bins, sums to 1 at each cell; a palette's preference is in it.
        bins: (Q,2) float32, a*b* in Lab units.
        ab: (2,h,w) float32, the answer, Lab units.
        confidence: (h,w) float32, 0..1.
    """

    lightness: NDArray[np.float32]
    probability: NDArray[np.float32]
    bins: NDArray[np.float32]
    ab: NDArray[np.float32]
    confidence: NDArray[np.float32]


class Predictor:
    """Shows pages to one network.

    Args:
        engine: what runs it.
    """

    def __init__(self, engine: OnnxSession) -> None:
        self._engine = engine

    @property
    def card(self) -> ModelCard:
        """What the network's file says about itself."""
        return self._engine.card

    @property
    def latent(self) -> int:
        """Numbers in a variational network's code; 0 for a network that takes none."""
        return self._engine.latent

    def predict(
        self,
        page: Page,
        *,
        hints: Sequence[Hint] = (),
        matches: Sequence[Hint] = (),
        guesses: Sequence[Hint] = (),
        options: Options | None = None,
        z: NDArray[np.float32] | None = None,
    ) -> Prediction:
        """Predict a page's colours at the network's own resolution, edge to edge, padding cut off.

        Where its card names several sizes, the network sees the page at each and the answers are averaged: a small
        view holds large things together, a large one sees small things. What the average then lacks of the hints is
        spread over what belongs to them (:mod:`photochrom.inference.propagation`).

        Args:
            page: what to colour.
            hints: as in a call.
            matches: hints of a reference, which may be wrong; where one meets a hint, the hint holds.
            guesses: hints that the network may overrule; where one meets another, the other holds.
            options: as in a call.
            z: (Z,) code of a variational network; None for its most likely answer.
        """
        options = options or Options()
        sizes = [options.size] if options.size else self.card.sizes
        views = [self.view(page, size) for size in sizes]
        # where two meet, the later one wins
        given = [*guesses, *matches, *hints]
        found = [self._predict_at(view, self._draw(given, page, view), options, z) for view in views]
        best = int(np.argmax([prediction.ab.size for prediction in found]))
        height, width = found[best].ab.shape[1:]
        ab = np.mean([[resize(plane, (width, height)) for plane in each.ab] for each in found], axis=0)
        if hints or matches:
            ab = self._spread(ab, page, views[best], hints, matches, found[best])
        sure = [resize(each.confidence, (width, height)) for each in found if each.confidence is not None]
        return Prediction(ab, np.clip(np.mean(sure, axis=0), 0.0, 1.0) if sure else None)

    def features(self, page: Page, size: int | None = None) -> NDArray[np.float32]:
        """What the network's encoder sees in a page, (C,h,w) float32, edge to edge.

        Args:
            page: what to look at.
            size: short side it is looked at, pixels; None for the finest of the network's own.

        Raises:
            OptionError: the network does not give its features.
        """
        view = self.view(page, size)
        return _cut(self._engine.features(view.lightness), (view.height, view.width), view.lightness.shape)

    def field(
        self,
        page: Page,
        *,
        hints: Sequence[Hint] = (),
        matches: Sequence[Hint] = (),
        options: Options | None = None,
    ) -> ColorDistribution:
        """What the network says of a page on the output grid of its finest size, its distribution there included.

        Raises:
            OptionError: the network has no distribution.
        """
        options = options or Options()
        view = self.view(page, options.size)
        drawn = self._draw([*matches, *hints], page, view)
        bins = np.array(self.card.bins, np.float32)
        probability = self._engine.probability(view.lightness, hints=drawn)[self._inside(view)]
        if options.palette:
            probability = probability * np.exp(preference(options.palette, bins))[:, None, None]
            probability /= probability.sum(0)
        plain = self.predict(page, hints=hints, matches=matches, options=options)
        assert plain.confidence is not None  # of every network with a distribution
        return ColorDistribution(self._cell_lightness(view), probability, bins, plain.ab, plain.confidence)

    def view(self, page: Page, size: int | None = None) -> View:
        """What the network sees of a page; ``size`` is the short side in pixels, None for the finest of its own."""
        short, long = sorted((page.height, page.width))
        scale = (size or max(self.card.sizes)) / max(short, long / MAX_ASPECT)
        cell, stride = self.card.output_stride, self.card.stride
        height, width = (max(1, round(side * scale / cell)) * cell for side in (page.height, page.width))
        small = shrink(page, (height, width))
        padding = [(0, -side % stride) for side in (height, width)]
        return View(np.pad(small, padding, mode="edge"), height, width)

    def _predict_at(
        self, view: View, drawn: NDArray[np.float32] | None, options: Options, z: NDArray[np.float32] | None
    ) -> Prediction:
        wanted = preference(options.palette, np.array(self.card.bins, np.float32)) if options.palette else None
        found = self._engine.predict(view.lightness, hints=drawn, vividness=options.vividness, z=z, preference=wanted)
        inside = self._inside(view)
        return Prediction(
            found.ab[inside],
            *(
                None if plane is None else plane[inside]
                for plane in (found.confidence, found.deviation, found.likeness)
            ),
        )

    def _spread(
        self,
        ab: NDArray[np.float32],
        page: Page,
        view: View,
        hints: Sequence[Hint],
        matches: Sequence[Hint],
        found: Prediction,
    ) -> NDArray[np.float32]:
        inside = self._inside(view)
        drawn, doubtful = self._draw(hints, page, view), self._draw(matches, page, view)
        return spread(
            ab,
            np.zeros((3, *ab.shape[1:]), np.float32) if drawn is None else drawn[inside],
            matches=None if doubtful is None else doubtful[inside],
            lightness=self._cell_lightness(view),
            likeness=found.likeness,
            deviation=found.deviation,
        )

    def _cell_lightness(self, view: View) -> NDArray[np.float32]:
        cell = self.card.output_stride
        height, width = view.height // cell, view.width // cell
        whole = view.lightness[: view.height, : view.width]
        mean: NDArray[np.float32] = whole.reshape(height, cell, width, cell).mean((1, 3))
        return mean

    def _draw(self, hints: Sequence[Hint], page: Page, view: View) -> NDArray[np.float32] | None:
        if not hints:
            return None
        cell = self.card.output_stride
        grid = view.lightness.shape[0] // cell, view.lightness.shape[1] // cell
        content = view.height // cell, view.width // cell
        return plane(hints, picture=(page.height, page.width), content=content, padded=grid)

    def _inside(self, view: View) -> tuple[EllipsisType, slice, slice]:
        cell = self.card.output_stride
        return np.s_[..., : view.height // cell, : view.width // cell]


def _cut(features: NDArray[np.float32], content: tuple[int, int], padded: tuple[int, ...]) -> NDArray[np.float32]:
    """Features (C,h,w) without the padding; the last row and column may reach a little into it.

    Args:
        features: of a padded view.
        content: height and width, in pixels, of the part of the view that the picture covers.
        padded: height and width of the view.
    """
    rows, columns = (-(-part * n // whole) for part, n, whole in zip(content, features.shape[1:], padded, strict=True))
    return features[:, :rows, :columns]

"""The one road from an image to its colours: views, hints, answers joined, and propagation."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import EllipsisType

import numpy as np
from numpy.typing import NDArray

from photochrom.inference.guidance import Guidance, Trust
from photochrom.inference.palette_prior import bin_bias
from photochrom.inference.prediction import ColorDistribution, Prediction
from photochrom.inference.propagation import spread
from photochrom.inference.session import OnnxSession, SessionOutput
from photochrom.inference.views import LightnessSource
from photochrom.recolor import resize, resize_planes
from photochrom.registry import ModelCard

__all__ = ["Predictor", "View"]

Planes = NDArray[np.float32]
NO_GUIDANCE = Guidance()


@dataclass(frozen=True, eq=False)
class View:
    """What a network sees of an image.

    Attributes:
        lightness: (H,W) float32, L* 0..100, padded to multiples of the network's stride.
        height: rows of it that the image covers, from the top.
        width: columns of it that the image covers, from the left.
    """

    lightness: Planes
    height: int
    width: int


class Predictor:
    """Asks one network about images: pages of photos and frames of films alike.

    Args:
        session: what runs the network.
    """

    def __init__(self, session: OnnxSession) -> None:
        self._session = session

    @property
    def card(self) -> ModelCard:
        """What the network's file says about itself."""
        return self._session.card

    @property
    def latent_size(self) -> int:
        """Numbers in a variational network's latent code; 0 for a network that takes none."""
        return self._session.latent_size

    def predict(
        self,
        image: LightnessSource,
        guidance: Guidance = NO_GUIDANCE,
        *,
        vividness: float = 1.0,
        input_size: int | None = None,
        latent: Planes | None = None,
    ) -> Prediction:
        """Predicts the colours of an image at the network's own resolution, edge to edge, padding cut off.

        Where its card names several sizes, the network sees the image at each and the answers are averaged: a small
        view holds large things together, a large one sees small things. What the average then lacks of the hints is
        propagated to what belongs to them (:mod:`photochrom.inference.propagation`).

        Args:
            image: what to colour.
            guidance: what steers it.
            vividness: 0 for the mean of the distribution, 1 for the default, 2 for bold.
            input_size: short side of what the network sees, pixels; None for the network's own sizes.
            latent: (Z,) float32 code of a variational network; None for its most likely answer.

        Raises:
            OptionError: the network cannot do what is asked, or a hint lies outside the image.
        """
        sizes = self._sizes(input_size)
        bias = bin_bias(guidance.palette, self._bins()) if guidance.palette else None

        def look(size: int) -> tuple[View, SessionOutput]:
            view = self.view(image, size)
            drawn = self._draw(guidance, image, view)
            answer = self._session.predict(
                view.lightness, hints=drawn, vividness=vividness, latent=latent, bin_bias=bias
            )
            return view, answer.crop(self._inside(view))

        if len(sizes) > 1 and self._session.is_parallel:
            # a network keeps two processors less than busy
            with ThreadPoolExecutor(len(sizes)) as pool:
                looks = list(pool.map(look, sizes))
        else:
            looks = [look(size) for size in sizes]
        views, answers = zip(*looks, strict=True)
        best = int(np.argmax([answer.ab.size for answer in answers]))
        height, width = answers[best].ab.shape[1:]
        ab: Planes = np.mean([resize_planes(answer.ab, (width, height)) for answer in answers], axis=0)
        if guidance.is_binding:
            ab = self._propagate(ab, guidance, image, views[best], answers[best])
        maps = [resize(answer.confidence, (width, height)) for answer in answers if answer.confidence is not None]
        return Prediction(ab, np.clip(np.mean(maps, axis=0), 0.0, 1.0) if maps else None)

    def predict_distribution(
        self, image: LightnessSource, guidance: Guidance = NO_GUIDANCE, *, input_size: int | None = None
    ) -> ColorDistribution:
        """Predicts the distribution over colours on the output grid of the network's finest size.

        Raises:
            OptionError: the network has no distribution.
        """
        view = self.view(image, input_size)
        bins = self._bins()
        probability = self._session.probability(view.lightness, hints=self._draw(guidance, image, view))
        probability = probability[self._inside(view)]
        if guidance.palette:
            probability = probability * np.exp(bin_bias(guidance.palette, bins))[:, None, None]
            probability /= probability.sum(0)
        answer = self.predict(image, guidance, input_size=input_size)
        assert answer.confidence is not None  # of every network with a distribution
        return ColorDistribution(self._cell_lightness(view), probability, bins, answer.ab, answer.confidence)

    def features(self, image: LightnessSource, input_size: int | None = None) -> Planes:
        """Returns what the network's encoder sees in an image, (C,h,w) float32, edge to edge.

        Args:
            image: what to look at.
            input_size: short side of the view, pixels; None for the finest of the network's own.

        Raises:
            OptionError: the network does not give its features.
        """
        view = self.view(image, input_size)
        features = self._session.features(view.lightness)
        # the last row and column may reach a little into the padding
        rows, columns = (
            -(-part * n // whole)
            for part, n, whole in zip((view.height, view.width), features.shape[1:], view.lightness.shape, strict=True)
        )
        return features[:, :rows, :columns]

    def view(self, image: LightnessSource, input_size: int | None = None) -> View:
        """Returns what the network sees of an image; ``input_size`` is None for the finest of the network's own."""
        small = image.lightness(input_size or max(self.card.sizes), cell=self.card.output_stride)
        height, width = small.shape
        padding = [(0, -side % self.card.stride) for side in (height, width)]
        return View(np.pad(small, padding, mode="edge"), height, width)

    def _sizes(self, input_size: int | None) -> Sequence[int]:
        return [input_size] if input_size else self.card.sizes

    def _bins(self) -> Planes:
        return np.array(self.card.bins, np.float32)

    def _propagate(
        self, ab: Planes, guidance: Guidance, image: LightnessSource, view: View, answer: SessionOutput
    ) -> Planes:
        inside = self._inside(view)
        given, matched = (self._draw(guidance, image, view, trust) for trust in (Trust.USER, Trust.REFERENCE))
        return spread(
            ab,
            np.zeros((3, *ab.shape[1:]), np.float32) if given is None else given[inside],
            matches=None if matched is None else matched[inside],
            lightness=self._cell_lightness(view),
            affinity=answer.affinity,
            uncertainty=answer.uncertainty,
        )

    def _cell_lightness(self, view: View) -> Planes:
        cell = self.card.output_stride
        height, width = view.height // cell, view.width // cell
        whole = view.lightness[: view.height, : view.width]
        mean: Planes = whole.reshape(height, cell, width, cell).mean((1, 3))
        return mean

    def _draw(
        self, guidance: Guidance, image: LightnessSource, view: View, trust: Trust | None = None
    ) -> Planes | None:
        cell = self.card.output_stride
        height, width = view.lightness.shape
        return guidance.draw(
            extent=image.extent,
            content=(view.height // cell, view.width // cell),
            padded=(height // cell, width // cell),
            trust=trust,
        )

    def _inside(self, view: View) -> tuple[EllipsisType, slice, slice]:
        cell = self.card.output_stride
        return np.s_[..., : view.height // cell, : view.width // cell]

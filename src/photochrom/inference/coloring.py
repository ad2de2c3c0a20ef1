"""The colours of a photo, page by page, before they are put on its pixels."""

import time
from dataclasses import dataclass, replace

import numpy as np

from photochrom.errors import OptionError
from photochrom.image_io import Picture
from photochrom.inference.prediction import Prediction
from photochrom.options import ColorizeOptions
from photochrom.recolor.auto_contrast import stretch_contrast
from photochrom.result import Result

__all__ = ["Coloring", "stretch_picture"]


@dataclass(frozen=True, eq=False)
class Coloring:
    """The colours of a photo, page by page, before they are put on pixels.

    Attributes:
        predictions: one for each page.
        options: what they were made with.
        model: the network's name.
        matches: hints taken from the reference, of all pages; None without a reference.
        start: when the work began, as :func:`time.perf_counter` counts.
        threads: processor threads to recolour with.
        picture: the photo, its contrast stretched if that was asked for.
        source: the photo as it was read.
    """

    predictions: tuple[Prediction, ...]
    options: ColorizeOptions
    model: str
    matches: int | None
    start: float
    threads: int
    picture: Picture
    source: Picture

    def apply(self, target: Picture | None = None) -> Result:
        """Returns the photo in these colours.

        Args:
            target: a copy of the photo of another size, page for page, that gets the colours in its place, for a quick
                look at what the photo will be; None for the photo itself.

        Raises:
            OptionError: the target has another number of pages.
        """
        picture = self._prepared(target)
        pages = [
            prediction.apply(page, strength=self.options.strength, threads=self.threads)
            for page, prediction in zip(picture.pages, self.predictions, strict=True)
        ]
        maps = [p.confidence for p in self.predictions if p.confidence is not None]
        return Result(
            picture=picture.with_colors(pages, model=self.model),
            confidence=float(np.mean([m.mean() for m in maps])) if maps else None,
            confidence_map=maps[0] if maps else None,
            model=self.model,
            seconds=time.perf_counter() - self.start,
            matches=self.matches,
            original=self.source if target is None else target,
        )

    def _prepared(self, target: Picture | None) -> Picture:
        if target is None or target is self.source:
            return self.picture
        if len(target.pages) != len(self.predictions):
            raise OptionError("option.page_count", count=len(target.pages), wanted=len(self.predictions))
        return stretch_picture(target) if self.options.auto_contrast else target


def stretch_picture(picture: Picture) -> Picture:
    """Returns a photo with the lightness of each page stretched."""
    return replace(picture, pages=tuple(stretch_contrast(page) for page in picture.pages))

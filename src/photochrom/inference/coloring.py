"""The colours of a photo, page by page, before they are put on its pixels."""

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import OptionError
from photochrom.image_io import Page, Picture
from photochrom.inference.prediction import Prediction
from photochrom.options import ColorizeOptions
from photochrom.recolor.auto_contrast import stretch_contrast
from photochrom.result import Result

__all__ = ["Coloring", "cut_page", "stretch_picture"]


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

    def apply_part(self, left: int, top: int, width: int, height: int) -> Picture:
        """Returns a part of the first page in its colours, at the photo's own size, without the rest being coloured.

        Args:
            left: pixels from the left edge.
            top: pixels from the top edge.
            width: of the part, pixels; cut where the page ends.
            height: of the part, pixels; cut where the page ends.

        Raises:
            OptionError: no pixel of the page lies there.
        """
        page, part = self.picture.pages[0], cut_page(self.picture.pages[0], left, top, width, height)
        edges = (left / page.width, top / page.height)
        box = (*edges, (left + part.width) / page.width, (top + part.height) / page.height)
        prediction = self.predictions[0].cut(box, (part.width, part.height))
        pixels = prediction.apply(part, strength=self.options.strength, threads=self.threads)
        alone = Picture((part,), self.picture.format, name=self.picture.name)
        return alone.with_colors([pixels], model=self.model)

    def _prepared(self, target: Picture | None) -> Picture:
        if target is None or target is self.source:
            return self.picture
        if len(target.pages) != len(self.predictions):
            raise OptionError("option.page_count", count=len(target.pages), wanted=len(self.predictions))
        return stretch_picture(target) if self.options.auto_contrast else target


def cut_page(page: Page, left: int, top: int, width: int, height: int) -> Page:
    """Returns a part of a page, in pixels; cut where the page ends.

    Raises:
        OptionError: no pixel of the page lies there.
    """
    if not (0 <= left < page.width and 0 <= top < page.height and width > 0 and height > 0):
        raise OptionError("option.part_outside", left=left, top=top, width=page.width, height=page.height)

    def cut(plane: NDArray[Any] | None) -> NDArray[Any] | None:
        # rows first: a plane that is read when it is looked at gives rows alone
        return None if plane is None else np.ascontiguousarray(plane[top : top + height][:, left : left + width])

    pixels = cut(page.pixels)
    assert pixels is not None
    return replace(page, pixels=pixels, alpha=cut(page.alpha), extras=None, missing=cut(page.missing))


def stretch_picture(picture: Picture) -> Picture:
    """Returns a photo with the lightness of each page stretched."""
    return replace(picture, pages=tuple(stretch_contrast(page) for page in picture.pages))

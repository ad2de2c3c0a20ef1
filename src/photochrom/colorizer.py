"""The recipe: picture in, coloured picture out.

Lightness from the picture; shrunk to the network's size (short side, aspect kept, padded); the network; its chroma
enlarged and joined with the full-size lightness; colours out of gamut brought in by lowering chroma.
"""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray

from photochrom.color.hex import check_palette
from photochrom.errors import OptionError
from photochrom.hints import Hint
from photochrom.image_io import MAX_PIXELS, Page, Picture, read_picture
from photochrom.inference.predictor import Predictor
from photochrom.inference.session import OnnxSession, Prediction
from photochrom.options import Options
from photochrom.recolor import recolor
from photochrom.recolor.auto_contrast import restore_contrast as restore
from photochrom.registry import DEFAULT_MODEL, Model, ModelCard, find_model
from photochrom.result import Result
from photochrom.steering.color_suggestions import Suggestion, check_point, suggest
from photochrom.steering.reference_matching import match
from photochrom.steering.variations import Variation, check_request, vary

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["Colorizer", "Options", "Result", "Source", "Suggestion", "colorize", "count_processors"]

#: what can be coloured: a path, the bytes of a file, an open file, a Pillow image, an array, or a picture read before
Source: TypeAlias = "str | Path | bytes | BinaryIO | Image.Image | NDArray[np.generic] | Picture"


class Colorizer:
    """Colours pictures with one network; make it once, call it often, from several threads if wanted.

    Args:
        model: a name of :func:`photochrom.list_models`, a weights file, or a network found before.
        device: "auto", "cpu", "cuda", "coreml", "directml" or "openvino".
        threads: processor threads for one picture; None for all.

    Raises:
        UnknownModelError, CorruptWeightsError, DeviceError: the network cannot be used.
        OptionError: ``threads`` is below 1.
    """

    def __init__(
        self, model: str | Path | Model = DEFAULT_MODEL, *, device: str = "auto", threads: int | None = None
    ) -> None:
        if threads is not None and threads < 1:
            raise OptionError(f"threads is {threads}: give 1 or more, or None for all")
        found = model if isinstance(model, Model) else find_model(model)
        #: where the network's file lies
        self.path = found.path
        #: the device asked for, which may be "auto"
        self.wanted_device = device
        self._engine = OnnxSession(found, device=device, threads=threads)
        #: the network's view of pages, for what needs more than a coloured picture
        self.predictor = Predictor(self._engine)
        self._threads = threads or count_processors()

    @property
    def card(self) -> ModelCard:
        """What the network's file says about itself."""
        return self._engine.card

    @property
    def name(self) -> str:
        """The network's name."""
        return self.card.name

    @property
    def device(self) -> str:
        """The device it runs on."""
        return self._engine.device

    def __call__(
        self,
        source: Source,
        *,
        hints: Sequence[Hint] = (),
        reference: "Source | None" = None,
        palette: Sequence[str] = (),
        alternative: Variation | None = None,
        vividness: float = 1.0,
        strength: float = 1.0,
        size: int | None = None,
        restore_contrast: bool = False,
        max_pixels: int = MAX_PIXELS,
        onto: Picture | None = None,
    ) -> Result:
        """Colour one picture; of a file with several pages, every page.

        Args:
            source: a path, the bytes of a file, an open binary file, a Pillow image, an array (H,W) or (H,W,3) of
                uint8, uint16 or float32 (0..1), or a :class:`~photochrom.image_io.Picture`.
            hints: colours given at places of the picture; of a file with several pages, of every page.
            reference: a photo in colour, as ``source``, whose first page gives its colours to what looks alike; see
                :mod:`photochrom.steering.reference_matching`. Where a hint says otherwise, the hint holds.
            palette: up to 16 colours ``"#rrggbb"`` that the picture is pulled towards; see
                :mod:`photochrom.inference.palette_prior`.
            alternative: colour as this one of :meth:`alternatives`; None for the most likely colouring.
            vividness: 0 for the mean of what the network thinks possible, 1 for the default, 2 for bold.
            strength: 0 for the picture's own colours, 1 for the network's, up to 1.5 for more.
            size: short side the network sees, pixels; None for the network's own.
            restore_contrast: stretch the lightness of a faded picture first; see
                :mod:`photochrom.recolor.auto_contrast`.
            max_pixels: refuse pictures with more pixels than this.
            onto: a smaller copy of the source, page for page, that gets the colours in its place, for a quick look at
                what the source will be.

        Raises:
            InputError: the source or an option cannot be used; its subclasses say why.
        """
        options = Options(
            vividness=vividness,
            strength=strength,
            size=size,
            palette=check_palette(palette),
            restore_contrast=restore_contrast,
            max_pixels=max_pixels,
        )
        if alternative is not None:
            check_request(self.predictor, alternative.index + 1, alternative.seed)
        work = self._open(source, reference, options, onto)
        predictions = []
        for page, matches in zip(work.picture.pages, work.hints, strict=True):
            if alternative is None:
                predictions.append(self.predictor.predict(page, hints=hints, matches=matches, options=options))
            else:
                predictions += vary(
                    self.predictor,
                    page,
                    [alternative.index],
                    seed=alternative.seed,
                    hints=hints,
                    matches=matches,
                    options=options,
                )
        return self._finish(work, predictions, options)

    def alternatives(
        self,
        source: Source,
        n: int,
        *,
        seed: int = 0,
        hints: Sequence[Hint] = (),
        reference: "Source | None" = None,
        palette: Sequence[str] = (),
        vividness: float = 1.0,
        strength: float = 1.0,
        size: int | None = None,
        restore_contrast: bool = False,
        max_pixels: int = MAX_PIXELS,
        onto: Picture | None = None,
    ) -> list[Result]:
        """Colour one picture in several ways that the network thinks possible.

        See :mod:`photochrom.steering.variations`.

        The same source, network, options and seed give the same pictures, and more of them begin with the same ones.

        Args:
            source: as in a call.
            n: how many, 1 to 12.
            seed: of all chance, 0 to 2**32-1.
            hints: colours that all of them have.
            reference: as in a call.
            palette: as in a call.
            vividness: as in a call.
            strength: as in a call.
            size: as in a call.
            restore_contrast: as in a call.
            max_pixels: as in a call.
            onto: as in a call.

        Raises:
            OptionError: the network has neither codes nor a distribution that hints can be drawn from.
            InputError: the source or an option cannot be used; its subclasses say why.
        """
        options = Options(
            vividness=vividness,
            strength=strength,
            size=size,
            palette=check_palette(palette),
            restore_contrast=restore_contrast,
            max_pixels=max_pixels,
        )
        check_request(self.predictor, n, seed)
        work = self._open(source, reference, options, onto)
        pages = [
            vary(self.predictor, page, range(n), seed=seed, hints=hints, matches=matches, options=options)
            for page, matches in zip(work.picture.pages, work.hints, strict=True)
        ]
        return [self._finish(work, predictions, options) for predictions in zip(*pages, strict=True)]

    def suggest(
        self,
        source: Source,
        x: float,
        y: float,
        k: int = 5,
        *,
        hints: Sequence[Hint] = (),
        reference: "Source | None" = None,
        palette: Sequence[str] = (),
        size: int | None = None,
        max_pixels: int = MAX_PIXELS,
    ) -> list[Suggestion]:
        """The most likely clearly distinct colours at a point of the first page, the likeliest first.

        Args:
            source: as in a call.
            x: pixels from the left edge of the upright picture, fractions allowed.
            y: pixels from its top edge.
            k: colours wanted, 1 or more; fewer come back where the distribution has no more.
            hints: colours given already.
            reference: as in a call.
            palette: as in a call.
            size: short side the network sees, pixels; None for the finest of its own.
            max_pixels: as in a call.

        Raises:
            OptionError: the network has no distribution, or the point lies outside the picture.
            InputError: the source or an option cannot be used; its subclasses say why.
        """
        options = Options(
            size=size,
            palette=check_palette(palette),
            max_pixels=max_pixels,
        )
        work = self._open(source, reference, options)
        page = work.picture.pages[0]
        check_point(x, y, k, width=page.width, height=page.height)
        field = self.predictor.field(page, hints=hints, matches=work.hints[0], options=options)
        return suggest(field, x / page.width, y / page.height, k)

    def predict(self, page: Page, *, hints: Sequence[Hint] = (), options: Options | None = None) -> Prediction:
        """Predict a page's colours; see :meth:`photochrom.inference.predictor.Predictor.predict`."""
        return self.predictor.predict(page, hints=hints, options=options)

    def _open(
        self, source: Source, reference: "Source | None", options: Options, onto: Picture | None = None
    ) -> "_Work":
        picture = source if isinstance(source, Picture) else read_picture(source, max_pixels=options.max_pixels)
        start = time.perf_counter()
        target = onto or picture
        if len(target.pages) != len(picture.pages):
            raise OptionError(
                f"onto has {len(target.pages)} pages for {len(picture.pages)}: give a copy of all of them"
            )
        if options.restore_contrast:
            picture = replace(picture, pages=tuple(restore(page) for page in picture.pages))
            target = picture if onto is None else replace(onto, pages=tuple(restore(page) for page in onto.pages))
        if reference is None:
            return _Work(picture, target, tuple(() for _ in picture.pages), None, start)
        other = reference if isinstance(reference, Picture) else read_picture(reference, max_pixels=options.max_pixels)
        hints = tuple(tuple(match(self.predictor, page, other.pages[0])) for page in picture.pages)
        return _Work(picture, target, hints, sum(len(each) for each in hints), start)

    def _finish(self, work: "_Work", predictions: Sequence[Prediction], options: Options) -> Result:
        pages = [
            recolor(page, prediction.ab, strength=options.strength, threads=self._threads)
            for page, prediction in zip(work.target.pages, predictions, strict=True)
        ]
        maps = [p.confidence for p in predictions if p.confidence is not None]
        return Result(
            picture=work.target.with_colors(pages, model=self.name),
            confidence=float(np.mean([m.mean() for m in maps])) if maps else None,
            confidence_map=maps[0] if maps else None,
            model=self.name,
            seconds=time.perf_counter() - work.start,
            matches=work.matches,
        )


@dataclass(frozen=True, eq=False)
class _Work:
    """A picture to colour, what gets its colours, and what a reference says of each of its pages."""

    picture: Picture
    target: Picture
    hints: tuple[tuple[Hint, ...], ...]
    matches: int | None
    start: float


def count_processors() -> int:
    """The processors this process may use, where the system tells; a container often has fewer than the machine."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def colorize(
    source: Source,
    *,
    model: str | Path = DEFAULT_MODEL,
    device: str = "auto",
    hints: Sequence[Hint] = (),
    reference: "Source | None" = None,
    palette: Sequence[str] = (),
    alternative: Variation | None = None,
    vividness: float = 1.0,
    strength: float = 1.0,
    size: int | None = None,
    restore_contrast: bool = False,
    max_pixels: int = MAX_PIXELS,
) -> Result:
    """Colour one picture; for many, make a :class:`Colorizer` once.

    >>> import numpy as np
    >>> result = colorize(np.tile(np.linspace(0, 255, 64).astype("uint8"), (64, 1)))
    >>> result.to_pil().size
    (64, 64)
    """
    return Colorizer(model, device=device)(
        source,
        hints=hints,
        reference=reference,
        palette=palette,
        alternative=alternative,
        vividness=vividness,
        strength=strength,
        size=size,
        restore_contrast=restore_contrast,
        max_pixels=max_pixels,
    )

"""Photo in, coloured photo out.

Lightness from the photo; shrunk to the network's size (short side, aspect kept, padded); the network; its chroma
enlarged and joined with the full-size lightness; colours out of gamut brought in by lowering chroma.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias, Unpack

import numpy as np
from numpy.typing import NDArray

from photochrom.deprecations import renamed_keywords, renamed_methods
from photochrom.image_io import MAX_PIXELS, Picture, read_picture
from photochrom.inference.coloring import Coloring, stretch_picture
from photochrom.inference.guidance import Guidance
from photochrom.inference.prediction import Prediction
from photochrom.inference.predictor import Predictor
from photochrom.inference.session import OnnxSession
from photochrom.inference.views import PageView
from photochrom.options import ColorizeKwargs, ColorizeOptions, Range, check_integer, check_number, resolve_options
from photochrom.registry import DEFAULT_MODEL, Model, ModelCard, find_model
from photochrom.result import Result
from photochrom.steering.color_suggestions import Suggestion, check_point, suggest_colors
from photochrom.steering.reference_matching import match_reference
from photochrom.steering.variations import check_request, predict_variations
from photochrom.system.processors import count_processors

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["Coloring", "Colorizer", "Result", "Source", "Suggestion", "colorize", "count_processors"]

#: what can be coloured: a path, the bytes of a file, an open file, a Pillow image, an array, or a picture read before
Source: TypeAlias = "str | Path | bytes | BinaryIO | Image.Image | NDArray[np.generic] | Picture"


@renamed_methods
class Colorizer:
    """Colours photos with one network; make it once, call it often, from several threads if wanted.

    Options are given as a :class:`photochrom.ColorizeOptions`, as its fields by keyword, or both: keywords change the
    options.

    Args:
        model: a name of :func:`photochrom.list_models`, a weights file, a network found before, or a session, which has
            its device and threads already.
        device: "auto", "cpu", "cuda", "coreml", "directml" or "openvino".
        threads: processor threads for one photo; None for all.

    Raises:
        UnknownModelError, CorruptWeightsError, DeviceError: the network cannot be used.
        OptionError: ``threads`` is below 1.
    """

    def __init__(
        self,
        model: str | Path | Model | OnnxSession = DEFAULT_MODEL,
        *,
        device: str = "auto",
        threads: int | None = None,
    ) -> None:
        if threads is not None:
            check_integer("threads", threads, 1, 10_000)
        if not isinstance(model, OnnxSession):
            found = model if isinstance(model, Model) else find_model(model)
            model = OnnxSession(found, device=device, threads=threads)
        #: where the network's file lies
        self.path = model.path
        #: the device asked for, which may be "auto"
        self.wanted_device = model.wanted_device
        self._session = model
        #: asks the network about images, for what needs more than a coloured photo
        self.predictor = Predictor(self._session)
        self._threads = threads or count_processors()

    @property
    def card(self) -> ModelCard:
        """What the network's file says about itself."""
        return self._session.card

    @property
    def name(self) -> str:
        """The network's name."""
        return self.card.name

    @property
    def device(self) -> str:
        """The device it runs on."""
        return self._session.device

    @renamed_keywords("Colorizer.__call__")
    def __call__(
        self,
        source: Source,
        options: ColorizeOptions | None = None,
        *,
        max_pixels: int = MAX_PIXELS,
        on_page: Callable[[int, int], None] | None = None,
        **changes: Unpack[ColorizeKwargs],
    ) -> Result:
        """Colours one photo; of a file with several pages, every page.

        Args:
            source: a path, the bytes of a file, an open binary file, a Pillow image, an array (H,W) or (H,W,3) of
                uint8, uint16 or float32 (0..1), or a :class:`~photochrom.image_io.Picture`.
            options: how; None for the defaults.
            max_pixels: refuse photos with more pixels than this.
            on_page: called before each page with how many are done, and how many there are.
            changes: fields of the options.

        Raises:
            InputError: the source or an option cannot be used; its subclasses say why.
        """
        return self.predict(source, options, max_pixels=max_pixels, on_page=on_page, **changes).apply()

    def predict(
        self,
        source: Source,
        options: ColorizeOptions | None = None,
        *,
        max_pixels: int = MAX_PIXELS,
        on_page: Callable[[int, int], None] | None = None,
        **changes: Unpack[ColorizeKwargs],
    ) -> Coloring:
        """Predicts the colours of a photo, to be put on it or on a copy of another size; as in a call."""
        chosen = resolve_options(options, changes)
        variation = chosen.variation
        if variation is not None:
            check_request(self.predictor, variation.index + 1, variation.seed)
            return self._predict(source, chosen, max_pixels, [variation.index], variation.seed, on_page)[0]
        return self._predict(source, chosen, max_pixels, None, 0, on_page)[0]

    @renamed_keywords("Colorizer.variations")
    def variations(
        self,
        source: Source,
        count: int,
        options: ColorizeOptions | None = None,
        *,
        seed: int = 0,
        max_pixels: int = MAX_PIXELS,
        **changes: Unpack[ColorizeKwargs],
    ) -> list[Result]:
        """Colours one photo in several ways that the network thinks possible.

        The same source, network, options and seed give the same photos, and more of them begin with the same ones. See
        :mod:`photochrom.steering.variations`.

        Args:
            source: as in a call.
            count: how many, 1 to 12.
            options: as in a call; its ``variation`` is not looked at.
            seed: of all chance, 0 to 2**32-1.
            max_pixels: as in a call.
            changes: as in a call.

        Raises:
            OptionError: the network has neither latent codes nor a distribution that hints can be drawn from.
            InputError: the source or an option cannot be used; its subclasses say why.
        """
        found = self.predict_variations(source, count, options, seed=seed, max_pixels=max_pixels, **changes)
        return [coloring.apply() for coloring in found]

    def predict_variations(
        self,
        source: Source,
        count: int,
        options: ColorizeOptions | None = None,
        *,
        seed: int = 0,
        max_pixels: int = MAX_PIXELS,
        **changes: Unpack[ColorizeKwargs],
    ) -> list[Coloring]:
        """Predicts the colours of several variations; as :meth:`variations`."""
        check_request(self.predictor, count, seed)
        return self._predict(source, resolve_options(options, changes), max_pixels, range(count), seed)

    @renamed_keywords("Colorizer.suggest_colors")
    def suggest_colors(
        self,
        source: Source,
        x: float,
        y: float,
        count: int = 5,
        options: ColorizeOptions | None = None,
        *,
        max_pixels: int = MAX_PIXELS,
        **changes: Unpack[ColorizeKwargs],
    ) -> list[Suggestion]:
        """Returns the most likely clearly distinct colours at a point of the first page, the likeliest first.

        Args:
            source: as in a call.
            x: pixels from the left edge of the upright photo, fractions allowed.
            y: pixels from its top edge.
            count: colours wanted, 1 or more; fewer come back where the distribution has no more.
            options: as in a call.
            max_pixels: as in a call.
            changes: as in a call.

        Raises:
            OptionError: the network has no distribution, or the point lies outside the photo.
            InputError: the source or an option cannot be used; its subclasses say why.
        """
        chosen = resolve_options(options, changes)
        picture, _ = self._open(source, chosen, max_pixels)
        page = picture.pages[0]
        check_point(x, y, count, width=page.width, height=page.height)
        (guidance,), _ = self._guide(replace(picture, pages=(page,)), chosen, max_pixels)
        distribution = self.predictor.predict_distribution(PageView(page), guidance, input_size=chosen.input_size)
        return suggest_colors(distribution, x / page.width, y / page.height, count)

    def _predict(
        self,
        source: Source,
        options: ColorizeOptions,
        max_pixels: int,
        indexes: Sequence[int] | None,
        seed: int,
        on_page: Callable[[int, int], None] | None = None,
    ) -> list[Coloring]:
        """Returns the most likely colouring, or the variations of these indexes."""
        picture, original = self._open(source, options, max_pixels)
        start = time.perf_counter()
        guidance, matches = self._guide(picture, options, max_pixels)
        answers: list[list[Prediction]] = []
        for number, (page, guide) in enumerate(zip(picture.pages, guidance, strict=True)):
            if on_page is not None:
                on_page(number, len(picture.pages))
            if indexes is None:
                answer = self.predictor.predict(
                    PageView(page), guide, vividness=options.vividness, input_size=options.input_size
                )
                answers.append([answer])
            else:
                answers.append(
                    predict_variations(
                        self.predictor,
                        page,
                        indexes,
                        seed=seed,
                        guidance=guide,
                        vividness=options.vividness,
                        input_size=options.input_size,
                    )
                )
        return [
            Coloring(pages, options, self.name, matches, start, self._threads, picture, original)
            for pages in zip(*answers, strict=True)
        ]

    def _open(self, source: Source, options: ColorizeOptions, max_pixels: int) -> tuple[Picture, Picture]:
        """Returns the photo as it is coloured, and as it was read."""
        check_number("max_pixels", max_pixels, Range(1, float("inf")))
        if not isinstance(source, Picture):
            source = read_picture(source, max_pixels=max_pixels, salvage=options.salvage)
        return (stretch_picture(source) if options.auto_contrast else source), source

    def _guide(self, picture: Picture, options: ColorizeOptions, max_pixels: int) -> tuple[list[Guidance], int | None]:
        """Returns what steers each page, and how many hints a reference gave; None without one."""
        if options.reference is None:
            return [Guidance.of(options.hints, palette=options.palette) for _ in picture.pages], None
        other = options.reference
        other = other if isinstance(other, Picture) else read_picture(other, max_pixels=max_pixels)
        found = [match_reference(self.predictor, page, other.pages[0]) for page in picture.pages]
        guidance = [Guidance.of(options.hints, matches=matches, palette=options.palette) for matches in found]
        return guidance, sum(map(len, found))


@renamed_keywords("Colorizer.__call__")
def colorize(
    source: Source,
    options: ColorizeOptions | None = None,
    *,
    model: str | Path = DEFAULT_MODEL,
    device: str = "auto",
    max_pixels: int = MAX_PIXELS,
    **changes: Unpack[ColorizeKwargs],
) -> Result:
    """Colours one photo; for many, make a :class:`Colorizer` once.

    >>> import numpy as np
    >>> result = colorize(np.tile(np.linspace(0, 255, 64).astype("uint8"), (64, 1)))
    >>> result.to_pil().size
    (64, 64)
    """
    return Colorizer(model, device=device)(source, options, max_pixels=max_pixels, **changes)

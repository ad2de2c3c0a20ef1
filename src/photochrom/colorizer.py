"""The recipe: picture in, coloured picture out.

Lightness from the picture; shrunk to the network's size (short side, aspect kept, padded); the network; its chroma
enlarged and joined with the full-size lightness; colours out of gamut brought in by lowering chroma.
"""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray

from photochrom.catalog import DEFAULT_MODEL, Card, find_model
from photochrom.chroma import recolor, resize, shrink
from photochrom.engine import Engine, Prediction
from photochrom.errors import OptionError
from photochrom.hints import Hint, plane
from photochrom.picture import MAX_PIXELS, Page, Picture, read_picture

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["Colorizer", "Options", "Result", "Source", "colorize", "count_processors"]

#: what can be coloured: a path, the bytes of a file, an open file, a Pillow image, an array, or a picture read before
Source: TypeAlias = "str | Path | bytes | BinaryIO | Image.Image | NDArray[np.generic] | Picture"

#: a panorama longer than this many short sides is seen smaller, so that no shape makes the network's input large
MAX_ASPECT = 4.0

# of Python or of numpy
_WHOLE = (int, np.integer)
_NUMBER = (*_WHOLE, float, np.floating)

#: longest side of a result shown in a notebook, pixels
SHOWN = 1024


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a picture is coloured.

    Args:
        vividness: 0 for the mean of what the network thinks possible, 1 for the default, 2 for bold.
        strength: 0 for the picture's own colours, 1 for the network's, up to 1.5 for more.
        size: short side the network sees, pixels; None for the network's own.
        max_pixels: refuse pictures with more pixels than this.

    Raises:
        OptionError: a value is out of range.
    """

    vividness: float = 1.0
    strength: float = 1.0
    size: int | None = None
    max_pixels: int = MAX_PIXELS

    def __post_init__(self) -> None:
        for name, high in (("vividness", 2.0), ("strength", 1.5)):
            value = getattr(self, name)
            if not isinstance(value, _NUMBER) or not 0.0 <= value <= high:
                raise OptionError(f"{name} is {value!r}: give a number from 0 to {high:g}")
        size, most = (getattr(self, name) for name in ("size", "max_pixels"))
        if size is not None and not (isinstance(size, _WHOLE) and 32 <= size <= 2048):
            raise OptionError(f"size is {size!r}: give a whole number of pixels from 32 to 2048")
        if not isinstance(most, _NUMBER) or not most >= 1:
            raise OptionError(f"max_pixels is {most!r}: give a number of pixels, 1 or more")


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """A coloured picture and what is known about it.

    Attributes:
        picture: the coloured picture, with everything the source came with.
        confidence: mean confidence 0..1; None where the network has no distribution.
        confidence_map: (h,w) float32, 0..1, of the first page, at the network's own resolution.
        model: the network's name.
        seconds: time taken from decoded source to coloured pixels.
    """

    picture: Picture
    confidence: float | None
    confidence_map: NDArray[np.float32] | None
    model: str
    seconds: float

    def save(self, path: str | Path, *, overwrite: bool = False, format: str | None = None) -> Path:  # noqa: A002
        """Write the picture atomically; see :meth:`photochrom.picture.Picture.save`."""
        return self.picture.save(path, overwrite=overwrite, format=format)

    def to_bytes(self, format: str | None = None) -> bytes:  # noqa: A002
        """The picture as the bytes of a file, in the source's format unless another is named."""
        return self.picture.to_bytes(format)

    def to_pil(self) -> "Image.Image":
        """The first page as an 8-bit Pillow image."""
        return self.picture.to_pil()

    def __repr__(self) -> str:
        page = self.picture.pages[0]
        sure = "" if self.confidence is None else f", confidence={self.confidence:.2f}"
        return f"<Result {page.width}x{page.height} {self.picture.format} by {self.model}{sure}>"

    def _repr_png_(self) -> bytes:
        # a notebook keeps what it shows: the first page, no larger than a screen
        image, stream = self.to_pil(), BytesIO()
        image.thumbnail((SHOWN, SHOWN))
        image.save(stream, "PNG")
        return stream.getvalue()


class Colorizer:
    """Colours pictures with one network; make it once, call it often, from several threads if wanted.

    Args:
        model: a name of :func:`photochrom.list_models`, or a weights file.
        device: "auto", "cpu", "cuda", "coreml", "directml" or "openvino".
        threads: processor threads for one picture; None for all.

    Raises:
        UnknownModelError, CorruptWeightsError, DeviceError: the network cannot be used.
        OptionError: ``threads`` is below 1.
    """

    def __init__(self, model: str | Path = DEFAULT_MODEL, *, device: str = "auto", threads: int | None = None) -> None:
        if threads is not None and threads < 1:
            raise OptionError(f"threads is {threads}: give 1 or more, or None for all")
        self._engine = Engine(find_model(model), device=device, threads=threads)
        self._threads = threads or count_processors()

    @property
    def card(self) -> Card:
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
        vividness: float = 1.0,
        strength: float = 1.0,
        size: int | None = None,
        max_pixels: int = MAX_PIXELS,
    ) -> Result:
        """Colour one picture; of a file with several pages, every page.

        Args:
            source: a path, the bytes of a file, an open binary file, a Pillow image, an array (H,W) or (H,W,3) of
                uint8, uint16 or float32 (0..1), or a :class:`~photochrom.picture.Picture`.
            hints: colours given at places of the picture; of a file with several pages, of every page.
            vividness: 0 for the mean of what the network thinks possible, 1 for the default, 2 for bold.
            strength: 0 for the picture's own colours, 1 for the network's, up to 1.5 for more.
            size: short side the network sees, pixels; None for the network's own.
            max_pixels: refuse pictures with more pixels than this.

        Raises:
            InputError: the source or an option cannot be used; its subclasses say why.
        """
        options = Options(vividness=vividness, strength=strength, size=size, max_pixels=max_pixels)
        picture = source if isinstance(source, Picture) else read_picture(source, max_pixels=options.max_pixels)
        start = time.perf_counter()
        pages, predictions = [], []
        for page in picture.pages:
            prediction = self.predict(page, hints=hints, options=options)
            predictions.append(prediction)
            pages.append(recolor(page, prediction.ab, strength=options.strength, threads=self._threads))
        maps = [p.confidence for p in predictions if p.confidence is not None]
        return Result(
            picture=picture.with_colors(pages, model=self.name),
            confidence=float(np.mean([m.mean() for m in maps])) if maps else None,
            confidence_map=maps[0] if maps else None,
            model=self.name,
            seconds=time.perf_counter() - start,
        )

    def predict(self, page: Page, *, hints: Sequence[Hint] = (), options: Options | None = None) -> Prediction:
        """Predict a page's colours at the network's own resolution, edge to edge, padding cut off.

        Where its card names several sizes, the network sees the page at each and the answers are averaged: a small
        view holds large things together, a large one sees small things.
        """
        options = options or Options()
        sizes = [options.size] if options.size else self.card.sizes
        found = [self._predict_at(page, size, hints, options.vividness) for size in sizes]
        finest = max(found, key=lambda prediction: prediction.ab.size)
        height, width = finest.ab.shape[1:]
        ab = np.mean([[resize(plane, (width, height)) for plane in each.ab] for each in found], axis=0)
        sure = [resize(each.confidence, (width, height)) for each in found if each.confidence is not None]
        return Prediction(ab, np.clip(np.mean(sure, axis=0), 0.0, 1.0) if sure else None)

    def _predict_at(self, page: Page, size: int, hints: Sequence[Hint], vividness: float) -> Prediction:
        lightness, content = self._look(page, size)
        cell = self.card.output_stride
        cells = content[0] // cell, content[1] // cell
        drawn = None
        if hints:
            grid = lightness.shape[0] // cell, lightness.shape[1] // cell
            drawn = plane(hints, picture=(page.height, page.width), content=cells, padded=grid)
        found = self._engine.predict(lightness, hints=drawn, vividness=vividness)
        inside = np.s_[..., : cells[0], : cells[1]]
        return Prediction(found.ab[inside], None if found.confidence is None else found.confidence[inside])

    def _look(self, page: Page, size: int) -> tuple[NDArray[np.float32], tuple[int, int]]:
        """The network's view: padded lightness, and the height and width of the picture in it."""
        short, long = sorted((page.height, page.width))
        scale = size / max(short, long / MAX_ASPECT)
        cell, stride = self.card.output_stride, self.card.stride
        height, width = (max(1, round(side * scale / cell)) * cell for side in (page.height, page.width))
        small = shrink(page, (height, width))
        padding = [(0, -side % stride) for side in (height, width)]
        return np.pad(small, padding, mode="edge"), (height, width)


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
    vividness: float = 1.0,
    strength: float = 1.0,
    size: int | None = None,
    max_pixels: int = MAX_PIXELS,
) -> Result:
    """Colour one picture; for many, make a :class:`Colorizer` once.

    >>> import numpy as np
    >>> result = colorize(np.tile(np.linspace(0, 255, 64).astype("uint8"), (64, 1)))
    >>> result.to_pil().size
    (64, 64)
    """
    return Colorizer(model, device=device)(
        source, hints=hints, vividness=vividness, strength=strength, size=size, max_pixels=max_pixels
    )

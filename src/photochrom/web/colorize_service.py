"""Colours photos; the one place where the service calls the networks."""

import base64
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from io import BytesIO

import numpy as np
from cachetools import LRUCache
from PIL import Image

import photochrom.options
from photochrom.colorizer import Coloring, Colorizer, Result
from photochrom.errors import OptionError, UnknownModelError
from photochrom.hints import Hint
from photochrom.image_io import Picture, read_picture
from photochrom.inspection.confidence_overlay import draw
from photochrom.options import Variation
from photochrom.registry import find_model, model_names
from photochrom.steering.color_suggestions import Suggestion
from photochrom.web.schemas.options import ColorizeOptions
from photochrom.web.schemas.photos import ModelInfo, SuggestionInfo, SuggestionsResponse

__all__ = [
    "ColorizeService",
    "ColorizeTask",
    "data_url",
    "encode_jpeg",
    "encode_png",
    "encode_preview",
    "list_suggestions",
    "shrink",
    "to_options",
]

#: networks kept open, the longest unused closed first
_OPEN = 4
#: of previews; they are looked at, not kept
_QUALITY = 88


@dataclass(frozen=True, eq=False)
class ColorizeTask:
    """A photo and how it is to be coloured.

    Attributes:
        picture: what the network sees; places of hints are its pixels.
        options: how.
        reference: the photo that ``options.reference`` names.
        target: a smaller copy of the photo that gets the colours; None for the photo itself.
    """

    picture: Picture
    options: ColorizeOptions
    reference: Picture | None = None
    target: Picture | None = None


@dataclass(frozen=True)
class ColorizeService:
    """Colours photos; safe between threads.

    Attributes:
        hints: of one photo at most.
        offered: names of networks that may be asked for, the default first; () for all that are installed.
        device: as of :class:`~photochrom.colorizer.Colorizer`.
        is_alone: whether nothing else is in work, so that one photo may have all processors.
    """

    hints: int
    offered: tuple[str, ...] = ()
    device: str = "auto"
    is_alone: Callable[[], bool] = lambda: False
    _kept: LRUCache[tuple[str, int | None], Colorizer] = field(
        default_factory=lambda: LRUCache(_OPEN), repr=False, compare=False
    )
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def names(self) -> list[str]:
        """The networks that may be asked for, the default first."""
        return list(self.offered) or model_names()

    def open_colorizer(self, name: str | None) -> Colorizer:
        """Returns the network of this name, or the default; opened at first use.

        Raises:
            UnknownModelError: it is not offered. A file's path never is.
        """
        chosen = self.check_model(name)
        key = chosen, None if self.is_alone() else 1
        with self._lock:
            if key not in self._kept:
                self._kept[key] = Colorizer(chosen, device=self.device, threads=key[1])
            return self._kept[key]

    def check_model(self, name: str | None) -> str:
        """Returns the network's name, or the default's. Raises UnknownModelError where it is not offered."""
        names = self.names
        chosen = name or names[0]
        if chosen not in names:
            raise UnknownModelError("service.unknown_model", name=chosen, models=", ".join(names))
        return chosen

    def colorize(self, task: ColorizeTask) -> Result:
        """Colours a photo.

        Raises:
            PhotochromError: the options cannot be used.
        """
        return self.predict(task).apply(task.target)

    def predict(self, task: ColorizeTask) -> Coloring:
        """Returns the colours of a photo before they are put on it; see :meth:`colorize`."""
        options = task.options
        self._check(options)
        return self.open_colorizer(options.model).predict(task.picture, to_options(options, task.reference))

    def make_variations(self, task: ColorizeTask, count: int, seed: int) -> list[Result]:
        """Returns other colourings of a photo; see :meth:`colorize`."""
        options = task.options
        self._check(options)
        found = self.open_colorizer(options.model).predict_variations(
            task.picture, count, to_options(options, task.reference), seed=seed
        )
        return [coloring.apply(task.target) for coloring in found]

    def suggest_colors(self, task: ColorizeTask, x: float, y: float, count: int) -> list[Suggestion]:
        """Returns the likeliest colours at a point of the photo; see :meth:`colorize`."""
        options = task.options
        self._check(options)
        return self.open_colorizer(options.model).suggest_colors(
            task.picture, x, y, count, to_options(options, task.reference)
        )

    def draw_confidence(self, task: ColorizeTask, max_size: int) -> Image.Image:
        """Draws the network's confidence over the photo in gray.

        Raises:
            OptionError: the network does not tell its confidence.
        """
        result = self.colorize(task)
        page, sheet = result.picture.pages[0], draw(result, side=max_size)
        # without the legend, for which a client has words of its own
        left = (sheet.width - page.width) // 2
        return sheet.crop((left, 0, left + page.width, page.height))

    def list_models(self) -> list[ModelInfo]:
        """Describes the networks, the default first."""
        return [_describe_model(name, default=number == 0) for number, name in enumerate(self.names)]

    def _check(self, options: ColorizeOptions) -> None:
        if len(options.hints) > self.hints:
            raise OptionError("service.too_many_hints", count=len(options.hints), limit=self.hints)


def to_options(options: ColorizeOptions, reference: Picture | None = None) -> photochrom.options.ColorizeOptions:
    """Returns a request's options as the networks take them, with the photo that its reference names."""
    chosen = options.variation
    return photochrom.options.ColorizeOptions(
        **options.model_dump(exclude={"model", "hints", "variation", "reference"}),
        hints=tuple(Hint(hint.x, hint.y, hint.color, hint.radius) for hint in options.hints),
        variation=Variation(seed=chosen.seed, index=chosen.index) if chosen else None,
        reference=reference,
    )


def _describe_model(name: str, *, default: bool) -> ModelInfo:
    model = find_model(name)
    card = model.card
    distribution, hinted = "probability" in card.outputs, "hints" in card.inputs
    return ModelInfo(
        name=name,
        description=card.description,
        parameters=card.parameters,
        megabytes=round(len(model.data) / 1e6, 1),
        license=card.license,
        hints=hinted,
        vividness=bool(card.vividness),
        variations="z" in card.inputs or (hinted and distribution),
        confidence="confidence" in card.outputs,
        palette=distribution,
        reference="features" in card.outputs and hinted,
        scores=card.scores,
        default=default,
    )


def list_suggestions(found: list[Suggestion]) -> SuggestionsResponse:
    """Returns suggestions as a client is told them."""
    return SuggestionsResponse(
        suggestions=[SuggestionInfo(color=each.color, probability=round(each.probability, 4)) for each in found]
    )


def shrink(picture: Picture, max_size: int) -> Picture:
    """Returns the first page, 8 bits a channel, its longest side ``max_size`` pixels at most."""
    image = picture.to_pil()
    image.thumbnail((max_size, max_size), Image.Resampling.LANCZOS, reducing_gap=2.0)
    found = read_picture(image)
    missing = picture.pages[0].missing
    if missing is None:
        return found
    # what is not there is not coloured, in a preview as in the file
    small = np.asarray(Image.fromarray(missing.astype(np.uint8) * 255).resize(image.size)) > 127
    return replace(found, pages=(replace(found.pages[0], missing=small), *found.pages[1:]))


def encode_preview(picture: Picture, quality: int = _QUALITY) -> tuple[bytes, str]:
    """Returns the first page for a browser, and its media type: JPEG, or WebP where something is transparent."""
    if picture.pages[0].alpha is None:
        return encode_jpeg(picture, quality), "image/jpeg"
    image, stream = picture.to_pil(), BytesIO()
    image.save(stream, "WEBP", quality=quality, method=0, icc_profile=image.info.get("icc_profile") or b"")
    return stream.getvalue(), "image/webp"


def encode_jpeg(picture: Picture, quality: int = _QUALITY) -> bytes:
    """Returns the first page as a JPEG without its transparency."""
    image, stream = picture.to_pil(), BytesIO()
    profile = image.info.get("icc_profile") or b""
    if image.mode in ("LA", "RGBA"):
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        image = white
    image.save(stream, "JPEG", quality=quality, icc_profile=profile)
    return stream.getvalue()


def encode_png(image: Image.Image) -> bytes:
    """Returns an image as PNG."""
    stream = BytesIO()
    image.save(stream, "PNG", compress_level=3)
    return stream.getvalue()


def data_url(jpeg: bytes) -> str:
    """Returns a JPEG as a data URL."""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()

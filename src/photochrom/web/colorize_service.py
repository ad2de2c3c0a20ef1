"""From settings to colours: the one place where the service calls the networks."""

import base64
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image

from photochrom.colorizer import Colorizer, Result
from photochrom.errors import OptionError, UnknownModelError
from photochrom.hints import Hint
from photochrom.image_io import Picture, read_picture
from photochrom.inspection.confidence_overlay import draw
from photochrom.registry import find_model, model_names
from photochrom.steering.color_suggestions import Suggestion
from photochrom.steering.variations import Variation
from photochrom.web.schemas import ModelFacts, Settings

__all__ = [
    "ColorizeService",
    "Order",
    "alternative_of",
    "data_url",
    "encode_jpeg",
    "encode_png",
    "encode_preview",
    "hints_of",
    "shrunk",
]

#: networks kept open, the longest unused closed first
_OPEN = 4
#: of previews; they are looked at, not kept
_QUALITY = 88


@dataclass(frozen=True, eq=False)
class Order:
    """A photo and how it is wanted.

    Attributes:
        picture: what the network sees; places of hints are its pixels.
        settings: how.
        reference: the photo that ``settings.reference`` names.
        onto: a smaller copy of the photo that gets the colours; None for the photo itself.
    """

    picture: Picture
    settings: Settings
    reference: Picture | None = None
    onto: Picture | None = None


@dataclass(frozen=True)
class ColorizeService:
    """Colours photos; safe between threads.

    Attributes:
        hints: of one picture at most.
        offered: names of networks that may be asked for, the default first; () for all that are installed.
        device: as of :class:`~photochrom.colorizer.Colorizer`.
        is_alone: whether nothing else is in work, so that one picture may have all processors.
    """

    hints: int
    offered: tuple[str, ...] = ()
    device: str = "auto"
    is_alone: Callable[[], bool] = lambda: False
    _kept: "OrderedDict[tuple[str, int | None], Colorizer]" = field(
        default_factory=OrderedDict, repr=False, compare=False
    )
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def names(self) -> list[str]:
        """The networks that may be asked for, the default first."""
        return list(self.offered) or model_names()

    def colorizer(self, name: str | None) -> Colorizer:
        """The network of this name, or the default; opened at first use.

        Raises:
            UnknownModelError: it is not offered. A file's path never is.
        """
        chosen = self.check_model(name)
        key = chosen, None if self.is_alone() else 1
        with self._lock:
            if key not in self._kept:
                self._kept[key] = Colorizer(chosen, device=self.device, threads=key[1])
            self._kept.move_to_end(key)
            if len(self._kept) > _OPEN:
                self._kept.popitem(last=False)
            return self._kept[key]

    def check_model(self, name: str | None) -> str:
        """The network's name, or the default's. Raises UnknownModelError where it is not offered."""
        names = self.names
        chosen = name or names[0]
        if chosen not in names:
            raise UnknownModelError(f"there is no network named {chosen!r} here: choose one of {', '.join(names)}")
        return chosen

    def paint(self, order: Order) -> Result:
        """Colour a photo.

        Raises:
            PhotochromError: the settings cannot be used.
        """
        settings = order.settings
        self._check(settings)
        return self.colorizer(settings.model)(
            order.picture,
            onto=order.onto,
            hints=hints_of(settings),
            reference=order.reference,
            palette=tuple(settings.palette),
            alternative=alternative_of(settings),
            vividness=settings.vividness,
            strength=settings.strength,
            size=settings.size,
            restore_contrast=settings.restore_contrast,
        )

    def alternatives(self, order: Order, n: int, seed: int) -> list[Result]:
        """Other colourings of a photo; see :meth:`paint`."""
        settings = order.settings
        self._check(settings)
        return self.colorizer(settings.model).alternatives(
            order.picture,
            n,
            seed=seed,
            onto=order.onto,
            hints=hints_of(settings),
            reference=order.reference,
            palette=tuple(settings.palette),
            vividness=settings.vividness,
            strength=settings.strength,
            size=settings.size,
            restore_contrast=settings.restore_contrast,
        )

    def suggest(self, order: Order, x: float, y: float, k: int) -> list[Suggestion]:
        """The likeliest colours at a point of the photo; see :meth:`paint`."""
        settings = order.settings
        self._check(settings)
        return self.colorizer(settings.model).suggest(
            order.picture,
            x,
            y,
            k,
            hints=hints_of(settings),
            reference=order.reference,
            palette=tuple(settings.palette),
            size=settings.size,
        )

    def draw_confidence(self, order: Order, side: int) -> Image.Image:
        """How sure the network is, drawn over the photo in gray.

        Raises:
            OptionError: the network does not say.
        """
        result = self.paint(order)
        page, sheet = result.picture.pages[0], draw(result, side=side)
        # the legend is for those who see nothing else; whoever asks here has words of its own
        left = (sheet.width - page.width) // 2
        return sheet.crop((left, 0, left + page.width, page.height))

    def list_models(self) -> list[ModelFacts]:
        """What the networks are and can do, the default first."""
        return [_facts(name, default=number == 0) for number, name in enumerate(self.names)]

    def _check(self, settings: Settings) -> None:
        if len(settings.hints) > self.hints:
            raise OptionError(f"there are {len(settings.hints)} hints: give {self.hints} at most")


def hints_of(settings: Settings) -> tuple[Hint, ...]:
    """The hints as the networks take them."""
    return tuple(Hint(hint.x, hint.y, hint.color, hint.radius) for hint in settings.hints)


def alternative_of(settings: Settings) -> Variation | None:
    """The alternative as the networks take it."""
    chosen = settings.alternative
    return Variation(seed=chosen.seed, index=chosen.index) if chosen else None


def _facts(name: str, *, default: bool) -> ModelFacts:
    model = find_model(name)
    card = model.card
    distribution, hinted = "probability" in card.outputs, "hints" in card.inputs
    return ModelFacts(
        name=name,
        description=card.description,
        parameters=card.parameters,
        megabytes=round(len(model.data) / 1e6, 1),
        license=card.license,
        hints=hinted,
        vividness=bool(card.vividness),
        alternatives="z" in card.inputs or (hinted and distribution),
        confidence="confidence" in card.outputs,
        palette=distribution,
        reference="features" in card.outputs and hinted,
        scores=card.scores,
        default=default,
    )


def shrunk(picture: Picture, side: int) -> Picture:
    """The first page, 8 bits a channel, its longest side ``side`` pixels at most."""
    image = picture.to_pil()
    image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return read_picture(image)


def encode_preview(picture: Picture) -> tuple[bytes, str]:
    """The first page for a browser, and its media type: JPEG, or WebP where something is transparent."""
    if picture.pages[0].alpha is None:
        return encode_jpeg(picture), "image/jpeg"
    image, stream = picture.to_pil(), BytesIO()
    image.save(stream, "WEBP", quality=_QUALITY, method=0, icc_profile=image.info.get("icc_profile") or b"")
    return stream.getvalue(), "image/webp"


def encode_jpeg(picture: Picture) -> bytes:
    """The first page as a JPEG without its transparency."""
    image, stream = picture.to_pil(), BytesIO()
    profile = image.info.get("icc_profile") or b""
    if image.mode in ("LA", "RGBA"):
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        image = white
    image.save(stream, "JPEG", quality=_QUALITY, icc_profile=profile)
    return stream.getvalue()


def encode_png(image: Image.Image) -> bytes:
    """A drawn picture as PNG."""
    stream = BytesIO()
    image.save(stream, "PNG", compress_level=3)
    return stream.getvalue()


def data_url(jpeg: bytes) -> str:
    """A JPEG as an address that holds it."""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()

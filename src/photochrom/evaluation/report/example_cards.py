"""Example images of a report, as cards of layers to slide between, each image inside the page itself."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image

from photochrom.errors import ResultsError
from photochrom.evaluation.results.schema import Entry, Evaluation, Example
from photochrom.evaluation.statistics.paired_tests import select_vividness

__all__ = ["EmbeddedImages", "ExampleCard", "Layer", "list_best_and_worst", "list_random_cards"]

#: longer side of an image in the page, pixels; the files beside it are larger
SHOWN, QUALITY = 384, 82
#: more systems than this would make the page heavy: then one vividness of each is enough
MANY = 8


@dataclass(frozen=True)
class Layer:
    """One version of a photo: a name, and the image as a data address."""

    name: str
    image: str


@dataclass(frozen=True)
class ExampleCard:
    """A photo in several versions; ``left`` and ``right`` are those shown first.

    Attributes:
        title: the photo's name. It comes from outside.
        note: what is remarkable about it.
        width: of the images, pixels.
        height: of the images, pixels.
        layers: gray and truth, then results.
        left: index of the layer on the left at first.
        right: index of the layer on the right at first.
    """

    title: str
    note: str
    width: int
    height: int
    layers: tuple[Layer, ...]
    left: int
    right: int


class EmbeddedImages:
    """Images of a report's folder as data addresses, each encoded once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._embedded: dict[str, tuple[str, int, int]] = {}

    def embed(self, path: str) -> tuple[str, int, int]:
        """Returns the address of an image, and its width and height."""
        if path not in self._embedded:
            self._embedded[path] = self._read(path)
        return self._embedded[path]

    def _read(self, path: str) -> tuple[str, int, int]:
        place = self._folder / path
        # results may come from elsewhere; nothing outside the report's folder belongs in its page
        if not place.resolve().is_relative_to(self._folder.resolve()):
            raise ResultsError("results.image_outside", path=path)
        try:
            with Image.open(place) as image:
                small = image.convert("RGB")
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            raise ResultsError("results.image_unreadable", path=place) from error
        small.thumbnail((SHOWN, SHOWN), Image.Resampling.LANCZOS)
        stream = BytesIO()
        small.save(stream, "WEBP", quality=QUALITY)
        return f"data:image/webp;base64,{base64.b64encode(stream.getvalue()).decode()}", small.width, small.height


def list_random_cards(evaluation: Evaluation, images: EmbeddedImages) -> tuple[ExampleCard, ...]:
    """Returns the photos that chance has chosen, each with every system's result.

    Raises:
        ResultsError: an image is missing or damaged.
    """
    shown = [entry for entry in evaluation.entries if entry.kind in ("network", "predictions")]
    if len(shown) > MANY:
        shown = select_vividness(shown, 1.0)
    photos: dict[str, list[tuple[Entry, Example]]] = {}
    for entry in shown:
        for example in entry.examples:
            if example.why == "random":
                photos.setdefault(example.photo, []).append((entry, example))
    first = select_vividness(shown, 1.0)[0].key if shown else ""
    return tuple(_card(photo, "", found, images, first=first) for photo, found in photos.items())


def list_best_and_worst(entry: Entry, images: EmbeddedImages) -> tuple[ExampleCard, ...]:
    """Returns what a system did best and worst, by mean CIEDE2000.

    Raises:
        ResultsError: an image is missing or damaged.
    """
    rows = {row.photo: row.values for row in entry.rows}
    cards = []
    for example in entry.examples:
        if example.why != "random":
            figure = rows.get(example.photo, {}).get("ciede2000")
            note = f"{example.why}: CIEDE2000 {figure:.1f}" if figure is not None else example.why
            found = [(entry, example)]
            cards.append(_card(example.photo, note, found, images, first=entry.key))
    return tuple(cards)


def _card(
    photo: str, note: str, found: Sequence[tuple[Entry, Example]], images: EmbeddedImages, *, first: str
) -> ExampleCard:
    example = found[0][1]
    truth, width, height = images.embed(example.truth)
    layers = [Layer("gray", images.embed(example.gray)[0]), Layer("truth", truth)]
    layers += [Layer(entry.label, images.embed(each.result)[0]) for entry, each in found]
    right = next((2 + i for i, (entry, _) in enumerate(found) if entry.key == first), 2)
    return ExampleCard(photo, note, width, height, tuple(layers), left=0, right=right)

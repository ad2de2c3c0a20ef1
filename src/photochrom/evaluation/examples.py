"""Chooses photos to look at, and writes their images."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from photochrom.evaluation.colorize import SystemColorizer
from photochrom.evaluation.inputs.ground_truth import PhotoRef
from photochrom.evaluation.inputs.predictions import UnusablePredictionError
from photochrom.evaluation.inputs.protocol import Pixels, gray_of
from photochrom.evaluation.inputs.systems import System
from photochrom.evaluation.results.schema import Entry, Example
from photochrom.evaluation.worker import Conditions
from photochrom.system.atomic import write_whole

__all__ = ["FOLDER", "choose_examples", "write_examples"]

FOLDER = "examples"
#: photos an entry is worst at, best at, and that chance has chosen
EXTREME, RANDOM = 3, 6
#: longest side of a written image, pixels
LONGEST = 1024


def choose_examples(entries: Sequence[Entry], seed: int) -> list[Entry]:
    """Gives every entry its examples: random ones, the same for all as far as they go, then its best and worst.

    Best and worst go by mean CIEDE2000 of the photo. Gray and truth have none of their own.
    """
    every = sorted(set.intersection(*({row.photo for row in entry.rows} for entry in entries)))
    chance = np.random.default_rng([seed, 0xE8A3])
    random = [every[i] for i in sorted(chance.permutation(len(every))[:RANDOM].tolist())]
    return [replace(entry, examples=_examples(entry, random)) for entry in entries]


def _examples(entry: Entry, random: Sequence[str]) -> tuple[Example, ...]:
    chosen: dict[str, str] = dict.fromkeys(random, "random")
    if entry.kind not in ("gray", "truth"):
        ranked = sorted(entry.rows, key=lambda row: (row.values["ciede2000"], row.photo))
        rest = [row.photo for row in ranked if row.photo not in chosen]
        count = min(EXTREME, len(rest) // 2)
        chosen |= dict.fromkeys(rest[:count], "best") | dict.fromkeys(rest[len(rest) - count :][::-1], "worst")
    return tuple(Example(photo, why, "", "", "") for photo, why in chosen.items())  # type: ignore[arg-type]


def write_examples(
    entries: Sequence[Entry],
    systems: Sequence[System],
    conditions: Conditions,
    out: Path,
    *,
    on_photo: Callable[[], None],
) -> list[Entry]:
    """Writes the images of all examples, and the paths into the entries.

    Args:
        entries: with examples chosen.
        systems: of the same order.
        conditions: as they were scored under.
        out: the report's folder.
        on_photo: called after each photo.

    Raises:
        WriteError: an image cannot be written.
        DataError: a photo has gone meanwhile.
    """
    places = {place.id: place for place in conditions.truths.refs}
    wanted = sorted({example.photo for entry in entries for example in entry.examples}, key=lambda p: places[p].index)
    colorizer = SystemColorizer(conditions.device)
    paths: dict[tuple[str, str], str] = {}
    for entry, system in zip(entries, systems, strict=True):
        shown = {example.photo for example in entry.examples}
        for photo in (photo for photo in wanted if photo in shown):
            _write_example(colorizer, system, places[photo], conditions, out, paths)
            on_photo()
    return [
        replace(
            entry,
            examples=tuple(
                replace(
                    example,
                    truth=paths["truth", example.photo],
                    gray=paths["gray", example.photo],
                    result=paths[entry.key, example.photo],
                )
                for example in entry.examples
                if (entry.key, example.photo) in paths
            ),
        )
        for entry in entries
    ]


def _write_example(
    colorizer: SystemColorizer,
    system: System,
    place: PhotoRef,
    conditions: Conditions,
    out: Path,
    paths: dict[tuple[str, str], str],
) -> None:
    truth = conditions.truths.read(place, conditions.protocol)
    gray = gray_of(truth)
    try:
        made = colorizer.colorize(system, gray, truth, place.id).pixels
    except UnusablePredictionError:
        # it was there when it was scored; what has gone since cannot be shown
        return
    for name, pixels in (("truth", truth), ("gray", np.stack([gray] * 3, axis=-1)), (system.key, made)):
        if (name, place.id) not in paths:
            # by number: a photo's own name may be anything
            path = f"{FOLDER}/{place.index:05}-{name}.webp"
            write_whole(out / path, _webp(pixels), overwrite=True, folders=True)
            paths[name, place.id] = path


def _webp(pixels: Pixels) -> bytes:
    image, stream = Image.fromarray(pixels), BytesIO()
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    image.save(stream, "WEBP", quality=90)
    return stream.getvalue()

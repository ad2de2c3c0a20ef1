"""How different variations are: where the network is unsure, and where it is sure.

    python benchmarks/variations.py PHOTOS.parquet [--model NAME_OR_FILE] [--count 4] [--sheet FILE]

Columns of the file: ``image`` with ``bytes``. Every photo is made gray by the lab256 protocol and coloured N ways. All
figures are mean a*b* distances of 64 x 64 cells: of two variations, in the third where the network is least sure of
its plain answer, in the surest third (where it has a confidence), and everywhere; from the photo's own colours and, for
comparison, from those of another photo, which is what a colouring without relation to the photo would have. The share
that is left of the distance of two after averaging over 8 x 8 cells tells coherent difference (1) from noise (1/8).
"""

import argparse
import io
from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
from numpy.typing import NDArray
from PIL import Image

from photochrom import Colorizer
from photochrom.color.conversion import srgb_to_lab
from photochrom.evaluation.inputs.protocol import crop, gray_of

Cells = NDArray[np.float64]


def cells_of(image: Image.Image) -> Cells:
    """The a*b* (2,64,64) of a square picture."""
    small = np.asarray(image.convert("RGB").resize((64, 64), Image.Resampling.BOX), np.float64) / 255
    return srgb_to_lab(small.transpose(2, 0, 1))[1:]


def distance(one: Cells, other: Cells) -> Cells:
    apart: Cells = np.sqrt(np.square(one - other).sum(0))
    return apart


def coarse(one: Cells) -> Cells:
    blocks: Cells = one.reshape(2, 8, 8, 8, 8).mean((2, 4))
    return blocks


def measure(
    colorizer: Colorizer, truth: NDArray[np.uint8], other: NDArray[np.uint8], n: int
) -> tuple[list[float], list[Image.Image]]:
    gray = gray_of(truth)
    plain = colorizer(gray)
    found = [result.to_pil() for result in colorizer.variations(gray, n)]
    maps = [cells_of(image) for image in found]
    pairs = list(combinations(maps, 2))
    spread = np.mean([distance(one, two) for one, two in pairs], axis=0)
    left = np.mean([distance(coarse(one), coarse(two)).mean() for one, two in pairs]) / spread.mean()
    own, foreign = (
        float(np.mean([distance(one, cells_of(Image.fromarray(photo))).mean() for one in maps]))
        for photo in (truth, other)
    )
    thirds = [float("nan")] * 2
    if plain.confidence_map is not None:
        sure = np.asarray(Image.fromarray(plain.confidence_map).resize((64, 64), Image.Resampling.BOX))
        order = spread.ravel()[np.argsort(sure.ravel())]
        third = len(order) // 3
        thirds = [float(order[:third].mean()), float(order[-third:].mean())]
    plainly = float(distance(cells_of(plain.to_pil()), cells_of(Image.fromarray(truth))).mean())
    figures = [*thirds, float(spread.mean()), float(left), own, foreign, plainly]
    return figures, [plain.to_pil(), *found, Image.fromarray(truth)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos")
    parser.add_argument("--model", default="photochrom_fast")
    parser.add_argument("--count", type=int, default=4)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--sheet", type=Path, help="a picture: plain, variations, truth, a row a photo")
    options = parser.parse_args()
    rows = parquet.read_table(options.photos).column("image").to_pylist()[:: options.every][: options.limit]
    truths = [crop(Image.open(io.BytesIO(row["bytes"]))) for row in rows]
    colorizer = Colorizer(options.model)
    figures, lines = [], []
    for truth, other in zip(truths, truths[1:] + truths[:1], strict=True):
        found, images = measure(colorizer, truth, other, options.count)
        figures.append(found)
        lines.append(np.concatenate([np.asarray(image.convert("RGB")) for image in images], axis=1))
    unsure, sure, everywhere, left, own, foreign, plainly = np.mean(figures, axis=0).tolist()
    print(f"{options.model} on {len(truths)} photos of {options.photos}, {options.count} variations each")
    print(f"of two: {unsure:.1f} in the unsure third, {sure:.1f} in the surest, {everywhere:.1f} over all")
    print(f"left of that after averaging over 8 x 8 cells: {left:.2f}")
    print(f"from the photo's own colours: {own:.1f} (the plain answer: {plainly:.1f}); from another's: {foreign:.1f}")
    if options.sheet:
        Image.fromarray(np.concatenate(lines)).save(options.sheet)


if __name__ == "__main__":
    main()

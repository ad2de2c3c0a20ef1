"""What steering does to a photo: hints obeyed and leaking, and the gain by hints, a palette and a reference.

    python benchmarks/steering.py PHOTOS.parquet [--films FOLDER] [--model NAME_OR_FILE] [--limit N] [--every N]

Columns of the file: ``image`` with ``bytes``. Every photo is made gray by the lab256 protocol and coloured at vividness
0. PSNR is sRGB against the photo itself; a gain is over the same photo without help.

Obeyed: the a*b* distance between a hint (radius 4 px) and the picture at its place, the mean of its 64-pixel cell.
Leak: how far, in a*b*, one hint moves pixels of other things on average: cells of the photo's Felzenszwalb segments
(scikit-image, scale 300, sigma 0.8, of the true photo in colour) that the hint is not in. The hint has the true colour
there, or a plausible one: the most likely suggestion at least 20 units from the answer.
"""

import argparse
import io
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
from numpy.typing import NDArray
from PIL import Image
from scipy.cluster.vq import kmeans2
from skimage.segmentation import felzenszwalb

from photochrom import Colorizer, Hint
from photochrom.color.conversion import srgb_to_lab
from photochrom.color.hex import hex_to_ab, lab_to_hex
from photochrom.evaluation.hint_sampling import draw_hints
from photochrom.evaluation.inputs.protocol import crop, gray_of
from photochrom.evaluation.metrics import psnr

Pixels = NDArray[np.uint8]
CELL = 4
FILMS = {"cockatoo_colour_mp3audio.mp4": (1.0, 3.0, 5.0, 7.0, 9.0), "bikes_colour_cuts.mp4": (0.2, 0.7, 1.2, 1.7)}


def cells(pixels: Pixels) -> NDArray[np.float64]:
    """The a*b* (2,64,64) of a 256 x 256 picture."""
    lab = srgb_to_lab(pixels.transpose(2, 0, 1) / 255.0)
    side = pixels.shape[0] // CELL
    mean: NDArray[np.float64] = lab[1:].reshape(2, side, CELL, side, CELL).mean((2, 4))
    return mean


class Bench:
    """One network, and every figure found with it, by name."""

    def __init__(self, model: str) -> None:
        self.colorizer = Colorizer(model)
        self.found: dict[str, list[float]] = defaultdict(list)

    def color(self, truth: Pixels, **steering: object) -> Pixels:
        """The truth, made gray and coloured."""
        made = self.colorizer(gray_of(truth), vividness=0.0, **steering)  # type: ignore[arg-type]
        if made.matches is not None:
            self.matches = made.matches
        return np.asarray(made.to_pil().convert("RGB"))

    def gain(self, truth: Pixels, plain: Pixels, made: Pixels, name: str) -> None:
        """Note the PSNR gained over no help."""
        self.found[name].append(psnr(made / 255.0, truth / 255.0) - psnr(plain / 255.0, truth / 255.0))

    def hints(self, truth: Pixels, plain: Pixels, photo: str) -> None:
        """Note what hints do."""
        for count in (1, 10, 100):
            made = self.color(truth, hints=draw_hints(truth, count, seed=0, photo=photo))
            self.gain(truth, plain, made, f"PSNR gained by {count} random hints, dB")
        rng = np.random.default_rng(int(photo))
        segments = felzenszwalb(truth, scale=300, sigma=0.8, min_size=200)
        column, row = (int(v) for v in rng.integers(3, 61, 2))
        x, y = (column + 0.5) * CELL, (row + 0.5) * CELL
        there, before = cells(truth)[:, row, column].astype(np.float32), cells(plain)
        lightness = float(srgb_to_lab(truth.transpose(2, 0, 1) / 255.0)[0, int(y), int(x)])
        offered = [s.color for s in self.colorizer.suggest_colors(gray_of(truth), x, y, 8)]
        far = [color for color in offered if np.hypot(*(np.array(hex_to_ab(color)) - before[:, row, column])) >= 20]
        own = segments[int(y), int(x)]
        other = (segments[::CELL, ::CELL] != own) & (segments[CELL - 1 :: CELL, CELL - 1 :: CELL] != own)
        for name, color in (("true", lab_to_hex(lightness, there)), ("plausible other", far[0] if far else None)):
            if color is None:
                continue
            after = cells(self.color(truth, hints=[Hint(x=x, y=y, color=color, radius=4)]))
            wanted = np.array(hex_to_ab(color))
            self.found[f"distance from a hint of the {name} colour"].append(
                float(np.hypot(*(after[:, row, column] - wanted)))
            )
            moved = np.hypot(*(after - before))
            if other.any() and not other.all():
                self.found[f"moved by it, pixels of other things ({name})"].append(float(moved[other].mean()))
                self.found[f"moved by it, pixels of its own thing ({name})"].append(float(moved[~other].mean()))

    def palette(self, truth: Pixels, plain: Pixels) -> None:
        """Note what the photo's own palette does."""
        middles = kmeans2(cells(truth).reshape(2, -1).T, 5, seed=0, minit="++")[0]
        palette = [lab_to_hex(60.0, middle.astype(np.float32)) for middle in middles]
        made = self.color(truth, palette=palette)
        colors = np.array([hex_to_ab(color) for color in palette])
        for name, pixels in (("without", plain), ("with", made)):
            apart = cells(pixels).reshape(2, -1).T[:, None] - colors[None]
            self.found[f"distance from the palette {name} it"].append(float(np.hypot(*apart.T).min(0).mean()))
        self.gain(truth, plain, made, "PSNR gained by the photo's own palette of 5, dB")

    def reference(self, truth: Pixels, plain: Pixels, other: Pixels, name: str) -> None:
        """Note what another photo does."""
        try:
            made = self.color(truth, reference=other)
        except ValueError:  # the other photo has no colours
            return
        self.gain(truth, plain, made, f"PSNR gained by {name}, dB")
        self.found[f"hints of {name}"].append(float(self.matches))


def frames(path: Path, times: tuple[float, ...]) -> list[Pixels]:
    import av

    found: list[Pixels] = []
    with av.open(str(path)) as film:
        for frame in film.decode(video=0):
            if frame.time is not None and frame.time >= times[len(found)]:
                found.append(crop(Image.fromarray(frame.to_ndarray(format="rgb24"))))
                if len(found) == len(times):
                    break
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos")
    parser.add_argument("--films", type=Path)
    parser.add_argument("--model", default="photochrom_fast")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--every", type=int, default=4)
    options = parser.parse_args()
    rows = parquet.read_table(options.photos).column("image").to_pylist()[:: options.every][: options.limit]
    truths = [crop(Image.open(io.BytesIO(row["bytes"]))) for row in rows]
    bench = Bench(options.model)
    for number, truth in enumerate(truths):
        plain = bench.color(truth)
        bench.hints(truth, plain, str(number))
        bench.palette(truth, plain)
        relit = np.rint((truth / 255.0) ** 1.5 * 230).astype(np.uint8)
        bench.reference(truth, plain, truth, "the photo itself as reference")
        bench.reference(truth, plain, truth[:, ::-1].copy(), "the photo mirrored as reference")
        bench.reference(truth, plain, relit, "the photo darkened as reference")
        bench.reference(truth, plain, truths[(number + 1) % len(truths)], "another photo as reference")
    for name, times in FILMS.items():
        if options.films is not None:
            found = frames(options.films / name, times)
            for before, now in pairwise(found):
                bench.reference(now, bench.color(now), before, f"an earlier frame of {name.split('_')[0]} as reference")
    print(f"{options.model} on {len(truths)} photos of {options.photos}")
    for name, values in bench.found.items():
        low, high = np.quantile(values, (0.05, 0.95))
        print(f"{name:62s} {np.mean(values):7.2f}   (nine of ten within {low:.2f} .. {high:.2f})")


if __name__ == "__main__":
    main()

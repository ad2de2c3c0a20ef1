"""How steady the colours of a film are, and what that costs, on colour films turned gray.

    python benchmarks/flicker.py FILM_OR_PHOTO... [--model NAME_OR_FILE] [--width 640] [--frames 100]

Of a photo a film is made: the camera moves over it, exposure rises and falls, and red, green and blue have grain.

For each film: its truth, the truth without colour, each frame by itself, and steady. Flow is found on the true film.
Figures are means over shots, by their length; see photochrom.evaluation.metrics.video_consistency. CDC is best for
gray, so it says nothing alone. Time is processor time of looking and carrying, one thread; the ratio of the last two
rows is of one run.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photochrom.color.conversion import linear_to_srgb, srgb_to_lab, srgb_to_linear
from photochrom.evaluation.metrics import psnr
from photochrom.evaluation.metrics.video_consistency import cdc, flicker, true_flow, warp_error
from photochrom.image_io.formats import SUFFIXES
from photochrom.inference.session import OnnxSession
from photochrom.inference.views import downscale_view
from photochrom.recolor import resize
from photochrom.recolor.lab_to_rgb import join
from photochrom.registry import find_model
from photochrom.system.opencv import load_cv2
from photochrom.video.media.av import load_av
from photochrom.video.temporal.shot_detection import CutFinder, cut_size
from photochrom.video.temporal.shot_view import ShotView, view_size
from photochrom.video.temporal.stabilizer import StabilizerOptions, color_shot

Plane = NDArray[np.float32]
COLUMNS = ("warp error", "of truth's", "of frames'", "flicker", "CDC", "a*b* error", "PSNR", "looks/frame", "ms/frame")


def move_over(photo: Plane, width: int, count: int) -> list[Plane]:
    """Frames (3,H,W) CIELAB of 16:9 of a film over a photo (H,W,3), linear light: a slow turn, drift and nearing."""
    cv2 = load_cv2()
    height, grain = round(width * 9 / 16), np.random.default_rng(0)
    frames = []
    for number in range(count):
        way = 2 * np.pi * number / 100
        across = min(photo.shape[1] / width, photo.shape[0] / height) * (0.72 + 0.06 * np.cos(way))
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), 3 * np.sin(way), across)
        middle = photo.shape[1] * (0.5 + 0.06 * np.sin(way)), photo.shape[0] * (0.5 + 0.06 * np.cos(way))
        turn[:, 2] += np.array(middle) - (width / 2, height / 2)
        seen = cv2.warpAffine(
            photo, turn, (width, height), flags=cv2.INTER_AREA | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REFLECT
        )
        codes = linear_to_srgb(np.clip(seen * 2 ** (0.4 * np.sin(2 * way)), 0, 1))
        codes = np.clip(codes + grain.normal(0, 3 / 255, codes.shape), 0, 1)
        frames.append(srgb_to_lab(np.moveaxis(codes, -1, 0)).astype(np.float32))
    return frames


def read(path: str, width: int, count: int) -> list[Plane]:
    """The film's frames, (3,H,W) CIELAB."""
    if Path(path).suffix.lower() in SUFFIXES:
        with Image.open(path) as photo:
            pixels = np.asarray(photo.convert("RGB"), np.float32) / 255
        return move_over(srgb_to_linear(pixels).astype(np.float32), width, count)
    frames = []
    with load_av().open(path) as film:
        for frame in film.decode(video=0):
            image = frame.to_image()
            size = width, round(image.height * width / image.width)
            pixels = np.asarray(image.resize(size, Image.Resampling.BOX), np.float32) / 255
            frames.append(srgb_to_lab(np.moveaxis(pixels, -1, 0)).astype(np.float32))
    return frames


def find_cuts(frames: list[Plane]) -> list[int]:
    finder = CutFinder()
    size = cut_size(*frames[0].shape[1:])
    for frame in frames:
        finder.feed(downscale_view(frame[0], size))
    finder.finish()
    return finder.cuts


@dataclass
class Tally:
    """What is known of one way of colouring a film, shot by shot."""

    rows: list[tuple[float, ...]] = field(default_factory=list)
    looks: int = 0
    seconds: float = 0.0

    def add(self, shot: list[Plane], wide: list[Plane], flows: list[Plane], masks: list[NDArray[np.bool_]]) -> None:
        """Score a shot: its truth, its colours at full size, and the true flow with where it is believed."""
        made, true = (
            [rgb(frame[0], ab) for frame, ab in zip(shot, colors, strict=True)] for colors in (wide, abs_of(shot))
        )
        error = np.mean([np.hypot(*(ab - frame[1:])).mean() for frame, ab in zip(shot, wide, strict=True)])
        signal = np.mean([min(psnr(a, b), 99.0) for a, b in zip(made, true, strict=True)])
        pixels = [np.moveaxis(np.rint(frame * 255), 0, -1).astype(np.uint8) for frame in made]
        self.rows.append((warp_error(wide, flows, masks), flicker(wide), cdc(pixels), float(error), float(signal)))


def abs_of(shot: list[Plane]) -> list[Plane]:
    return [frame[1:] for frame in shot]


def rgb(lightness: Plane, ab: Plane) -> Plane:
    planes = (np.ascontiguousarray(plane, np.float32) for plane in (lightness, *ab))
    out: Plane = linear_to_srgb(join(*planes)).astype(np.float32)
    return out


def measure(path: str, model: str, width: int, count: int) -> None:
    frames = read(path, width, count)
    cuts = find_cuts(frames)
    shots = [frames[a:b] for a, b in pairwise([0, *cuts, len(frames)]) if b - a > 1]
    # one thread: processor time is then the work done
    engine = OnnxSession(find_model(model), threads=1)
    size = view_size(engine.card, *frames[0].shape[1:])
    looks = 0
    ask = engine.predict

    def counted(*args: object, **options: object) -> object:
        nonlocal looks
        looks += 1
        return ask(*args, **options)  # type: ignore[arg-type]

    engine.predict = counted  # type: ignore[assignment,method-assign]

    def by_network(shot: list[Plane], steady: float) -> list[Plane]:
        views = (ShotView.of(downscale_view(frame[0], size), engine.card.output_stride) for frame in shot)
        return [ab for ab, _ in color_shot(engine, views, options=StabilizerOptions(temporal_smoothing=steady))]

    ways: dict[str, Callable[[list[Plane]], list[Plane]]] = {
        "truth": abs_of,
        "gray": lambda shot: [np.zeros_like(ab) for ab in abs_of(shot)],
        "frame by frame": lambda shot: by_network(shot, 0.0),
        "steady": lambda shot: by_network(shot, 1.0),
    }
    tallies = {name: Tally() for name in ways}
    for shot in shots:
        flows, masks = map(list, zip(*[true_flow(a[0], b[0]) for a, b in pairwise(shot)], strict=True))
        for name, color in ways.items():
            looks, start = 0, time.process_time()
            colors = color(shot)
            tallies[name].seconds += time.process_time() - start
            tallies[name].looks += looks
            wide = [
                np.stack([resize(plane, frame[0].T.shape) for plane in ab])
                for frame, ab in zip(shot, colors, strict=True)
            ]
            tallies[name].add(shot, wide, flows, masks)
    print(f"\n{path}: {len(frames)} frames, cuts at {', '.join(map(str, cuts)) or 'none'}, view {size[1]}x{size[0]}")
    print(f"{'':15s}" + "".join(f"{name:>12s}" for name in COLUMNS))
    means = {n: np.average(np.array(t.rows), axis=0, weights=[len(s) for s in shots]) for n, t in tallies.items()}
    for name, (warp, jump, distance, error, signal) in means.items():
        ratios = warp / means["truth"][0], warp / means["frame by frame"][0]
        seen = tallies[name].looks / len(engine.card.sizes) / len(frames)
        cells = [warp, *ratios, jump, distance, error, signal, seen, tallies[name].seconds / len(frames) * 1e3]
        shown = [f"{c:12.4f}" if column == "CDC" else f"{c:12.2f}" for column, c in zip(COLUMNS, cells, strict=True)]
        print(f"{name:15s}" + "".join(shown), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("films", nargs="+")
    parser.add_argument("--model", default="photochrom_fast")
    parser.add_argument("--width", type=int, default=640)
    parser.add_argument("--frames", type=int, default=100, help="of a film made of a photo")
    options = parser.parse_args()
    for path in options.films:
        measure(path, options.model, options.width, options.frames)


if __name__ == "__main__":
    main()

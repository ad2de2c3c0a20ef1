"""What scoring costs: every metric that needs no network, against decoding the same PNG files.

    python benchmarks/evaluate.py [--photos 400] [--jobs 2]

Scores a folder of 256 px images, and gray beside it, as ``photochrom evaluate --predictions`` does: reading, every
metric, intervals, examples and the report. Prints photos a second, the ratio of processor time to Pillow decoding the
truths and the pictures once, and the memory of the largest process with a quarter of the photos and with all.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import skimage.data
from PIL import Image, ImageEnhance

DECODE = """
import sys
from pathlib import Path
from PIL import Image
for path in Path(sys.argv[1]).rglob("*.png"):
    Image.open(path).load()
"""


def make_set(folder: Path, count: int) -> None:
    """Crops of three photos as truths, and the same paler as another program's pictures."""
    chance = np.random.default_rng(0)
    sources = [Image.fromarray(getattr(skimage.data, name)()) for name in ("astronaut", "coffee", "chelsea")]
    for name in ("truths", "pictures"):
        (folder / name).mkdir()
    for number in range(count):
        source = sources[number % len(sources)]
        left, top = (int(chance.integers(0, side - 256 + 1)) for side in source.size)
        truth = source.crop((left, top, left + 256, top + 256))
        truth.save(folder / "truths" / f"{number:04}.png")
        ImageEnhance.Color(truth).enhance(0.6).save(folder / "pictures" / f"{number:04}.png")


class Cost(NamedTuple):
    """Seconds on the wall, seconds of all processors, and the most memory any process so far has had, bytes."""

    wall: float
    processor: float
    memory: int


def run(command: list[str]) -> Cost:
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(time.perf_counter() - start, processor, after.ru_maxrss * 1024)


def evaluate(folder: Path, out: str, jobs: int, *more: str) -> Cost:
    places = ["--data", str(folder / "truths"), "--predictions", str(folder / "pictures")]
    places += ["--output", str(folder / out)]
    return run([sys.executable, "-m", "photochrom", "evaluate", *places, "--jobs", str(jobs), *more])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=400)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_set(folder, options.photos)
        quarter = evaluate(folder, "quarter", options.jobs, "--limit", str(options.photos // 4))
        whole = evaluate(folder, "all", options.jobs)
        decoding = run([sys.executable, "-c", DECODE, str(folder)])
    print(f"{options.photos} photos, each scored as gray and as a picture, {options.jobs} processes")
    print(f"{whole.wall:.1f} s, {options.photos / whole.wall:.1f} photos/s; {whole.processor:.1f} s of processor time,")
    print(f"{whole.processor / decoding.processor:.1f} times that of Pillow decoding all of the PNG files once")
    quarter_size, size = (cost.memory / 1e6 for cost in (quarter, whole))
    print(f"largest process: {quarter_size:.0f} MB for a quarter of the photos, {size:.0f} MB for all")


if __name__ == "__main__":
    main()

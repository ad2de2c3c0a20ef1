"""A folder of one-megapixel photos: the whole run against its slowest stage alone.

Each stage is timed by itself, one worker, on the same photos, as the pipeline runs it; then the folder is coloured by
the real command with ``--jobs 2``, start of the process and journal included. The bar: at least 0.85 of the slowest
stage's rate. Run with  python benchmarks/folder.py [--photos 200]
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import skimage
from PIL import Image

from photochrom.colorizer import Colorizer
from photochrom.image_io import read_picture

SIDE = 1000
BAR = 0.85


def make_photos(folder: Path, count: int, side: int = SIDE) -> None:
    """Write square gray JPEGs, ``side`` px, each another crop of one of three photos."""
    shipped = Path(skimage.__file__).parent / "data"
    photos = [
        Image.open(shipped / f"{name}.png").convert("L").resize((side * 5 // 4, side * 5 // 4))
        for name in ("astronaut", "coffee", "chelsea")
    ]
    folder.mkdir()
    random = np.random.default_rng(1)
    for number in range(count):
        left, top = random.integers(0, side // 4, 2).tolist()
        crop = photos[number % len(photos)].crop((left, top, left + side, top + side))
        crop.save(folder / f"{number:03}.jpg", quality=90)


def time_stages(folder: Path, out: Path) -> dict[str, float]:
    """Mean seconds a photo of each stage, one after the other in one thread."""
    colorizer = Colorizer(threads=1)
    spent: dict[str, float] = defaultdict(float)
    out.mkdir()
    sources = sorted(folder.iterdir())
    colorizer(sources[0])
    for source in sources:
        marks = [time.perf_counter()]
        picture = read_picture(source)
        marks.append(time.perf_counter())
        coloring = colorizer.predict(picture)
        marks.append(time.perf_counter())
        colored = coloring.apply()
        marks.append(time.perf_counter())
        colored.save(out / source.name)
        marks.append(time.perf_counter())
        for name, start, end in zip(("decode", "network", "recolour", "encode"), marks, marks[1:], strict=False):
            spent[name] += (end - start) / len(sources)
    return dict(spent)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make_photos(folder / "in", arguments.photos)
        stages = time_stages(folder / "in", folder / "alone")
        command = [sys.executable, "-m", "photochrom", "colorize", str(folder / "in"), "-o", str(folder / "out")]
        start = time.perf_counter()
        subprocess.run([*command, "--jobs", str(arguments.jobs), "--quiet"], check=True)
        whole = arguments.photos / (time.perf_counter() - start)
    for name, seconds in stages.items():
        print(f"{name:<10} {seconds * 1000:7.1f} ms  {1 / seconds:7.2f} photos/s")
    together = sum(stages.values())
    print(f"{'one worker':<10} {together * 1000:7.1f} ms  {1 / together:7.2f} photos/s")
    slowest = max(stages, key=lambda name: stages[name])
    ratio = whole * stages[slowest]
    print(f"whole run, --jobs {arguments.jobs}: {whole:.2f} photos/s, {whole * together:.2f} times one worker")
    print(f"{ratio:.2f} of the rate of {slowest}, the slowest stage (bar {BAR}): {'met' if ratio >= BAR else 'MISSED'}")


if __name__ == "__main__":
    main()

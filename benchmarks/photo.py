"""What one large photo costs, against Pillow decoding and encoding the same picture in colour.

    python benchmarks/photo.py speed      24-megapixel gray JPEG, whole process, wall time and the ratio
    python benchmarks/photo.py memory     100-megapixel gray TIFF, whole process, peak resident memory

Both sides of a ratio run in turn, as processes of their own, in this one run; the figure is the median of the pairs.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

PILLOW = "import sys; from PIL import Image; Image.open(sys.argv[1]).save(sys.argv[2], quality=92, subsampling=0)"


def make_gray(width: int, height: int) -> Image.Image:
    """A photo of that size: the sample enlarged, with grain, because smooth pictures decode unfairly fast."""
    sample = Path(__file__).parents[1] / "docs" / "photos" / "astronaut_gray.jpg"
    photo = Image.open(sample).convert("L").resize((width, height), Image.Resampling.BICUBIC)
    noise = np.random.default_rng(0).normal(0, 4, (512, 512)).astype(np.int16)
    grain = np.tile(noise, (-(-height // 512), -(-width // 512)))[:height, :width]
    return Image.fromarray(np.clip(np.asarray(photo, np.int16) + grain, 0, 255).astype(np.uint8))


def run(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def speed(folder: Path, pairs: int = 7) -> None:
    gray, color, ours, theirs = (folder / name for name in ("gray.jpg", "color.jpg", "ours.jpg", "theirs.jpg"))
    make_gray(6000, 4000).save(gray, quality=92)
    colorize = [sys.executable, "-m", "photochrom", "colorize", str(gray), "-o"]
    run([*colorize, str(color)])
    rows = []
    for _ in range(pairs):
        a = run([*colorize, str(ours), "--overwrite"])
        b = run([sys.executable, "-c", PILLOW, str(color), str(theirs)])
        rows.append((a, b, a / b))
    a, b, ratio = (statistics.median(column) for column in zip(*rows, strict=True))
    print(f"24 megapixels, gray JPEG to colour JPEG, {pairs} pairs, medians")
    print(f"photochrom {a:.2f} s   Pillow decode and encode {b:.2f} s   ratio {ratio:.2f}")


def memory(folder: Path) -> None:
    source, target = folder / "gray.tif", folder / "color.tif"
    make_gray(10000, 10000).save(source)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    seconds = run([sys.executable, "-m", "photochrom", "colorize", str(source), "-o", str(target)])
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert peak > before, "an earlier child was larger: run this alone"
    print(f"100 megapixels, gray TIFF to colour TIFF: peak {peak / 1e6:.2f} GB, {seconds:.1f} s")
    print(f"decoded input 0.10 GB, output 0.30 GB: ratio of peak to both {peak / 4e5:.2f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        {"speed": speed, "memory": memory}[sys.argv[1] if len(sys.argv) > 1 else "speed"](Path(name))

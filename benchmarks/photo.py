"""What one large photo costs, against Pillow decoding and encoding the same picture in colour.

    python benchmarks/photo.py speed      24-megapixel gray JPEG, whole process, wall and processor time and the ratios
    python benchmarks/photo.py memory     200-megapixel gray JPEG and 16-bit TIFF, whole process, peak resident memory

Both sides of a ratio run in turn, as processes of their own, in this one run; the figure is the median of the pairs. On
a machine that does other work besides, the ratio of processor times is the one to trust.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Cost:
    """Of a process: seconds by the clock, seconds of processors, and bytes of memory at its peak."""

    wall: float
    processor: float
    peak: int


def run(command: list[str]) -> Cost:
    # an installed program's modules are compiled
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024))


def speed(folder: Path, pairs: int = 7) -> None:
    gray, color, ours, theirs = (folder / name for name in ("gray.jpg", "color.jpg", "ours.jpg", "theirs.jpg"))
    make_gray(6000, 4000).save(gray, quality=92)
    colorize = [sys.executable, "-m", "photochrom", "colorize", str(gray), "-o"]
    run([*colorize, str(color)])
    rows = []
    for _ in range(pairs):
        a = run([*colorize, str(ours), "--overwrite"])
        b = run([sys.executable, "-c", PILLOW, str(color), str(theirs)])
        rows.append((a.wall, b.wall, a.wall / b.wall, a.processor, b.processor, a.processor / b.processor))
    medians = [statistics.median(column) for column in zip(*rows, strict=True)]
    print(f"24 megapixels, gray JPEG to colour JPEG, {pairs} pairs, medians")
    for name, (a_time, b_time, ratio) in (("by the clock", medians[:3]), ("processors", medians[3:])):
        print(f"{name:<14} photochrom {a_time:.2f} s   Pillow decode and encode {b_time:.2f} s   ratio {ratio:.2f}")


def make_large(folder: Path, side: int) -> None:
    gray = make_gray(side, side)
    gray.save(folder / "gray.jpg", quality=92)
    Image.fromarray(np.asarray(gray).astype(np.uint16) * 257).save(folder / "gray.tif")


def memory(folder: Path, side: int = 14142) -> None:
    # in a process of its own, for the peak of one that it starts begins at its own
    subprocess.run([sys.executable, __file__, "make", str(folder), str(side)], check=True)
    print(f"{side * side / 1e6:.0f} megapixels in, colour out, whole process")
    for suffix, size in ((".jpg", 4), (".tif", 8)):
        source, target = folder / f"gray{suffix}", folder / f"color{suffix}"
        cost = run([sys.executable, "-m", "photochrom", "colorize", str(source), "-o", str(target)])
        whole = side * side * size
        print(
            f"{suffix}  peak {cost.peak / 1e6:.0f} MB (bar 500), of {whole / 1e6:.0f} MB in and out, ratio "
            f"{cost.peak / whole:.2f}   {cost.wall:.1f} s"
        )


def main() -> None:
    if sys.argv[1:2] == ["make"]:
        make_large(Path(sys.argv[2]), int(sys.argv[3]))
        return
    with tempfile.TemporaryDirectory() as name:
        {"speed": speed, "memory": memory}[sys.argv[1] if len(sys.argv) > 1 else "speed"](Path(name))


if __name__ == "__main__":
    main()

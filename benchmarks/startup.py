"""How long the command takes: ``photochrom --help`` and one 256-pixel photo, whole processes, median of several.

Beside them the bare interpreter, so that a slow machine shows. Run with  python benchmarks/startup.py [--times 9]
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import skimage
from PIL import Image

HELP_BAR = 0.3
PHOTO_BAR = 1.0


def time_command(arguments: list[str], times: int) -> float:
    """Median seconds of a whole process of this interpreter."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=9)
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / "photo.jpg"
        shipped = Path(skimage.__file__).parent / "data" / "astronaut.png"
        Image.open(shipped).convert("L").resize((256, 256)).save(photo)
        target = str(Path(folder) / "photo.color.jpg")
        bare = time_command(["-c", "pass"], times)
        asked = time_command(["-m", "photochrom", "--help"], times)
        colored = time_command(["-m", "photochrom", "colorize", str(photo), "-o", target, "--overwrite"], times)
    print(f"python -c pass             {bare:.3f} s")
    for name, seconds, bar in (
        ("photochrom --help", asked, HELP_BAR),
        ("photochrom colorize 256 px", colored, PHOTO_BAR),
    ):
        print(f"{name:<26} {seconds:.3f} s  (bar {bar}): {'met' if seconds < bar else 'MISSED'}")


if __name__ == "__main__":
    main()

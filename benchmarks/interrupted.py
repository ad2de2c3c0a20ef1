"""A folder of mixed photos whose run is killed twice, its results cut by hand in between, and resumed.

Each kill is a SIGKILL in the middle. Before each resumption some results are cut, emptied or taken away, and the
journal's last line is cut in two. At the end every photo must have its result exactly once, the same that a run
without interruption gives; what was finished and not touched must not have been made again. Run with

    python benchmarks/interrupted.py [--photos 300]
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import skimage
from PIL import Image

from photochrom.errors import PhotochromError
from photochrom.image_io import read_picture

#: suffix of each kind, and how Pillow writes it
KINDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("jpg", {"quality": 85}),
    ("png", {}),
    ("tif", {"compression": "tiff_lzw"}),
    ("webp", {"lossless": True}),
    ("gif", {}),
    ("ppm", {}),
    ("bmp", {}),
    ("jp2", {}),
)
#: seconds to wait for results before a kill
PATIENCE = 600


def make_photos(folder: Path, count: int) -> None:
    """Write photos of all kinds in several folders, each another crop, and files that are not photos."""
    photo = Image.open(Path(skimage.__file__).parent / "data" / "chelsea.png").convert("L")
    chance = random.Random(0)
    for number in range(count):
        suffix, options = KINDS[number % len(KINDS)]
        left, top = chance.randrange(300), chance.randrange(150)
        image = photo.crop((left, top, left + chance.randrange(40, 140), top + chance.randrange(40, 140)))
        # two kinds share each name, and results must not
        path = folder / f"box {number % 3}" / f"{number // 2}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path, **options)
    for name in ("notes.txt", "box 0/scan.psd"):
        (folder / name).write_bytes(b"not a photo")


def begin(source: Path, target: Path, *flags: str) -> "subprocess.Popen[str]":
    """Start the real command."""
    command = [sys.executable, "-m", "photochrom", "colorize", str(source), "-o", f"{target}/", *flags]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def list_results(target: Path) -> dict[str, Path]:
    """Return the results by their names below the folder."""
    found = (path for path in target.rglob("*") if path.is_file() and path.suffix.lstrip(".") in dict(KINDS))
    return {path.relative_to(target).as_posix(): path for path in found if not path.name.startswith(".")}


def kill_after(process: "subprocess.Popen[str]", target: Path, results: int) -> None:
    """Kill a run once so many results are there."""
    until = time.monotonic() + PATIENCE
    while len(list_results(target)) < results and process.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    process.kill()
    process.communicate()


def spoil(target: Path, chance: random.Random) -> set[str]:
    """Cut, empty or take away one result in eight, and cut the journal's last line; return which results.

    A line ``saving`` is on the disk before its result is, so that one is not cut.
    """
    results = list_results(target)
    chosen = chance.sample(sorted(results), max(3, len(results) // 8))
    for number, name in enumerate(chosen):
        path = results[name]
        if number % 3 == 0:
            path.unlink()
        else:
            path.write_bytes(b"" if number % 3 == 1 else path.read_bytes()[: path.stat().st_size // 2])
    for journal in target.glob(".photochrom*.jsonl"):
        data = journal.read_bytes()
        if json.loads(data.splitlines()[-1])["event"] == "done":
            journal.write_bytes(data[: len(data) - 7])
    return set(chosen)


def run_trial(folder: Path, count: int) -> list[str]:
    """Do all of it below a folder, and return what is wrong."""
    source, target, plain = folder / "photos", folder / "results", folder / "plain"
    make_photos(source, count)
    faults, chance = [], random.Random(1)
    kill_after(begin(source, target), target, count // 3)
    for part in (2 * count // 3, None):
        touched = spoil(target, chance)
        kept = {name: path.stat().st_mtime_ns for name, path in list_results(target).items() if name not in touched}
        process = begin(source, target, "--resume")
        if part is not None:
            kill_after(process, target, part)
        else:
            _, errors = process.communicate()
            if process.returncode:
                faults.append(f"the last run failed with {process.returncode}: {errors[-500:]}")
        now = {name: path.stat().st_mtime_ns for name, path in list_results(target).items()}
        again = [name for name, written in kept.items() if now.get(name) != written]
        # the cut journal has forgotten its last entry
        if len(again) > 1:
            faults.append(f"made again without need: {again}")
    _, errors = (whole := begin(source, plain)).communicate()
    if whole.returncode:
        faults.append(f"the plain run failed: {errors[-500:]}")
    return faults + check_results(target, plain, count)


def check_results(target: Path, plain: Path, count: int) -> list[str]:
    """Return what is wrong with the results, against those of a run without interruption."""
    faults = []
    ours, theirs = list_results(target), list_results(plain)
    if len(ours) != count or ours.keys() != theirs.keys():
        faults.append(f"{len(ours)} results of {count}; other names: {sorted(ours.keys() ^ theirs.keys())[:9]}")
    for name in ours.keys() & theirs.keys():
        if ours[name].read_bytes() != theirs[name].read_bytes():
            faults.append(f"{name}: not the file that the plain run made")
        try:
            page, other = (read_picture(path).pages[0].pixels for path in (ours[name], theirs[name]))
        except PhotochromError as error:
            faults.append(f"{name}: {error}")
            continue
        if not np.array_equal(page, other) or not np.ptp(page.astype(int), axis=2).any():
            faults.append(f"{name}: not the picture that the plain run made")
    left = [path.name for path in target.rglob("*") if path.is_file() and "part" in path.suffix]
    faults += [f"left behind: {name}" for name in left]
    report = json.loads((target / "photochrom-report.json").read_text())
    sources = [file["source"] for file in report["files"]]
    if len(sources) != count or len(set(sources)) != count:
        faults.append(f"the report names {len(sources)} photos, {len(set(sources))} different")
    if report["left_out"] != {"PSD": 1, "TXT": 1}:
        faults.append(f"left out: {report['left_out']}")
    return faults


def main() -> None:
    """Run the trial."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=300)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        faults = run_trial(Path(folder), given.photos)
    print(f"{given.photos} photos, killed twice, cut by hand in between: {len(faults)} faults", *faults, sep="\n")
    if faults:
        sys.exit(1)


if __name__ == "__main__":
    main()

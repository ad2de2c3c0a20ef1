"""Pillow's own test pictures, coloured one by one and compared with what other readers see in them.

Pillow's source distribution holds some 700 small files of every kind, many of them from bug reports. Each is coloured;
Pillow, ImageMagick and tifffile read source and result, and lightness, alpha, frames and metadata are compared. What
differs is a fault. Known faults stand in ``corpus_faults.txt``, a line each with its reason, so their number can only
fall: a fault that is not there, or one there that is mended, makes the run fail. Run with

    python benchmarks/corpus.py [--cache DIR] [--folder DIR] [--part N/M] [NAME ...]

``--folder`` takes the pictures below another folder, such as another program's tests; then every fault is a new one.
"""

import argparse
import importlib.metadata
import subprocess
import sys
import tarfile
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from corpus_compare import compare
from PIL import Image

from photochrom.colorizer import Colorizer
from photochrom.errors import PhotochromError
from photochrom.image_io.formats import SUFFIXES, sniff

CACHE = Path(__file__).parents[1] / ".cache" / "corpus"
KNOWN = Path(__file__).with_name("corpus_faults.txt")
#: some files are bombs
MOST_PIXELS = 20_000_000
Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2
#: seconds, from which on a file is named
SLOW = 4
#: a refusal with one of these codes names what the file is, and a way out
NAMED = ("unsupported", "is_archive", "is_camera_raw", "is_video", "too_large", "decoded_size", "unrecognized", "empty")


def fetch(cache: Path) -> list[Path]:
    """Return the test pictures of the installed Pillow's source distribution, which pip fetches once."""
    version = importlib.metadata.version("pillow")
    folder = cache / f"pillow-{version}"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "pillow"]
        subprocess.run([*pip, "--dest", str(cache), f"pillow=={version}"], check=True)
        with (
            tempfile.TemporaryDirectory(dir=cache) as unpacked,
            tarfile.open(cache / f"pillow-{version}.tar.gz") as tar,
        ):
            tar.extractall(unpacked, filter="data")
            (Path(unpacked) / folder.name / "Tests" / "images").rename(folder)
    return list_files(folder)


def list_files(folder: Path) -> list[Path]:
    """Return the files below a folder that may be pictures."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".txt", ".md", ".py"))


def find_faults(source: Path, colorizer: Colorizer, folder: Path) -> Iterator[str]:
    """Yield what is wrong with a file's result, a few words each."""
    with source.open("rb") as stream:
        start = stream.read(64)
    try:
        # colours do not matter here, so the network sees little
        result = colorizer(source, input_size=32, max_pixels=MOST_PIXELS)
    except PhotochromError as error:
        yield from _judge_refusal(source, error, start)
        return
    except Exception as error:  # whatever it is, it is the fault looked for
        yield f"crash: {type(error).__name__}: {error}"
        return
    suffix = next(suffix for suffix, name in SUFFIXES.items() if name == result.picture.format)
    target = folder / f"result{suffix}"
    try:
        result.save(target, overwrite=True)
    except PhotochromError as error:
        yield f"not written: {error.code}"
        return
    yield from compare(source, target, result.picture.format, result.picture.notes)


def _judge_refusal(source: Path, error: PhotochromError, start: bytes) -> Iterator[str]:
    """Yield a fault where another reader reads what was called damaged, or cut short."""
    from corpus_compare import read_strictly

    if any(word in error.code for word in NAMED):
        return
    try:
        sniff(start, source.name)
        frames = read_strictly(source)
    except Exception:  # Pillow cannot read it either
        return
    if frames:
        yield f"refused: {error.code}"


def _shorten(fault: str) -> str:
    """Return a fault without the figures that another version of a library may change."""
    return fault.split(" (")[0].split(": '")[0]


def read_known() -> dict[str, str]:
    """Return the known faults: ``NAME: FAULT`` to the reason."""
    known = {}
    for line in KNOWN.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            fault, _, reason = line.partition(" -- ")
            known[fault.strip()] = reason.strip()
    return known


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="Only these files.")
    parser.add_argument("--cache", type=Path, default=CACHE, help="Where Pillow's source lies, or is put.")
    parser.add_argument("--folder", type=Path, help="Pictures to take in place of Pillow's.")
    parser.add_argument("--part", default="0/1", help="N/M: every M-th file from the N-th on.")
    args = parser.parse_args()
    number, parts = map(int, args.part.split("/"))
    files = list_files(args.folder) if args.folder else fetch(args.cache)
    paths = [path for path in files if not args.names or path.name in args.names][number::parts]
    colorizer = Colorizer(threads=1)
    found: dict[str, None] = {}
    kinds: Counter[str] = Counter()
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for done, path in enumerate(paths):
            if done % 50 == 0:
                print(f"{done} of {len(paths)}", file=sys.stderr, flush=True)
            since = time.perf_counter()
            faults = list(find_faults(path, colorizer, Path(folder)))
            if time.perf_counter() - since > SLOW:
                print(f"{path.name} took {time.perf_counter() - since:.0f} s", file=sys.stderr, flush=True)
            for fault in faults:
                found[f"{path.name}: {_shorten(fault)}"] = None
                kinds[fault.split(":")[0]] += 1
                print(f"{path.name}: {fault}", flush=True)
    known = {} if args.folder else read_known()
    names = {path.name for path in paths}
    new = [fault for fault in found if fault not in known]
    absent = [fault for fault in known if fault.partition(":")[0] in names and fault not in found]
    # not every machine has that version of it
    mended = [fault for fault in absent if not known[fault].startswith("ImageMagick")]
    faulty = len({fault.partition(":")[0] for fault in found})
    print(f"\n{len(paths)} files, {faulty} with faults {dict(kinds)}, {time.perf_counter() - begin:.0f} s")
    for fault in new:
        print(f"new: {fault}")
    for fault in mended:
        print(f"mended, take it out of {KNOWN.name}: {fault}")
    return 1 if new or mended else 0


if __name__ == "__main__":
    sys.exit(main())

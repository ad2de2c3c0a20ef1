"""Says what ``--lossless`` keeps: luma, colours and the way back on JPEGs of ten kinds, and how far L* moves.

    python benchmarks/lossless.py [--photos FILE.parquet] [--limit 100]

Sixty gray and gray-toned JPEGs are coloured by the command with and without the flag, and compared: six photos of
scikit-image in each of ten kinds, or with ``--photos`` (column ``image`` with ``bytes``) sixty different ones. L* is
then measured on so many gray JPEGs of them too. Needs the lossless, video and evaluate extras.
"""

import argparse
import io
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import skimage.data
from numpy.typing import NDArray
from PIL import Image

from photochrom import Colorizer
from photochrom.color.conversion import srgb_to_lab
from photochrom.image_io import read_picture
from photochrom.image_io.lossless_jpeg import count_kept_luma, join_luma, strip_colors

PHOTOS = ("astronaut", "coffee", "chelsea", "rocket", "camera", "moon")
ORIENTATION = 0x0112
#: red, green and blue of the tint of a toned photo
TINT = (1.0, 0.93, 0.82)
Pixels = NDArray[np.uint8]


def write_gray(gray: Pixels, path: Path, *, odd: bool = False, turned: bool = False, **options: int) -> None:
    image = Image.fromarray(gray[:-3, :-5] if odd else gray)
    exif = Image.Exif()
    if turned:
        exif[ORIENTATION] = 6
    image.save(path, "JPEG", exif=exif, **options)


def write_toned(gray: Pixels, path: Path, *, sampling: str, odd: bool = False, progressive: bool = False) -> None:
    gray = gray[:-3, :-5] if odd else gray
    toned = (gray[..., None] * np.array(TINT[::-1])).round().astype(np.uint8)
    words = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, getattr(cv2, f"IMWRITE_JPEG_SAMPLING_FACTOR_{sampling}")]
    words += [cv2.IMWRITE_JPEG_QUALITY, 88, cv2.IMWRITE_JPEG_PROGRESSIVE, int(progressive)]
    done, data = cv2.imencode(".jpg", toned, words)
    assert done
    path.write_bytes(data.tobytes())


KINDS: dict[str, Callable[[Pixels, Path], None]] = {
    "gray": lambda gray, path: write_gray(gray, path, quality=90),
    "gray progressive": lambda gray, path: write_gray(gray, path, quality=80, progressive=True),
    "gray restart markers": lambda gray, path: write_gray(gray, path, quality=90, restart_marker_blocks=7),
    "gray odd coarse": lambda gray, path: write_gray(gray, path, odd=True, quality=40),
    "gray odd progressive": lambda gray, path: write_gray(
        gray, path, odd=True, quality=85, progressive=True, restart_marker_rows=2
    ),
    "gray odd turned": lambda gray, path: write_gray(gray, path, odd=True, turned=True, quality=90),
    "toned 444": lambda gray, path: write_toned(gray, path, sampling="444"),
    "toned 420 odd": lambda gray, path: write_toned(gray, path, sampling="420", odd=True),
    "toned 440 odd": lambda gray, path: write_toned(gray, path, sampling="440", odd=True),
    "toned 422 progressive": lambda gray, path: write_toned(gray, path, sampling="422", progressive=True),
}


def decode_luma(data: bytes) -> Pixels:
    """Returns the luma as it is stored, without the way through RGB."""
    with Image.open(io.BytesIO(data)) as image:
        image.draft("YCbCr" if image.mode == "RGB" else image.mode, image.size)
        pixels = np.asarray(image)
    return pixels if pixels.ndim == 2 else pixels[..., 0]


def run_command(*words: str) -> float:
    """Runs photochrom and returns the processor time that it took, seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "photochrom", *words], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare_kinds(folder: Path, photos: list[Image.Image] | None) -> None:
    (folder / "gray").mkdir()
    for place, (kind, write) in enumerate(KINDS.items()):
        for number, name in enumerate(PHOTOS):
            if photos is None:
                photo = Image.fromarray(getattr(skimage.data, name)())
            else:
                photo = photos[place * len(PHOTOS) + number]
            write(np.asarray(photo.convert("L")), folder / "gray" / f"{name} {kind}.jpg")
    plain = run_command("colorize", f"{folder / 'gray'}", "-o", f"{folder / 'plain'}", "--quiet")
    kept = run_command("colorize", f"{folder / 'gray'}", "-o", f"{folder / 'kept'}", "--quiet", "--lossless")
    total, same, back, sizes, differences = 0, 0, 0, [], []
    for kind in KINDS:
        of_kind = []
        for name in PHOTOS:
            original, ordinary, result = (folder / part / f"{name} {kind}.jpg" for part in ("gray", "plain", "kept"))
            total += 1
            same += count_kept_luma(original, result) is not None
            stripped = strip_colors(result.read_bytes(), name=result.name)
            back += np.array_equal(decode_luma(stripped), decode_luma(original.read_bytes()))
            one, other = (read_picture(path).pages[0].pixels.astype(int) for path in (ordinary, result))
            of_kind.append(float(np.abs(one - other).mean()))
            sizes.append(result.stat().st_size / original.stat().st_size)
        differences += of_kind
        print(f"{kind:22} {np.mean(of_kind):.2f} of 255 from the ordinary road, worst photo {max(of_kind):.2f}")
    print(f"{total} photos: luma's coefficients equal in {same}, pixels back by strip in {back}")
    print(f"colours: mean {np.mean(differences):.2f}, worst photo {max(differences):.2f} of 255")
    print(f"files: {np.median(sizes):.2f} times the original in the median, at most {max(sizes):.2f}")
    print(f"processor time of the whole command: {kept / plain:.2f} of the ordinary road's")


def read_photos(path: Path) -> list[Image.Image]:
    import pyarrow.parquet as parquet

    rows = parquet.read_table(path).column("image").to_pylist()
    return [Image.open(io.BytesIO(row["bytes"])) for row in rows]


def measure_lightness(photos: list[Image.Image]) -> None:
    colorizer = Colorizer("photochrom_fast")
    moved: dict[str, list[NDArray[np.float64]]] = {"with": [], "without": []}
    for photo in photos:
        stream = io.BytesIO()
        photo.convert("L").save(stream, "JPEG", quality=90)
        source = stream.getvalue()
        picture = colorizer(source).picture
        before = read_lightness(source)
        moved["with"].append(np.abs(read_lightness(join_luma(source, picture, name="photo")) - before))
        moved["without"].append(np.abs(read_lightness(picture.to_bytes("JPEG")) - before))
    for road, planes in moved.items():
        means = [float(plane.mean()) for plane in planes]
        most = np.quantile(np.concatenate([plane.ravel() for plane in planes]), 0.99)
        largest = max(float(plane.max()) for plane in planes)
        print(f"L* {road} the flag, {len(planes)} photos: mean {np.mean(means):.2f}", end=", ")
        print(f"by photo {min(means):.2f} to {max(means):.2f}, 99 % of pixels under {most:.1f}, at most {largest:.1f}")


def read_lightness(jpeg: bytes) -> NDArray[np.float64]:
    pixels = np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"), np.float64) / 255
    return np.asarray(srgb_to_lab(pixels.transpose(2, 0, 1))[0], np.float64)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--limit", type=int, default=100)
    given = parser.parse_args()
    photos = None if given.photos is None else read_photos(given.photos)
    with tempfile.TemporaryDirectory() as name:
        compare_kinds(Path(name), photos)
    if photos is not None:
        measure_lightness(photos[: given.limit])


if __name__ == "__main__":
    main()

"""Damaged files of each form, read with two fillings of fresh memory: whatever differs is not the file's own.

A small picture of each form is made and damaged: cut, bits turned, bytes overwritten, taken out, doubled. Two processes
read every file, with and without salvage, one with fresh memory full of 0x21 and one full of 0xb4 (glibc's
``MALLOC_PERTURB_``). Pixels, notes and errors must be the same in both. An error that is not one of ours, a process
that dies, and a file that takes more than some seconds are faults too. The last lines are a sample of errors, to be
read by a person: what was done to the file, and what the program said. Run with

    python benchmarks/mutations.py [--count 2000] [--sample 50] [FORM ...]
"""

import argparse
import hashlib
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from PIL import Image

from photochrom.errors import PhotochromError
from photochrom.image_io import read_picture

#: what fresh memory is full of, in the two processes
FILLINGS = ("222", "75")
#: seconds of the processor, from which on a file is a fault
SLOW = 20
DOWN, ACROSS = np.mgrid[:61, :83]
GRAY = ((np.sin(DOWN / 5) + np.cos(ACROSS / 7)) * 50 + 128).astype(np.uint8)
RGB = np.stack([GRAY, np.roll(GRAY, 40, 1), 255 - GRAY], -1)
DEEP = GRAY.astype(np.uint16) * 257 ^ 5


def pack(pixels: Any, form: str, **options: Any) -> bytes:
    """Return an array, or an image, as a file that Pillow writes."""
    stream = io.BytesIO()
    (pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)).save(stream, form, **options)
    return stream.getvalue()


def pack_tiff(pixels: Any, **options: Any) -> bytes:
    """Return an array as a TIFF that tifffile writes, its directory first."""
    stream = io.BytesIO()
    options = {"photometric": "rgb" if pixels.ndim == 3 else "minisblack", **options}
    tifffile.imwrite(stream, pixels, **options)
    return stream.getvalue()


def pack_frames(form: str, **options: Any) -> bytes:
    """Return an animation, or several pages or pictures."""
    first, *others = (Image.fromarray(np.roll(GRAY, 9 * n, axis=0)) for n in range(3))
    return pack(first, form, save_all=True, append_images=others, **options)


def pack_heif() -> bytes:
    """Return a HEIC."""
    import pillow_heif

    stream = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(RGB)).save(stream, quality=80)
    return stream.getvalue()


#: form -> suffix, and what makes a file of it
FORMS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "jpeg": (".jpg", lambda: pack(RGB, "JPEG", subsampling=2)),
    "jpeg progressive": (".jpg", lambda: pack(GRAY, "JPEG", progressive=True)),
    "mpo": (".mpo", lambda: pack_frames("MPO")),
    "png": (".png", lambda: pack(RGB, "PNG")),
    "png palette": (".png", lambda: pack(Image.fromarray(RGB).quantize(64), "PNG")),
    "png 16": (".png", lambda: pack(DEEP, "PNG")),
    "apng": (".png", lambda: pack_frames("PNG", duration=70)),
    "tiff": (".tif", lambda: pack_tiff(DEEP, rowsperstrip=7)),
    "tiff deflate": (".tif", lambda: pack_tiff(RGB, compression="zlib", predictor=True, rowsperstrip=16)),
    "tiff tiles": (".tif", lambda: pack_tiff(RGB, compression="zlib", tile=(32, 32))),
    "tiff lzw": (".tif", lambda: pack(RGB, "TIFF", compression="tiff_lzw")),
    "tiff jpeg": (".tif", lambda: pack(Image.fromarray(RGB).convert("YCbCr"), "TIFF", compression="jpeg")),
    "tiff fax": (".tif", lambda: pack(Image.fromarray(GRAY).convert("1"), "TIFF", compression="group4")),
    "tiff pages": (".tif", lambda: pack_frames("TIFF", compression="packbits")),
    "webp": (".webp", lambda: pack(RGB, "WEBP")),
    "gif": (".gif", lambda: pack_frames("GIF", duration=70)),
    "bmp": (".bmp", lambda: pack(RGB, "BMP")),
    "pnm": (".ppm", lambda: pack(RGB, "PPM")),
    "pnm 16": (".pgm", lambda: b"P5\n83 61\n65535\n" + DEEP.astype(">u2").tobytes()),
    "tga": (".tga", lambda: pack(RGB, "TGA", compression="tga_rle")),
    "jpeg 2000": (".jp2", lambda: pack(RGB, "JPEG2000")),
    "avif": (".avif", lambda: pack(RGB, "AVIF")),
    "heif": (".heic", pack_heif),
}


def damage(data: bytes, seed: str) -> tuple[bytes, str]:
    """Return damaged data, and in words what was done."""
    chance, out, done = random.Random(seed), bytearray(data), []
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        # headers are small, so half of the places are near the start
        near = min(int(chance.expovariate(12 / len(data))), len(out) - 1)
        place = chance.choice((near, chance.randrange(len(out))))
        kind = chance.choice(("cut", "bit", "bytes", "gap", "twice"))
        length = chance.choice((1, 4, 60))
        done.append(f"{kind} at {place} of {len(out)}")
        if kind == "cut":
            del out[place + 1 :]
        elif kind == "bit":
            out[place] ^= 1 << chance.randrange(8)
        elif kind == "bytes":
            out[place : place + length] = chance.choice((b"\xff", b"\0", b"\x7f")) * len(out[place : place + length])
        elif kind == "gap":
            del out[place : place + length]
        else:
            out[place:place] = out[place : place + length]
        if not out:
            out = bytearray(data[:1])
    return bytes(out), ", ".join(done)


def describe(path: Path, *, salvage: bool) -> tuple[str, str, str]:
    """Read a file, and return "picture", "error" or "fault", a digest or a code, and what is said."""
    try:
        picture = read_picture(path, max_pixels=4_000_000, salvage=salvage)
    except PhotochromError as error:
        return "error", error.code, str(error)
    except Exception as error:
        return "fault", type(error).__name__, str(error)
    digest = hashlib.sha256(repr(picture.notes).encode())
    for page in picture.pages:
        for plane in (page.pixels, page.alpha, page.extras, page.missing):
            if plane is not None:
                digest.update(repr((plane.shape, plane.dtype)).encode() + np.ascontiguousarray(plane).tobytes())
    return "picture", digest.hexdigest(), " ".join(picture.notes)


def read_range(form: str, first: int, last: int) -> None:
    """Read damaged files of these numbers in this process, and print an answer a line."""
    suffix, make = FORMS[form]
    data = make()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"photo{suffix}"
        for number in range(first, last):
            broken, done = damage(data, f"{form} {number}")
            path.write_bytes(broken)
            start = time.process_time()
            answers = [describe(path, salvage=salvage) for salvage in (False, True)]
            seconds = time.process_time() - start
            print(json.dumps([number, answers, done, seconds]), flush=True)


def read_all(form: str, count: int, filling: str) -> dict[int, Any]:
    """Return the answers for all numbers, from processes that begin anew behind a file that kills one."""
    answers: dict[int, Any] = {}
    while len(answers) < count:
        run = [sys.executable, __file__, "--range", form, str(len(answers)), str(count)]
        done = subprocess.run(
            run, env=os.environ | {"MALLOC_PERTURB_": filling}, capture_output=True, text=True, check=False
        )
        for line in done.stdout.splitlines():
            number, *answer = json.loads(line)
            answers[number] = answer
        if len(answers) < count and done.returncode:
            answers[len(answers)] = [[("fault", f"exit {done.returncode}", done.stderr[-300:])] * 2, "?", 0.0]
    return answers


def compare(form: str, count: int) -> tuple[list[str], Counter[str], list[str]]:
    """Return the faults of a form, how often each outcome was, and lines about its errors."""
    both = [read_all(form, count, filling) for filling in FILLINGS]
    faults, outcomes, errors = [], Counter[str](), []
    for number in range(count):
        (one, done, seconds), (other, _, _) = both[0][number], both[1][number]
        for way, first, second in zip(("plain", "salvage"), one, other, strict=True):
            if first[:2] != second[:2]:
                faults.append(f"{form} {number} {way}: depends on memory: {first[:2]} {second[:2]}: {done}")
            elif first[0] == "fault":
                faults.append(f"{form} {number} {way}: {first[1]}: {first[2]}: {done}")
        if seconds > SLOW:
            faults.append(f"{form} {number}: {seconds:.0f} s: {done}")
        plain, salvaged = one
        outcomes[plain[1] if plain[0] == "error" else plain[0]] += 1
        outcomes["salvaged"] += plain[0] == "error" and salvaged[0] == "picture"
        if plain[0] == "error":
            errors.append(f"{form:16} {done}\n    {plain[2]}\n    with salvage: {salvaged[2]}")
    return faults, outcomes, errors


def main() -> None:
    """Compare all forms, and print faults, outcomes and a sample."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("forms", nargs="*", choices=[*FORMS, []], metavar="FORM")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--sample", type=int, default=50)
    parser.add_argument("--range", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.range:
        read_range(given.range[0], int(given.range[1]), int(given.range[2]))
        return
    faults, errors = [], []
    for form in given.forms or FORMS:
        found, outcomes, lines = compare(form, given.count)
        faults += found
        errors += lines
        told = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common() if count)
        print(f"{form:16} {len(found)} faults of {given.count}: {told}", flush=True)
    for fault in faults:
        print(fault)
    chosen = random.Random(0).sample(errors, min(given.sample, len(errors)))
    print(f"\na sample of {len(chosen)} errors:", *chosen, sep="\n")
    if faults:
        sys.exit(f"{len(faults)} faults")


if __name__ == "__main__":
    main()

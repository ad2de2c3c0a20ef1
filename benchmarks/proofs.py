"""Tries what proves a result on real photos: lightness by ``verify``, and C2PA signatures and what they cost.

    python benchmarks/proofs.py --photos FILE.parquet --sign CERT --key KEY [--film FILM.mp4]

Twenty photos (column ``image`` with ``bytes``) become files of ten forms, are coloured, and compared with their
originals, before and after one pixel was changed. Then results of five forms, and a film, are signed, validated by
c2pa's own reader, and damaged by one bit at twenty places each. Ends with status 1 where anything does not hold; the
clock alone decides nothing. Needs the provenance and parquet extras.
"""

import argparse
import io
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import c2pa
import numpy as np
import pyarrow.parquet as parquet
from PIL import Image

from photochrom import Colorizer, colorize_video
from photochrom.image_io import read_picture
from photochrom.provenance import Signer, load_signer, verify
from photochrom.provenance.manifest import MEDIA_TYPES, Claim
from photochrom.provenance.signer import hash_file

#: suffix, mode, and how a photo is written
FORMS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (".jpg", "L", {"quality": 90}),
    (".jpg", "RGB", {"quality": 85, "progressive": True}),
    (".png", "L", {}),
    (".png", "I;16", {}),
    (".tif", "L", {}),
    (".tif", "RGB", {"compression": "tiff_lzw"}),
    (".webp", "RGB", {"quality": 90}),
    (".webp", "RGB", {"lossless": True}),
    (".bmp", "L", {}),
    (".gif", "L", {}),
)
SIGNED = {".jpg": "JPEG", ".png": "PNG", ".tif": "TIFF", ".webp": "WEBP", ".avif": "AVIF"}
PLACES = 20


def write_gray(photo: Image.Image, path: Path, mode: str, options: dict[str, Any]) -> Path:
    gray = photo.convert("L")
    if mode == "I;16":
        gray = Image.fromarray(np.asarray(gray).astype(np.uint16) * 257)
    (gray if mode in ("L", "I;16") else gray.convert(mode)).save(path, **options)
    return path


def try_lightness(photos: Sequence[Image.Image], colorizer: Colorizer, folder: Path) -> bool:
    kept = found = 0
    for number, photo in enumerate(photos):
        suffix, mode, options = FORMS[number % len(FORMS)]
        original = write_gray(photo, folder / f"{number}{suffix}", mode, options)
        result = folder / f"{number}.color{suffix}"
        colorizer(original).save(result)
        kept += all(page.holds for page in verify(result, original).lightness)
        picture = read_picture(result)
        pixels = picture.pages[0].pixels.copy()
        top = np.iinfo(pixels.dtype).max
        # to the other half of the range, which encoders with a loss keep
        pixels[20, 30] = 0 if pixels[20, 30].mean() > top / 2 else top
        replace(picture, pages=(replace(picture.pages[0], pixels=pixels),)).save(result, overwrite=True)
        found += not verify(result, original).lightness[0].holds
    print(f"lightness: {kept} of {len(photos)} results have their originals'; a changed pixel was found in {found}")
    return kept == found == len(photos)


def claim_of(result: Path, original: Path) -> Claim:
    return Claim(
        title=result.name, model="photochrom_fast", hints=False, reference=False, original=original.name,
        sha256=hash_file(original),
    )  # fmt: skip


def check_signed(result: Path, original: Path, media_type: str) -> bool:
    with result.open("rb") as stream, c2pa.Reader(media_type, stream) as reader:
        state = reader.get_validation_state()
        parent = reader.get_active_manifest()["ingredients"][0]["relationship"]
    names = {finding.name: finding.holds for finding in verify(result, original).findings}
    content = result.read_bytes()
    found = 0
    for place in np.linspace(0.02, 0.98, PLACES):
        altered = bytearray(content)
        altered[int(place * len(content))] ^= 1
        copy = result.with_name(f"altered{result.suffix}")
        copy.write_bytes(altered)
        found += "intact" not in {finding.name for finding in verify(copy).findings}
    hashed = "right" if names.get("parent") else "WRONG"
    print(f"{media_type}: {state} ({parent}, its hash {hashed}), {found} of {PLACES} changed bits found")
    # "Valid" where the authority is not one that c2pa trusts
    return state in ("Valid", "Trusted") and bool(names.get("parent")) and found == PLACES


def measure_cost(colorizer: Colorizer, photo: Image.Image, signer: Signer, folder: Path) -> None:
    original, result = folder / "large.jpg", folder / "large.color.jpg"
    # with grain, which makes the file as large as that of a camera
    grain = np.random.default_rng(0).normal(0, 4, (4000, 6000))
    gray = np.asarray(photo.convert("L").resize((6000, 4000)))
    Image.fromarray(np.clip(gray + grain, 0, 255).astype(np.uint8)).save(original, quality=90)
    colorizer(original).save(result)
    plain, costs = result.read_bytes(), []
    for _ in range(5):
        result.write_bytes(plain)
        start, begun = time.perf_counter(), time.process_time()
        signer.sign(result, claim_of(result, original), original, media_type="image/jpeg")
        costs.append((time.process_time() - begun, time.perf_counter() - start))
    cpu, wall = (np.median([cost[place] for cost in costs]) for place in (0, 1))
    size = len(plain) / 1e6
    print(
        f"signing 24 megapixels ({size:.0f} MB): {cpu:.3f} s of a processor, {wall:.3f} s by the clock, medians of five"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--sign", type=Path, required=True)
    parser.add_argument("--key", type=Path, required=True)
    parser.add_argument("--film", type=Path)
    given = parser.parse_args()
    rows = parquet.read_table(given.photos).column("image").to_pylist()[:20]
    photos = [Image.open(io.BytesIO(row["bytes"])) for row in rows]
    colorizer, signer = Colorizer("photochrom_fast"), load_signer(given.sign, given.key)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measure_cost(colorizer, photos[0], signer, folder)
        holds = True
        for suffix, kind in SIGNED.items():
            original = write_gray(photos[0], folder / f"photo{suffix}", "L", {})
            result = folder / f"photo.color{suffix}"
            colorizer(original).save(result)
            signer.sign(result, claim_of(result, original), original, media_type=MEDIA_TYPES[kind])
            holds &= check_signed(result, original, MEDIA_TYPES[kind])
        if given.film is not None:
            result = folder / "film.color.mp4"
            colorize_video(given.film, result, end=2.0, signer=signer)
            holds &= check_signed(result, given.film, "video/mp4")
        holds &= try_lightness(photos, colorizer, folder)
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()

"""Scores a network on a Parquet file of colour photos: PSNR, AuC and colourfulness at several vividness settings.

    python benchmarks/quality.py PHOTOS.parquet [--model NAME_OR_FILE] [--vividness 0 1 2] [--limit N]

Columns of the file: ``image`` with ``bytes``. The protocol is photochrom.evaluation.inputs.protocol's; needs the train
extra.
"""

import argparse
import io

import numpy as np
import pyarrow.parquet as parquet
from numpy.typing import NDArray
from PIL import Image

from photochrom import Colorizer
from photochrom.evaluation.inputs.protocol import Scores, crop, score


def show(label: str, scores: Scores) -> None:
    ratio = scores.colorfulness / scores.colorfulness_truth
    print(
        f"{label:14s} PSNR {scores.psnr:6.2f} dB   AuC {scores.auc_raw:.2f} raw {scores.auc_rebalanced:5.2f} rebalanced"
        f"   colourfulness {scores.colorfulness:5.1f} ({100 * ratio:.0f} % of {scores.colorfulness_truth:.1f},"
        f" with abs {scores.colorfulness_abs:.1f})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos")
    parser.add_argument("--model", default="photochrom_fast")
    parser.add_argument("--vividness", type=float, nargs="+", default=[0.0, 1.0, 2.0])
    parser.add_argument("--limit", type=int)
    parser.add_argument("--input-size", type=int)
    options = parser.parse_args()
    rows = parquet.read_table(options.photos).column("image").to_pylist()[: options.limit]
    truths = [crop(Image.open(io.BytesIO(row["bytes"]))) for row in rows]
    colorizer = Colorizer(options.model)
    print(f"{options.model} on {len(truths)} photos of {options.photos}")
    show("gray", score(truths, lambda gray: np.stack([gray] * 3, -1)))
    for vividness in options.vividness:

        def run(gray: NDArray[np.uint8], vividness: float = vividness) -> NDArray[np.uint8]:
            return np.asarray(
                colorizer(gray, vividness=vividness, input_size=options.input_size).to_pil().convert("RGB")
            )

        show(f"vividness {vividness:g}", score(truths, run))


if __name__ == "__main__":
    main()

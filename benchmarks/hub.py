"""Compares the hub folder's graph with the package on ten photos, in Python and in JavaScript.

python benchmarks/hub.py HUB [--node FOLDER]

HUB is what  photochrom export photochrom_fast HUB --hub  wrote; FOLDER has node_modules/onnxruntime-node.
"""

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime
import skimage.data

from photochrom import Colorizer

PHOTOS = ("astronaut", "coffee", "chelsea", "rocket", "camera", "coins", "moon", "page", "brick", "grass")
SCRIPT = """
import { createRequire } from "node:module";
import { readFileSync, writeFileSync } from "node:fs";
const [modules, model, list] = process.argv.slice(2);
const { InferenceSession, Tensor } = createRequire(modules + "/x.js")("onnxruntime-node");
const session = await InferenceSession.create(model);
for (const { file, dims } of JSON.parse(readFileSync(list, "utf8"))) {
  const image = new Tensor("uint8", new Uint8Array(readFileSync(file)), dims);
  writeFileSync(file + ".out", (await session.run({ image })).colored.data);
}
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("hub", type=Path)
    parser.add_argument("--node", type=Path)
    given = parser.parse_args()
    model = given.hub / "model.onnx"
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    colorizer = Colorizer("photochrom_fast")
    photos = [getattr(skimage.data, name)() for name in PHOTOS]
    images = [photo.reshape(1, *photo.shape[:2], -1) for photo in photos]
    colorizer(photos[0])
    session.run(None, {"image": images[0]})
    start = time.perf_counter()
    expected = [colorizer(photo).picture.pages[0].pixels.astype(int) for photo in photos]
    middle = time.perf_counter()
    made = [session.run(None, {"image": image})[0][0] for image in images]
    end = time.perf_counter()
    means = [float(np.abs(one - other).mean()) for one, other in zip(made, expected, strict=True)]
    print(f"Python: mean {np.mean(means):.3f}, worst photo {max(means):.3f} of 255")
    print(f"time: {(end - middle) / (middle - start):.2f} of the package's")
    if given.node is None:
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "run.mjs").write_text(SCRIPT)
        listed = []
        for number, image in enumerate(images):
            (folder / f"{number}").write_bytes(image.tobytes())
            listed.append({"file": str(folder / f"{number}"), "dims": image.shape})
        (folder / "list.json").write_text(json.dumps(listed))
        words = ["node", str(folder / "run.mjs"), str(given.node.resolve()), str(model), str(folder / "list.json")]
        subprocess.run(words, check=True)
        means = []
        for number, one in enumerate(expected):
            out = np.fromfile(folder / f"{number}.out", np.uint8).reshape(one.shape)
            means.append(float(np.abs(out - one).mean()))
        print(f"JavaScript: mean {np.mean(means):.3f}, worst photo {max(means):.3f} of 255")


if __name__ == "__main__":
    main()

"""Holds this package's colours against the Python side's: the same pixels, the same network's file, other code.

    python packages/core/tests/parity.py           20 photos, after  npm run build

Prints the mean difference and the share of values within 3 of 255 for each photo, and fails where one is
too far off.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from photochrom import ColorizeOptions, Colorizer, Hint, Variation
from photochrom.registry import find_model

HERE = Path(__file__).parent
#: bars: mean difference, and the share of values within three of 255
MEAN, NEAR = 0.5, 0.999


def photos() -> Iterator[tuple[str, Any, ColorizeOptions]]:
    """Pictures of scikit-image and made ones, gray, in colour and deep, with what they are coloured with."""
    from skimage import data

    plain = ColorizeOptions()
    steered = ColorizeOptions(
        hints=(Hint(x=40, y=50, color="#8a3a2c", radius=12), Hint(x=150, y=120, color="#3a6aa0")), vividness=1.4
    )
    gray = lambda image: np.asarray(Image.fromarray(image).convert("L"))  # noqa: E731
    named = ("astronaut", "chelsea", "coffee", "rocket", "cat", "hubble_deep_field", "retina", "immunohistochemistry")
    available = [(name, getattr(data, name)) for name in named]
    for number, (name, load) in enumerate(available):
        try:
            image = np.asarray(Image.fromarray(load()[..., :3]).resize((331 - 7 * number, 250 + 5 * number)))
        except (OSError, ValueError, ModuleNotFoundError):
            continue  # not all of them come with the library
        yield f"{name}_gray", gray(image), plain
        if number < 4:
            yield f"{name}_rgb", image, steered if number == 0 else plain
    for name in ("camera", "brick", "grass", "coins", "moon", "page", "text", "clock"):
        try:
            yield name, np.asarray(getattr(data, name)()), plain
        except (OSError, ValueError, ModuleNotFoundError):
            continue
    y, x = np.mgrid[0:240, 0:400]
    yield "ramp", ((x + y) / 640 * 255).astype(np.uint8), ColorizeOptions(vividness=0.3, strength=1.3)
    yield "tall", (np.sin(x[:, :37] / 5) * np.cos(y[:, :37] / 9) * 120 + 128).astype(np.uint8), plain
    camera = np.asarray(data.camera()).astype(np.uint16)[::2, ::2]
    yield "deep", camera * 257, plain
    yield "palette", gray(data.astronaut())[::2, ::2], ColorizeOptions(palette=("#8a5a3c", "#2050a0"))
    yield "variation", gray(data.astronaut())[::2, ::2], ColorizeOptions(variation=Variation(seed=3, index=1))
    yield "huge_grain", (np.random.default_rng(0).random((700, 1100)) * 90 + (x.mean() / 4)).astype(np.uint8), plain


def to_json(options: ColorizeOptions) -> dict[str, Any]:
    entries = {"vividness": options.vividness, "strength": options.strength, "palette": list(options.palette)}
    hints = [{"x": hint.x, "y": hint.y, "color": hint.color, "radius": hint.radius} for hint in options.hints]
    chosen = options.variation
    more = {} if chosen is None else {"variation": {"seed": chosen.seed, "index": chosen.index}}
    return entries | {"hints": hints} | more


def compare(names: set[str] | None = None, limit: int = 20) -> dict[str, tuple[float, float]]:
    """Colours photos on both sides; returns mean difference of 255, and share within 3, of each.

    Args:
        names: of the photos; None for as many as ``limit`` of all.
        limit: photos at most.
    """
    chosen = [entry for entry in photos() if names is None or entry[0] in names]
    chosen = chosen if len(chosen) <= limit else chosen[: limit - 6] + chosen[-6:]
    model = find_model()
    colorizer = Colorizer(model, device="cpu", threads=1)
    found = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        entries = []
        for title, image, options in chosen:
            (folder / f"{title}.raw").write_bytes(np.ascontiguousarray(image).tobytes())
            height, width = image.shape[:2]
            deep = image.dtype == np.uint16
            entries.append({"name": title, "height": height, "width": width, "deep": deep, "options": to_json(options)})
        (folder / "photos.json").write_text(json.dumps(entries))
        subprocess.run(["node", str(HERE / "parity.mjs"), name, str(model.path)], check=True)
        for title, image, options in chosen:
            ours = colorizer(image, options).picture.pages[0].pixels.astype(float)
            theirs = np.frombuffer((folder / f"{title}.out").read_bytes(), image.dtype).reshape(ours.shape)
            off = np.abs(ours - theirs) / (257 if image.dtype == np.uint16 else 1)
            # two gray pictures would agree about nothing
            assert np.ptp(theirs, axis=-1).mean() > 1, f"{title} has no colour"
            found[title] = (float(off.mean()), float((off <= 3).mean()))
    return found


def main() -> int:
    found = compare()
    for title, (mean, near) in found.items():
        print(f"{title:28} mean {mean:.1e}  within 3: {near:.5%}")
    bad = [title for title, (mean, near) in found.items() if mean >= MEAN or near < NEAR]
    print(f"{len(found)} photos, {len(bad)} too far off")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())

"""Six colourings as they were: what changes them is seen. ``make snapshots`` writes them down anew.

Kept are the colours of 24 x 24 cells, so that a runtime that adds up in another order is no difference.
"""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from photochrom import ColorizeOptions, Colorizer, Hint, Variation
from photochrom.color.conversion import srgb_to_lab

GOLDEN = Path(__file__).with_name("golden.json")
SIDE = 24
#: a*b* by which a cell may differ, Lab units
TOLERANCE = 1.0

#: pictures of scikit-image: Chelsea and the rocket are CC0, the astronaut is in the public domain
CASES: dict[str, tuple[str, ColorizeOptions]] = {
    "cat": ("chelsea", ColorizeOptions()),
    "rocket, careful": ("rocket", ColorizeOptions(vividness=0.0)),
    "astronaut, bold and weak": ("astronaut", ColorizeOptions(vividness=2.0, strength=0.7)),
    "astronaut, hints": (
        "astronaut",
        ColorizeOptions(hints=(Hint(x=256, y=420, color="#2040c0", radius=24), Hint(x=60, y=60, color="#a03030"))),
    ),
    "cat, palette and contrast": ("chelsea", ColorizeOptions(palette=("#8a5a3c", "#7fa7d0"), auto_contrast=True)),
    "rocket, variation": ("rocket", ColorizeOptions(variation=Variation(seed=3, index=1), input_size=160)),
}


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer("photochrom_fast", threads=1)


def cells_of(colorizer: Colorizer, case: str) -> np.ndarray:
    picture, options = CASES[case]
    gray = Image.fromarray(getattr(data, picture)()).convert("L")
    colored = colorizer(gray, options).to_pil().convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX)
    return srgb_to_lab(np.asarray(colored).transpose(2, 0, 1) / 255.0)[1:]


@pytest.mark.parametrize("case", CASES)
def test_a_colouring_is_as_it_was(colorizer: Colorizer, case: str) -> None:
    found = cells_of(colorizer, case)
    kept = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}
    if os.environ.get("UPDATE_SNAPSHOTS"):
        GOLDEN.write_text(json.dumps({**kept, case: found.round(1).tolist()}) + "\n")
        return
    difference = np.abs(found - np.array(kept[case])).max()
    assert difference <= TOLERANCE, f"{case}: a cell differs by {difference:.1f} a*b*. Look at it, then  make snapshots"

"""Real colour photos, small, in a folder with subjects."""

from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

#: photo id to its pixels' place: a square of one of three photos
SQUARES = {
    "people/astronaut": ("astronaut", 0, 0, 400),
    "people/suit": ("astronaut", 150, 100, 300),
    "things/coffee": ("coffee", 40, 120, 340),
    "things/cup": ("coffee", 0, 60, 300),
    "cat": ("chelsea", 0, 60, 300),
}


def square(name: str) -> Image.Image:
    source, top, left, side = SQUARES[name]
    return Image.fromarray(getattr(skimage.data, source)()[top : top + side, left : left + side])


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five colour photos in a folder, two of them in ``people`` and two in ``things``."""
    root = tmp_path_factory.mktemp("truths")
    for name in SQUARES:
        path = root / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        square(name).save(path)
    return root


@pytest.fixture(scope="session")
def truth() -> np.ndarray:
    """The astronaut at 256 px, (256,256,3) uint8."""
    return np.asarray(square("people/astronaut").resize((256, 256), Image.Resampling.LANCZOS))

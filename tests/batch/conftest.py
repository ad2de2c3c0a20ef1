from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import skimage.data
from PIL import Image

from photochrom.colorizer import Result
from photochrom.image_io import read_picture


class TintingColorizer:
    """Stands for the network where a test is about files: it tints, and can be told to fail or to wait."""

    def __init__(self, name="tinting", sha256="1" * 64):
        self.name = name
        self.card = SimpleNamespace(name=name, sha256=sha256, outputs=["ab", "confidence", "features"])
        self.seen = []
        self.before = lambda path: None
        self.after = lambda path: None

    def __call__(
        self,
        source,
        options,
        *,
        max_pixels,
    ):
        self.seen.append(Path(source).name)
        self.before(Path(source))
        picture = read_picture(source, max_pixels=max_pixels)
        colors = []
        for page in picture.pages:
            gray = page.pixels if page.pixels.ndim == 2 else page.pixels[..., 0]
            colors.append(np.stack([gray, gray // 2, gray // 3], axis=-1).astype(gray.dtype))
        sure = np.full((8, 8), 0.5, np.float32)
        matches = None if options.reference is None else 7
        result = Result(picture.with_colors(colors, model=self.name), 0.5, sure, self.name, 0.0, matches)
        self.after(Path(source))
        return result


@pytest.fixture
def colorizer():
    return TintingColorizer()


@pytest.fixture(scope="session")
def gray():
    return np.asarray(Image.fromarray(skimage.data.chelsea()).convert("L").resize((90, 60)))


@pytest.fixture
def photo(gray):
    def write(path, seed=0):
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.roll(gray, seed, axis=0)).save(path)
        return path

    return write


@pytest.fixture
def folder(tmp_path, photo):
    for number in range(6):
        photo(tmp_path / "in" / f"{number}.png", seed=number)
    return tmp_path / "in"

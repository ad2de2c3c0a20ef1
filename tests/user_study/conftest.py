"""Real colour photos, small, to pair with versions of themselves."""

from pathlib import Path

import pytest
import skimage.data
from PIL import Image


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five colour photos in a folder, squares of three photos."""
    root = tmp_path_factory.mktemp("truths")
    for number, (name, left) in enumerate(
        (("astronaut", 0), ("astronaut", 100), ("coffee", 0), ("coffee", 120), ("chelsea", 60))
    ):
        Image.fromarray(getattr(skimage.data, name)()[:300, left : left + 300]).save(root / f"{number}.png")
    return root

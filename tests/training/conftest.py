from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from photochrom.models.encoders.mobilenet_edgetpu import MobileNetEdgeTPU
from photochrom.training.recipe import read_recipe
from photochrom.training.schema import Recipe
from photochrom.training.trainer import fit

RECIPES = Path(__file__).parents[2] / "recipes"


@pytest.fixture(scope="session", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def _half_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """What asks for half precision is tested with it, on any processor."""
    monkeypatch.setattr("photochrom.training.precision.has_fast_bfloat16", lambda: True)


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight small, smooth, colourful pictures."""
    root = tmp_path_factory.mktemp("photos")
    for seed in range(8):
        coarse = np.random.default_rng(seed).integers(0, 256, (3, 3, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((48, 48), Image.Resampling.BICUBIC).save(root / f"{seed}.png")
    return root


TinyRecipe = Callable[..., Recipe]


@pytest.fixture(scope="session")
def tiny(photos: Path) -> TinyRecipe:
    """The tiny recipe on the tiny photos, with overrides."""

    def make(folder: Path, *overrides: str) -> Recipe:
        given = [f"data.train={photos}", f"run.output_dir={folder}", "run.threads=1"]
        return read_recipe(RECIPES / "tiny.yaml", [*given, *overrides])

    return make


@pytest.fixture(scope="session")
def checkpoint(tiny: TinyRecipe, photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a training of two steps left behind."""
    folder = tmp_path_factory.mktemp("run")
    return fit(tiny(folder, "schedule.max_steps=2", f"data.val={photos}", "data.validation_photos=2"), progress=False)


@pytest.fixture(scope="session")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier of colour photos in the layout of MobileNetEdgeTPU's public weights, with weights of chance."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("classifier") / "classifier.safetensors"
    save_file(MobileNetEdgeTPU(classes=10).state_dict(), path)
    return path

"""The architecture that CONTRIBUTING.md adds is added, trained, exported and used, as it stands there."""

import re
import sys
import types
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from photochrom import Colorizer
from photochrom.models import registry as models
from photochrom.training.export.onnx import export_checkpoint
from photochrom.training.recipe import read_recipe
from photochrom.training.trainer import fit

ROOT = Path(__file__).parents[2]


def test_the_page_adds_an_architecture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Add an architecture")[1].split("\n## ")[0]
    file, imports, row = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    place = re.findall(r"new file `src/(photochrom/models/[\w/]+)\.py`", text)[0].replace("/", ".")
    module = types.ModuleType(place)
    monkeypatch.setitem(sys.modules, place, module)
    exec(file, module.__dict__)
    # the registry, with the import and the row that the page adds to it
    namespace = dict(vars(models))
    exec(imports, namespace)
    added = eval("{" + row + "}", namespace)
    monkeypatch.setattr(models, "ARCHITECTURES", {**models.ARCHITECTURES, **added})
    for seed in range(4):
        coarse = np.random.default_rng(seed).integers(0, 256, (3, 3, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((48, 48), Image.Resampling.BICUBIC).save(tmp_path / f"{seed}.png")
    given = (
        f"data.train={tmp_path}",
        f"run.output_dir={tmp_path / 'run'}",
        "network.architecture=smallest",
        "name=smallest",
    )
    recipe = read_recipe(ROOT / "recipes" / "tiny.yaml", [*given, "schedule.max_steps=3", "run.threads=1"])
    before = models.build("smallest", tiny=True)
    after = fit(recipe, progress=False)
    written = export_checkpoint(after, tmp_path / "smallest.onnx")
    assert export_checkpoint(after, tmp_path / "again.onnx").read_bytes() == written.read_bytes()
    colorizer = Colorizer(written)
    assert colorizer.card.architecture == "smallest"
    assert colorizer.card.parameters == sum(p.numel() for p in before.parameters())
    result = colorizer(np.tile(np.linspace(0, 255, 64).astype("uint8"), (64, 1))).to_pil()
    assert result.mode == "RGB"
    assert torch.isfinite(before(torch.rand(1, 1, 8, 12) * 100)).all()

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
from photochrom.models.registry import Architecture
from photochrom.training.export.onnx import export_checkpoint
from photochrom.training.recipe import read_recipe
from photochrom.training.trainer import fit

ROOT = Path(__file__).parents[2]


def test_the_page_adds_an_architecture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Add an architecture")[1].split("\n## ")[0]
    file, row = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    module = types.ModuleType("smallest")
    monkeypatch.setitem(sys.modules, "smallest", module)
    exec(file, module.__dict__)
    added = eval("{" + row + "}", {**module.__dict__, "Architecture": Architecture})
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
    colorizer = Colorizer(written)
    assert colorizer.card.architecture == "smallest"
    assert colorizer.card.parameters == sum(p.numel() for p in before.parameters())
    result = colorizer(np.tile(np.linspace(0, 255, 64).astype("uint8"), (64, 1))).to_pil()
    assert result.mode == "RGB"
    assert torch.isfinite(before(torch.rand(1, 1, 8, 12) * 100)).all()

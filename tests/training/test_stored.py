"""Training on stored features of a frozen encoder: the same losses as with the encoder, or one sentence why not."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from photochrom.errors import RecipeError
from photochrom.training.checkpoints.io import load_checkpoint, network_tensors
from photochrom.training.trainer import fit

PLAIN = [f"augmentation.{name}=0" for name in ("hflip", "crop", "tone", "noise", "blur")]
NETWORK = ["network.architecture=photochrom", "optimizer.encoder_frozen_blocks=12", "network.rebalance_lambda=1"]
BATCHES = "data.batches=[{image_size: 64, batch_size: 4}]"
STEPS = ["schedule.max_steps=3", "run.log_every_n_steps=1", "hints.probability=0", "network.options={dropout: 0.0}"]


def losses(folder: Path) -> list[float]:
    with (folder / "metrics.csv").open() as file:
        return [float(row["loss"]) for row in csv.DictReader(file) if row["loss"]]


def test_stored_features_teach_what_the_encoder_would(tiny: Callable[..., Any], tmp_path: Path) -> None:
    words = [*NETWORK, *PLAIN, BATCHES, *STEPS, "loss.log_mse=0.1"]
    stored = ["data.cache=features", f"data.features={tmp_path / 'features'}"]
    fit(tiny(tmp_path / "plain", *words), progress=False)
    fit(tiny(tmp_path / "stored", *words, *stored, "data.num_workers=1"), progress=False)
    fit(tiny(tmp_path / "begun", *words, "schedule.max_steps=1", "optimizer.lr=0"), progress=False)
    begun = network_tensors(load_checkpoint(tmp_path / "begun" / "last.ckpt"))
    plain, found = losses(tmp_path / "plain"), losses(tmp_path / "stored")
    assert len(found) == 3
    assert found == pytest.approx(plain, rel=2e-3)
    one, other = (network_tensors(load_checkpoint(tmp_path / name / "last.ckpt")) for name in ("plain", "stored"))
    # the encoder as it was; the rest has learned nearly the same, for the loss is taken where the scores are made
    assert all(torch.equal(one[name], other[name]) for name in one if name.startswith("encoder."))
    apart, learned = (
        (a["classifier.weight"] - b["classifier.weight"]).abs().mean() for a, b in ((one, other), (one, begun))
    )
    assert apart < 0.1 * learned
    written = (tmp_path / "features" / "features-0.npy").stat().st_mtime_ns
    fit(tiny(tmp_path / "stored", *words, *stored, "schedule.max_steps=5"), progress=False)
    assert (tmp_path / "features" / "features-0.npy").stat().st_mtime_ns == written
    assert len(losses(tmp_path / "stored")) == 5


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (["data.features=''"], "recipe.features_folder_missing"),
        (
            ["augmentation.tone=0.5", "augmentation.scratches=0.1"],
            "recipe.features_augmented",
        ),
        (["data.batches=[{image_size: 32}, {image_size: 64}]"], "recipe.features_several_sizes"),
        (["loss.teacher=some.ckpt", "loss.distillation=1"], "recipe.features_teacher"),
        (["optimizer.encoder_frozen_blocks=3"], "recipe.features_encoder_learns"),
        (
            ["network.architecture=photochrom_fast", "network.options={}"],
            "recipe.features_unsupported",
        ),
    ],
)
def test_what_cannot_be_stored_is_said(changes: list[str], code: str, tiny: Callable[..., Any], tmp_path: Path) -> None:
    words = [*NETWORK, *PLAIN, BATCHES, *STEPS, "data.cache=features", f"data.features={tmp_path / 'features'}"]
    with pytest.raises(RecipeError, check=lambda error: error.code == code):
        fit(tiny(tmp_path / "run", *words, *changes), progress=False)
    assert not (tmp_path / "features").exists()

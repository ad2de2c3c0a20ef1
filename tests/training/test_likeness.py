"""What hints are spread by is learned, by spreading them, and nothing else moves."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from photochrom.errors import CheckpointError, RecipeError
from photochrom.inference.hint_plane import hint_coverage
from photochrom.inference.propagation import LOOKS, NOISE, Change, cells_of, spread
from photochrom.models.registry import build
from photochrom.training.checkpoints.initialize import read_network
from photochrom.training.checkpoints.io import load_checkpoint, network_tensors
from photochrom.training.data.dataset import Batch
from photochrom.training.losses.objectives import choose_objective
from photochrom.training.schema import LossOptions
from photochrom.training.trainer import fit

ALONE = (
    "loss.cross_entropy=0",
    "loss.mse=0",
    "loss.propagation=1",
    "optimizer.trainable=likeness",
    "hints.probability=1",
)


def test_training_spreads_as_the_program_does() -> None:
    rng = np.random.default_rng(4)
    ab, light = rng.normal(0, 20, (2, 12, 16)), rng.uniform(0, 100, (12, 16))
    affinity, uncertainty = rng.normal(0, 1, (LOOKS * 3, 12, 16)), rng.uniform(0, 30, (12, 16))
    ab, light, affinity, uncertainty = (array.astype(np.float32) for array in (ab, light, affinity, uncertainty))
    hints = np.zeros((3, 12, 16), np.float32)
    for row, column in ((2, 3), (2, 4), (9, 12), (5, 0)):
        hints[:, row, column] = (*rng.normal(0, 30, 2), 1)
    made = spread(ab, hints, lightness=light, affinity=affinity, uncertainty=uncertainty)

    cells = cells_of(*(torch.from_numpy(array) for array in (light, affinity, uncertainty)))
    places = torch.from_numpy(np.flatnonzero(hints[2]))
    flat = torch.from_numpy(ab).flatten(1)
    residual = torch.from_numpy(hints[:2]).flatten(1)[:, places] - flat[:, places]
    change = Change(residual, cells.at(places), torch.full((len(places),), NOISE), hint_coverage(hints[2] > 0))
    assert np.abs((flat + change.over(cells)).numpy() - made.reshape(2, -1)).max() < 1e-2
    assert np.abs(made - ab).max() > 5


def two_things() -> Batch:
    """A picture of two kinds of stripes, alike in lightness but for their grain, red and blue."""
    torch.manual_seed(6)
    red = (torch.arange(64) // 16 % 2).bool()
    grain = torch.randn(8, 1, 64, 64) * 12
    lightness = 50 + torch.where(red, grain, torch.zeros_like(grain))
    ab = torch.where(red[::4], 40.0, -40.0)[None, None, None].expand(8, 2, 16, 16).clone()
    hints = torch.zeros(8, 3, 16, 16)
    for row, column in ((3, 1), (12, 5), (8, 10)):
        hints[:, :2, row, column], hints[:, 2, row, column] = ab[:, :, row, column], 1.0
    return Batch(lightness, ab, hints)


def test_it_learns_where_things_end() -> None:
    torch.manual_seed(2)
    network: Any = build("photochrom_fast", tiny=True).requires_grad_(False).eval()
    network.likeness.requires_grad_(True)
    objective = choose_objective(network, LossOptions(cross_entropy=0, mse=0, propagation=1))
    batch, found = two_things(), []
    optimizer = torch.optim.Adam(network.likeness.parameters(), 2e-2)
    for _ in range(80):
        optimizer.zero_grad()
        losses = objective(network, batch)
        losses["loss"].backward()
        optimizer.step()
        found.append(losses["propagation"].item())
    assert found[-1] < found[0] - 3.0  # decibels
    assert losses["loss"].item() == pytest.approx(found[-1])


def test_only_the_named_part_moves(tiny: Callable[..., Any], tmp_path: Path) -> None:
    start = fit(tiny(tmp_path / "start", "schedule.max_steps=1"), progress=False)
    recipe = tiny(tmp_path / "run", "schedule.max_steps=3", f"network.init_checkpoint={start}", *ALONE)
    before = network_tensors(load_checkpoint(start))
    after = network_tensors(load_checkpoint(fit(recipe, progress=False)), averaged=False)
    moved = {
        name
        for name in before
        if not name.endswith(("running_mean", "running_var", "num_batches_tracked"))
        and not torch.equal(before[name], after[name])
    }
    assert moved
    assert all(name.startswith("likeness.") for name in moved)
    assert "propagation" in (tmp_path / "run" / "metrics.csv").read_text().splitlines()[0]


def test_weights_from_before_there_was_a_likeness(tmp_path: Path) -> None:
    network: Any = build("photochrom_fast")
    tensors = {name: tensor for name, tensor in network.state_dict().items() if not name.startswith("likeness.")}
    save_file(tensors, tmp_path / "old.safetensors", {"name": "photochrom_fast"})
    old: Any = read_network(tmp_path / "old.safetensors")
    assert 0 < old.likeness.tell.weight.abs().max() < 0.1  # as one that has learned nothing begins
    tensors["likeness.tell.bias"] = torch.zeros(1)
    save_file(tensors, tmp_path / "torn.safetensors", {"name": "photochrom_fast"})
    with pytest.raises(CheckpointError, check=lambda error: error.code == "checkpoint.tensor_missing"):
        read_network(tmp_path / "torn.safetensors")


def test_what_does_not_fit_is_refused(tiny: Callable[..., Any], tmp_path: Path) -> None:
    with pytest.raises(RecipeError, check=lambda error: error.code == "recipe.propagation_unsupported"):
        choose_objective(build("photochrom", tiny=True), LossOptions(propagation=1.0))
    with pytest.raises(RecipeError, check=lambda error: error.code == "recipe.unknown_trainable"):
        fit(tiny(tmp_path / "run", "schedule.max_steps=1", "optimizer.trainable=nose"), progress=False)
    with pytest.raises(RecipeError, check=lambda error: error.code == "recipe.recoloring_on_device"):
        tiny(tmp_path / "run", "schedule.max_steps=1", "hints.recolored=4", "data.cache=device")

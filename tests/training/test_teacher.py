"""A network that imitates another beside the truth."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from photochrom.errors import CheckpointError, RecipeError
from photochrom.models.registry import ColorClasses, build
from photochrom.training.checkpoints.initialize import read_network
from photochrom.training.checkpoints.io import load_checkpoint
from photochrom.training.data.dataset import Batch
from photochrom.training.losses.objectives import choose_objective
from photochrom.training.schema import LossOptions
from photochrom.training.trainer import fit


def batch() -> Batch:
    torch.manual_seed(3)
    return Batch(torch.rand(4, 1, 64, 64) * 100, torch.rand(4, 2, 16, 16) * 40 - 20, torch.zeros(4, 3, 16, 16))


def kept(network: Any, path: Path) -> str:
    save_file(network.state_dict(), path, {"name": "photochrom_fast"})
    return str(path)


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> str:
    torch.manual_seed(1)
    network: Any = build("photochrom_fast")
    with torch.no_grad():
        network.classifier.weight.mul_(20)  # so that it has something to say
    return kept(network, tmp_path_factory.mktemp("teacher") / "teacher.safetensors")


def test_its_answer_is_learned(teacher: str) -> None:
    torch.manual_seed(2)
    network: Any = build("photochrom", tiny=True, options={"dropout": 0.0}).train()
    given = batch()
    objective = choose_objective(network, LossOptions(cross_entropy=0.0, mse=0.0, distillation=1.0, teacher=teacher))
    optimizer = torch.optim.Adam(network.parameters(), 3e-3)
    found = []
    for _ in range(25):
        optimizer.zero_grad()
        losses = objective(network, given)
        losses["loss"].backward()
        optimizer.step()
        found.append(losses["distillation"].item())
    other: Any = read_network(Path(teacher)).eval()
    with torch.no_grad():
        wanted = (other.logits(given.lightness, given.hints) - other.log_weight[:, None, None]).softmax(1)
    least = -(wanted * wanted.log()).sum(1).mean().item()
    assert least < found[-1] < least + 0.5 * (found[0] - least)
    assert {"cross_entropy", "mse", "distillation"} <= losses.keys()


def test_the_teacher_is_no_part_of_what_is_kept(
    teacher: str, photos: Path, tiny: Callable[..., Any], tmp_path: Path
) -> None:
    words = ("schedule.max_steps=2", f"loss.teacher={teacher}", "loss.distillation=0.5")
    recipe = tiny(tmp_path / "run", *words)
    state = load_checkpoint(fit(recipe, progress=False))["state_dict"]
    plain = load_checkpoint(fit(tiny(tmp_path / "plain", "schedule.max_steps=2"), progress=False))["state_dict"]
    assert state.keys() == plain.keys()
    assert any(not torch.equal(state[name], plain[name]) for name in state)
    assert "distillation" in (tmp_path / "run" / "metrics.csv").read_text().splitlines()[0]


def test_a_teacher_that_does_not_fit(teacher: str, tmp_path: Path) -> None:
    network: Any = build("photochrom_fast", tiny=True)
    with pytest.raises(RecipeError, check=lambda error: error.code == "recipe.teacher_incomplete"):
        choose_objective(network, LossOptions(distillation=1.0))
    with pytest.raises(RecipeError, check=lambda error: error.code == "recipe.teacher_incomplete"):
        choose_objective(network, LossOptions(teacher=teacher))
    with pytest.raises(RecipeError, check=lambda error: error.code == "recipe.teacher_unsupported"):
        choose_objective(build("resnet_gray", tiny=True), LossOptions(teacher=teacher, distillation=1.0))
    with pytest.raises(CheckpointError, check=lambda error: error.code == "checkpoint.weights_missing"):
        choose_objective(network, LossOptions(teacher=str(tmp_path / "none.safetensors"), distillation=1.0))
    other = build("photochrom_fast", classes=ColorClasses(network.bins + 5.0, torch.ones(len(network.bins))))
    path = kept(other, tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, check=lambda error: error.code == "checkpoint.teacher_mismatch"):
        choose_objective(network, LossOptions(teacher=path, distillation=1.0))

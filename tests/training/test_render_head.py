"""A render head makes pictures of the distribution's mean; it and its discriminator learn, and nothing else moves."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from photochrom.errors import RecipeError
from photochrom.models.registry import build
from photochrom.training.checkpoints.initialize import read_network
from photochrom.training.checkpoints.io import load_checkpoint, network_tensors, restore_network
from photochrom.training.data.dataset import Batch
from photochrom.training.export.graph import RenderGraph, choose_graph
from photochrom.training.losses.objectives import choose_objective
from photochrom.training.schema import LossOptions
from photochrom.training.trainer import fit

OPTIONS = {"render_width": 16, "attention_width": 32}
ADVERSARIAL = (
    "network.options.render_width=16",
    "loss.adversarial=0.1",
    "optimizer.trainable=render_head",
    "optimizer.lr=0.01",
)


def lively(seed: int = 3) -> Any:
    """A tiny network whose head answers something of its own."""
    torch.manual_seed(seed)
    network: Any = build("photochrom_fast", tiny=True, options=OPTIONS).eval()
    torch.nn.init.normal_(network.classifier.weight, std=0.5)
    torch.nn.init.normal_(network.render_head.answer.weight, std=0.2)
    torch.nn.init.normal_(network.attention.answer.weight, std=0.5)
    return network


def mean_of(network: Any, lightness: torch.Tensor, bias: torch.Tensor | float = 0.0) -> torch.Tensor:
    scores = network.logits(lightness).permute(0, 2, 3, 1) - network.log_weight + bias
    mean: torch.Tensor = (scores.softmax(-1) @ network.bins).permute(0, 3, 1, 2)
    return mean


def test_new_head_answers_the_mean() -> None:
    network = build("photochrom_fast", tiny=True, options=OPTIONS).eval()
    lightness = torch.rand(2, 1, 64, 96) * 100
    with torch.no_grad():
        assert torch.allclose(network(lightness), mean_of(network, lightness), atol=1e-4)


def test_the_graph_goes_from_the_mean_to_the_picture_and_beyond() -> None:
    # the graph that is exported, before it is: test_joining.py looks at the file of two networks
    network = lively()
    graph, lightness = choose_graph(network), torch.rand(1, 1, 96, 64) * 100
    assert isinstance(graph, RenderGraph)
    hints, no_bias = torch.zeros(1, 3, 24, 16), torch.zeros(len(network.bins))

    def make(render: float, bias: torch.Tensor = no_bias) -> tuple[torch.Tensor, ...]:
        with torch.no_grad():
            found: tuple[torch.Tensor, ...] = graph(
                lightness, hints, torch.tensor(1.0), torch.tensor(0.0), bias, torch.tensor(render)
            )
        return found

    made = {render: make(render)[0] for render in (0.0, 0.5, 1.0, 2.0)}
    with torch.no_grad():
        mean = mean_of(network, lightness)
        spread = make(0.0)[3]
        picture = network.render(network.read(lightness), mean, spread, lightness)
    assert (made[0.0] - mean).abs().max() < 1e-2
    assert (made[1.0] - picture).abs().max() < 2e-2
    assert (made[0.5] - (made[0.0] + made[1.0]) / 2).abs().max() < 1e-2
    assert (made[1.0] - made[0.0]).abs().max() > 1.0
    assert (made[2.0] - made[0.0]).abs().mean() > (made[1.0] - made[0.0]).abs().mean()

    bias = torch.where(network.bins[:, 0] > 0, 4.0, 0.0)
    with torch.no_grad():
        shift = (mean_of(network, lightness, bias) - mean)[0, 0].mean()
    assert shift > 5
    assert (make(1.0, bias)[0] - made[1.0])[0, 0].mean() > shift / 3


def test_only_the_head_learns(tmp_path: Path, tiny: Callable[..., Any], photos: Path) -> None:
    start = tmp_path / "start.safetensors"
    torch.manual_seed(0)
    before = build("photochrom_fast", tiny=True).state_dict()
    save_file(before, start, metadata={"name": "photochrom_fast"})
    recipe = tiny(tmp_path / "run", *ADVERSARIAL, f"network.init_checkpoint={start}", "schedule.max_steps=4")
    checkpoint = load_checkpoint(fit(recipe, progress=False))
    after = network_tensors(checkpoint, averaged=False)
    changed = {name for name in before if not torch.equal(after[name], before[name])}
    assert changed == set()
    assert after["render_head.answer.weight"].any()
    assert any(name.startswith("objective.discriminator.") for name in checkpoint["state_dict"])


def test_training_goes_on_where_it_stopped(tmp_path: Path, tiny: Callable[..., Any]) -> None:
    def train(name: str, steps: int) -> dict[str, Any]:
        overrides = (*ADVERSARIAL, f"schedule.max_steps={steps}", "schedule.scheduler=constant")
        return load_checkpoint(fit(tiny(tmp_path / name, *overrides), progress=False))

    assert train("parts", 2)["global_step"] == 2
    parts, whole = train("parts", 4), train("whole", 4)
    assert parts["global_step"] == 4
    for name, tensor in whole["state_dict"].items():
        assert torch.allclose(parts["state_dict"][name].float(), tensor.float(), atol=1e-5), name


def test_head_learns_to_please_the_discriminator() -> None:
    """Bright stripes are red and blue by chance: the mean is gray, and a photo never is."""
    network = lively()
    torch.nn.init.zeros_(network.render_head.answer.weight)
    network.requires_grad_(False)
    network.render_head.requires_grad_(True)
    objective: Any = choose_objective(network, LossOptions(adversarial=0.5, mismatched=0.0))
    head = torch.optim.Adam(network.render_head.parameters(), 3e-3, betas=(0.0, 0.99))
    judge = torch.optim.Adam(objective.discriminator.parameters(), 3e-3, betas=(0.0, 0.99))
    torch.manual_seed(1)
    for _ in range(60):
        sign = torch.where(torch.rand(8, 1, 1, 1) < 0.5, -30.0, 30.0)
        batch = Batch(torch.rand(8, 1, 64, 64) * 20 + 40, sign.expand(8, 2, 16, 16).clone(), torch.zeros(8, 3, 16, 16))
        losses = objective(network, batch)
        for optimizer in (head, judge):
            optimizer.zero_grad()
        losses["loss"].backward()
        for optimizer in (head, judge):
            optimizer.step()
    with torch.no_grad():
        lightness = torch.rand(8, 1, 64, 64) * 20 + 40
        before, after = mean_of(network, lightness).norm(dim=1).mean(), network(lightness).norm(dim=1).mean()
    assert after > before + 5


def test_gradients_stay_apart() -> None:
    network = lively()
    network.requires_grad_(False)
    network.render_head.requires_grad_(True)
    batch = Batch(torch.rand(2, 1, 64, 64) * 100, torch.randn(2, 2, 16, 16) * 20, torch.zeros(2, 3, 16, 16))

    def gradients(part: str, **weights: float) -> list[torch.Tensor]:
        torch.manual_seed(0)
        objective: Any = choose_objective(network, LossOptions(**weights))
        learning = network.render_head if part == "head" else objective.discriminator
        loss = objective(network, batch)["loss"]
        found = torch.autograd.grad(loss, list(learning.parameters()), allow_unused=True)
        return [gradient for gradient in found if gradient is not None]

    # what the head is taught by does not move the discriminator
    light, heavy = (gradients("discriminator", adversarial=weight, mae=weight) for weight in (0.1, 10.0))
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(light, heavy, strict=True))
    # what the discriminator is taught by does not move the head
    right, wrong = (gradients("head", adversarial=0.1, mismatched=weight) for weight in (0.0, 5.0))
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(right, wrong, strict=True))


def test_weights_tell_of_their_head(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network: Any = build("photochrom_fast", options=OPTIONS).eval()
    torch.nn.init.normal_(network.render_head.answer.weight)
    path = tmp_path / "weights.safetensors"
    save_file(network.state_dict(), path, metadata={"name": "photochrom_fast"})
    read: Any = read_network(path)
    assert torch.equal(read.render_head.answer.weight, network.render_head.answer.weight)


@pytest.mark.parametrize(
    ("overrides", "code"),
    [
        (("network.options.render_width=16", "loss.adversarial=0.1"), "recipe.adversarial_part"),
        (("loss.adversarial=0.1", "optimizer.trainable=render_head"), "recipe.adversarial_unsupported"),
        ((*ADVERSARIAL, "loss.perceptual=0.5"), "recipe.classifier_incomplete"),
        ((*ADVERSARIAL, "loss.classifier=x.safetensors"), "recipe.classifier_incomplete"),
        (("loss.classifier=x.safetensors", "loss.perceptual=0.5"), "recipe.classifier_alone"),
    ],
)
def test_refuses_what_cannot_be_taught(
    tmp_path: Path, tiny: Callable[..., Any], overrides: tuple[str, ...], code: str
) -> None:
    with pytest.raises(RecipeError) as caught:
        fit(tiny(tmp_path, *overrides), progress=False)
    assert caught.value.code == code


def test_checkpoint_gives_the_head_back(tmp_path: Path, tiny: Callable[..., Any]) -> None:
    path = fit(tiny(tmp_path, *ADVERSARIAL, "schedule.max_steps=1"), progress=False)
    restored: Any = restore_network(load_checkpoint(path))
    assert restored.render_head is not None


def test_training_on_from_weights_with_a_head_leaves_it_out(
    tmp_path: Path, tiny: Callable[..., Any], photos: Path
) -> None:
    start = tmp_path / "start.safetensors"
    save_file(lively().state_dict(), start, metadata={"name": "photochrom_fast"})
    given = (f"network.init_checkpoint={start}", "network.options.attention_width=32", "schedule.max_steps=1")
    after = network_tensors(load_checkpoint(fit(tiny(tmp_path / "run", *given), progress=False)))
    assert not any(name.startswith("render_head.") for name in after)

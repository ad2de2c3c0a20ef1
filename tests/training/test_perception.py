"""A classifier of colour photos looks at the render head's pictures; the head learns by what it sees."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from photochrom.errors import CheckpointError
from photochrom.models.registry import build
from photochrom.training.checkpoints.io import load_checkpoint
from photochrom.training.data.dataset import Batch
from photochrom.training.losses.objectives import choose_objective
from photochrom.training.losses.perception import FeatureDiscriminator, Perception, feature_distance, to_scale_of
from photochrom.training.schema import LossOptions
from photochrom.training.trainer import fit


def batch(count: int = 2, side: int = 64) -> Batch:
    torch.manual_seed(1)
    cells = side // 4
    lightness = torch.rand(count, 1, side, side) * 60 + 20
    return Batch(lightness, torch.randn(count, 2, cells, cells) * 20, torch.zeros(count, 3, cells, cells))


def test_sees_colour_and_not_only_light(classifier: Path) -> None:
    see, given = Perception(classifier), batch()
    right, again, gray = (see(ab, given.lightness) for ab in (given.ab, given.ab, torch.zeros_like(given.ab)))
    assert [maps.shape[1:] for maps in right] == [(32, 16, 16), (48, 8, 8), (96, 4, 4), (192, 2, 2)]
    assert tuple(maps.shape[1] for maps in right) == see.channels
    assert feature_distance(right, again) == 0
    assert feature_distance(right, gray) > 0


def test_black_and_gamut_edges_have_gradients(classifier: Path) -> None:
    lightness = torch.tensor([0.0, 100.0]).reshape(2, 1, 1, 1).expand(2, 1, 64, 64)
    ab = torch.full((2, 2, 16, 16), 120.0, requires_grad=True)
    seen = torch.stack([maps.sum() for maps in Perception(classifier)(ab, lightness)]).sum()
    (gradient,) = torch.autograd.grad(seen, ab)
    assert gradient.isfinite().all()


def test_scale_is_that_of_true_features() -> None:
    torch.manual_seed(2)
    ((mean, deviation),) = to_scale_of([torch.randn(4, 3, 8, 8) * 5 + 7])
    assert torch.allclose(mean, torch.full((1, 3, 1, 1), 7.0), atol=1.5)
    assert torch.allclose(deviation, torch.full((1, 3, 1, 1), 5.0), atol=1.0)


def test_discriminator_scores_every_place_of_every_map() -> None:
    judge = FeatureDiscriminator((32, 48), width=8)
    maps = [torch.randn(2, 32, 16, 16), torch.randn(2, 48, 8, 8)]
    assert [scores.shape for scores in judge(maps)] == [(2, 1, 16, 16), (2, 1, 8, 8)]


def test_head_learns_by_what_is_seen(classifier: Path) -> None:
    """With weights of zero elsewhere, the distance of features alone brings the picture nearer to the truth's."""
    network: Any = build("photochrom_fast", tiny=True, options={"render_width": 16})
    network.requires_grad_(False)
    network.render_head.requires_grad_(True)
    options = LossOptions(adversarial=1e-9, mae=0.0, classifier=str(classifier), perceptual=1.0)
    objective: Any = choose_objective(network, options)
    optimizer, given = torch.optim.Adam(network.render_head.parameters(), 3e-3), batch()
    distances = []
    for _ in range(12):
        losses = objective(network, given)
        optimizer.zero_grad()
        losses["loss"].backward()
        optimizer.step()
        distances.append(losses["perceptual"].item())
    assert distances[-1] < 0.98 * distances[0]


def test_checkpoint_keeps_the_discriminators_and_not_the_classifier(
    tmp_path: Path, tiny: Callable[..., Any], classifier: Path
) -> None:
    recipe = tiny(
        tmp_path / "run",
        "network.options.render_width=16",
        "loss.adversarial=0.1",
        f"loss.classifier={classifier}",
        "loss.adversarial_features=0.1",
        "optimizer.trainable=render_head",
        "schedule.max_steps=2",
    )
    names = load_checkpoint(fit(recipe, progress=False))["state_dict"]
    assert any(name.startswith("objective.discriminator.features.") for name in names)
    assert any(name.startswith("objective.discriminator.colors.") for name in names)
    assert not any("perception" in name for name in names)


def test_missing_classifier_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError) as caught:
        Perception(tmp_path / "none.safetensors")
    assert caught.value.code == "checkpoint.weights_missing"

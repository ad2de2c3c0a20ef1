"""Each photo judged twice, with its hints and without them, by one look of the encoder."""

from typing import Any

import pytest
import torch

from photochrom.errors import RecipeError
from photochrom.models.registry import build
from photochrom.training.data.dataset import Batch
from photochrom.training.losses.objectives import choose_objective
from photochrom.training.schema import LossOptions


def make_batch(**changes: Any) -> Batch:
    torch.manual_seed(3)
    hints = torch.zeros(2, 3, 16, 16)
    hints[:, :, 3, 5] = 1.0
    batch = Batch(torch.rand(2, 1, 64, 64) * 100, torch.rand(2, 2, 16, 16) * 40 - 20, hints)
    return batch._replace(**changes)


def losses(batch: Batch, weight: float) -> dict[str, Any]:
    torch.manual_seed(0)
    network: Any = build("photochrom", tiny=True).eval()
    return choose_objective(network, LossOptions(unhinted=weight))(network, batch)


def test_without_hints_both_looks_are_one() -> None:
    found = losses(make_batch(hints=torch.zeros(2, 3, 16, 16)), 0.5)
    assert found["unhinted"].item() == pytest.approx(found["loss"].item(), rel=1e-5)


def test_the_look_without_hints_is_taught_the_photo_s_own_colours() -> None:
    batch = make_batch()
    own = -3 * batch.ab
    with_own, without = (losses(made, 1.0) for made in (batch._replace(photo_ab=own), batch))
    assert with_own["cross_entropy"].item() == without["cross_entropy"].item()
    of_own = losses(batch._replace(ab=own, hints=torch.zeros(2, 3, 16, 16)), 1.0)
    assert with_own["unhinted"].item() == pytest.approx(of_own["loss"].item(), rel=1e-5)
    assert with_own["unhinted"].item() != pytest.approx(without["unhinted"].item(), rel=1e-3)


def test_its_weight_keeps_the_size_of_the_loss() -> None:
    batch = make_batch()
    once, thrice = (losses(batch, weight) for weight in (1.0, 3.0))
    hinted = 2 * once["loss"] - once["unhinted"]
    assert thrice["loss"].item() == pytest.approx(((hinted + 3 * once["unhinted"]) / 4).item(), rel=1e-5)


def test_it_teaches_every_part_by_one_look_of_the_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    network: Any = build("photochrom", tiny=True).train()
    looks = []
    monkeypatch.setattr(
        network.encoder, "features", lambda rgb, real=network.encoder.features: looks.append(1) or real(rgb)
    )
    torch.autograd.backward(choose_objective(network, LossOptions(unhinted=1.0))(network, make_batch())["loss"])
    assert len(looks) == 1
    assert not [name for name, p in network.named_parameters() if p.requires_grad and p.grad is None]


def test_stored_features_are_judged_alike() -> None:
    network: Any = build("photochrom", tiny=True).eval()
    batch, objective = make_batch(), choose_objective(network, LossOptions(unhinted=1.0))
    with torch.no_grad():
        stored = batch._replace(features=network.see(batch.lightness), lightness=network.light(batch.lightness))
        assert objective(network, stored)["loss"].item() == pytest.approx(objective(network, batch)["loss"].item())


@pytest.mark.parametrize(
    ("name", "options"), [("photochrom_fast", {}), ("photochrom", {"teacher": "x", "distillation": 1.0})]
)
def test_where_it_cannot_be(name: str, options: dict[str, Any]) -> None:
    with pytest.raises(RecipeError, match="unhinted"):
        choose_objective(build(name, tiny=True), LossOptions(unhinted=1.0, **options))

"""The loss at one cell of k x k: an estimate of the loss at all of them."""

from itertools import product
from typing import Any

import pytest
import torch

from photochrom.models.registry import build
from photochrom.training.data.dataset import Batch
from photochrom.training.losses.objectives import choose_objective
from photochrom.training.schema import LossOptions


def make_batch() -> Batch:
    torch.manual_seed(3)
    hints = torch.zeros(2, 3, 16, 16)
    hints[:, :, 3, 5] = 1.0
    return Batch(torch.rand(2, 1, 64, 64) * 100, torch.rand(2, 2, 16, 16) * 40 - 20, hints)


def test_its_expectation_is_the_loss_at_all_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    network: Any = build("photochrom_fast", tiny=True).train()
    batch = make_batch()
    whole = choose_objective(network, LossOptions())(network, batch)
    sampled = choose_objective(network, LossOptions(subsample=2))
    found = []
    for offsets in product(range(2), repeat=2):
        turns = iter(offsets)
        monkeypatch.setattr(torch, "randint", lambda *_, turns=turns: torch.tensor(next(turns)))
        found.append(sampled(network, batch)["loss"].item())
    assert len(set(found)) == 4
    assert sum(found) / 4 == pytest.approx(whole["loss"].item(), rel=1e-5)


def test_it_teaches_every_part() -> None:
    network: Any = build("photochrom_fast", tiny=True).train()
    objective = choose_objective(network, LossOptions(subsample=4))
    torch.autograd.backward(objective(network, make_batch())["loss"])
    untaught = [name for name, p in network.named_parameters() if p.requires_grad and p.grad is None]
    assert not untaught
    still = [name for name, p in network.named_parameters() if p.requires_grad and not p.grad.any()]
    # units of so small a network may be silent for a batch
    assert not [name for name in still if not name.startswith("encoder.")]


def test_validation_takes_every_cell() -> None:
    network: Any = build("photochrom_fast", tiny=True).eval()
    batch = make_batch()
    losses = [choose_objective(network, LossOptions(subsample=k))(network, batch)["loss"].item() for k in (1, 4)]
    assert losses[0] == losses[1]


def test_a_network_without_such_a_way_takes_every_cell() -> None:
    network: Any = build("eccv16", tiny=True).train()
    batch = make_batch()
    losses = [choose_objective(network, LossOptions(subsample=k))(network, batch)["loss"].item() for k in (1, 4)]
    assert losses[0] == losses[1]

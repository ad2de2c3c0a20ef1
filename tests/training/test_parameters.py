from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from photochrom.models.registry import ARCHITECTURES, build
from photochrom.training.optim.optimizer import freeze, make_optimizer, parameter_groups, set_training
from photochrom.training.schema import OptimizerOptions


@pytest.fixture(scope="module", params=ARCHITECTURES)
def network(request: pytest.FixtureRequest) -> nn.Module:
    return build(request.param, tiny=True)


def test_every_learning_parameter_has_one_rate(network: nn.Module) -> None:
    for decay in (1.0, 0.5):
        groups = parameter_groups(network, OptimizerOptions(lr=1.0, encoder_rate=0.1, layer_decay=decay))
        found = [id(p) for group in groups for p in group["params"]]
        assert sorted(found) == sorted(id(p) for p in network.parameters() if p.requires_grad)
        assert groups[-1]["peak"] == 1.0
        rates = [group["peak"] for group in groups[:-1]]
        assert rates == sorted(rates)
        assert all(group["lr"] == group["peak"] for group in groups)


def test_layers_move_more_slowly_towards_the_front() -> None:
    network: Any = build("photochrom_fast", tiny=True)
    options = OptimizerOptions(encoder_rate=0.1, layer_decay=0.5)
    rates = {id(p): group["peak"] for group in parameter_groups(network, options) for p in group["params"]}
    blocks = network.encoder.blocks
    assert rates[id(network.encoder.head.weight)] == 0.1
    assert rates[id(blocks[-1].project.weight)] == 0.1
    assert rates[id(blocks[-2].project.weight)] == 0.05
    assert (
        rates[id(blocks[0].project.weight)] == rates[id(network.encoder.stem.weight)] == 0.1 * 0.5 ** (len(blocks) - 1)
    )


def test_a_frozen_front_does_not_learn_nor_drift(network: nn.Module) -> None:
    frozen = OptimizerOptions(encoder_frozen_blocks=1000)
    freeze(network, frozen)
    set_training(network, freeze_batch_norm=False)
    norms = [m for m in network.modules() if isinstance(m, _BatchNorm)]
    assert all(norm.training == norm.weight.requires_grad for norm in norms)
    learning = {id(p) for group in parameter_groups(network, frozen) for p in group["params"]}
    encoder: Any = getattr(network, "encoder", None)
    if encoder is not None:
        assert not any(id(p) in learning for module in encoder.front(1000) for p in module.parameters())
    set_training(network, freeze_batch_norm=True)
    assert not any(norm.training for norm in norms)
    assert network.training


@pytest.mark.parametrize(
    ("options", "kind", "says"),
    [
        (OptimizerOptions(name="adam", betas=(0.5, 0.9)), torch.optim.Adam, {"betas": (0.5, 0.9), "weight_decay": 0}),
        (OptimizerOptions(weight_decay=0.02), torch.optim.AdamW, {"betas": (0.9, 0.99), "weight_decay": 0.02}),
        (
            OptimizerOptions(name="rmsprop", momentum=0.9, betas=(0.5, 0.95)),
            torch.optim.RMSprop,
            {"alpha": 0.95, "momentum": 0.9},
        ),
    ],
)
def test_the_rule_is_the_one_asked_for(options: OptimizerOptions, kind: type, says: dict[str, Any]) -> None:
    optimizer = make_optimizer(nn.Linear(2, 2), options)
    assert type(optimizer) is kind
    assert {name: optimizer.defaults[name] for name in says} == says

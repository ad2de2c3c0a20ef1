"""A path of attention from the encoder to the decoder; a network taught without it goes on with the same answer."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from photochrom.models.encoders.mobilenet_edgetpu import SameConv2d
from photochrom.models.registry import build
from photochrom.training.checkpoints.initialize import read_network
from photochrom.training.checkpoints.io import load_strictly


def test_weights_from_before_it_answer_the_same() -> None:
    torch.manual_seed(1)
    before: Any = build("photochrom_fast", tiny=True).eval()
    torch.nn.init.normal_(before.classifier.weight, std=0.5)
    after: Any = build("photochrom_fast", tiny=True, options={"attention_width": 32}).eval()
    load_strictly(after, before.state_dict(), "before")
    lightness = torch.rand(2, 1, 64, 96) * 100
    with torch.no_grad():
        assert torch.equal(after(lightness), before(lightness))
        torch.nn.init.normal_(after.attention.answer.weight, std=0.5)
        assert not torch.allclose(after(lightness), before(lightness), rtol=0.0, atol=1e-3)


def test_what_one_place_shows_reaches_every_other() -> None:
    torch.manual_seed(2)
    path: Any = build("photochrom_fast", tiny=True, options={"attention_width": 64}).attention
    for layer in (path.answer, path.block.proj):
        torch.nn.init.normal_(layer.weight, std=0.5)
    f16, f32 = torch.rand(1, path.enter16.in_channels, 4, 8), torch.rand(1, path.enter32.in_channels, 2, 4)
    other = f16.clone()
    other[..., 0, 0] += 1.0
    with torch.no_grad():
        moved = (path(other, f32) - path(f16, f32)).abs().sum(1)
    assert moved.shape == (1, 4, 8)
    assert moved[0, 3, 7] > 1e-4


def test_weights_tell_its_width(tmp_path: Path) -> None:
    network: Any = build("photochrom_fast", options={"attention_width": 32, "render_width": 16})
    save_file(network.state_dict(), tmp_path / "n.safetensors", metadata={"name": "photochrom_fast"})
    again: Any = read_network(tmp_path / "n.safetensors")
    assert again.attention.enter16.out_channels == 32
    assert again.render_head.read8.out_channels == 16


@pytest.mark.parametrize(("kernel", "stride"), [(3, 2), (5, 1)])
def test_depthwise_convolutions_learn_in_full_precision(kernel: int, stride: int) -> None:
    torch.manual_seed(3)
    layer = SameConv2d(8, 8, kernel, stride, groups=8).train()
    x = torch.rand(2, 8, 12, 12)
    layer(x).square().sum().backward()
    wanted, layer.weight.grad = layer.weight.grad, None
    with torch.autocast("cpu", torch.bfloat16):
        layer(x).square().sum().backward()
    assert layer.weight.grad is not None
    assert wanted is not None
    assert torch.equal(layer.weight.grad, wanted)

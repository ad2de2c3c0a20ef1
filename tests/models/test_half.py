"""A network that reads a picture at half its size answers as it would to the small picture."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F

from photochrom.models.half_resolution import HalfSize
from photochrom.models.registry import build


@pytest.fixture
def network() -> Any:
    torch.manual_seed(5)
    found: Any = build("photochrom_fast", tiny=True).eval()
    with torch.no_grad():
        found.classifier.weight.mul_(8)
    return found


def test_it_is_the_answer_to_the_small_picture(network: Any) -> None:
    half = HalfSize(network).eval()
    assert (half.stride, half.output_stride, half.takes_hints) == (network.stride, network.output_stride, True)
    assert torch.allclose(half.log_weight, network.log_weight)
    lightness = torch.rand(2, 1, 128, 192) * 100
    with torch.no_grad():
        small = network.logits(F.avg_pool2d(lightness, 2))
        expected = F.interpolate(small, scale_factor=2.0, mode="bilinear", align_corners=False)
        assert torch.allclose(half.logits(lightness), expected, atol=1e-5)


@pytest.mark.parametrize("size", [(32, 32), (96, 160), (64, 224)])
def test_every_multiple_of_its_stride_will_do(network: Any, size: tuple[int, int]) -> None:
    half = HalfSize(network).eval()
    lightness = torch.full((1, 1, *size), 60.0)
    hints = torch.zeros(1, 3, size[0] // 4, size[1] // 4)
    with torch.no_grad():
        found = half.logits(lightness, hints)
        # what is the same everywhere stays so, whatever was added at the edge
        whole = half.logits(torch.full((1, 1, 128, 256), 60.0))
    assert found.shape[2:] == (size[0] // 4, size[1] // 4)
    assert torch.allclose(found[..., 0, 0], whole[..., 0, 0], atol=2.0)


def test_hints_reach_it_with_the_mean_of_their_colours(network: Any) -> None:
    seen: list[torch.Tensor] = []
    half = HalfSize(network).eval()
    inner = network.scores
    network.scores = lambda lightness, hints: (seen.append(hints), inner(lightness, hints))[1]
    hints = torch.zeros(1, 3, 16, 24)
    hints[0, :, 4, 6] = torch.tensor([40.0, -30.0, 1.0])
    hints[0, :, 5, 7] = torch.tensor([20.0, -10.0, 1.0])
    hints[0, :, 15, 23] = torch.tensor([-8.0, 6.0, 1.0])
    with torch.no_grad():
        half.logits(torch.full((1, 1, 64, 96), 50.0), hints)
    (given,) = seen
    assert given.shape == (1, 3, 8, 16)  # 48 pixels are brought to 64
    assert torch.allclose(given[0, :, 2, 3], torch.tensor([30.0, -20.0, 1.0]))
    assert torch.allclose(given[0, :, 7, 11], torch.tensor([-8.0, 6.0, 1.0]))
    # what was added at the edge repeats it
    assert given[0, 2].sum() == 2 + 4

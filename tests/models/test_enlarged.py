"""A network that sees an enlarged picture answers as it would to the large picture."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F

from photochrom.models.enlarged import Enlarged
from photochrom.models.registry import build


@pytest.fixture
def network() -> Any:
    torch.manual_seed(5)
    found: Any = build("photochrom", tiny=True).eval()
    with torch.no_grad():
        found.classifier.weight.mul_(8)
    return found


def test_it_is_the_answer_to_the_large_picture(network: Any) -> None:
    larger = Enlarged(network, 1.25).eval()
    assert (larger.stride, larger.output_stride) == (network.stride, network.output_stride)
    assert torch.allclose(larger.log_weight, network.log_weight)
    lightness = F.interpolate(torch.rand(2, 1, 8, 12), size=(128, 256), mode="bilinear") * 100
    with torch.no_grad():
        large = F.interpolate(lightness, size=(160, 320), mode="bicubic", align_corners=False).clamp(0, 100)
        expected = F.interpolate(network.logits(large), size=(32, 64), mode="bilinear", align_corners=False)
        assert torch.allclose(larger.logits(lightness), expected, atol=1e-5)


@pytest.mark.parametrize("size", [(32, 32), (96, 160), (64, 224)])
def test_every_multiple_of_its_stride_will_do(network: Any, size: tuple[int, int]) -> None:
    larger = Enlarged(network, 1.25).eval()
    hints = torch.zeros(1, 3, size[0] // 4, size[1] // 4)
    with torch.no_grad():
        found = larger.broad(torch.full((1, 1, *size), 60.0), hints, torch.tensor(0.5))
    assert found.shape[2:] == (size[0] // 4, size[1] // 4)


def test_a_hint_keeps_its_colour_and_its_place(network: Any) -> None:
    seen: list[torch.Tensor] = []
    larger = Enlarged(network, 1.25).eval()
    inner = network.logits
    network.logits = lambda lightness, hints: (seen.append(hints), inner(lightness, hints))[1]
    hints = torch.zeros(1, 3, 32, 32)
    hints[0, :, 9, 17] = torch.tensor([40.0, -30.0, 1.0])
    hints[0, :, 20, 4] = torch.tensor([8.0, -6.0, 1.0])
    with torch.no_grad():
        larger.logits(torch.full((1, 1, 128, 128), 50.0), hints)
    (given,) = seen
    assert given.shape == (1, 3, 40, 40)
    # a cell in four is two cells wide there
    assert given[0, 2].nonzero().tolist() == [[12, 22], [25, 5], [25, 6], [26, 5], [26, 6]]
    assert given[0, :2, 12, 22].tolist() == [40.0, -30.0]
    assert given[0, :2, 26, 6].tolist() == [8.0, -6.0]

"""What is read from a graph is what the network computes, group by group."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from skimage import data
from skimage.color import rgb2lab

from photochrom.errors import CorruptWeightsError
from photochrom.inspection.activations import record_activations
from photochrom.registry import Model, find_model

onnx = pytest.importorskip("onnx", reason="looking inside needs the train extra")

LIGHTNESS = rgb2lab(data.astronaut()[:256, :384])[..., 0].astype(np.float32)
WHOLE = LIGHTNESS.shape


def strides(path: str | Path, content: tuple[int, int] = WHOLE) -> list[tuple[str, int]]:
    return [
        (layer.title.split(". ")[1].split(",")[0], layer.stride)
        for layer in record_activations(find_model(path), LIGHTNESS, content)
    ]


def test_the_default_network_goes_down_to_32_and_up_again() -> None:
    ways = [("down", 2), ("down", 4), ("down", 8), ("down", 16), ("deepest", 32), ("up", 16), ("up", 8), ("up", 4)]
    # behind the decoder the render head works at 8, then at 4
    assert strides("photochrom_fast") == [*ways, ("up", 8), ("up", 4)]


def test_two_networks_in_one_file_are_both_gone_through() -> None:
    found = strides("photochrom")
    assert ("deepest", 32) in found
    assert found[-1] == ("up", 4)
    assert len(found) > 3


@pytest.mark.parametrize(
    ("name", "ways"),
    [
        ("zhang_regression", [("down", 2), ("down", 4), *[("deepest", 8)] * 5, ("up", 4)]),
        ("koalarization", [("down", 2), ("down", 4), ("deepest", 8), ("up", 4), ("up", 2)]),
    ],
)
def test_groups_of_the_zoo(tiny_network: Callable[[str], Any], name: str, ways: list[tuple[str, int]]) -> None:
    assert strides(tiny_network(name).path) == ways


def test_the_activations_are_those_of_the_network(tiny_network: Callable[[str], Any]) -> None:
    torch = pytest.importorskip("torch")
    zhang = tiny_network("zhang_regression")
    network = zhang.network
    layers = record_activations(find_model(zhang.path), LIGHTNESS, WHOLE)
    features = torch.from_numpy(LIGHTNESS)[None, None] / 50 - 1
    with torch.no_grad():
        for group, layer in zip(network.trunk, layers, strict=True):
            features = group(features)
            if group is network.trunk[-1]:
                # the last convolution's ReLU ends the last group, which has no batch norm
                assert layer.channels == features.shape[1]
            expected = features[0].abs().mean(0).numpy()
            assert np.abs(layer.mean - expected).max() < 1e-3 * max(1.0, float(expected.max()))
            spread = features[0].std((1, 2), correction=0).numpy()
            assert np.allclose(layer.strongest.std((1, 2)), np.sort(spread)[::-1][: len(layer.strongest)], atol=1e-4)


def test_padding_is_not_shown(tiny_network: Callable[[str], Any]) -> None:
    layers = record_activations(find_model(tiny_network("zhang_regression").path), LIGHTNESS, (200, 380))
    assert [layer.mean.shape for layer in layers][:3] == [(100, 190), (50, 95), (25, 48)]


def test_a_graph_that_cannot_be_read(tmp_path: Path) -> None:
    whole = find_model()
    with pytest.raises(CorruptWeightsError) as caught:
        record_activations(Model(whole.card, tmp_path / "x.onnx", b"\x00" + whole.data[:5000]), LIGHTNESS, WHOLE)
    assert caught.value.code == "inspection.graph_unreadable"

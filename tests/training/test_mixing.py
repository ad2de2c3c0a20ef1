from pathlib import Path

import pytest
import torch

from photochrom.errors import CheckpointError, OptionError
from photochrom.models.registry import ColorClasses, build
from photochrom.training.checkpoints.initialize import read_network_tensors
from photochrom.training.export.onnx import export_checkpoint
from photochrom.training.export.weight_average import average_weights


def networks():
    torch.manual_seed(0)
    return [build("photochrom_fast", tiny=True) for _ in range(2)]


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_the_mean_lies_between(share: float) -> None:
    first, second = networks()
    before = {name: tensor.clone() for name, tensor in first.state_dict().items()}
    other = {name: tensor.clone() for name, tensor in second.state_dict().items()}
    average_weights(first, other, share, source="it")
    for name, tensor in first.state_dict().items():
        if tensor.is_floating_point():
            assert torch.allclose(tensor, before[name] * (1 - share) + other[name] * share, atol=1e-6), name


def test_other_colours_or_another_network_are_refused() -> None:
    first, second = networks()
    bins = second.state_dict()["bins"]
    weighted = build("photochrom_fast", tiny=True, classes=ColorClasses(bins, torch.linspace(0.5, 1.5, len(bins))))
    with pytest.raises(CheckpointError, check=lambda error: error.code == "checkpoint.other_bins"):
        average_weights(first, weighted.state_dict(), 0.5, source="it")
    with pytest.raises(CheckpointError, check=lambda error: error.code == "checkpoint.tensor_missing"):
        average_weights(first, {}, 0.5, source="it")
    with pytest.raises(OptionError, check=lambda error: error.code == "export.alpha"):
        average_weights(first, second.state_dict(), 1.5, source="it")


def test_a_checkpoint_mixed_with_itself_is_itself(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    # the same network makes the same file: tests/models/test_contributing.py
    monkeypatch.setattr(
        "photochrom.training.export.onnx.export_network", lambda network, *_, **__: written.append(network)
    )
    export_checkpoint(checkpoint, tmp_path / "alone.onnx")
    export_checkpoint(checkpoint, tmp_path / "mixed.onnx", average_with=checkpoint, alpha=0.5)
    alone, mixed = (network.state_dict() for network in written)
    assert alone.keys() == mixed.keys()
    assert all(torch.equal(alone[name], mixed[name]) for name in alone)
    # the old keywords mean the same: an impossible share is refused
    with (
        pytest.warns(DeprecationWarning, match="average_with|alpha"),
        pytest.raises(OptionError, check=lambda error: error.code == "export.alpha"),
    ):
        export_checkpoint(checkpoint, tmp_path / "old.onnx", mix_with=checkpoint, share=1.5)
    assert read_network_tensors(checkpoint).keys() == networks()[0].state_dict().keys()

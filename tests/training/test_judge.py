"""The classifier that evaluation measures with says what the network in torch says."""

from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from photochrom.cli.main import main
from photochrom.errors import CheckpointError
from photochrom.evaluation.onnx_metrics import open_onnx_metric
from photochrom.models.encoders.mobilenet_edgetpu import MobileNetEdgeTPU


@pytest.fixture(scope="module")
def network() -> MobileNetEdgeTPU:
    torch.manual_seed(0)
    return MobileNetEdgeTPU(classes=1000).eval()


@pytest.mark.parametrize("part", ["classifier", "features"])
def test_it_says_what_the_network_says(network: MobileNetEdgeTPU, part: str, tmp_path: Path) -> None:
    weights, written = tmp_path / "edgetpu.safetensors", tmp_path / "judge.onnx"
    safetensors.torch.save_file(network.state_dict(), weights)
    assert main(["export", str(weights), str(written), "--submodule", part]) == 0
    picture = np.random.default_rng(0).integers(0, 256, (224, 224, 3), dtype=np.uint8)
    rgb = torch.from_numpy(picture).permute(2, 0, 1)[None] / 127.5 - 1
    with torch.no_grad():
        expected = network(rgb) if part == "classifier" else network.context(network.features(rgb)[-1])
    found = open_onnx_metric(written)(picture)
    assert found.shape == ((1000,) if part == "classifier" else (1280,))
    assert np.abs(found - expected.numpy().ravel()).max() < 0.02 * expected.abs().max()
    assert expected.std() > 0
    # there already
    assert main(["export", str(weights), str(written), "--submodule", part]) == 1


def test_the_old_names_work() -> None:
    from photochrom.training.export import classifier

    with pytest.warns(DeprecationWarning, match="export_classifier"):
        assert classifier.export_judge is classifier.export_classifier
    with (
        pytest.warns(DeprecationWarning, match="submodule"),
        pytest.raises(CheckpointError, check=lambda error: error.code == "checkpoint.encoder_unreadable"),
    ):
        classifier.export_classifier("absent.safetensors", Path("x.onnx"), part="features")


def test_other_weights_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weights = tmp_path / "other.safetensors"
    safetensors.torch.save_file({"fc.weight": torch.zeros(2, 2)}, weights)
    assert main(["export", str(weights), str(tmp_path / "x.onnx"), "--submodule", "classifier"]) == 1
    assert "other.safetensors" in capsys.readouterr().err
    assert not (tmp_path / "x.onnx").exists()

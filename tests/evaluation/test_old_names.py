"""Names of version 0.1 work for one release, each with a warning."""

import importlib
from pathlib import Path

import pytest
from PIL import Image

from photochrom.evaluation.evaluate import EvaluateOptions, save_results
from photochrom.evaluation.inputs.systems import plan_systems
from photochrom.evaluation.onnx_metrics import MetricNetworks, open_onnx_metric


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("photochrom.evaluation.evaluate", "Options", EvaluateOptions),
        ("photochrom.evaluation.evaluate", "save", save_results),
        ("photochrom.evaluation.onnx_metrics", "Judges", MetricNetworks),
        ("photochrom.evaluation.onnx_metrics", "open_judge", open_onnx_metric),
    ],
)
def test_old_attributes(module: str, old: str, new: object) -> None:
    with pytest.warns(DeprecationWarning, match=old):
        assert getattr(importlib.import_module(module), old) is new
    with pytest.raises(AttributeError):
        _ = importlib.import_module(module).nothing


def test_old_keywords(tmp_path: Path) -> None:
    with pytest.warns(DeprecationWarning, match="features"):
        networks = MetricNetworks(features="a.onnx")  # type: ignore[call-arg]
    assert networks == MetricNetworks(fid_features="a.onnx")
    with pytest.warns(DeprecationWarning, match="judges"):
        options = EvaluateOptions(judges=networks)  # type: ignore[call-arg]
    assert options == EvaluateOptions(metric_networks=networks)
    Image.new("RGB", (9, 9)).save(tmp_path / "1.png")
    with pytest.warns(DeprecationWarning, match="outputs"):
        systems = plan_systems([], outputs=[tmp_path])  # type: ignore[call-arg]
    assert systems == plan_systems([], predictions=[tmp_path])

"""Networks a report is measured with: what their files must say, and what is made of them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from photochrom.errors import EvaluationError
from photochrom.evaluation.inputs.protocol import gray_of
from photochrom.evaluation.onnx_metrics import INPUT_KEY, open_onnx_metric
from photochrom.evaluation.score_photo import score_photo

onnx = pytest.importorskip("onnx", reason="making a network for the test needs the train extra")

#: RGB 0..255 to -1..1
INPUT = {"name": "toy", "size": 8, "mean": [127.5] * 3, "std": [127.5] * 3}


def write(path: Path, nodes: list[Any], inputs: dict[str, list[Any]], described: Any, output: list[Any]) -> Path:
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "toy",
        [helper.make_tensor_value_info(name, kind, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info("out", kind, output)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    if described is not None:
        model.metadata_props.add(key=INPUT_KEY, value=json.dumps(described))
    onnx.save(model, path)
    return path


def write_means(path: Path, described: Any = INPUT, *, last: bool = False) -> Path:
    """The mean of each colour: a classifier of what is red, green or blue."""
    node = onnx.helper.make_node("ReduceMean", ["x"], ["out"], axes=[1, 2] if last else [2, 3], keepdims=0)
    shape = [1, 8, 8, 3] if last else [1, 3, 8, 8]
    return write(path, [node], {"x": shape}, described, [1, 3])


def write_distance(path: Path) -> Path:
    """Mean absolute difference of two pictures, as large as they are."""
    nodes = [
        onnx.helper.make_node("Sub", ["x", "y"], ["d"]),
        onnx.helper.make_node("Abs", ["d"], ["a"]),
        onnx.helper.make_node("ReduceMean", ["a"], ["out"], keepdims=0),
    ]
    shape = [1, 3, "h", "w"]
    return write(path, nodes, {"x": shape, "y": shape}, INPUT | {"size": 0}, [])


@pytest.mark.parametrize("last", [False, True])
def test_it_sees_what_its_file_says(tmp_path: Path, last: bool) -> None:
    network = open_onnx_metric(write_means(tmp_path / "a.onnx", last=last))
    picture = np.zeros((40, 30, 3), np.uint8)
    picture[..., 1] = 255
    assert network(picture).tolist() == pytest.approx([-1.0, 1.0, -1.0])
    assert (network.name, len(network.sha256)) == ("toy", 64)


def test_a_description_beside_the_file(tmp_path: Path) -> None:
    path = write_means(tmp_path / "a.onnx", None)
    with pytest.raises(EvaluationError, check=lambda error: error.code == "evaluation.network_undescribed"):
        open_onnx_metric(path)
    (tmp_path / "a.onnx.json").write_text(json.dumps(INPUT | {"mean": [0, 0, 0], "std": [1, 1, 1]}))
    assert open_onnx_metric(path)(np.full((8, 8, 3), 9, np.uint8)).tolist() == pytest.approx([9, 9, 9])


@pytest.mark.parametrize(
    "wrong", [{"size": "x"}, {"size": -1}, {"mean": [1, 2]}, {"std": [0, 1, 1]}, {"output": "none"}, {"std": None}]
)
def test_a_wrong_description(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(EvaluationError, check=lambda error: error.code == "evaluation.network_description_invalid"):
        open_onnx_metric(write_means(tmp_path / "a.onnx", INPUT | wrong))


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, check=lambda error: error.code == "evaluation.network_unreadable"):
        open_onnx_metric(tmp_path / "a.onnx")
    (tmp_path / "a.onnx").write_bytes(b"nothing")
    with pytest.raises(EvaluationError, check=lambda error: error.code == "evaluation.network_not_onnx"):
        open_onnx_metric(tmp_path / "a.onnx")
    with pytest.raises(EvaluationError, check=lambda error: error.code == "evaluation.network_failed"):
        open_onnx_metric(write_distance(tmp_path / "b.onnx"))(np.zeros((8, 8, 3), np.uint8))


def test_what_a_report_makes_of_them(tmp_path: Path, truth: np.ndarray) -> None:
    networks = {
        "classifier": open_onnx_metric(write_means(tmp_path / "a.onnx")),
        "fid_features": open_onnx_metric(write_means(tmp_path / "b.onnx")),
        "lpips": open_onnx_metric(write_distance(tmp_path / "c.onnx")),
    }
    blue = np.zeros_like(truth)
    blue[..., 2] = 255
    same, other = (score_photo(made, truth, gray_of(truth), networks=networks) for made in (truth, blue))
    assert (same.values["class_agreement"], same.values["lpips"]) == (100.0, 0.0)
    assert truth.mean((0, 1)).argmax() == 0
    assert other.values["class_agreement"] == 0.0
    assert other.values["lpips"] == pytest.approx(np.abs(truth - blue.astype(float)).mean() / 127.5, rel=1e-4)
    assert other.features is not None
    assert other.features[0].tolist() == pytest.approx([-1.0, -1.0, 1.0])
    assert other.features[1].tolist() == pytest.approx(truth.mean((0, 1)) / 127.5 - 1, abs=0.02)

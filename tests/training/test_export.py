import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import helper, numpy_helper

from photochrom.cli.main import main
from photochrom.errors import CheckpointError, CorruptWeightsError, OptionError, OutputExistsError, WriteError
from photochrom.inference.session import OnnxSession
from photochrom.models.encoders.normalization import as_unit_rgb
from photochrom.models.registry import ARCHITECTURES
from photochrom.registry import find_model
from photochrom.training.checkpoints.io import load_checkpoint, restore_network
from photochrom.training.export import onnx as room
from photochrom.training.export.compress import store_half, store_int8
from photochrom.training.export.graph import fold_batch_norms
from photochrom.training.export.model_card import CardText, card_bytes, write_card
from photochrom.training.export.onnx import export_network


@pytest.fixture(scope="module", params=ARCHITECTURES)
def of_zoo(request: pytest.FixtureRequest, tiny_network: Callable[[str], Any]) -> Any:
    return tiny_network(request.param)


@pytest.fixture(scope="module")
def network(of_zoo: Any) -> Any:
    return of_zoo.network


@pytest.fixture(scope="module")
def exported(of_zoo: Any) -> Path:
    return of_zoo.path


def feeds(network: Any, path: Path, photos: int, height: int, width: int) -> dict[str, torch.Tensor]:
    """Something for every input a network has."""
    torch.manual_seed(photos)
    cell = network.output_stride
    hints = torch.zeros(photos, 3, height // cell, width // cell)
    hints[:, :, 2:5, 3:6] = torch.tensor([40.0, -20.0, 1.0])[None, :, None, None]
    offered = {
        "lightness": torch.rand(photos, 1, height, width) * 100,
        "hints": hints,
        "z": torch.randn(photos, getattr(network, "latent", 1)),
        "temperature": torch.tensor(0.6),
        "correction": torch.tensor(0.7),
        "bin_bias": torch.randn(len(network.bins)) if hasattr(network, "bins") else torch.zeros(0),
    }
    return {name: offered[name] for name in find_model(path).card.inputs}


def run(path: Path, given: dict[str, torch.Tensor]) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    answers: list[np.ndarray] = session.run(None, {name: value.numpy() for name, value in given.items()})
    return answers


def answer(network: Any, given: dict[str, torch.Tensor]) -> list[torch.Tensor]:
    """What torch makes of the same, in the order of the graph's outputs."""
    with torch.no_grad():
        known = [given[name] for name in ("lightness", "hints", "z") if name in given]
        if not hasattr(network, "logits"):
            return [network(*known)]
        logits = network.logits(*known)
        probability = torch.softmax(logits - network.log_weight[None, :, None, None], 1)
        preferred = logits + given["bin_bias"][None, :, None, None]
        answers = [
            network.colors(preferred, given["temperature"], given["correction"]),
            network.confidence(logits),
            probability,
        ]
        if hasattr(network, "likeness"):
            mean = torch.einsum("nqhw,qc->nchw", probability, network.bins)
            apart = (network.bins[None, :, :, None, None] - mean[:, None]).square().sum(2)
            answers.append((probability * apart).sum(1, keepdim=True).sqrt())
            _, *finer, f16, f32 = network.encoder.features(as_unit_rgb(given["lightness"]))
            above = torch.nn.functional.interpolate(f32, scale_factor=2, mode="bilinear", align_corners=False)
            answers.append(torch.cat([f16, above], 1))
            answers.append(network.likeness(given["lightness"], [*finer, f16, f32]))
            assert answers[-1].std() > 1e-3
        return answers


@pytest.mark.parametrize(("photos", "height", "width"), [(1, 64, 96), (2, 32, 160), (1, 256, 32)])
def test_the_graph_gives_what_the_network_gives(
    network: Any, exported: Path, photos: int, height: int, width: int
) -> None:
    given = feeds(network, exported, photos, height, width)
    expected = answer(network, given)
    answers = run(exported, given)
    assert [answer.shape for answer in answers] == [tuple(e.shape) for e in expected]
    for found, tensor, tolerance in zip(answers, expected, (1e-3, 1e-4, 1e-4, 1e-2, 1e-3, 1e-3), strict=False):
        assert np.abs(found - tensor.numpy()).max() < tolerance
    assert expected[0].std() > 1e-2


def test_the_file_is_plain_valid_and_says_nothing_of_where_it_was_made(exported: Path) -> None:
    model = onnx.load(exported)
    onnx.checker.check_model(model, full_check=True)
    assert model.ir_version <= 10
    assert {entry.domain for entry in model.opset_import} == {""}
    assert model.opset_import[0].version <= 20
    assert all(node.domain == "" for node in model.graph.node)
    assert not any(node.metadata_props for node in model.graph.node)
    assert str(Path(room.__file__).parents[3]).encode() not in exported.read_bytes()


def test_the_card_is_what_the_catalog_reads(network: Any, exported: Path) -> None:
    card = find_model(exported).card
    assert (card.name, card.samples) == ("tiny", 7)
    assert (card.stride, card.output_stride) == (network.stride, network.output_stride)
    assert card.bins == (network.bins.tolist() if hasattr(network, "bins") else [])
    assert card.parameters == sum(p.numel() for p in network.parameters())
    assert len(card.vividness) == (3 if card.bins else 0)
    lightness = np.full((64, 64), 50, np.float32)
    engine = OnnxSession(find_model(exported), device="cpu")
    prediction = engine.predict(lightness)
    assert prediction.ab.shape == (2, 64 // network.output_stride, 64 // network.output_stride)
    assert (prediction.confidence is None) == (not card.bins)
    assert engine.latent_size == getattr(network, "latent", 0)


def test_what_a_network_cannot_do_is_said(network: Any, exported: Path) -> None:
    engine = OnnxSession(find_model(exported), device="cpu")
    lightness = np.full((64, 64), 50, np.float32)
    cells = 64 // network.output_stride
    if "hints" not in engine.card.inputs:
        with pytest.raises(OptionError):
            engine.predict(lightness, hints=np.zeros((3, cells, cells), np.float32))
    if not engine.card.vividness:
        with pytest.raises(OptionError):
            engine.predict(lightness, vividness=0.5)
        with pytest.raises(OptionError):
            engine.probability(lightness)
    if not engine.latent_size:
        with pytest.raises(OptionError):
            engine.predict(lightness, latent=np.zeros(8, np.float32))


def test_a_card_can_be_rewritten_and_wrong_ones_are_refused(exported: Path, tmp_path: Path) -> None:
    path = tmp_path / "copy.onnx"
    path.write_bytes(exported.read_bytes())
    (entry,) = onnx.load(path).metadata_props
    card = json.loads(entry.value)
    write_card(path, {**card, "name": "renamed"})
    assert find_model(path).card.name == "renamed"
    with pytest.raises(CorruptWeightsError):
        write_card(path, {**card, "colour": 1})
    with pytest.raises(CheckpointError, check=lambda error: error.code == "export.not_onnx"):
        write_card(Path(__file__), card)
    with pytest.raises(CheckpointError, check=lambda error: error.code == "export.model_unreadable"):
        write_card(tmp_path / "absent.onnx", card)


@pytest.mark.parametrize(
    ("store", "saves", "error"), [(store_half, 0.35, 0.05), (store_int8, 0.45, 2.0)], ids=["half", "int8"]
)
def test_storing_less_hardly_moves_the_colours(
    network: Any, exported: Path, tmp_path: Path, store: Callable[[Any], None], saves: float, error: float
) -> None:
    model = onnx.load(exported)
    store(model)
    card = json.loads(next(entry.value for entry in model.metadata_props if entry.key == "photochrom.card"))
    small = tmp_path / "small.onnx"
    small.write_bytes(card_bytes(model, card))
    onnx.checker.check_model(model, full_check=True)
    # a tiny network is mostly nodes and vectors; its matrices are what shrinks
    matrices = [t for t in onnx.load(exported).graph.initializer if len(t.dims) > 1]
    saved = exported.stat().st_size - small.stat().st_size
    assert saved > saves * sum(len(t.raw_data) for t in matrices)
    given = feeds(network, exported, 1, 64, 64)
    assert np.abs(run(exported, given)[0] - run(small, given)[0]).max() < error


def test_what_half_precision_cannot_hold_stays() -> None:
    arrays = {"large": np.full((32, 32), 7e4), "plain": np.full((32, 32), 0.5), "vector": np.full(2000, 0.5)}
    tensors = [numpy_helper.from_array(a.astype(np.float32), name) for name, a in arrays.items()]
    graph = helper.make_graph([], "g", [], [], tensors)
    model = helper.make_model(graph)
    store_half(model)
    stored = {tensor.name: numpy_helper.to_array(tensor).dtype for tensor in model.graph.initializer}
    assert stored == {"large": np.float32, "plain.half": np.float16, "vector": np.float32}
    assert [node.op_type for node in model.graph.node] == ["Cast"]


def test_folding_leaves_no_batch_norm_behind_a_convolution_and_the_same_function(network: Any) -> None:
    lightness = torch.rand(1, 1, 64, 64) * 100
    folded: Any = fold_batch_norms(copy.deepcopy(network))
    if network.name in ("photochrom_fast", "vae"):
        assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in folded.modules())
    with torch.no_grad():
        assert torch.allclose(folded(lightness), network(lightness), atol=1e-3, rtol=1e-3)


def test_nothing_is_overwritten_and_no_folder_invented(network: Any, exported: Path, tmp_path: Path) -> None:
    before = exported.read_bytes()
    with pytest.raises(OutputExistsError, check=lambda error: error.code == "export.output_exists"):
        export_network(network, exported, CardText(name="x"), architecture="x")
    assert exported.read_bytes() == before
    with pytest.raises(WriteError, check=lambda error: error.code == "export.folder_missing"):
        export_network(network, tmp_path / "absent" / "x.onnx", CardText(name="x"), architecture="x")


def test_the_verbs_train_and_export(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe = Path(__file__).parents[2] / "recipes" / "tiny.yaml"
    run_folder, output, card = tmp_path / "run", tmp_path / "out.onnx", tmp_path / "card.yaml"
    words = [f"data.train={photos}", f"run.output_dir={run_folder}", "network.architecture=eccv16"]
    assert main(["train", str(recipe), *words]) == 0
    checkpoint = capsys.readouterr().out.strip()
    assert checkpoint == str(run_folder / "last.ckpt")
    card.write_text(
        "version: '3'\nsizes: [128, 192]\nscores: {psnr: 23.5}\nvividness: [[1, 0], [0.9, 0.2], [0.5, 0.8]]\n"
    )
    assert main(["export", checkpoint, str(output), "--name", "mine", "--card", str(card)]) == 0
    made = find_model(output).card
    assert (made.name, made.version, made.sizes, made.samples) == ("mine", "3", [128, 192], 2)
    assert (made.scores, made.vividness[1]) == ({"psnr": 23.5}, [0.9, 0.2])
    assert made.description == "A network for tests."
    network: Any = restore_network(load_checkpoint(Path(checkpoint))).eval()
    lightness = torch.rand(1, 1, 64, 64) * 100
    with torch.no_grad():
        expected = network(lightness).numpy()
    given = {
        "lightness": lightness,
        "temperature": torch.tensor(1.0),
        "correction": torch.tensor(0.0),
        "bin_bias": torch.zeros(len(network.bins)),
    }
    assert np.abs(run(output, given)[0] - expected).max() < 0.05


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["train", "absent.yaml"], "'absent.yaml'"),
        (["train", "{tiny}", "schedule.stpes=1"], "schedule.max_steps"),
        (["train", "{tiny}", "data.train=absent"], "'absent'"),
        (["export", "absent.ckpt", "x.onnx"], "absent.ckpt"),
        (["export", "{tiny}", "x.onnx"], "tiny.yaml"),
        (["export", "{tiny}", "{tiny}"], "tiny.yaml"),
    ],
)
def test_what_goes_wrong_is_one_sentence(
    arguments: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    tiny = str(Path(__file__).parents[2] / "recipes" / "tiny.yaml")
    assert main([argument.format(tiny=tiny) for argument in arguments]) in (1, 2)
    said = capsys.readouterr().err
    assert says in said
    assert len(said.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["nmae: x", "name: [1]", "- 1", "a: [", "sizes: large", "name: x\nscores: 3"])
def test_a_wrong_card_is_named(text: str, checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card = tmp_path / "card.yaml"
    card.write_text(text)
    assert main(["export", str(checkpoint), str(tmp_path / "x.onnx"), "--card", str(card)]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert not (tmp_path / "x.onnx").exists()


@pytest.mark.parametrize(("verb", "what"), [("train", "Training"), ("export", "Exporting")])
def test_without_torch_one_sentence_says_what_to_install(verb: str, what: str) -> None:
    code = (
        "import sys\nfor name in ('torch', 'lightning', 'onnx'): sys.modules[name] = None\n"
        f"from photochrom.cli.main import main\nsys.exit(main(['{verb}', 'a', 'b']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert what in done.stderr
    assert "photochrom[train]" in done.stderr

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from photochrom.cli.main import main
from photochrom.errors import CheckpointError, CorruptWeightsError, OptionError
from photochrom.inference.hint_plane import hint_coverage
from photochrom.inference.session import OnnxSession
from photochrom.models.registry import ColorClasses, build
from photochrom.registry import ModelCard, find_model
from photochrom.training.checkpoints.initialize import read_network
from photochrom.training.checkpoints.io import load_checkpoint, restore_network
from photochrom.training.export import graph
from photochrom.training.export.ensemble import join_networks
from photochrom.training.export.graph import to_onnx
from photochrom.training.export.model_card import CardText
from photochrom.training.export.onnx import export_network


def test_the_command_joins_two_networks(checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = restore_network(load_checkpoint(checkpoint))
    torch.manual_seed(9)
    other = build("photochrom_fast")
    other.load_state_dict({**other.state_dict(), "bins": network.bins, "log_weight": network.log_weight})
    weights = tmp_path / "other.safetensors"
    save_file(other.state_dict(), weights, {"name": "photochrom_fast"})
    # the graph of such a network is what the next test looks at
    written: list[tuple[Any, dict[str, Any]]] = []

    def keep(joined: Any, path: Path, card: CardText, **options: Any) -> Path:
        written.append((joined, options))
        return path

    monkeypatch.setattr("photochrom.training.export.onnx.export_network", keep)
    words = ["export", str(checkpoint), str(tmp_path / "both.onnx"), "--weight-format", "float32"]
    words += ["--ensemble", str(weights), "--ensemble-weight", "0.3", "--ensemble-weight-hinted", "0.7"]
    assert main(words) == 0
    ((joined, options),) = written
    assert options["architecture"] == "photochrom_fast, photochrom_fast"
    assert options["weight_format"] == "float32"
    parameters = sum(p.numel() for p in joined.parameters())
    assert parameters == sum(p.numel() for n in (network, other) for p in n.parameters())
    lightness = torch.rand(1, 1, 64, 96) * 100
    both = join_networks(network, other, 0.3, weight_hinted=0.7, source="'other'").eval()
    with torch.no_grad():
        assert torch.equal(joined.eval()(lightness), both(lightness))
    assert (joined.shares, joined.informed) == (both.shares, both.informed)


@dataclass(frozen=True, eq=False)
class Joined:
    """Two networks as one, and the file of it."""

    network: Any
    card: ModelCard
    session: OnnxSession

    def spread(self, lightness: np.ndarray) -> torch.Tensor:
        """The deviation of the distribution, (1,1,h,w)."""
        return torch.from_numpy(self.session._ask("uncertainty", self.session._feed(lightness, None)))[None]


def fixed_size(*given: Any, shapes: dict[str, dict[int, Any]], **options: Any) -> None:
    """Writes a graph for any number of photos of one size.

    torch takes twice as long over one for all sizes, which test_export tries of each network.
    """
    to_onnx(*given, shapes={name: {0: axes[0]} if axes else {} for name, axes in shapes.items()}, **options)


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Joined:
    """As ``photochrom`` ships, with a head that answers something of its own; one export serves all that look at it."""
    torch.manual_seed(3)
    network: Any = build("photochrom_fast", tiny=True, options={"render_width": 16, "attention_width": 32}).eval()
    torch.nn.init.normal_(network.render_head.answer.weight, std=0.2)
    torch.nn.init.normal_(network.attention.answer.weight, std=0.5)
    classes = ColorClasses(network.bins, network.log_weight.exp())
    other = build("photochrom", tiny=True, classes=classes).eval()
    with torch.no_grad():
        for parameter in other.parameters():
            if not parameter.any():
                torch.nn.init.normal_(parameter, std=0.2)
        other.classifier.weight.mul_(40)
    both = join_networks(network, other, 0.6, weight_hinted=0.8, half_resolution=True, source="'other'").eval()
    assert [len(both.networks), both.shares[-1], both.informed[-1]] == [3, 0.6, 0.8]
    path = tmp_path_factory.mktemp("joined") / "both.onnx"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(graph, "to_onnx", fixed_size)
        export_network(both, path, CardText(name="both"), architecture="both", weight_format="float32")
    model = find_model(path)
    assert model.card.parameters == sum(p.numel() for p in both.parameters())
    return Joined(both, model.card, OnnxSession(model, device="cpu"))


LIGHTNESS = np.random.default_rng(0).uniform(0, 100, (64, 96)).astype(np.float32)


def test_the_file_believes_hints_by_their_breadth(joined: Joined) -> None:
    both, hints, moved = joined.network, np.zeros((3, 16, 24), np.float32), []
    for count in (1, 6):
        for column in range(1, 24, 4)[:count]:
            hints[:, 8, column] = (50, -40, 1)
        share = torch.tensor(hint_coverage(hints[2] > 0))
        with torch.no_grad():
            given = torch.from_numpy(LIGHTNESS)[None, None], torch.from_numpy(hints)[None]
            expected = both.colors(both.read(*given, share)[0])[0].numpy()
            believed = both.colors(both.read(*given)[0])[0].numpy()
        assert np.abs(joined.session.predict(LIGHTNESS, hints=hints, vividness=0.0).ab - expected).max() < 1e-2
        moved.append(np.abs(expected - believed).max())
    # one is not believed, six in part
    assert min(moved) > 0.1


def test_vividness_goes_from_the_mean_to_the_picture_and_beyond(joined: Joined) -> None:
    both = joined.network
    with torch.no_grad():
        given = torch.from_numpy(LIGHTNESS)[None, None]
        reading = both.read(given)
        mean = both.colors(reading.scores)
        picture = both.render(reading, mean, joined.spread(LIGHTNESS), given)[0].numpy()
    made = {v: joined.session.predict(LIGHTNESS, vividness=v).ab for v in (0.0, 0.5, 1.0, 2.0)}
    assert np.abs(made[0.0] - mean[0].numpy()).max() < 1e-2
    assert np.abs(made[1.0] - picture).max() < 2e-2
    assert np.abs(made[0.5] - (made[0.0] + made[1.0]) / 2).max() < 1e-2
    assert np.abs(made[1.0] - made[0.0]).max() > 1.0
    assert np.abs(made[2.0] - made[0.0]).mean() > np.abs(made[1.0] - made[0.0]).mean()


def test_a_palette_reaches_the_picture(joined: Joined) -> None:
    bias = np.where(joined.network.bins[:, 0].numpy() > 0, 16.0, 0.0).astype(np.float32)
    shift = [
        (joined.session.predict(LIGHTNESS, vividness=vividness, bin_bias=bias).ab)[0].mean()
        - joined.session.predict(LIGHTNESS, vividness=vividness).ab[0].mean()
        for vividness in (0.0, 1.0)
    ]
    assert shift[0] > 5
    assert shift[1] > shift[0] / 3


def test_the_card_has_a_render_column(joined: Joined) -> None:
    assert [len(row) for row in joined.card.vividness] == [3, 3, 3]
    with pytest.raises(CorruptWeightsError) as caught:
        ModelCard.from_json({**vars(joined.card), "vividness": [[1.0, 0.0]] * 3}, "n.onnx")
    assert caught.value.details["fields"] == "vividness"


def test_the_shipped_weights_say_what_they_are() -> None:
    network = read_network(Path(__file__).parents[2] / "zoo" / "photochrom_fast.safetensors")
    expected = build("photochrom_fast", options={"attention_width": 192, "render_width": 48})
    assert network.state_dict().keys() == expected.state_dict().keys()


def test_weights_are_exported_as_checkpoints_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(4)
    network = build("photochrom_fast").eval()
    weights = tmp_path / "some.safetensors"
    save_file(network.state_dict(), weights, {"name": "photochrom_fast", "samples": "12"})
    # tracing a network of this size takes a minute; smaller ones are traced elsewhere
    written: list[tuple[Any, CardText, dict[str, Any]]] = []

    def keep(given: Any, path: Path, card: CardText, **options: Any) -> Path:
        written.append((given, card, options))
        return path

    monkeypatch.setattr("photochrom.training.export.onnx.export_network", keep)
    words = ["export", str(weights), str(tmp_path / "some.onnx"), "--weight-format", "float32"]
    assert main([*words, "--description", "random"]) == 0
    ((given, card, options),) = written
    assert (card.name, card.description, options["samples"]) == ("photochrom_fast", "random", 12)
    assert (options["architecture"], options["weight_format"]) == ("photochrom_fast", "float32")
    lightness = torch.rand(1, 1, 64, 64) * 100
    with torch.no_grad():
        assert torch.equal(given.eval()(lightness), network(lightness))


def test_what_cannot_stand_beside_is_one_sentence(checkpoint: Path, tmp_path: Path) -> None:
    network = restore_network(load_checkpoint(checkpoint))
    with pytest.raises(OptionError, check=lambda error: error.code == "export.ensemble_weight"):
        join_networks(network, network, 1.0, source="'itself'")
    with pytest.raises(OptionError, check=lambda error: error.code == "export.ensemble_weight"):
        join_networks(network, network, 0.5, weight_hinted=0.0, source="'itself'")
    with pytest.raises(OptionError, check=lambda error: error.code == "export.ensemble_scale"):
        join_networks(network, network, 0.5, scale=2.5, source="x")
    with pytest.raises(CheckpointError, check=lambda error: error.code == "export.ensemble_unsupported"):
        # it does not say how far it believes hints
        join_networks(network, network, 0.5, scale=1.25, source="x")
    with pytest.raises(CheckpointError, check=lambda error: error.code == "export.ensemble_unsupported"):
        join_networks(build("resnet_gray", tiny=True), network, 0.5, source="'another'")
    nameless = tmp_path / "nameless.safetensors"
    save_file(build("photochrom_fast", tiny=True).state_dict(), nameless)
    with pytest.raises(CheckpointError, check=lambda error: error.code == "checkpoint.unnamed"):
        read_network(nameless)
    nameless.write_bytes(nameless.read_bytes()[:1000])
    with pytest.raises(CheckpointError, check=lambda error: error.code == "checkpoint.not_safetensors"):
        read_network(nameless)
    with pytest.raises(CheckpointError, check=lambda error: error.code == "checkpoint.weights_missing"):
        read_network(tmp_path / "nothing.safetensors")
    narrow = tmp_path / "narrow.safetensors"
    tensors = build("eccv16").state_dict()
    name = next(name for name, tensor in tensors.items() if tensor.ndim == 4)
    save_file({**tensors, name: tensors[name][1:].clone()}, narrow, {"name": "eccv16"})
    with pytest.raises(CheckpointError, check=lambda error: error.code == "checkpoint.tensor_shape"):
        read_network(narrow)

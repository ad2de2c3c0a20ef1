import random
from pathlib import Path

import pytest
import safetensors.torch
import torch

from photochrom.color.conversion import ab_bins
from photochrom.datasets.sources.photo_set import open_photos
from photochrom.errors import CheckpointError
from photochrom.models.registry import ColorClasses, build
from photochrom.training.checkpoints.initialize import initial_network
from photochrom.training.checkpoints.io import KEY, load_checkpoint, load_strictly, network_tensors, restore_network
from photochrom.training.checkpoints.legacy import PROTOTYPE_PREFIXES, rename_prototype
from photochrom.training.schema import NetworkOptions


def test_a_checkpoint_holds_its_network_and_what_it_is(checkpoint: Path) -> None:
    read = load_checkpoint(checkpoint)
    assert read[KEY]["architecture"] == "photochrom_fast"
    assert read["samples"] == 4
    assert read["scores"]["psnr"] > 5
    network, averaged = restore_network(read, averaged=False), restore_network(read)
    assert torch.equal(network.bins, averaged.bins)
    assert not torch.equal(network.classifier.weight, averaged.classifier.weight)


def test_a_cut_or_altered_checkpoint_is_named(checkpoint: Path, tmp_path: Path) -> None:
    content, chance, path = checkpoint.read_bytes(), random.Random(0), tmp_path / "x.ckpt"
    refused = 0
    for trial in range(25):
        if trial < 8:
            changed = content[: chance.randrange(len(content))]
        else:
            position = chance.randrange(len(content) // 2)
            changed = content[:position] + bytes([content[position] ^ 0xFF]) + content[position + 1 :]
        path.write_bytes(changed)
        try:
            restore_network(load_checkpoint(path))
        except CheckpointError as error:
            refused += error.code in ("checkpoint.damaged", "checkpoint.undescribed", "checkpoint.tensor_missing")
    # a byte of padding between records may change unnoticed: it means nothing
    assert refused >= 20


@pytest.mark.parametrize(
    ("content", "code"), [({"x": 1}, "foreign"), ([1, 2], "foreign"), ({KEY: {"format": 99}}, "unknown_format")]
)
def test_a_foreign_checkpoint_is_named(tmp_path: Path, content: object, code: str) -> None:
    torch.save(content, tmp_path / "x.ckpt")
    with pytest.raises(CheckpointError, check=lambda error: error.code == f"checkpoint.{code}"):
        load_checkpoint(tmp_path / "x.ckpt")
    with pytest.raises(CheckpointError, check=lambda error: error.code == "checkpoint.missing"):
        load_checkpoint(tmp_path / "absent.ckpt")


def test_a_checkpoint_runs_no_code(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self):
            return Path.touch, (tmp_path / "sprung",)

    torch.save({KEY: Trap()}, tmp_path / "x.ckpt")
    with pytest.raises(CheckpointError):
        load_checkpoint(tmp_path / "x.ckpt")
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("about", [{}, {"architecture": "none"}, {"options": {"width": 3}}, {"options": {"color": 3}}])
def test_a_checkpoint_that_does_not_describe_its_network_is_named(checkpoint: Path, about: dict) -> None:
    read = load_checkpoint(checkpoint)
    read[KEY] = {"format": 1, **({**read[KEY], **about} if about else {})}
    with pytest.raises(CheckpointError, check=lambda error: error.code == "checkpoint.undescribed"):
        restore_network(read)


def test_every_tensor_must_fit() -> None:
    network = torch.nn.Linear(2, 3)
    good = network.state_dict()
    for tensors, code in (
        ({"weight": good["weight"]}, "tensor_missing"),
        ({**good, "other": good["bias"]}, "tensor_unknown"),
        ({**good, "bias": torch.zeros(4)}, "tensor_shape"),
    ):
        with pytest.raises(CheckpointError) as caught:
            load_strictly(network, tensors, "Here")
        assert caught.value.code == f"checkpoint.{code}"


def test_a_network_starts_from_prototype_checkpoint_or_encoder(checkpoint: Path, photos: Path, tmp_path: Path) -> None:
    def start(path: Path, key: str = "init_checkpoint", **other: str) -> torch.nn.Module:
        options = NetworkOptions(tiny=True, **{key: str(path)}, **other)
        return initial_network(options, open_photos([str(photos)]), prior_photos=4, seed=0)

    theirs = network_tensors(load_checkpoint(checkpoint))
    back = {new: old for old, new in PROTOTYPE_PREFIXES.items()}
    prior = torch.full((len(theirs["bins"]),), 1 / len(theirs["bins"]))
    prototype = {"bins": theirs["bins"], "prior": prior}
    for name, tensor in theirs.items():
        prefix = next((new for new in back if name.startswith(f"{new}.")), None)
        if prefix:
            prototype[back[prefix] + name[len(prefix) :]] = tensor.contiguous()
    safetensors.torch.save_file(prototype, tmp_path / "prototype.safetensors")
    encoder = {n.removeprefix("encoder."): t.contiguous() for n, t in theirs.items() if n.startswith("encoder.")}
    encoder["fc.bias"] = torch.zeros(3)
    safetensors.torch.save_file(encoder, tmp_path / "encoder.safetensors")
    for path in (checkpoint, tmp_path / "prototype.safetensors"):
        assert torch.equal(start(path).encoder.head.weight, theirs["encoder.head.weight"])
    taught = start(tmp_path / "encoder.safetensors", "pretrained_encoder")
    assert torch.equal(taught.encoder.head.weight, theirs["encoder.head.weight"])
    assert not torch.equal(taught.classifier.weight, theirs["classifier.weight"])
    assert torch.equal(start(checkpoint).classifier.weight, theirs["classifier.weight"])
    assert start(tmp_path / "prototype.safetensors").log_weight.abs().max() < 1e-4
    rest = {name: tensor.contiguous() for name, tensor in theirs.items() if not name.startswith("encoder.")}
    safetensors.torch.save_file(rest, tmp_path / "rest.safetensors")
    joined = start(tmp_path / "rest.safetensors", pretrained_encoder=str(tmp_path / "encoder.safetensors"))
    assert all(torch.equal(tensor, theirs[name]) for name, tensor in joined.state_dict().items())
    with pytest.raises(CheckpointError, check=lambda error: error.code == "checkpoint.tensor_missing"):
        start(tmp_path / "rest.safetensors")
    # what was learned of the encoder wins over what is published
    learned = rest | {"encoder.head.weight": theirs["encoder.head.weight"] + 1}
    safetensors.torch.save_file(learned, tmp_path / "learned.safetensors")
    joined = start(tmp_path / "learned.safetensors", pretrained_encoder=str(tmp_path / "encoder.safetensors"))
    assert torch.equal(joined.encoder.head.weight, learned["encoder.head.weight"])
    assert torch.equal(joined.encoder.head.bias, theirs["encoder.head.bias"])

    (tmp_path / "cut.safetensors").write_bytes((tmp_path / "encoder.safetensors").read_bytes()[:500])
    with pytest.raises(CheckpointError, check=lambda error: error.code == "checkpoint.not_safetensors"):
        start(tmp_path / "cut.safetensors")
    with pytest.raises(CheckpointError, check=lambda error: error.code == "checkpoint.weights_missing"):
        start(tmp_path / "absent.safetensors")
    safetensors.torch.save_file({"stem.weight": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, check=lambda error: error.code == "checkpoint.tensor_missing"):
        start(tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, check=lambda error: error.code == "checkpoint.unknown_prototype_tensor"):
        rename_prototype({"x.y": torch.zeros(1)})


def test_unweighted_classes_are_the_bins_of_the_gamut() -> None:
    network = build("photochrom_fast", tiny=True, classes=ColorClasses.unweighted(ab_bins()))
    assert len(network.bins) == 261
    assert not network.log_weight.any()

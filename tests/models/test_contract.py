"""What every network of the zoo keeps to, tried on its tiny variant."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
import torch

from photochrom.errors import RecipeError
from photochrom.models import ARCHITECTURES, build
from photochrom.models.encoders.mobilenet_edgetpu import MobileNetEdgeTPU
from photochrom.training.options import OptimizerOptions
from photochrom.training.parameters import freeze, parameter_groups, set_training
from photochrom.training.prototype import rename_prototype
from photochrom.training.start import load_tensors

WEIGHTS = Path(__file__).parents[2] / "../shared/weights"
needs_weights = pytest.mark.skipif(not WEIGHTS.is_dir(), reason="shared data not here")


@pytest.mark.parametrize("name", ARCHITECTURES)
@pytest.mark.parametrize("cells", [(1, 1), (2, 3), (5, 1)])
def test_chroma_for_any_size_divisible_by_the_stride(name: str, cells: tuple[int, int]) -> None:
    network = build(name, tiny=True).eval()
    height, width = (cell * int(network.stride) for cell in cells)
    with torch.no_grad():
        ab = network(torch.rand(2, 1, height, width) * 100)
    assert ab.shape == (2, 2, height // network.output_stride, width // network.output_stride)
    assert torch.isfinite(ab).all()
    assert ab.abs().max() < 130


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_gradients_reach_what_should_train_and_nothing_frozen(name: str) -> None:
    network = build(name, tiny=True)
    options = OptimizerOptions(encoder_frozen_blocks=4)
    freeze(network, options)
    set_training(network, freeze_batch_norm=False)
    lightness = torch.rand(2, 1, 64, 64) * 100
    hints = torch.rand(2, 3, 16, 16)
    network.logits(lightness, hints).square().mean().backward()
    frozen = {id(p) for module in network.encoder.front(4) for p in module.parameters()}
    learning = {id(p) for group in parameter_groups(network, options) for p in group["params"]}
    assert frozen
    assert not frozen & learning
    for parameter_name, parameter in network.named_parameters():
        assert (id(parameter) in frozen) != (id(parameter) in learning), parameter_name
        assert (parameter.grad is None) == (id(parameter) in frozen), parameter_name


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_hints_change_the_answer_and_none_means_no_hints(name: str) -> None:
    network = build(name, tiny=True).eval()
    lightness = torch.rand(1, 1, 64, 64) * 100
    empty = torch.zeros(1, 3, 16, 16)
    given = empty.clone()
    given[:, :, 4:8, 4:8] = torch.tensor([60.0, 40.0, 1.0])[None, :, None, None]
    with torch.no_grad():
        assert torch.equal(network(lightness), network(lightness, empty))
        assert not torch.equal(network(lightness, given), network(lightness, empty))


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_confidence_is_a_probability_and_temperature_sharpens(name: str) -> None:
    network = build(name, tiny=True).eval()
    with torch.no_grad():
        # far enough apart that a temperature of 0.001 leaves the largest alone
        logits = torch.stack([torch.randperm(len(network.bins)).float() for _ in range(16 * 8)], 1).reshape(
            1, -1, 16, 8
        )
        confidence = network.confidence(logits)
        assert confidence.shape == (1, 1, 16, 8)
        assert 0 <= confidence.min() <= confidence.max() <= 1
        mode = network.bins[logits.argmax(1)].permute(0, 3, 1, 2)
        assert (network.colors(logits, 1e-3) - mode).abs().max() < 1
        assert network.colors(logits).square().sum() < network.colors(logits, 1e-3).square().sum()


def test_frozen_batch_norms_stay_in_a_training_network() -> None:
    network = build("photochrom_fast", tiny=True)
    set_training(network, freeze_batch_norm=True)
    before = {name: value.clone() for name, value in network.named_buffers()}
    network.logits(torch.rand(2, 1, 64, 64) * 100)
    assert network.training
    assert all(torch.equal(value, before[name]) for name, value in network.named_buffers())


def test_unknown_names_and_options_are_answered_with_the_nearest() -> None:
    with pytest.raises(RecipeError, match="did you mean 'photochrom_fast'"):
        build("fotochrom")
    with pytest.raises(RecipeError, match="no option 'widht'; did you mean 'width'"):
        build("photochrom_fast", tiny=True, options={"widht": (1, 2, 3, 4)})


@needs_weights
def test_the_encoder_is_the_published_one() -> None:
    tensors = load_tensors(WEIGHTS / "mobilenet_edgetpu.safetensors")
    ours, theirs = MobileNetEdgeTPU(classes=1000).eval(), _module("reference_edgetpu").MobileNetEdgeTPU().eval()
    ours.load_state_dict(tensors)
    theirs.load_state_dict(tensors)
    for size in ((64, 96), (65, 97)):
        rgb = torch.rand(1, 3, *size) * 2 - 1
        with torch.no_grad():
            assert (ours(rgb) - theirs(rgb)).abs().max() < 1e-4


@needs_weights
def test_the_network_is_the_prototype(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(WEIGHTS))
    tensors = load_tensors(WEIGHTS / "prototype.safetensors")
    ours = build("photochrom_fast").eval()
    ours.load_state_dict(rename_prototype(tensors))
    theirs = _module("reference_prototype").Prototype().eval()
    theirs.load_state_dict({name: value for name, value in tensors.items() if name not in ("prior", "bins")})
    lightness, hints = torch.rand(1, 1, 64, 96) * 100, torch.zeros(1, 3, 16, 24)
    hints[:, :, 3, 5] = torch.tensor([40.0, -30.0, 1.0])
    with torch.no_grad():
        expected, logits = theirs(lightness, hints), ours.logits(lightness, hints)
        assert (logits - expected).abs().max() < 1e-4
        mean = torch.softmax(expected - ours.log_weight[None, :, None, None], 1)
        mean = torch.einsum("nqhw,qc->nchw", mean, ours.bins)
        assert (ours.colors(logits) - mean).abs().max() < 1e-3


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, WEIGHTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

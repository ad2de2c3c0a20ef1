"""What every network of the zoo keeps to, tried on its tiny variant."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

from photochrom.color.conversion import ab_bins
from photochrom.errors import RecipeError
from photochrom.models.encoders.mobilenet_edgetpu import MobileNetEdgeTPU
from photochrom.models.encoders.xception import Xception
from photochrom.models.registry import ARCHITECTURES, build
from photochrom.training.checkpoints.initialize import load_tensors
from photochrom.training.checkpoints.io import load_strictly
from photochrom.training.checkpoints.legacy import rename_prototype
from photochrom.training.data.dataset import Batch
from photochrom.training.losses.objectives import choose_objective, takes_hints
from photochrom.training.optim.optimizer import freeze, parameter_groups, set_training
from photochrom.training.schema import LossOptions, OptimizerOptions

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


@pytest.mark.parametrize("blocks", [0, 1, 1000])
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_gradients_reach_what_should_train_and_nothing_frozen(name: str, blocks: int) -> None:
    network: Any = build(name, tiny=True)
    options = OptimizerOptions(encoder_frozen_blocks=blocks)
    freeze(network, options)
    set_training(network, freeze_batch_norm=False)
    # a layer that begins with zeros lets nothing through at the first step
    for parameter in network.parameters():
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.1)
    cell = network.output_stride
    ab = torch.randn(2, 2, 64 // cell, 64 // cell) * 20
    hints = torch.rand(2, 3, 64 // cell, 64 // cell)
    everything = LossOptions(propagation=1.0 if hasattr(network, "likeness") else 0.0)
    batch = Batch(torch.rand(2, 1, 64, 64) * 100, ab, hints)
    choose_objective(network, everything)(network, batch)["loss"].backward()
    encoder = getattr(network, "encoder", None)
    front = encoder.front(blocks) if encoder is not None else []
    frozen = {id(p) for module in front for p in module.parameters()}
    learning = {id(p) for group in parameter_groups(network, options) for p in group["params"]}
    assert bool(frozen) == bool(blocks and encoder is not None)
    assert not frozen & learning
    for parameter_name, parameter in network.named_parameters():
        assert (id(parameter) in frozen) != (id(parameter) in learning), parameter_name
        assert (parameter.grad is None) == (id(parameter) in frozen), parameter_name


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_no_layer_that_damages_the_heap(name: str) -> None:
    # oneDNN's backward pass of strided 1x1 convolutions of fewer than 8 channels, on AVX2 without AVX-512
    layers = [layer for layer in build(name, tiny=True).modules() if isinstance(layer, torch.nn.Conv2d)]
    strided = [layer.in_channels for layer in layers if layer.kernel_size == (1, 1) and layer.stride != (1, 1)]
    assert all(channels >= 8 for channels in strided)


@pytest.mark.parametrize("name", [name for name in ARCHITECTURES if takes_hints(build(name, tiny=True))])
def test_hints_change_the_answer_and_none_means_no_hints(name: str) -> None:
    network = build(name, tiny=True).eval()
    lightness = torch.rand(1, 1, 64, 64) * 100
    empty = torch.zeros(1, 3, 16, 16)
    given = empty.clone()
    given[:, :, 4:8, 4:8] = torch.tensor([60.0, 40.0, 1.0])[None, :, None, None]
    with torch.no_grad():
        assert torch.equal(network(lightness), network(lightness, empty))
        assert not torch.equal(network(lightness, given), network(lightness, empty))


@pytest.mark.parametrize("name", [name for name, row in ARCHITECTURES.items() if row.bins])
def test_confidence_is_a_probability_and_temperature_sharpens(name: str) -> None:
    network: Any = build(name, tiny=True).eval()
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


@pytest.mark.parametrize("normalize", [False, True])
def test_a_normalised_context_is_of_one_size_whatever_the_encoder_gives(normalize: bool) -> None:
    network: Any = build("photochrom_fast", tiny=True, options={"normalize_context": normalize}).eval()
    lightness = torch.rand(1, 1, 64, 64) * 100
    with torch.no_grad():
        before = network.logits(lightness)
        for value in network.encoder.head.parameters():
            value.mul_(1000)
        after = network.logits(lightness)
    assert torch.allclose(before, after, atol=1e-2) == normalize


def test_the_flagship_decoder_stands_on_xception_too() -> None:
    network: Any = build(
        "photochrom_fast", tiny=True, options={"encoder": "xception", "normalize_context": True}
    ).eval()
    assert isinstance(network.encoder, Xception)
    with torch.no_grad():
        assert network(torch.rand(1, 1, 64, 96) * 100).shape == (1, 2, 16, 24)


def test_a_code_changes_the_variational_picture_and_none_is_all_zeros() -> None:
    network: Any = build("vae", tiny=True).eval()
    lightness = torch.rand(1, 1, 64, 64) * 100
    with torch.no_grad():
        assert torch.equal(network(lightness), network(lightness, torch.zeros(1, network.latent)))
        assert not torch.equal(network(lightness), network(lightness, torch.ones(1, network.latent)))
        mean, log_variance = network.posterior(lightness, torch.randn(1, 2, 16, 16) * 30)
    assert mean.shape == log_variance.shape == (1, network.latent)


@pytest.mark.parametrize(
    ("name", "options", "parameters"),
    [
        # of the published encoders, counted without the parts a network leaves out
        ("vgg16_autoencoder", {}, 14_714_688),
        ("koalarization", {}, 55_843_464),
        ("vgg19_residual", {}, 20_024_384 - 64 * (3 * 9 + 1)),
        ("resnet_gray", {}, 683_072 - 64 * 2 * 49),
    ],
)
def test_the_encoders_are_of_the_published_size(name: str, options: dict[str, Any], parameters: int) -> None:
    encoder: Any = build(name, options=options).encoder
    assert sum(parameter.numel() for parameter in encoder.parameters()) == parameters


def test_public_weights_load_by_their_own_names() -> None:
    """What torchvision and timm call the first and last tensors, and what a network leaves out of them."""
    torchvision = {
        "features.0.weight": torch.zeros(1),
        "features.28.weight": torch.zeros(1),
        "classifier.0.weight": torch.zeros(1),
    }
    vgg: Any = build("vgg16_autoencoder").encoder
    assert vgg.accept(torchvision).keys() == {"features.0.weight", "features.28.weight"}
    assert {"features.0.weight", "features.28.weight"} <= vgg.state_dict().keys()
    nineteen: Any = build("vgg19_residual").encoder
    assert "features.0.weight" not in nineteen.accept(torchvision)
    assert {"features.2.weight", "features.34.bias"} <= nineteen.state_dict().keys()
    assert "features.0.weight" not in nineteen.state_dict()
    resnet: Any = build("resnet_gray").encoder
    kept = resnet.accept(
        {"conv1.weight": torch.ones(64, 3, 7, 7), "layer3.0.conv1.weight": torch.zeros(1), "fc.bias": torch.zeros(1)}
    )
    assert kept.keys() == {"conv1.weight"}
    assert torch.equal(kept["conv1.weight"], torch.full((64, 1, 7, 7), 3.0))
    assert {"layer1.0.bn1.running_mean", "layer2.0.downsample.0.weight"} <= resnet.state_dict().keys()
    inception: Any = build("koalarization").encoder
    timm = (
        "conv2d_1a.conv.weight",
        "mixed_5b.branch3.1.bn.bias",
        "repeat.9.conv2d.bias",
        "repeat_1.19.branch1.2.conv.weight",
    )
    assert {
        *timm,
        "mixed_7a.branch2.2.bn.weight",
        "block8.branch0.conv.weight",
        "classif.weight",
    } <= inception.state_dict().keys()


def test_the_bins_of_the_paper_are_as_many_and_hold_those_of_the_gamut() -> None:
    many, gamut = ({tuple(row) for row in ab_bins(count).tolist()} for count in (313, None))
    assert len(many) == 313
    assert gamut <= many
    assert {tuple(row) for row in ARCHITECTURES["eccv16"].bins().tolist()} == many  # type: ignore[misc]


@pytest.mark.parametrize("name", ["vgg16_autoencoder", "koalarization", "vgg19_residual"])
def test_another_encoder_can_stand_in_and_an_unknown_one_is_refused(name: str) -> None:
    network: Any = build(name, tiny=True, options={"encoder": "mobilenet_edgetpu"})
    assert isinstance(network.encoder, MobileNetEdgeTPU)
    assert torch.isfinite(network.eval()(torch.rand(1, 1, 64, 64) * 100)).all()
    with pytest.raises(RecipeError, check=lambda error: error.code == "architecture.unknown_encoder"):
        build(name, tiny=True, options={"encoder": "alexnet"})


def test_frozen_batch_norms_stay_in_a_training_network() -> None:
    network = build("photochrom_fast", tiny=True)
    set_training(network, freeze_batch_norm=True)
    before = {name: value.clone() for name, value in network.named_buffers()}
    network.logits(torch.rand(2, 1, 64, 64) * 100)
    assert network.training
    assert all(torch.equal(value, before[name]) for name, value in network.named_buffers())


def test_unknown_names_and_options_are_answered_with_the_nearest() -> None:
    with pytest.raises(RecipeError) as caught:
        build("fotochrom")
    assert (caught.value.code, caught.value.details["near"]) == ("architecture.unknown", "photochrom")
    with pytest.raises(RecipeError) as caught:
        build("photochrom_fast", tiny=True, options={"widht": (1, 2, 3, 4)})
    assert (caught.value.code, caught.value.details["near"]) == ("architecture.unknown_option", "width")


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
def test_xception_is_the_published_one_inside_its_border() -> None:
    tensors = load_tensors(WEIGHTS / "xception_to_block13.safetensors")
    ours, theirs = Xception().eval(), _module("reference_xception").XceptionFeatures().eval()
    load_strictly(ours, ours.accept(tensors), "it")
    theirs.load_state_dict(tensors)
    rgb = torch.rand(1, 3, 256, 256) * 2 - 1
    with torch.no_grad():
        stem = torch.nn.functional.relu(theirs.bn2(theirs.conv2(torch.relu(theirs.bn1(theirs.conv1(rgb))))))
        mine = ours.features(rgb)
        # the reference's stem has lost a pixel on each side: what lies beneath is fed to both
        assert (mine[0][:, :, 1:126, 1:126] - stem[:, :, :125, :125]).abs().max() < 1e-3
        x, y = mine[0], mine[0]
        for own, reference in zip(ours.blocks, theirs.blocks, strict=True):
            x, y = own(x), reference(y)
            assert (x - y).abs().max() < 1e-3 * y.abs().max()
    assert [f.shape[1:] for f in mine] == [
        (c, 256 // s, 256 // s) for c, s in zip(ours.channels, (2, 4, 8, 16, 32), strict=True)
    ]


@needs_weights
def test_the_network_is_the_prototype(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(WEIGHTS))
    tensors = load_tensors(WEIGHTS / "prototype.safetensors")
    ours = build("photochrom_fast").eval()
    load_strictly(ours, rename_prototype(tensors), "the prototype")
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

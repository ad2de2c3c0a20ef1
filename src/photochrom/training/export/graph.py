"""A trained network as one ONNX graph with dynamic sizes: what a runtime needs, nothing of the training.

Colours and confidence are computed inside the graph, on rows of bins (see :mod:`photochrom.models.color_distribution`),
from a temperature, a prior correction and a bias for colour bins that are inputs, so that neither vividness nor a
palette needs a second network.
"""

import copy
import logging
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from photochrom.errors import CheckpointError
from photochrom.models.color_distribution import annealed_mean, confidence, deviation, true_distribution
from photochrom.models.encoders.mobilenet_edgetpu import SameConv2d
from photochrom.training.losses.objectives import takes_hints

__all__ = ["ExportGraph", "choose_graph", "fix_padding", "fold_batch_norms", "to_onnx", "trace"]

OPSET = 20
#: the newest ONNX file version that onnxruntime 1.20 reads
IR_VERSION = 10


class ExportGraph(nn.Module):
    """A network with its batch norms folded and its paddings fixed, as a graph of named inputs and outputs.

    Args:
        network: of the zoo's table; what it can do decides what the graph takes and gives.
    """

    inputs: tuple[str, ...] = ("lightness",)
    outputs: tuple[str, ...] = ("ab",)

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        own: Any = copy.deepcopy(network)
        own.to(device="cpu", dtype=torch.float32, memory_format=torch.contiguous_format)
        self.network: Any = fix_padding(fold_batch_norms(own.eval()))

    def forward(self, lightness: Tensor) -> Any:
        """Colours L* (N,1,H,W): a*b* (N,2,h,w)."""
        return self.network(lightness)

    def example(self) -> tuple[Tensor, ...]:
        """Inputs to trace with: two pictures, two strides high and three wide."""
        stride = self.network.stride
        return (torch.full((2, 1, 2 * stride, 3 * stride), 50.0),)


class LatentGraph(ExportGraph):
    """The graph of a variational network: the code is an input."""

    inputs = ("lightness", "z")

    def forward(self, lightness: Tensor, z: Tensor) -> Any:  # type: ignore[override]
        """Colours L* (N,1,H,W) by codes (N,Z): a*b* (N,2,h,w)."""
        return self.network(lightness, z)

    def example(self) -> tuple[Tensor, ...]:
        """Returns the same, with codes."""
        return (*super().example(), torch.zeros(2, self.network.latent))


class DistributionGraph(ExportGraph):
    """The graph of a network with a distribution: vividness is two inputs, confidence and probability come out too.

    So is a palette one: ``bin_bias`` (Q,) is added to the scores that the colours are made of, not to those that
    confidence and probability are.
    """

    inputs: tuple[str, ...] = ("lightness", "temperature", "correction", "bin_bias")
    outputs: tuple[str, ...] = ("ab", "confidence", "probability")

    def forward(  # type: ignore[override]
        self, lightness: Tensor, temperature: Tensor, correction: Tensor, bin_bias: Tensor
    ) -> Any:
        """Colours L* (N,1,H,W): a*b* (N,2,h,w), confidence (N,1,h,w) and true probability (N,Q,h,w)."""
        return self.answer(self.network.logits(lightness), temperature, correction, bin_bias)[:3]

    def answer(self, logits: Tensor, temperature: Tensor, correction: Tensor, bin_bias: Tensor) -> tuple[Tensor, ...]:
        """Colours, confidence, probability and uncertainty of scores (N,Q,h,w)."""
        n, bins, height, width = logits.shape
        # flat rows keep the runtime from moving the softmax back onto planes
        rows = logits.permute(0, 2, 3, 1).reshape(-1, bins)
        own = self.network.bins
        probability = true_distribution(rows, self.network.log_weight)
        ab = annealed_mean(rows + bin_bias, own, self.network.log_weight, temperature, correction)
        answers = (ab, confidence(probability, own), probability, deviation(probability, own))
        return tuple(_to_planes(answer, n, height, width) for answer in answers)

    def example(self) -> tuple[Tensor, ...]:
        """Returns the same, with settings."""
        return (*super().example(), torch.tensor(1.0), torch.tensor(0.0), torch.zeros(len(self.network.bins)))


class HintedGraph(DistributionGraph):
    """The graph of a network with a distribution that takes hints."""

    inputs: tuple[str, ...] = ("lightness", "hints", "temperature", "correction", "bin_bias")

    def forward(  # type: ignore[override]
        self, lightness: Tensor, hints: Tensor, temperature: Tensor, correction: Tensor, bin_bias: Tensor
    ) -> Any:
        """Colours L* (N,1,H,W) with hints (N,3,h,w): as above."""
        return self.answer(self.network.logits(lightness, hints), temperature, correction, bin_bias)[:3]

    def example(self) -> tuple[Tensor, ...]:
        """Returns the same, with hints."""
        lightness, *settings = super().example()
        cell = self.network.output_stride
        n, _, height, width = lightness.shape
        return (lightness, torch.zeros(n, 3, height // cell, width // cell), *settings)


class SteeredGraph(HintedGraph):
    """The graph of a network that also tells what its encoder sees and what belongs together.

    By the encoder's features things in two photos are matched; by the uncertainty and the affinity hints
    are spread.
    """

    outputs = ("ab", "confidence", "probability", "uncertainty", "features", "affinity")

    def forward(  # type: ignore[override]
        self, lightness: Tensor, hints: Tensor, temperature: Tensor, correction: Tensor, bin_bias: Tensor
    ) -> Any:
        """Colours L* (N,1,H,W) with hints (N,3,h,w): as above, and uncertainty, features and affinity."""
        return self.steer((lightness, hints), (temperature, correction, bin_bias))

    def steer(
        self, read: tuple[Tensor, ...], settings: tuple[Tensor, ...], render: Tensor | None = None
    ) -> tuple[Tensor, ...]:
        """Returns all outputs.

        Args:
            read: what the network reads, lightness first.
            settings: temperature, correction and bin bias, which the answer is made with.
            render: 0 for that answer, 1 for the picture that the render head makes of the plain mean, above 1 for
                more; None for a network without one.
        """
        reading = self.network.read(*read)
        ab, *others = self.answer(reading.scores, *settings)
        if render is not None:
            _, probability, uncertainty = others
            # of the true distribution: a palette moves the picture as far as it moves the mean
            mean = (probability.permute(0, 2, 3, 1) @ self.network.bins).permute(0, 3, 1, 2)
            ab = ab + render * (self.network.render(reading, mean, uncertainty, read[0]) - mean)
        return (ab, *others, reading.features, reading.likeness)

    def example(self) -> tuple[Tensor, ...]:
        """Returns the same, and 1 for each further input of a graph made from this one."""
        return (*super().example(), *(torch.tensor(1.0) for _ in self.inputs[len(SteeredGraph.inputs) :]))


class BroadGraph(SteeredGraph):
    """The graph of a network that believes hints as far as they speak for the whole picture: how far is an input."""

    inputs = (*SteeredGraph.inputs, "hint_coverage")

    def forward(  # type: ignore[override]
        self,
        lightness: Tensor,
        hints: Tensor,
        temperature: Tensor,
        correction: Tensor,
        bin_bias: Tensor,
        hint_coverage: Tensor,
    ) -> Any:
        """Colours L* (N,1,H,W) with hints (N,3,h,w) and their hint_coverage: as above."""
        return self.steer((lightness, hints, hint_coverage), (temperature, correction, bin_bias))


class RenderGraph(SteeredGraph):
    """The graph of a network with a render head: how far its picture takes the mean's place is an input."""

    inputs = (*SteeredGraph.inputs, "render")

    def forward(  # type: ignore[override]
        self,
        lightness: Tensor,
        hints: Tensor,
        temperature: Tensor,
        correction: Tensor,
        bin_bias: Tensor,
        render: Tensor,
    ) -> Any:
        """Colours L* (N,1,H,W) with hints (N,3,h,w): as above, rendered."""
        return self.steer((lightness, hints), (temperature, correction, bin_bias), render)


class RenderBroadGraph(BroadGraph):
    """The graph of a network with a render head that believes hints as far as they speak for the whole picture."""

    inputs = (*BroadGraph.inputs, "render")

    def forward(  # type: ignore[override]
        self,
        lightness: Tensor,
        hints: Tensor,
        temperature: Tensor,
        correction: Tensor,
        bin_bias: Tensor,
        hint_coverage: Tensor,
        render: Tensor,
    ) -> Any:
        """Colours L* (N,1,H,W) with hints (N,3,h,w) and their hint_coverage: as above, rendered."""
        return self.steer((lightness, hints, hint_coverage), (temperature, correction, bin_bias), render)


def _to_planes(rows: Tensor, n: int, height: int, width: int) -> Tensor:
    return rows.reshape(n, height, width, -1).permute(0, 3, 1, 2)


def choose_graph(network: nn.Module) -> ExportGraph:
    """Returns the graph that fits what a network can do."""
    kind = ExportGraph
    if hasattr(network, "read"):
        renders = getattr(network, "render_head", None) is not None
        if getattr(network, "takes_hint_coverage", False):
            kind = RenderBroadGraph if renders else BroadGraph
        else:
            kind = RenderGraph if renders else SteeredGraph
    elif hasattr(network, "logits"):
        kind = HintedGraph if takes_hints(network) else DistributionGraph
    elif hasattr(network, "posterior"):
        kind = LatentGraph
    return kind(network).eval()


def fold_batch_norms(network: nn.Module) -> nn.Module:
    """Folds each batch norm that follows a convolution in a sequence into that convolution, in place."""
    for module in list(network.modules()):
        if isinstance(module, nn.Sequential):
            for index in range(len(module) - 1):
                first, second = module[index], module[index + 1]
                # a batch norm behind a ReLU stays as it is
                if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d):
                    module[index] = fuse_conv_bn_eval(first, second)
                    module[index + 1] = nn.Identity()
    return network


def fix_padding(network: nn.Module) -> nn.Module:
    """Gives each ``SAME`` convolution the padding it has on inputs that are multiples of its stride, in place."""
    # inputs of an exported graph are multiples of its stride, so SAME padding is the same at every size
    for name, module in list(network.named_modules()):
        if isinstance(module, SameConv2d):
            kernel, stride = module.kernel_size[0], module.stride[0]
            total = max(kernel - stride, 0)
            before, after = total // 2, total - total // 2
            plain = nn.Conv2d(
                module.in_channels, module.out_channels, kernel, stride, before, groups=module.groups, bias=True
            )
            plain.weight, plain.bias = module.weight, module.bias
            replacement: nn.Module = plain
            if before != after:
                plain.padding = (0, 0)
                replacement = nn.Sequential(nn.ZeroPad2d((before, after, before, after)), plain)
            parent, _, child = name.rpartition(".")
            setattr(network.get_submodule(parent), child, replacement)
    return network


def trace(graph: ExportGraph, path: Path) -> None:
    """Writes a graph as an ONNX file with dynamic batch, height and width (multiples of its stride).

    Raises:
        CheckpointError: torch cannot export it.
    """
    stride, cell = graph.network.stride, graph.network.stride // graph.network.output_stride
    dimension = torch.export.Dim
    n, height, width = (dimension(name, min=1, max=4096) for name in ("batch", "rows", "columns"))
    shapes: dict[str, Any] = {
        "lightness": {0: n, 2: stride * height, 3: stride * width},
        "hints": {0: n, 2: cell * height, 3: cell * width},
        "z": {0: n},
        "temperature": {},
        "correction": {},
        "bin_bias": {},
        "hint_coverage": {},
        "render": {},
    }
    to_onnx(
        graph,
        graph.example(),
        path,
        inputs=graph.inputs,
        outputs=graph.outputs,
        shapes={name: shapes[name] for name in graph.inputs},
    )


def to_onnx(
    module: nn.Module,
    example: tuple[Tensor, ...],
    path: Path,
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
    shapes: Mapping[str, Any] | None = None,
) -> None:
    """Writes a module as an ONNX file, without what torch's exporter says of itself.

    Raises:
        CheckpointError: torch cannot export it.
    """
    exporter_log = logging.getLogger("torch.onnx")
    level = exporter_log.level
    exporter_log.setLevel(logging.ERROR)  # it reports torchvision's absence, which is expected
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch warns of deprecations in its own code
            program = torch.onnx.export(
                module,
                example,
                dynamo=True,
                verbose=False,
                opset_version=OPSET,
                dynamic_shapes=dict(shapes) if shapes else None,
                input_names=list(inputs),
                output_names=list(outputs),
            )
    finally:
        exporter_log.setLevel(level)
    if program is None:
        raise CheckpointError("export.no_graph")
    program.save(path, external_data=False)

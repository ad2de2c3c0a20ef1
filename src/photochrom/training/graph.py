"""A trained network as one ONNX graph with dynamic sizes: what a runtime needs, nothing of the training.

Colours and confidence are computed inside the graph, on rows of bins (see :mod:`photochrom.models.distribution`), from
a temperature and a prior correction that are inputs, so that vividness needs no second network.
"""

import copy
import logging
import warnings
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from photochrom.errors import CheckpointError
from photochrom.models.distribution import annealed_mean, confidence, true_distribution
from photochrom.models.encoders.mobilenet_edgetpu import SameConv2d

__all__ = ["DistributionNetwork", "ExportGraph", "fold_batch_norms", "trace"]

INPUTS = ("lightness", "hints", "temperature", "correction")
OUTPUTS = ("ab", "confidence", "probability")
OPSET = 20
#: the newest ONNX file version that onnxruntime 1.20 reads
IR_VERSION = 10


@runtime_checkable
class DistributionNetwork(Protocol):
    """What export asks of a network: scores of colour bins, and the two buffers that give them meaning."""

    stride: int
    output_stride: int
    bins: Tensor
    log_weight: Tensor

    def logits(self, lightness: Tensor, hints: Tensor | None = None) -> Tensor:
        """Scores (N,Q,h,w) of every bin."""


class ExportGraph(nn.Module):
    """The network with its batch norms folded, its paddings fixed, and colours and confidence as outputs."""

    def __init__(self, network: DistributionNetwork) -> None:
        super().__init__()
        own: Any = copy.deepcopy(network)
        own.to(device="cpu", dtype=torch.float32, memory_format=torch.contiguous_format)
        self.network: Any = _fix_padding(fold_batch_norms(own.eval()))

    def forward(
        self, lightness: Tensor, hints: Tensor, temperature: Tensor, correction: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Colour L* (N,1,H,W): a*b* (N,2,h,w), confidence (N,1,h,w) and true probability (N,Q,h,w)."""
        logits = self.network.logits(lightness, hints)
        n, bins, height, width = logits.shape
        # flat rows keep the runtime from moving the softmax back onto planes
        rows = logits.permute(0, 2, 3, 1).reshape(-1, bins)
        probability = true_distribution(rows, self.network.log_weight)
        ab = annealed_mean(rows, self.network.bins, self.network.log_weight, temperature, correction)

        def planes(rows: Tensor) -> Tensor:
            return rows.reshape(n, height, width, -1).permute(0, 3, 1, 2)

        return planes(ab), planes(confidence(probability, self.network.bins)), planes(probability)


def fold_batch_norms(network: nn.Module) -> nn.Module:
    """Fold each batch norm that follows a convolution in a sequence into that convolution, in place."""
    for module in list(network.modules()):
        if isinstance(module, nn.Sequential):
            for index in range(len(module) - 1):
                first, second = module[index], module[index + 1]
                if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d):
                    module[index] = fuse_conv_bn_eval(first, second)
                    module[index + 1] = nn.Identity()
    return network


def _fix_padding(network: nn.Module) -> nn.Module:
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


def trace(network: DistributionNetwork, path: Path) -> None:
    """Write the network as an ONNX file with dynamic batch, height and width (multiples of its stride).

    Raises:
        CheckpointError: the network does not give a distribution over colours.
    """
    if not isinstance(network, DistributionNetwork):
        raise CheckpointError(
            "This network gives no colour distribution, so it has no graph: export a photochrom network"
        )
    graph = ExportGraph(network).eval()
    stride, cell = network.stride, network.stride // network.output_stride
    example = (
        torch.full((2, 1, 2 * stride, 3 * stride), 50.0),
        torch.zeros(2, 3, 2 * cell, 3 * cell),
        torch.tensor(1.0),
        torch.tensor(0.0),
    )
    dimension = torch.export.Dim
    n, height, width = (dimension(name, min=1, max=4096) for name in ("batch", "rows", "columns"))
    shapes = {
        "lightness": {0: n, 2: stride * height, 3: stride * width},
        "hints": {0: n, 2: cell * height, 3: cell * width},
        "temperature": {},
        "correction": {},
    }
    exporter_log = logging.getLogger("torch.onnx")
    level = exporter_log.level
    exporter_log.setLevel(logging.ERROR)  # it reports torchvision's absence, which is no news
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch warns of deprecations in its own code
            program = torch.onnx.export(
                graph,
                example,
                dynamo=True,
                verbose=False,
                opset_version=OPSET,
                dynamic_shapes=shapes,
                input_names=INPUTS,
                output_names=OUTPUTS,
            )
    finally:
        exporter_log.setLevel(level)
    if program is None:
        raise CheckpointError("torch returned no graph: update torch and export again")
    program.save(path, external_data=False)

"""MobileNetEdgeTPU 1.0, the image classifier of the MLPerf Mobile suite, as a feature encoder.

Source: Howard & Gupta, *Introducing the Next Generation of On-Device Vision Models* (Google AI, 2019) and the MLPerf
Mobile reference classifier (Apache-2.0), whose weights this class loads strictly with batch norms folded into the
convolutions. TensorFlow's ``SAME`` padding is part of the network: symmetric padding costs it five points of top-1.
"""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from photochrom.models.encoders.base import without

__all__ = ["MobileNetEdgeTPU"]


class SameConv2d(nn.Conv2d):
    """A convolution with bias and TensorFlow ``SAME`` padding: the odd pixel of padding goes right and below."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__(inputs, outputs, kernel, stride, padding=0, groups=groups, bias=True)

    def forward(self, x: Tensor) -> Tensor:
        """Pads and convolves ``x`` (N,C,H,W) to (N,C',ceil(H/stride),ceil(W/stride))."""
        kernel, stride = self.kernel_size[0], self.stride[0]
        if kernel > 1:
            height, width = (self._padding(size, kernel, stride) for size in x.shape[-2:])
            x = F.pad(x, (width // 2, width - width // 2, height // 2, height - height // 2))
        if self.groups > 1 and self.training and x.device.type == "cpu":
            # oneDNN learns depthwise convolutions five times as fast in fp32 as in bf16
            with torch.autocast("cpu", enabled=False):
                return F.conv2d(x.float(), self.weight, self.bias, self.stride, groups=self.groups)
        return F.conv2d(x, self.weight, self.bias, self.stride, groups=self.groups)

    @staticmethod
    def _padding(size: int, kernel: int, stride: int) -> int:
        return max((-(-size // stride) - 1) * stride + kernel - size, 0)


class FusedBottleneck(nn.Module):
    """Full 3x3 expansion, then a 1x1 projection: cheaper than a depthwise pair on wide vector units."""

    def __init__(self, inputs: int, outputs: int, expanded: int, stride: int = 1) -> None:
        super().__init__()
        self.expand = SameConv2d(inputs, expanded, 3, stride)
        self.project = SameConv2d(expanded, outputs, 1)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """Maps (N,C,H,W) to (N,C',H/stride,W/stride)."""
        y: Tensor = self.project(F.relu(self.expand(x)))
        return x + y if self.residual else y


class InvertedBottleneck(nn.Module):
    """1x1 expansion, depthwise convolution, 1x1 projection (MobileNetV2)."""

    def __init__(self, inputs: int, outputs: int, expanded: int, kernel: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.expand = SameConv2d(inputs, expanded, 1)
        self.dw = SameConv2d(expanded, expanded, kernel, stride, expanded)
        self.project = SameConv2d(expanded, outputs, 1)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """Maps (N,C,H,W) to (N,C',H/stride,W/stride)."""
        y: Tensor = self.project(F.relu(self.dw(F.relu(self.expand(x)))))
        return x + y if self.residual else y


class MobileNetEdgeTPU(nn.Module):
    """The encoder: RGB in [-1, 1] to features at strides 2, 4, 8, 16 and 32.

    Args:
        width: scales every channel count (1.0 is the published network; a small one serves tests).
        classes: size of the classifier; 0 leaves it out.
        head: build the last convolution, which the global context and the classifier are made from.
        depth: share of the blocks that only repeat, at least one of each kind (1.0 is the published network).
    """

    #: the side of the photos its classifier was trained on, pixels
    size = 224

    #: the classifier's channels before width scaling
    CHANNELS = (16, 32, 48, 96, 192)
    HEAD = 1280

    def __init__(self, width: float = 1.0, classes: int = 0, *, head: bool = True, depth: float = 1.0) -> None:
        super().__init__()
        self.classes = classes

        def c(channels: int) -> int:
            return max(8, int(channels * width))

        repeats = max(1, round(3 * depth))
        self.channels = tuple(c(n) for n in self.CHANNELS)
        self.context_channels = c(self.HEAD)
        self.stem = SameConv2d(3, c(32), 3, 2)
        self.project = SameConv2d(c(32), c(16), 1)
        blocks: list[nn.Module] = [FusedBottleneck(c(16), c(32), c(128), 2)]
        blocks += [FusedBottleneck(c(32), c(32), c(128)) for _ in range(repeats)]
        blocks += [FusedBottleneck(c(32), c(48), c(256), 2)]
        blocks += [FusedBottleneck(c(48), c(48), c(192)) for _ in range(repeats)]
        blocks += [InvertedBottleneck(c(48), c(96), c(384), 3, 2)]
        blocks += [InvertedBottleneck(c(96), c(96), c(384)) for _ in range(repeats)]
        # this block keeps its size but has no shortcut in the published network
        widened = InvertedBottleneck(c(96), c(96), c(768))
        widened.residual = False
        blocks += [widened]
        blocks += [InvertedBottleneck(c(96), c(96), c(384)) for _ in range(repeats)]
        blocks += [InvertedBottleneck(c(96), c(160), c(768), 5, 2)]
        blocks += [InvertedBottleneck(c(160), c(160), c(640), 5) for _ in range(repeats)]
        blocks += [InvertedBottleneck(c(160), c(192), c(1280))]
        self.blocks = nn.ModuleList(blocks)
        # a feature map is tapped at the end of each stride
        self._taps = (repeats, 2 * repeats + 1, 4 * repeats + 3, 5 * repeats + 5)
        self.head = SameConv2d(c(192), c(self.HEAD), 1) if head or classes else None
        self.fc = nn.Linear(c(self.HEAD), classes) if classes else None

    def front(self, blocks: int) -> list[nn.Module]:
        """Returns the stem and the first ``blocks`` blocks: what a short training on new data had better leave alone.

        More blocks than there are take the head along.
        """
        if blocks > len(self.blocks):
            return [self]
        return [self.stem, self.project, *self.blocks[:blocks]] if blocks else []

    def accept(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Returns what this encoder keeps of the public weights: all but the parts it was built without."""
        unused = [name for name in ("fc", "head") if getattr(self, name) is None]
        return without(tensors, *(f"{name}." for name in unused)) if unused else dict(tensors)

    def features(self, rgb: Tensor) -> list[Tensor]:
        """Maps RGB (N,3,H,W) in [-1, 1] to five feature maps, strides 2 to 32, ``self.channels`` wide."""
        x = self.project(F.relu(self.stem(rgb)))
        features = [x]
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in self._taps:
                features.append(x)
        return features

    def context(self, deepest: Tensor) -> Tensor:
        """Pools the stride-32 features to one global vector (N, ``self.context_channels``).

        Raises:
            RuntimeError: the network was built without a head.
        """
        if self.head is None:
            raise RuntimeError("this encoder has no head; build it with head=True")
        return F.relu(self.head(deepest)).mean((2, 3))

    def forward(self, rgb: Tensor) -> Tensor:
        """Classifies RGB (N,3,H,W) in [-1, 1]: logits (N, classes).

        Raises:
            RuntimeError: the network was built without a classifier.
        """
        if self.fc is None:
            raise RuntimeError("this encoder has no classifier; build it with classes=1000")
        logits: Tensor = self.fc(self.context(self.features(rgb)[-1]))
        return logits

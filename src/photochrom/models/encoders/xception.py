"""Xception without its last block and classifier, as a feature encoder.

Source: Chollet, *Xception: Deep Learning with Depthwise Separable Convolutions* (CVPR 2017), as Keras Applications
publishes it (weights MIT), batch norms kept. The published stem does not pad; here it does, so that every feature map
divides the picture evenly: only a border of the features differs.
"""

from collections.abc import Mapping

import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Xception"]

#: of Keras' batch norms
EPSILON = 1e-3


class SeparableConv2d(nn.Module):
    """A 3x3 convolution of each channel, a 1x1 convolution across them, batch norm."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.dw = nn.Conv2d(inputs, inputs, 3, 1, 1, groups=inputs, bias=False)
        self.pw = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        """Maps (N,C,H,W) to (N,C',H,W)."""
        y: Tensor = self.bn(self.pw(self.dw(x)))
        return y


class Block(nn.Module):
    """Separable convolutions around a shortcut; at stride 2 it halves height and width."""

    def __init__(self, inputs: int, widths: tuple[int, ...], stride: int = 1, *, first_relu: bool = True) -> None:
        super().__init__()
        pairs = zip((inputs, *widths[:-1]), widths, strict=True)
        self.seps = nn.ModuleList([SeparableConv2d(i, o) for i, o in pairs])
        self.first_relu, self.stride = first_relu, stride
        self.skip = nn.Conv2d(inputs, widths[-1], 1, stride, bias=False) if stride > 1 else None
        self.skipbn = nn.BatchNorm2d(widths[-1], eps=EPSILON) if stride > 1 else None

    def forward(self, x: Tensor) -> Tensor:
        """Maps (N,C,H,W) to (N,C',H/stride,W/stride), H and W even."""
        y = x
        for index, convolution in enumerate(self.seps):
            y = convolution(F.relu(y) if index or self.first_relu else y)
        if self.skip is None or self.skipbn is None:
            return x + y
        # TensorFlow's SAME: the odd pixel of padding goes right and below
        shrunk = F.max_pool2d(F.pad(y, (0, 1, 0, 1), value=float("-inf")), 3, 2)
        shortcut: Tensor = self.skipbn(self.skip(x))
        return shrunk + shortcut


class Xception(nn.Module):
    """The encoder: RGB in [-1, 1] to features at strides 2, 4, 8, 16 and 32.

    Args:
        width: scales every channel count; anything but 1.0 cannot take the public weights.
        depth: share of the middle flow's eight blocks, at least one of them.
    """

    #: blocks after which a feature map is tapped (strides 4, 8, 16, 32), the middle flow counted as one
    CHANNELS = (64, 128, 256, 728, 1024)

    def __init__(self, width: float = 1.0, depth: float = 1.0) -> None:
        super().__init__()
        middle = max(1, round(8 * depth))
        self.channels = tuple(max(8, int(channels * width)) for channels in self.CHANNELS)
        c2, c4, c8, c16, c32 = self.channels
        first = max(8, int(32 * width))
        self.context_channels = c32
        self.conv1 = nn.Conv2d(3, first, 3, 2, bias=False)
        self.bn1 = nn.BatchNorm2d(first, eps=EPSILON)
        self.conv2 = nn.Conv2d(first, c2, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(c2, eps=EPSILON)
        blocks = [Block(c2, (c4, c4), 2, first_relu=False), Block(c4, (c8, c8), 2), Block(c8, (c16, c16), 2)]
        blocks += [Block(c16, (c16, c16, c16)) for _ in range(middle)]
        self.blocks = nn.ModuleList([*blocks, Block(c16, (c16, c32), 2)])
        self._taps = (0, 1, 2 + middle, 3 + middle)

    def front(self, blocks: int) -> list[nn.Module]:
        """Returns the stem and the first ``blocks`` blocks."""
        return [self.conv1, self.bn1, self.conv2, self.bn2, *self.blocks[:blocks]] if blocks else []

    def accept(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Returns all of them."""
        return dict(tensors)

    def features(self, rgb: Tensor) -> list[Tensor]:
        """Maps RGB (N,3,H,W) in [-1, 1] to five feature maps, strides 2 to 32, ``self.channels`` wide."""
        x = F.relu(self.bn1(self.conv1(F.pad(rgb, (0, 1, 0, 1)))))
        x = F.relu(self.bn2(self.conv2(x)))
        found = [x]
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in self._taps:
                found.append(x)
        return found

    def context(self, deepest: Tensor) -> Tensor:
        """Pools the stride-32 features to one global vector (N, ``self.context_channels``)."""
        return F.relu(deepest).mean((2, 3))

"""The first half of ResNet-18, under the parameter names of torchvision's weights.

Source: He, Zhang, Ren & Sun, *Deep Residual Learning for Image Recognition* (CVPR 2016).
"""

from collections.abc import Mapping

import torch.nn.functional as F
from torch import Tensor, nn

from photochrom.models.encoders.base import without

__all__ = ["ResNet18Front"]


class BasicBlock(nn.Module):
    """Two 3x3 convolutions and a shortcut."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = (
            nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
            if stride != 1 or inputs != outputs
            else None
        )

    def forward(self, x: Tensor) -> Tensor:
        """Maps (N,C,H,W) to (N,C',H/stride,W/stride)."""
        shortcut = x if self.downsample is None else self.downsample(x)
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + shortcut)


class ResNet18Front(nn.Module):
    """ResNet-18 up to its second stage, its first convolution taking one channel.

    Args:
        width: scales every channel count; anything but 1.0 cannot take the public weights.
    """

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        # strided 1x1 convolutions of fewer than 8 channels, channels last: their backward pass in oneDNN damages the
        # heap where there is AVX2 without AVX-512 (seen with torch 2.13)
        first, second = (max(8, int(channels * width)) for channels in (64, 128))
        self.channels = (first, second)
        self.conv1 = nn.Conv2d(1, first, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(first)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.layer1 = nn.Sequential(BasicBlock(first, first), BasicBlock(first, first))
        self.layer2 = nn.Sequential(BasicBlock(first, second, 2), BasicBlock(second, second))

    def front(self, blocks: int) -> list[nn.Module]:
        """Returns the stem, then its four blocks."""
        return [self.conv1, self.bn1, *self.layer1, *self.layer2][: blocks and blocks + 1]

    def accept(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Returns the tensors without the second half, the first convolution's three channels summed."""
        kept = without(tensors, "layer3.", "layer4.", "fc.")
        if "conv1.weight" in kept and kept["conv1.weight"].shape[1] == 3:
            kept["conv1.weight"] = kept["conv1.weight"].sum(1, keepdim=True)
        return kept

    def forward(self, x: Tensor) -> Tensor:
        """Maps one channel (N,1,H,W) of zero mean and unit deviation to (N,128,H/8,W/8)."""
        x = self.maxpool(F.relu(self.bn1(self.conv1(x))))
        y: Tensor = self.layer2(self.layer1(x))
        return y

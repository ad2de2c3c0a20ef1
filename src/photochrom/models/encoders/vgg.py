"""VGG16 and VGG19 as feature encoders, under the parameter names of torchvision's weights.

Source: Simonyan & Zisserman, *Very Deep Convolutional Networks for Large-Scale Image Recognition* (ICLR 2015), whose
configurations D and E these are; the weights fit torchvision's ``vgg16`` and ``vgg19`` (without batch norm).
"""

from collections.abc import Mapping

import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["VGG", "vgg16", "vgg19"]

#: convolutions in each of the five groups
DEPTHS = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
WIDTHS = (64, 128, 256, 512, 512)


class VGG(nn.Module):
    """The convolutions of a VGG: RGB, ImageNet-normalised, to features at strides 1, 2, 4, 8 and 16.

    Args:
        depths: convolutions in each of the five groups.
        width: scales every channel count; anything but 1.0 cannot take the public weights.
        own_first: leave the first convolution out; the network that uses this encoder has one of its own.
    """

    def __init__(self, depths: tuple[int, ...], width: float = 1.0, *, own_first: bool = False) -> None:
        super().__init__()
        self.channels = tuple(max(4, int(channels * width)) for channels in WIDTHS)
        self.own_first = own_first
        layers: list[nn.Module] = []
        inputs = 3
        #: layers after which a group ends
        self._ends: list[int] = []
        for group, (channels, depth) in enumerate(zip(self.channels, depths, strict=True)):
            if group:
                layers.append(nn.MaxPool2d(2))
            for _ in range(depth):
                layers += [nn.Conv2d(inputs, channels, 3, padding=1), nn.ReLU(inplace=True)]
                inputs = channels
            self._ends.append(len(layers))
        if own_first:
            layers[:2] = [nn.Identity(), nn.Identity()]
        self.features = nn.Sequential(*layers)

    def front(self, blocks: int) -> list[nn.Module]:
        """Returns the first ``blocks`` convolutions."""
        convolutions: list[nn.Module] = [layer for layer in self.features if isinstance(layer, nn.Conv2d)]
        return convolutions[:blocks]

    def accept(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Returns the tensors without the classifier, and without a first convolution that is not used."""
        dropped = ("features.0.",) if self.own_first else ()
        return {name: t for name, t in tensors.items() if not name.startswith(("classifier.", *dropped))}

    def groups(self, x: Tensor) -> list[Tensor]:
        """Maps RGB (N,3,H,W), or the first convolution's output where that is left out, to the five groups' outputs."""
        found = []
        for index, layer in enumerate(self.features, 1):
            # a group's output is kept: the next must not overwrite it
            x = layer(x)
            if index in self._ends:
                found.append(x)
        return found

    def forward(self, x: Tensor) -> Tensor:
        """Maps RGB (N,3,H,W) to the code after the last pooling, (N,512,H/32,W/32)."""
        return F.max_pool2d(self.groups(x)[-1], 2)


def vgg16(width: float = 1.0) -> VGG:
    """Returns configuration D: 13 convolutions."""
    return VGG(DEPTHS["vgg16"], width)


def vgg19(width: float = 1.0, *, own_first: bool = False) -> VGG:
    """Returns configuration E: 16 convolutions."""
    return VGG(DEPTHS["vgg19"], width, own_first=own_first)

"""Inception-ResNet-v2, the classifier, under the parameter names of timm's weights.

Source: Szegedy, Ioffe, Vanhoucke & Alemi, *Inception-v4, Inception-ResNet and the Impact of Residual Connections on
Learning* (AAAI 2017). The published network is for 299x299 RGB in [-1, 1] and gives logits of 1000 classes.
"""

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["InceptionResNetV2"]

Size = int | tuple[int, int]


class ConvNormAct(nn.Module):
    """Convolution, batch norm, ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: Size, stride: int = 1, padding: Size = 0) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=0.001)

    def forward(self, x: Tensor) -> Tensor:
        """Maps (N,C,H,W) to (N,C',H',W')."""
        return F.relu(self.bn(self.conv(x)))


class Branches(nn.Module):
    """Several ways through, joined along the channels."""

    def __init__(self, **branches: nn.Module) -> None:
        super().__init__()
        for name, branch in branches.items():
            self.add_module(name, branch)

    def forward(self, x: Tensor) -> Tensor:
        """Maps (N,C,H,W) to the joined branches."""
        return torch.cat([branch(x) for branch in self.children()], 1)


class ResidualBlock(nn.Module):
    """Branches, a linear 1x1 convolution, and the shortcut they are added to, scaled down."""

    def __init__(self, branches: Sequence[nn.Module], joined: int, channels: int, scale: float, *, relu: bool) -> None:
        super().__init__()
        for number, branch in enumerate(branches):
            self.add_module(f"branch{number}", branch)
        self.branches = len(branches)
        self.conv2d = nn.Conv2d(joined, channels, 1)
        self.scale, self.relu = scale, relu

    def forward(self, x: Tensor) -> Tensor:
        """Maps (N,C,H,W) to the same shape."""
        found = [self.get_submodule(f"branch{number}")(x) for number in range(self.branches)]
        y = x + self.conv2d(torch.cat(found, 1)) * self.scale
        return F.relu(y) if self.relu else y


class InceptionResNetV2(nn.Module):
    """The classifier: RGB (N,3,299,299) in [-1, 1] to logits (N,1000).

    Args:
        width: scales every channel count; anything but 1.0 cannot take the public weights.
        blocks: residual blocks of its three stages; the published network has (10, 20, 9).
    """

    #: the side of its input, pixels
    size = 299

    def __init__(self, width: float = 1.0, blocks: tuple[int, int, int] = (10, 20, 9)) -> None:
        super().__init__()

        def c(channels: int) -> int:
            return max(2, int(channels * width))

        def conv(inputs: int, outputs: int, kernel: Size, stride: int = 1, padding: Size = 0) -> ConvNormAct:
            return ConvNormAct(inputs, outputs, kernel, stride, padding)

        def average(inputs: int, outputs: int) -> nn.Sequential:
            return nn.Sequential(nn.AvgPool2d(3, 1, 1, count_include_pad=False), conv(inputs, outputs, 1))

        self.conv2d_1a = conv(3, c(32), 3, 2)
        self.conv2d_2a = conv(c(32), c(32), 3)
        self.conv2d_2b = conv(c(32), c(64), 3, 1, 1)
        self.maxpool_3a = nn.MaxPool2d(3, 2)
        self.conv2d_3b = conv(c(64), c(80), 1)
        self.conv2d_4a = conv(c(80), c(192), 3)
        self.maxpool_5a = nn.MaxPool2d(3, 2)
        self.mixed_5b = Branches(
            branch0=conv(c(192), c(96), 1),
            branch1=nn.Sequential(conv(c(192), c(48), 1), conv(c(48), c(64), 5, 1, 2)),
            branch2=nn.Sequential(conv(c(192), c(64), 1), conv(c(64), c(96), 3, 1, 1), conv(c(96), c(96), 3, 1, 1)),
            branch3=average(c(192), c(64)),
        )
        w35 = c(96) + c(64) + c(96) + c(64)
        self.repeat = nn.Sequential(
            *(
                ResidualBlock(
                    [
                        conv(w35, c(32), 1),
                        nn.Sequential(conv(w35, c(32), 1), conv(c(32), c(32), 3, 1, 1)),
                        nn.Sequential(conv(w35, c(32), 1), conv(c(32), c(48), 3, 1, 1), conv(c(48), c(64), 3, 1, 1)),
                    ],
                    2 * c(32) + c(64),
                    w35,
                    0.17,
                    relu=True,
                )
                for _ in range(blocks[0])
            )
        )
        self.mixed_6a = Branches(
            branch0=conv(w35, c(384), 3, 2),
            branch1=nn.Sequential(conv(w35, c(256), 1), conv(c(256), c(256), 3, 1, 1), conv(c(256), c(384), 3, 2)),
            branch2=nn.MaxPool2d(3, 2),
        )
        w17 = 2 * c(384) + w35
        self.repeat_1 = nn.Sequential(
            *(
                ResidualBlock(
                    [
                        conv(w17, c(192), 1),
                        nn.Sequential(
                            conv(w17, c(128), 1),
                            conv(c(128), c(160), (1, 7), 1, (0, 3)),
                            conv(c(160), c(192), (7, 1), 1, (3, 0)),
                        ),
                    ],
                    2 * c(192),
                    w17,
                    0.10,
                    relu=True,
                )
                for _ in range(blocks[1])
            )
        )
        self.mixed_7a = Branches(
            branch0=nn.Sequential(conv(w17, c(256), 1), conv(c(256), c(384), 3, 2)),
            branch1=nn.Sequential(conv(w17, c(256), 1), conv(c(256), c(288), 3, 2)),
            branch2=nn.Sequential(conv(w17, c(256), 1), conv(c(256), c(288), 3, 1, 1), conv(c(288), c(320), 3, 2)),
            branch3=nn.MaxPool2d(3, 2),
        )
        w8 = c(384) + c(288) + c(320) + w17

        def block8(scale: float, *, relu: bool) -> ResidualBlock:
            return ResidualBlock(
                [
                    conv(w8, c(192), 1),
                    nn.Sequential(
                        conv(w8, c(192), 1),
                        conv(c(192), c(224), (1, 3), 1, (0, 1)),
                        conv(c(224), c(256), (3, 1), 1, (1, 0)),
                    ),
                ],
                c(192) + c(256),
                w8,
                scale,
                relu=relu,
            )

        self.repeat_2 = nn.Sequential(*(block8(0.20, relu=True) for _ in range(blocks[2])))
        self.block8 = block8(1.0, relu=False)
        self.conv2d_7b = conv(w8, c(1536), 1)
        self.classif = nn.Linear(c(1536), 1000)
        self.classes = 1000

    def front(self, blocks: int) -> list[nn.Module]:
        """Returns its stages, one after the other."""
        return [module for module in self.children() if not isinstance(module, nn.MaxPool2d)][:blocks]

    def accept(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Returns all of them."""
        return dict(tensors)

    def forward(self, rgb: Tensor) -> Tensor:
        """Classifies RGB (N,3,299,299) in [-1, 1]: logits (N,1000)."""
        x = self.conv2d_2b(self.conv2d_2a(self.conv2d_1a(rgb)))
        x = self.conv2d_4a(self.conv2d_3b(self.maxpool_3a(x)))
        x = self.repeat(self.mixed_5b(self.maxpool_5a(x)))
        x = self.repeat_1(self.mixed_6a(x))
        x = self.block8(self.repeat_2(self.mixed_7a(x)))
        logits: Tensor = self.classif(self.conv2d_7b(x).mean((2, 3)))
        return logits

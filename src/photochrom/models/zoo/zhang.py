"""The eight convolution groups of *Colorful Image Colorization*, with two ways to answer.

Source: Zhang, Isola & Efros, *Colorful Image Colorization* (ECCV 2016). ``eccv16`` is the paper's: a distribution over
313 colours, soft-encoded cross entropy with class rebalancing, the annealed mean as the answer. ``zhang_regression`` is
the smaller system an earlier project made of the same trunk: a 1x1 convolution to a*b*, squared error.

The paper's 313 bins come as a list beside its weights. Here they are the 313 cells of the same grid nearest to the sRGB
gamut, which itself meets 261 of them.
"""

from dataclasses import dataclass

from torch import Tensor, nn

from photochrom.models.color_distribution import BinnedColors

__all__ = ["Eccv16", "ZhangOptions", "ZhangRegression"]

#: channels, convolutions, stride of the last convolution, dilation of each group
GROUPS = (
    (64, 2, 2, 1),
    (128, 2, 2, 1),
    (256, 3, 2, 1),
    (512, 3, 1, 1),
    (512, 3, 1, 2),
    (512, 3, 1, 2),
    (512, 3, 1, 1),
)


@dataclass(frozen=True)
class ZhangOptions:
    """Options of both.

    Attributes:
        width: channels of the first group; 64 is the paper's, 32 and 16 are its half and quarter.
    """

    width: int = 64


class Trunk(nn.Sequential):
    """Groups conv1 to conv8: (N,1,H,W) to (N,4*width,H/4,W/4); batch norm after every group but the last."""

    def __init__(self, width: int) -> None:
        groups: list[nn.Module] = []
        inputs = 1
        for channels, depth, stride, dilation in GROUPS:
            outputs = channels * width // 64
            layers: list[nn.Module] = []
            for index in range(depth):
                step = stride if index == depth - 1 else 1
                layers += [nn.Conv2d(inputs, outputs, 3, step, dilation, dilation), nn.ReLU()]
                inputs = outputs
            groups.append(nn.Sequential(*layers, nn.BatchNorm2d(outputs)))
        last = 4 * width
        groups.append(
            nn.Sequential(
                *(nn.ConvTranspose2d(inputs, last, 4, 2, 1), nn.ReLU()),
                *(nn.Conv2d(last, last, 3, padding=1), nn.ReLU()),
                *(nn.Conv2d(last, last, 3, padding=1), nn.ReLU()),
            )
        )
        super().__init__(*groups)


class ZhangRegression(nn.Module):
    """L* (N,1,H,W) to a*b* (N,2,H/4,W/4).

    Args:
        options: how wide.
    """

    stride = 8
    output_stride = 4

    def __init__(self, options: ZhangOptions) -> None:
        super().__init__()
        self.trunk = Trunk(options.width)
        self.to_ab = nn.Conv2d(4 * options.width, 2, 1)

    def forward(self, lightness: Tensor) -> Tensor:
        """Maps L* 0..100 to a*b* in Lab units."""
        ab: Tensor = self.to_ab(self.trunk(lightness / 50.0 - 1.0)) * 110.0
        return ab


class Eccv16(BinnedColors):
    """L* (N,1,H,W) to a distribution over colours at stride 4.

    Args:
        options: how wide.
        bins: (Q,2) a*b* of the colours.
        loss_weight: (Q,) their weight in the loss.
    """

    stride = 8
    output_stride = 4

    def __init__(self, options: ZhangOptions, bins: Tensor, loss_weight: Tensor) -> None:
        super().__init__(bins, loss_weight)
        self.trunk = Trunk(options.width)
        self.classifier = nn.Conv2d(4 * options.width, len(bins), 1)

    def logits(self, lightness: Tensor) -> Tensor:
        """Scores every bin at every cell, (N,Q,H/4,W/4)."""
        scores: Tensor = self.classifier(self.trunk(lightness / 50.0 - 1.0))
        return scores

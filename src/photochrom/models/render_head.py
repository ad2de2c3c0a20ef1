"""From a distribution over colours to a picture that people believe: a gain on the mean and a residual.

The mean of a broad distribution is dull, and its modes disagree from place to place. This head reads the mean, the
distribution's deviation and what the decoder knows, and answers one coherent picture; it is taught adversarially
(:mod:`photochrom.training.losses.adversarial`) while the network and its distribution stay as they are. Most of it
works at stride 8, where a place is four times cheaper; stride 4 only places the edges.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["RenderHead", "to_unit"]

#: a*b* and L* reach the head in these units
COLOR_UNIT, LIGHT_UNIT = 30.0, 50.0
#: largest residual it answers, Lab units, where its last layer says 1
RESIDUAL_UNIT = 20.0
#: dilations of the blocks at stride 8
DILATIONS = (1, 2, 4, 1)


class _Residual(nn.Module):
    """Two 3x3 convolutions beside a shortcut, behind a group norm."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, width)
        self.first = nn.Conv2d(width, width, 3, 1, dilation, dilation=dilation)
        self.second = nn.Conv2d(width, width, 3, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        added: Tensor = self.second(F.silu(self.first(F.silu(self.norm(x)))))
        return x + added


class RenderHead(nn.Module):
    """Turns the mean colour of a distribution into a lively picture, cell by cell at stride 4.

    Args:
        inputs4: channels of the decoder's features at stride 4.
        inputs8: the same at stride 8.
        width: own channels at stride 8, a multiple of 8; half as many at stride 4.
    """

    def __init__(self, inputs4: int, inputs8: int, width: int = 48) -> None:
        super().__init__()
        fine = width // 2
        self.read8 = nn.Conv2d(inputs8, width, 1)
        self.read4 = nn.Conv2d(inputs4, fine, 1)
        self.colors8 = nn.Conv2d(4, width, 3, 1, 1)
        self.colors4 = nn.Conv2d(4, fine, 3, 1, 1)
        self.body = nn.Sequential(*[_Residual(width, dilation) for dilation in DILATIONS])
        self.down = nn.Conv2d(width, fine, 1)
        self.join = nn.Conv2d(fine, fine, 3, 1, 1)
        self.answer = nn.Conv2d(fine, 3, 1)
        # a new head answers the mean itself
        for parameter in self.answer.parameters():
            nn.init.zeros_(parameter)

    def forward(self, mean: Tensor, deviation: Tensor, decoded4: Tensor, decoded8: Tensor, lightness: Tensor) -> Tensor:
        """Renders the picture.

        Args:
            mean: (N,2,h,w) a*b* in Lab units, h and w even.
            deviation: (N,1,h,w), of the distribution, Lab units.
            decoded4: (N,inputs4,h,w), the decoder's features.
            decoded8: (N,inputs8,h/2,w/2).
            lightness: (N,1,h,w), L* 0..100.

        Returns:
            a*b* (N,2,h,w) in Lab units.
        """
        colors = torch.cat([mean / COLOR_UNIT, deviation / COLOR_UNIT, lightness / LIGHT_UNIT - 1.0], 1)
        coarse = self.body(self.read8(to_unit(decoded8)) + self.colors8(F.avg_pool2d(colors, 2)))
        above = F.interpolate(self.down(coarse), scale_factor=2.0, mode="bilinear", align_corners=False)
        x = F.silu(above + self.read4(to_unit(decoded4)) + self.colors4(colors))
        answer = self.answer(F.silu(self.join(x) + x))
        rendered: Tensor = mean * (1.0 + torch.tanh(answer[:, 2:])) + RESIDUAL_UNIT * answer[:, :2]
        return rendered


def to_unit(features: Tensor) -> Tensor:
    """Scales each picture's features to unit size: those of folded batch norms differ by hundreds between pictures."""
    size = features.square().mean((1, 2, 3), keepdim=True).sqrt()
    return features / (size + 1e-3)

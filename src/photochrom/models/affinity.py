"""What belongs together in a picture: planes that are alike in two places whose colours go together.

Given one place's true colour, what does it tell of another's? A small network on the encoder's features learns to
answer, by being used: in training, hints are spread by it over photos whose colours are known
(:mod:`photochrom.inference.propagation`). This is Gaussian process regression with a learned kernel (Wilson, Hu,
Salakhutdinov & Xing, *Deep kernel learning*, AISTATS 2016).
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from photochrom.inference.propagation import LOOKS

__all__ = ["Affinity"]

#: planes for each way of being alike
PLANES = 12
#: spread of the last layer's first weights
SMALL = 0.01


class Affinity(nn.Module):
    """An encoder's features at strides 4, 8, 16 and 32 to planes at stride 4.

    A new one says that nearly everything looks alike: hints then spread by place and lightness.

    Args:
        channels: of the features, at each stride.
        width: channels in between.
    """

    def __init__(self, channels: Sequence[int], width: int = 64) -> None:
        super().__init__()
        # features of an encoder with folded batch norms are of any size
        self.normalize = nn.ModuleList([nn.GroupNorm(1, count, affine=False) for count in channels])
        self.read = nn.ModuleList([nn.Conv2d(count, width, 1) for count in channels])
        self.light = nn.Conv2d(1, width, 3, 1, 1)
        self.tell = nn.Conv2d(width, LOOKS * PLANES, 1)
        # not zero: where all is alike, no distance has a slope to learn by
        nn.init.normal_(self.tell.weight, std=SMALL)
        nn.init.zeros_(self.tell.bias)  # type: ignore[arg-type]

    def forward(self, lightness: Tensor, features: Sequence[Tensor]) -> Tensor:
        """Reads L* (N,1,H,W) and features, finest first: (N,LOOKS*PLANES,H/4,W/4)."""
        size = features[0].shape[-2:]
        parts = [self.light((F.avg_pool2d(lightness, 4) - 50.0) / 25.0)]
        for normalize, read, found in zip(self.normalize, self.read, features, strict=True):
            parts.append(F.interpolate(read(normalize(found)), size=size, mode="bilinear", align_corners=False))
        told: Tensor = self.tell(F.relu(torch.stack(parts).sum(0)))
        return told

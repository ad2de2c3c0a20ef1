"""Two pieces that decoders of the zoo share."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["ConvNormAct", "join"]


class ConvNormAct(nn.Sequential):
    """Convolution, batch norm, ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, 1, kernel // 2, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


def join(coarse: Tensor, fine: Tensor) -> Tensor:
    """Enlarges coarse features (N,C,h,w) to those of fine ones (N,C',H,W), bilinearly, and joins both: (N,C+C',H,W)."""
    enlarged = F.interpolate(coarse, size=fine.shape[-2:], mode="bilinear", align_corners=False)
    return torch.cat([enlarged, fine], 1)

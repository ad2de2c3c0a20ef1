"""VGG19 read backwards: transposed convolutions from its last features, the pooled ones added on the way.

One 3x3 convolution takes lightness to VGG19's second convolution; from relu5_4, transposed convolutions go up and meet
pool4, then pool3, by addition and with no non-linearity after them (the fusion of Long, Shelhamer & Darrell, *Fully
Convolutional Networks for Semantic Segmentation*, CVPR 2015, put to colorization). The first convolution of the public
weights is left out; the one that stands for it learns.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

from photochrom.models.encoders.base import choose
from photochrom.models.encoders.mobilenet_edgetpu import MobileNetEdgeTPU
from photochrom.models.encoders.normalization import as_unit_rgb
from photochrom.models.encoders.vgg import VGG, vgg19

__all__ = ["Vgg19Residual", "Vgg19ResidualOptions"]


@dataclass(frozen=True)
class Vgg19ResidualOptions:
    """Options of :class:`Vgg19Residual`.

    Attributes:
        encoder: ``vgg19`` as published, or ``mobilenet_edgetpu`` in its place, its strides 32, 16 and 8 standing for
            relu5_4, pool4 and pool3.
        encoder_width: scales the encoder; anything but 1.0 cannot take public weights.
    """

    encoder: str = "vgg19"
    encoder_width: float = 1.0


class Vgg19Residual(nn.Module):
    """L* (N,1,H,W) to a*b* (N,2,H/4,W/4).

    Args:
        options: which encoder, how wide.

    Raises:
        RecipeError: the encoder does not exist.
    """

    stride = 32
    output_stride = 4

    def __init__(self, options: Vgg19ResidualOptions) -> None:
        super().__init__()
        self.first: nn.Module | None = None
        encoders: Mapping[str, Callable[[], VGG | MobileNetEdgeTPU]] = {
            "vgg19": lambda: vgg19(options.encoder_width, own_first=True),
            "mobilenet_edgetpu": lambda: MobileNetEdgeTPU(options.encoder_width, head=False),
        }
        self.encoder = choose(options.encoder, encoders)
        pool3, pool4, last = self.encoder.channels[2:]
        if isinstance(self.encoder, MobileNetEdgeTPU):
            self.up5 = nn.ConvTranspose2d(last, pool4, 4, 2, 1)
        else:
            self.first = nn.Conv2d(1, self.encoder.channels[0], 3, padding=1)
            self.up5 = nn.ConvTranspose2d(last, pool4, 3, 1, 1)
        self.up4 = nn.ConvTranspose2d(pool4, pool3, 4, 2, 1)
        self.up3 = nn.ConvTranspose2d(pool3, 2, 4, 2, 1)
        # features of a classifier without batch norm are large: a first picture of gray is nearer than one of noise
        nn.init.zeros_(self.up3.weight)
        nn.init.zeros_(self.up3.bias)  # type: ignore[arg-type]

    def forward(self, lightness: Tensor) -> Tensor:
        """Maps L* 0..100 to a*b* in Lab units."""
        if isinstance(self.encoder, MobileNetEdgeTPU):
            *_, pool3, pool4, last = self.encoder.features(as_unit_rgb(lightness))
        else:
            assert self.first is not None
            *_, group3, group4, last = self.encoder.groups(F.relu(self.first(lightness / 50.0 - 1.0)))
            pool3, pool4 = F.max_pool2d(group3, 2), F.max_pool2d(group4, 2)
        ab: Tensor = self.up3(self.up4(self.up5(last) + pool4) + pool3) * 110.0
        return ab

"""An encoder of its own, fused with what a classifier says the photo shows.

Source: Baldassarre, González Morín & Rodés-Guirao, *Deep Koalarization: Image Colorization using CNNs and
Inception-ResNet-v2* (2017). The classifier's 1000 logits are repeated over the encoder's map and mixed in by a 1x1
convolution; the classifier stays as it is. The paper resizes to 224 px for the encoder and to 299 px for the
classifier; here the encoder takes any size and the classifier sees the whole photo at its own.

The published decoder ends with one more up-sampling; the picture's own bicubic enlargement of chroma stands for it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from photochrom.models.encoders.base import choose
from photochrom.models.encoders.inception_resnet_v2 import InceptionResNetV2
from photochrom.models.encoders.mobilenet_edgetpu import MobileNetEdgeTPU
from photochrom.models.encoders.normalization import as_unit_rgb

__all__ = ["Koalarization", "KoalarizationOptions"]


@dataclass(frozen=True)
class KoalarizationOptions:
    """Options of :class:`Koalarization`.

    Attributes:
        encoder: the classifier, ``inception_resnet_v2`` as published, or ``mobilenet_edgetpu`` in its place.
        encoder_width: scales the classifier; anything but 1.0 cannot take public weights.
        width: scales the network's own channels.
    """

    encoder: str = "inception_resnet_v2"
    encoder_width: float = 1.0
    width: float = 1.0


class Koalarization(nn.Module):
    """L* (N,1,H,W) to a*b* (N,2,H/2,W/2).

    Args:
        options: which classifier, how wide.

    Raises:
        RecipeError: the classifier does not exist.
    """

    stride = 8
    output_stride = 2

    def __init__(self, options: KoalarizationOptions) -> None:
        super().__init__()
        # the published network, or for tests one with a single block a stage
        blocks = (10, 20, 9) if options.encoder_width == 1.0 else (1, 1, 1)
        encoders: Mapping[str, Callable[[], InceptionResNetV2 | MobileNetEdgeTPU]] = {
            "inception_resnet_v2": lambda: InceptionResNetV2(options.encoder_width, blocks),
            "mobilenet_edgetpu": lambda: MobileNetEdgeTPU(options.encoder_width, 1000),
        }
        self.encoder = choose(options.encoder, encoders)

        def c(channels: int) -> int:
            return max(4, int(channels * options.width))

        layers: list[nn.Module] = []
        inputs = 1
        plan = ((64, 2), (128, 1), (128, 2), (256, 1), (256, 2), (512, 1), (512, 1), (256, 1))
        for channels, stride in plan:
            layers += [nn.Conv2d(inputs, c(channels), 3, stride, 1), nn.ReLU()]
            inputs = c(channels)
        self.features = nn.Sequential(*layers)
        self.fuse = nn.Conv2d(inputs + self.encoder.classes, c(256), 1)
        self.decoder = nn.Sequential(
            *(nn.Conv2d(c(256), c(128), 3, padding=1), nn.ReLU(), nn.Upsample(scale_factor=2)),
            *(nn.Conv2d(c(128), c(64), 3, padding=1), nn.ReLU(), nn.Conv2d(c(64), c(64), 3, padding=1), nn.ReLU()),
            *(nn.Upsample(scale_factor=2), nn.Conv2d(c(64), c(32), 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(c(32), c(16), 3, padding=1), nn.ReLU(), nn.Conv2d(c(16), 2, 3, padding=1), nn.Tanh()),
        )

    def forward(self, lightness: Tensor) -> Tensor:
        """Maps L* 0..100 to a*b* in Lab units, -128..128."""
        side = self.encoder.size
        view = F.interpolate(lightness, size=(side, side), mode="bilinear", align_corners=False)
        logits = self.encoder(as_unit_rgb(view))
        local = self.features(lightness / 50.0 - 1.0)
        everywhere = logits[:, :, None, None].expand(-1, -1, local.shape[2], local.shape[3])
        ab: Tensor = self.decoder(F.relu(self.fuse(torch.cat([local, everywhere], 1)))) * 128.0
        return ab

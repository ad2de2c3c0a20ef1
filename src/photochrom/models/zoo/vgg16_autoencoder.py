"""A frozen image classifier as encoder, a small decoder from its last code to a*b*.

The plainest of the zoo's systems, known from many tutorials on colorization as an autoencoder: VGG16 without its
classifier makes a 7x7x512 code of a 224 px photo, and convolutions with 2x up-samplings draw the colours from that code
alone. Nothing of the finer features reaches the decoder, so colours end where a 32 px cell ends.

The published decoder ends with one more up-sampling; the picture's own bicubic enlargement of chroma stands for it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from photochrom.models.encoders.base import choose
from photochrom.models.encoders.mobilenet_edgetpu import MobileNetEdgeTPU
from photochrom.models.encoders.normalization import as_imagenet_rgb, as_unit_rgb
from photochrom.models.encoders.vgg import VGG, vgg16

__all__ = ["AutoencoderOptions", "Vgg16Autoencoder"]


@dataclass(frozen=True)
class AutoencoderOptions:
    """Options of :class:`Vgg16Autoencoder`.

    Attributes:
        encoder: ``vgg16``, as published, or ``mobilenet_edgetpu`` in its place.
        encoder_width: scales the encoder; anything but 1.0 cannot take public weights.
        width: channels of the decoder's convolutions.
    """

    encoder: str = "vgg16"
    encoder_width: float = 1.0
    width: tuple[int, int, int, int, int] = (256, 128, 64, 32, 16)


class Vgg16Autoencoder(nn.Module):
    """L* (N,1,H,W) to a*b* (N,2,H/2,W/2) through a code at stride 32.

    Args:
        options: which encoder, how wide a decoder.

    Raises:
        RecipeError: the encoder does not exist.
    """

    stride = 32
    output_stride = 2

    def __init__(self, options: AutoencoderOptions) -> None:
        super().__init__()
        encoders: Mapping[str, Callable[[], VGG | MobileNetEdgeTPU]] = {
            "vgg16": lambda: vgg16(options.encoder_width),
            "mobilenet_edgetpu": lambda: MobileNetEdgeTPU(options.encoder_width, head=False),
        }
        self.encoder = choose(options.encoder, encoders)
        first, second, *rest = options.width
        layers: list[nn.Module] = [
            nn.Conv2d(self.encoder.channels[-1], first, 3, padding=1),
            nn.ReLU(),
        ]
        inputs = first
        for channels in (second, *rest):
            layers += [nn.Conv2d(inputs, channels, 3, padding=1), nn.ReLU(), nn.Upsample(scale_factor=2)]
            inputs = channels
        self.decoder = nn.Sequential(*layers, nn.Conv2d(inputs, 2, 3, padding=1), nn.Tanh())

    def forward(self, lightness: Tensor) -> Tensor:
        """Maps L* 0..100 to a*b* in Lab units, -128..128."""
        if isinstance(self.encoder, MobileNetEdgeTPU):
            code = self.encoder.features(as_unit_rgb(lightness))[-1]
        else:
            code = self.encoder(as_imagenet_rgb(lightness))
        ab: Tensor = self.decoder(code) * 128.0
        return ab

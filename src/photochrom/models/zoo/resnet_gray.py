"""ResNet-18 reading one channel, cut after its second stage, and a small up-sampling decoder.

The system of a well-known walk-through (L. Melas-Kyriazi, *Image Colorization with Convolutional Neural Networks*,
2018), trained by squared error. The published network ends with one more up-sampling; the picture's own bicubic
enlargement of chroma stands for it.
"""

from dataclasses import dataclass

from torch import Tensor, nn

from photochrom.models.encoders.resnet import ResNet18Front

__all__ = ["ResNetGray", "ResNetGrayOptions"]


@dataclass(frozen=True)
class ResNetGrayOptions:
    """Options of :class:`ResNetGray`.

    Attributes:
        encoder_width: scales the encoder; anything but 1.0 cannot take public weights.
        width: channels of the decoder's four convolutions.
    """

    encoder_width: float = 1.0
    width: tuple[int, int, int, int] = (128, 64, 64, 32)


class ResNetGray(nn.Module):
    """L* (N,1,H,W) to a*b* (N,2,H/2,W/2).

    Args:
        options: how wide.
    """

    stride = 8
    output_stride = 2

    def __init__(self, options: ResNetGrayOptions) -> None:
        super().__init__()
        self.encoder = ResNet18Front(options.encoder_width)
        first, second, third, fourth = options.width

        def conv(inputs: int, outputs: int) -> list[nn.Module]:
            return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]

        self.decoder = nn.Sequential(
            *conv(self.encoder.channels[-1], first),
            nn.Upsample(scale_factor=2),
            *conv(first, second),
            *conv(second, third),
            nn.Upsample(scale_factor=2),
            *conv(third, fourth),
            nn.Conv2d(fourth, 2, 3, padding=1),
        )

    def forward(self, lightness: Tensor) -> Tensor:
        """Maps L* 0..100 to a*b* in Lab units."""
        # mean and deviation of lightness in photos, so that the input is of unit size
        ab: Tensor = self.decoder(self.encoder((lightness - 50.0) / 25.0)) * 110.0
        return ab

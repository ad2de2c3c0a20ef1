"""A variational autoencoder of colour, conditioned on lightness: each sample of it is another colouring.

Sources: Kingma & Welling, *Auto-Encoding Variational Bayes* (ICLR 2014); Sohn, Lee & Yan, *Learning Structured Output
Representation using Deep Conditional Generative Models* (NeurIPS 2015); for colour, Deshpande et al., *Learning Diverse
Image Colorization* (CVPR 2017), whose latent of 64 numbers for a whole picture this is. As one latent speaks for the
whole picture, a sample is coherent: two colourings differ in mood, not from pixel to pixel.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from photochrom.models.encoders.mobilenet_edgetpu import MobileNetEdgeTPU
from photochrom.models.encoders.normalization import as_unit_rgb
from photochrom.models.layers import ConvNormAct, join

__all__ = ["Vae", "VaeOptions"]

#: a*b* reach the posterior's encoder divided by this, so that they are of unit size
AB_SCALE = 25.0


@dataclass(frozen=True)
class VaeOptions:
    """Options of :class:`Vae`.

    Attributes:
        latent: numbers in a picture's code.
        width: the decoder at strides 32, 16, 8 and 4.
        posterior_width: the encoder of true colours at strides 8, 16 and 32.
        encoder_width: scales the lightness encoder; anything but 1.0 cannot take public weights.
        encoder_depth: share of its repeated blocks; public weights want 1.0, too.
    """

    latent: int = 64
    width: tuple[int, int, int, int] = (192, 128, 96, 64)
    posterior_width: tuple[int, int, int] = (64, 96, 128)
    encoder_width: float = 1.0
    encoder_depth: float = 1.0


class Vae(nn.Module):
    """L* (N,1,H,W) and a code z (N,Z) to a*b* (N,2,H/4,W/4).

    Args:
        options: how wide.
    """

    stride = 32
    output_stride = 4

    def __init__(self, options: VaeOptions) -> None:
        super().__init__()
        self.latent = options.latent
        self.encoder = MobileNetEdgeTPU(options.encoder_width, head=False, depth=options.encoder_depth)
        _, e4, e8, e16, e32 = self.encoder.channels
        w32, w16, w8, w4 = options.width
        self.squeeze = ConvNormAct(e32, w32, 1)
        self.d32 = ConvNormAct(w32, w32)
        self.d16 = nn.Sequential(ConvNormAct(w32 + e16, w16), ConvNormAct(w16, w16))
        self.d8 = nn.Sequential(ConvNormAct(w16 + e8, w8), ConvNormAct(w8, w8))
        self.d4 = nn.Sequential(ConvNormAct(w8 + e4, w4), ConvNormAct(w4, w4))
        self.to_ab = nn.Conv2d(w4, 2, 1)
        #: the code scales and shifts the features at each of the three coarse strides
        self.modulate = nn.ModuleList([nn.Linear(options.latent, 2 * width) for width in (w32, w16, w8)])
        p8, p16, p32 = options.posterior_width
        self.recognize = nn.Sequential(
            *(nn.Conv2d(3, p8, 3, 2, 1), nn.ReLU(), nn.Conv2d(p8, p16, 3, 2, 1), nn.ReLU()),
            *(nn.Conv2d(p16, p32, 3, 2, 1), nn.ReLU(), nn.Conv2d(p32, p32, 3, 1, 1), nn.ReLU()),
        )
        self.to_posterior = nn.Linear(p32, 2 * options.latent)
        # at first every code is the mean picture's: what it may say is learned
        for layer in self.modulate:
            nn.init.normal_(layer.weight, std=0.02)  # type: ignore[arg-type]
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]

    def posterior(self, lightness: Tensor, ab: Tensor) -> tuple[Tensor, Tensor]:
        """Returns what codes would explain true colours.

        Args:
            lightness: (N,1,H,W), L* 0..100.
            ab: (N,2,H/4,W/4), Lab units.

        Returns:
            Mean and log-variance, (N,Z) each.
        """
        small = F.avg_pool2d(lightness, self.output_stride) / 50.0 - 1.0
        seen = self.recognize(torch.cat([small, ab / AB_SCALE], 1)).mean((2, 3))
        mean, log_variance = self.to_posterior(seen).chunk(2, 1)
        return mean, log_variance.clamp(-10.0, 10.0)

    def forward(self, lightness: Tensor, z: Tensor | None = None) -> Tensor:
        """Colours L* 0..100 by a code: a*b* in Lab units.

        Args:
            lightness: (N,1,H,W), H and W multiples of 32.
            z: (N,Z) codes, drawn from N(0, 1); None for the most likely one, all zeros.
        """
        code = lightness.new_zeros(len(lightness), self.latent) if z is None else z
        _, f4, f8, f16, f32 = self.encoder.features(as_unit_rgb(lightness))
        y = self._speak(0, self.d32(self.squeeze(f32)), code)
        y = self._speak(1, self.d16(join(y, f16)), code)
        y = self._speak(2, self.d8(join(y, f8)), code)
        ab: Tensor = self.to_ab(self.d4(join(y, f4))) * AB_SCALE
        return ab

    def _speak(self, level: int, features: Tensor, code: Tensor) -> Tensor:
        scale, shift = self.modulate[level](code)[:, :, None, None].chunk(2, 1)
        return F.relu(features * (1.0 + scale) + shift)

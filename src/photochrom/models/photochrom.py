"""The flagship idea: a colour distribution for every pixel, conditioned on hints.

A pretrained encoder reads the lightness, a global context vector tells the decoder what kind of picture it is, a hint
stem of its own carries given colours in at unit scale, and a classifier over bins of the CIELAB a*b* plane gives a
probability for each colour. Following Zhang, Isola & Efros, *Colorful Image Colorization* (ECCV 2016) for the bins and
the annealed mean, and Zhang et al., *Real-Time User-Guided Image Colorization* (SIGGRAPH 2017) for hints; the
rebalancing is kept out of the distribution (a proper score in training) and put back, as far as wanted, when a picture
is made.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from photochrom.models.distribution import annealed_mean, confidence, true_distribution
from photochrom.models.encoders.mobilenet_edgetpu import MobileNetEdgeTPU

__all__ = ["Photochrom"]

#: hints reach the network as a*b* / HINT_SCALE and a mask, so that both are of unit size
HINT_SCALE = 25.0


class ConvNormAct(nn.Sequential):
    """Convolution, batch norm, ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, 1, kernel // 2, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


class HintStem(nn.Module):
    """Hints (N,3,H/4,W/4) to features at strides 4, 8, 16 and 32, coarse enough to reach a whole picture."""

    def __init__(self, channels: tuple[int, int, int, int]) -> None:
        super().__init__()
        c4, c8, c16, c32 = channels
        self.s4 = nn.Sequential(
            nn.Conv2d(3, c4 * 3 // 4, 3, 1, 1), nn.ReLU(), nn.Conv2d(c4 * 3 // 4, c4, 3, 1, 1), nn.ReLU()
        )
        self.s8 = nn.Sequential(nn.Conv2d(c4, c8, 3, 2, 1), nn.ReLU())
        self.s16 = nn.Sequential(nn.Conv2d(c8, c16, 3, 2, 1), nn.ReLU())
        self.s32 = nn.Sequential(nn.Conv2d(c16, c32, 3, 2, 1), nn.ReLU())

    def forward(self, hints: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Read a*, b* in Lab units and a 0/1 mask."""
        h4 = self.s4(torch.cat([hints[:, :2] / HINT_SCALE, hints[:, 2:]], 1))
        h8 = self.s8(h4)
        h16 = self.s16(h8)
        return h4, h8, h16, self.s32(h16)


class Photochrom(nn.Module):
    """A hint-conditioned colour-distribution network.

    Args:
        bins: centres of the colour bins, (Q,2) a*b* in Lab units.
        loss_weight: the class weight of the training loss, (Q,), mean 1 under the prior. The distribution learned is
            the true one times this weight, so ``logits - log(loss_weight)`` is the true one again.
        width: decoder channels at strides 32, 16, 8 and 4.
        hint_width: hint-stem channels at strides 4, 8, 16 and 32.
        encoder_width: scales the encoder's channels; anything but 1.0 cannot take the pretrained weights.
    """

    #: height and width of the input must be multiples of this
    stride = 32
    #: one cell of the output covers this many input pixels
    output_stride = 4

    bins: Tensor
    log_weight: Tensor

    def __init__(
        self,
        bins: Tensor,
        loss_weight: Tensor | None = None,
        *,
        width: tuple[int, int, int, int] = (256, 192, 128, 80),
        hint_width: tuple[int, int, int, int] = (64, 96, 128, 128),
        encoder_width: float = 1.0,
    ) -> None:
        super().__init__()
        weight = torch.ones(len(bins)) if loss_weight is None else loss_weight
        self.register_buffer("bins", bins.float())
        self.register_buffer("log_weight", weight.float().log())
        self.encoder = MobileNetEdgeTPU(encoder_width)
        _, e4, e8, e16, e32 = self.encoder.channels
        w32, w16, w8, w4 = width
        self.context = nn.Linear(self.encoder.context_channels, w32)
        self.squeeze = ConvNormAct(e32, w32, 1)
        self.d32 = ConvNormAct(w32, w32)
        self.d16 = nn.ModuleList([ConvNormAct(w32 + e16, w16), ConvNormAct(w16, w16)])
        self.d8 = nn.ModuleList([ConvNormAct(w16 + e8, w8), ConvNormAct(w8, w8)])
        self.d4 = nn.ModuleList([ConvNormAct(w8 + e4, w4), ConvNormAct(w4, w4)])
        self.classifier = nn.Conv2d(w4, len(bins), 1)
        self.hints = HintStem(hint_width)
        h4, h8, h16, h32 = hint_width
        self.inject32 = nn.Conv2d(h32, w32, 1)
        self.inject16 = nn.Conv2d(h16, w16, 1)
        self.inject8 = nn.Conv2d(h8, w8, 1)
        self.inject4 = nn.Conv2d(h4, w4, 1)

    def logits(self, lightness: Tensor, hints: Tensor | None = None) -> Tensor:
        """Score every bin at every cell.

        Args:
            lightness: (N,1,H,W), L* 0..100, H and W multiples of 32.
            hints: (N,3,H/4,W/4), a*, b* in Lab units and a 0/1 mask; None for none.

        Returns:
            (N,Q,H/4,W/4), of the distribution as trained (weighted by ``loss_weight``).
        """
        if hints is None:
            n, _, height, width = lightness.shape
            hints = lightness.new_zeros(n, 3, height // self.output_stride, width // self.output_stride)
        _, f4, f8, f16, f32 = self.encoder.features((lightness / 50 - 1).expand(-1, 3, -1, -1))
        context = self.context(self.encoder.context(f32))[:, :, None, None]
        h4, h8, h16, h32 = self.hints(hints)
        y = self.d32(self.squeeze(f32) + context + self.inject32(h32))
        y = self.d16[1](self.d16[0](_join(y, f16)) + self.inject16(h16))
        y = self.d8[1](self.d8[0](_join(y, f8)) + self.inject8(h8))
        y = self.d4[1](self.d4[0](_join(y, f4)) + self.inject4(h4))
        logits: Tensor = self.classifier(y)
        return logits

    def colors(self, logits: Tensor, temperature: Tensor | float = 1.0, correction: Tensor | float = 0.0) -> Tensor:
        """Turn scores into colours: the mean of the distribution, corrected for the prior and annealed.

        Args:
            logits: (N,Q,h,w) from :meth:`logits`.
            temperature: over 0; 1 is the plain mean, lower sharpens towards the mode.
            correction: 0 keeps the true distribution, 1 the one rebalanced by the training's class weight.

        Returns:
            a*b* (N,2,h,w) in Lab units.
        """
        scores = logits.permute(0, 2, 3, 1)
        return annealed_mean(scores, self.bins, self.log_weight, temperature, correction).permute(0, 3, 1, 2)

    def confidence(self, logits: Tensor) -> Tensor:
        """How sure the network is, 0..1 (N,1,h,w): the probability of a colour near the mean.

        "Near" is 15 units of a*b*, softened over one bin, so that the map does not jump where a bin enters the circle.
        """
        probability = true_distribution(logits.permute(0, 2, 3, 1), self.log_weight)
        return confidence(probability, self.bins).permute(0, 3, 1, 2)

    def forward(self, lightness: Tensor, hints: Tensor | None = None) -> Tensor:
        """Map L* (N,1,H,W) to the mean colour, a*b* (N,2,H/4,W/4) in Lab units."""
        return self.colors(self.logits(lightness, hints))


def _join(coarse: Tensor, fine: Tensor) -> Tensor:
    enlarged = F.interpolate(coarse, size=fine.shape[-2:], mode="bilinear", align_corners=False)
    return torch.cat([enlarged, fine], 1)

"""What a picture is about, and what colours follow from it: a large encoder, read where its features are coarsest.

At a sixteenth of the picture's side a distribution of colours loses next to nothing (0.08 dB of a*b* for
``photochrom_fast``'s own answer, measured), while an encoder that knows many more things may be kept as it is. So this
network has no way back up: Xception, frozen, a global context vector, two levels of decoder, and scores enlarged
bilinearly. It is made to answer beside a network with edges and hints (:mod:`photochrom.models.ensemble`).
"""

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

from photochrom.models.distribution import BinnedColors
from photochrom.models.encoders.normalization import as_unit_rgb
from photochrom.models.encoders.xception import Xception
from photochrom.models.layers import ConvNormAct, join

__all__ = ["Gist", "GistOptions"]


@dataclass(frozen=True)
class GistOptions:
    """Options of :class:`Gist`.

    Attributes:
        width: channels of the decoder at strides 32 and 16.
        encoder_width: scales the encoder; anything but 1.0 cannot take the public weights.
        dropout: share of the encoder's channels, and of the decoder's last, that a training step does without.
    """

    width: tuple[int, int] = (256, 192)
    encoder_width: float = 1.0
    dropout: float = 0.2


class Gist(BinnedColors):
    """L* (N,1,H,W) to a distribution over colours at stride 4, as smooth as one at stride 16.

    Args:
        options: how wide.
        bins: (Q,2) a*b* of the colours.
        loss_weight: (Q,) their weight in the loss.
    """

    #: height and width of the input must be multiples of this
    stride = 32
    #: one cell of the output covers this many input pixels
    output_stride = 4

    def __init__(self, options: GistOptions, bins: Tensor, loss_weight: Tensor) -> None:
        super().__init__(bins, loss_weight)
        self.encoder = Xception(options.encoder_width)
        *_, e16, e32 = self.encoder.channels
        w32, w16 = options.width
        self.dropout = nn.Dropout2d(options.dropout)
        self.normalize = nn.LayerNorm(self.encoder.context_channels, elementwise_affine=False)
        self.context = nn.Linear(self.encoder.context_channels, w32)
        self.squeeze = ConvNormAct(e32, w32, 1)
        self.d32 = ConvNormAct(w32, w32)
        self.d16 = nn.Sequential(ConvNormAct(w32 + e16, w16), ConvNormAct(w16, w16))
        self.classifier = nn.Conv2d(w16, len(bins), 1)

    def logits(self, lightness: Tensor) -> Tensor:
        """Score every bin at every cell, (N,Q,H/4,W/4); H and W multiples of 32."""
        *_, f16, f32 = self.encoder.features(as_unit_rgb(lightness))
        f16, f32 = self.dropout(f16), self.dropout(f32)
        context = self.context(self.normalize(self.encoder.context(f32)))[:, :, None, None]
        y = self.d16(join(self.d32(self.squeeze(f32) + context), f16))
        scores = self.classifier(self.dropout(y))
        return F.interpolate(scores, scale_factor=4.0, mode="bilinear", align_corners=False)

"""What a picture is about, what colours follow from it, and what a few given colours say of all others.

At a sixteenth of the picture's side a distribution of colours loses next to nothing (0.08 dB of a*b* for
``photochrom_fast``'s own answer, measured), while an encoder that knows many more things may be kept as it is. So this
network has next to no way back up: Xception, frozen, and a transformer on its features, in which every place asks every
other what its colour is; hints enter with the lightness around them. Attention following Vaswani et al., *Attention is
all you need* (NeurIPS 2017), places told by a depthwise convolution (Chu et al., *Conditional positional encodings for
vision transformers*, ICLR 2023) and by a penalty on distance that each head learns (after Press, Smith & Lewis, *Train
short, test long*, ICLR 2022), so that a picture may be of any size. It is made to answer beside a network with edges
(:mod:`photochrom.models.registry.ensemble`).
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from photochrom.models.attention import TransformerBlock, distances
from photochrom.models.color_distribution import BinnedColors
from photochrom.models.encoders.normalization import as_unit_rgb
from photochrom.models.encoders.xception import Xception

__all__ = ["HintTransformer", "HintTransformerOptions"]

#: a*b* and L* reach the network in these units
COLOR_UNIT, LIGHT_MIDDLE, LIGHT_UNIT = 25.0, 50.0, 25.0


@dataclass(frozen=True)
class HintTransformerOptions:
    """Options of :class:`HintTransformer`.

    Attributes:
        width: channels of the transformer.
        depth: blocks of it.
        heads: of attention in each.
        stem: channels of the two layers that read hints and lightness at stride 4.
        encoder_width: scales the encoder; anything but 1.0 cannot take the public weights.
        encoder_depth: share of its middle blocks; the public weights want 1.0, too.
        dropout: share of the encoder's channels, and of the last layer's, that a training step does without.
    """

    width: int = 256
    depth: int = 4
    heads: int = 8
    stem: tuple[int, int] = (48, 64)
    encoder_width: float = 1.0
    encoder_depth: float = 1.0
    dropout: float = 0.2


class HintTransformer(BinnedColors):
    """L* (N,1,H,W), and hints, to a distribution over colours at stride 4, as smooth as one at stride 8.

    Args:
        options: how wide and deep.
        bins: (Q,2) a*b* of the colours.
        loss_weight: (Q,) their weight in the loss.
    """

    #: height and width of the input must be multiples of this
    stride = 32
    #: one cell of the output covers this many input pixels
    output_stride = 4
    takes_hints = True

    def __init__(self, options: HintTransformerOptions, bins: Tensor, loss_weight: Tensor) -> None:
        super().__init__(bins, loss_weight)
        self.encoder = Xception(options.encoder_width, options.encoder_depth)
        *_, e16, e32 = self.encoder.channels
        width, (s1, s2) = options.width, options.stem
        self.dropout = nn.Dropout2d(options.dropout)
        self.e16 = nn.Sequential(nn.BatchNorm2d(e16), nn.Conv2d(e16, width, 1))
        self.e32 = nn.Sequential(nn.BatchNorm2d(e32), nn.Conv2d(e32, width, 1))
        self.normalize = nn.LayerNorm(self.encoder.context_channels, elementwise_affine=False)
        self.context = nn.Linear(self.encoder.context_channels, width)
        self.stem = nn.Sequential(nn.Conv2d(5, s1, 3, 1, 1), nn.ReLU(), nn.Conv2d(s1, s2, 3, 1, 1), nn.ReLU())
        self.inject = nn.Conv2d(s2, width, 4, 4)
        self.blocks = nn.ModuleList([TransformerBlock(width, options.heads) for _ in range(options.depth)])
        self.fine = nn.Sequential(nn.Conv2d(s2, 3 * s2 // 2, 2, 2), nn.ReLU(), nn.Conv2d(3 * s2 // 2, width, 1))
        self.norm = nn.BatchNorm2d(width)
        self.classifier = nn.Conv2d(width, len(bins), 1)

    def logits(self, lightness: Tensor, hints: Tensor | None = None) -> Tensor:
        """Scores every bin at every cell.

        Args:
            lightness: (N,1,H,W), L* 0..100, H and W multiples of 32.
            hints: (N,3,H/4,W/4), a*, b* in Lab units and a 0/1 mask; None for none.

        Returns:
            (N,Q,H/4,W/4).
        """
        return self.judge(*self.see(lightness), self.light(lightness), hints)

    def broad(self, lightness: Tensor, hints: Tensor, hint_coverage: Tensor) -> Tensor:
        """Scores every bin at every cell, believing hints as far as they speak for the whole picture.

        A network that reads true hints concludes from one what all is like; of a person's one click the rest of the
        picture is not to know.

        Args:
            lightness: as above.
            hints: as above.
            hint_coverage: scalar, 0 to answer as without hints, 1 to believe them wholly.
        """
        seen = (*self.see(lightness), self.light(lightness))
        without = self.judge(*seen, None)
        return without + hint_coverage * (self.judge(*seen, hints) - without)

    def see(self, lightness: Tensor) -> tuple[Tensor, Tensor]:
        """Returns what the encoder says of L* (N,1,H,W): the first part of :meth:`logits`, which need not learn.

        Returns:
            (N,C,H/16,W/16) and (N,C',H/32,W/32).
        """
        *_, f16, f32 = self.encoder.features(as_unit_rgb(lightness))
        return f16, f32

    def light(self, lightness: Tensor) -> Tensor:
        """Returns L* of the output's cells (N,1,H/4,W/4) of L* (N,1,H,W)."""
        return F.avg_pool2d(lightness, self.output_stride)

    def judge(self, f16: Tensor, f32: Tensor, light: Tensor, hints: Tensor | None, *, fine: bool = True) -> Tensor:
        """Scores every bin by what the encoder saw: the second part of :meth:`logits`.

        Args:
            f16: (N,C,H/16,W/16), the encoder's features.
            f32: (N,C',H/32,W/32).
            light: (N,1,H/4,W/4), L* of the output's cells.
            hints: as above.
            fine: at stride 4; else at stride 8, at which they are made: (N,Q,H/8,W/8).
        """
        if hints is None:
            hints = light.new_zeros(light.shape[0], 3, light.shape[2], light.shape[3])
        context = self.context(self.normalize(self.encoder.context(f32)))[:, :, None, None]
        f16, f32 = self.dropout(f16), self.dropout(f32)
        bright, mask = (light - LIGHT_MIDDLE) / LIGHT_UNIT, hints[:, 2:]
        drawn = self.stem(torch.cat([hints[:, :2] / COLOR_UNIT, mask, bright, mask * bright], 1))
        above = F.interpolate(self.e32(f32) + context, scale_factor=2.0, mode="bilinear", align_corners=False)
        y = self.e16(f16) + above + self.inject(drawn)
        distance = distances(y[0, 0])
        for block in self.blocks:
            y = block(y, distance)
        y = F.interpolate(y, scale_factor=2.0, mode="bilinear", align_corners=False) + self.fine(drawn)
        scores: Tensor = self.classifier(self.dropout(F.relu(self.norm(y))))
        if not fine:
            return scores
        return F.interpolate(scores, scale_factor=2.0, mode="bilinear", align_corners=False)

"""The flagship idea: a colour distribution for every pixel, conditioned on hints.

A pretrained encoder reads the lightness, a global context vector tells the decoder what kind of picture it is, a hint
stem of its own carries given colours in at unit scale, and a classifier over bins of the CIELAB a*b* plane gives a
probability for each colour. Following Zhang, Isola & Efros, *Colorful Image Colorization* (ECCV 2016) for the bins and
the annealed mean, and Zhang et al., *Real-Time User-Guided Image Colorization* (SIGGRAPH 2017) for hints; the
rebalancing is kept out of the distribution (a proper score in training) and put back, as far as wanted, when a picture
is made.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from photochrom.models.affinity import Affinity
from photochrom.models.attention import AttentionPath
from photochrom.models.color_distribution import BinnedColors
from photochrom.models.encoders.mobilenet_edgetpu import MobileNetEdgeTPU
from photochrom.models.encoders.normalization import as_unit_rgb
from photochrom.models.encoders.xception import Xception
from photochrom.models.layers import ConvNormAct, join
from photochrom.models.render_head import RenderHead

__all__ = ["HintUNet", "Reading"]

#: hints reach the network as a*b* / HINT_SCALE and a mask, so that both are of unit size
HINT_SCALE = 25.0


class Reading(NamedTuple):
    """What the network says of images, before it is turned into colours.

    Attributes:
        scores: (N,Q,h,w) of every bin, of the distribution as trained (weighted by ``loss_weight``).
        features: (N,C,H/16,W/16), the encoder's: those of stride 16, and behind them those of stride 32, enlarged.
        likeness: (N,C',h,w), see :class:`photochrom.models.affinity.Affinity`.
        decoded4: (N,C4,h,w), the decoder's features at stride 4.
        decoded8: (N,C8,h/2,w/2), the same at stride 8.
    """

    scores: Tensor
    features: Tensor
    likeness: Tensor
    decoded4: Tensor
    decoded8: Tensor


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
        """Reads a*, b* in Lab units and a 0/1 mask."""
        h4 = self.s4(torch.cat([hints[:, :2] / HINT_SCALE, hints[:, 2:]], 1))
        h8 = self.s8(h4)
        h16 = self.s16(h8)
        return h4, h8, h16, self.s32(h16)


class HintUNet(BinnedColors):
    """A hint-conditioned colour-distribution network.

    Args:
        bins: centres of the colour bins, (Q,2) a*b* in Lab units.
        loss_weight: the class weight of the training loss, (Q,), mean 1 under the prior. The distribution learned is
            the true one times this weight, so ``logits - log(loss_weight)`` is the true one again.
        width: decoder channels at strides 32, 16, 8 and 4.
        hint_width: hint-stem channels at strides 4, 8, 16 and 32.
        encoder: reads the lightness; made by the table.
        normalize_context: bring the global context to unit size. Without it, features of an encoder whose batch norms
            are folded in make a context hundreds of times larger than what it is added to, and drown it.
        attention_width: channels of a second path from the encoder to stride 16, see
            :class:`photochrom.models.attention.AttentionPath`; 0 for none.
        render_width: channels of the render head (:mod:`photochrom.models.render_head`); 0 for none.
    """

    #: height and width of the input must be multiples of this
    stride = 32
    #: one cell of the output covers this many input pixels
    output_stride = 4
    takes_hints = True

    def __init__(
        self,
        bins: Tensor,
        loss_weight: Tensor | None = None,
        *,
        encoder: MobileNetEdgeTPU | Xception,
        normalize_context: bool = False,
        width: tuple[int, int, int, int],
        hint_width: tuple[int, int, int, int],
        attention_width: int = 0,
        render_width: int = 0,
    ) -> None:
        super().__init__(bins, loss_weight)
        self.encoder = encoder
        _, e4, e8, e16, e32 = self.encoder.channels
        w32, w16, w8, w4 = width
        channels = self.encoder.context_channels
        self.normalize = nn.LayerNorm(channels, elementwise_affine=False) if normalize_context else nn.Identity()
        self.context = nn.Linear(channels, w32)
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
        self.likeness = Affinity((e4, e8, e16, e32))
        self.attention = AttentionPath((e16, e32), w16, attention_width) if attention_width else None
        self.render_head = RenderHead(w4, w8, render_width) if render_width else None

    def logits(self, lightness: Tensor, hints: Tensor | None = None) -> Tensor:
        """Scores every bin at every cell: the first part of :meth:`read`."""
        decoded, _ = self._decode(*self._look(lightness, hints))
        logits: Tensor = self.classifier(decoded)
        return logits

    def read(self, lightness: Tensor, hints: Tensor | None = None) -> Reading:
        """Scores every bin at every cell, and tells what the encoder saw and what belongs together.

        Args:
            lightness: (N,1,H,W), L* 0..100, H and W multiples of 32.
            hints: (N,3,H/4,W/4), a*, b* in Lab units and a 0/1 mask; None for none.
        """
        found, given = self._look(lightness, hints)
        *_, f16, f32 = found
        above = F.interpolate(f32, scale_factor=2.0, mode="bilinear", align_corners=False)
        decoded4, decoded8 = self._decode(found, given)
        likeness = self.likeness(lightness, found[1:])
        return Reading(self.classifier(decoded4), torch.cat([f16, above], 1), likeness, decoded4, decoded8)

    def render(self, reading: Reading, mean: Tensor, deviation: Tensor, lightness: Tensor) -> Tensor:
        """Makes a lively picture by the render head, which the network must have.

        Args:
            reading: of :meth:`read`, for the decoder's features.
            mean: (N,2,h,w), of the distribution, a*b* in Lab units; a palette's or another network's may be in it.
            deviation: (N,1,h,w), of the distribution, Lab units.
            lightness: (N,1,H,W), L* 0..100, as it was read.

        Returns:
            a*b* (N,2,h,w) in Lab units.
        """
        assert self.render_head is not None
        cells = F.avg_pool2d(lightness, self.output_stride)
        rendered: Tensor = self.render_head(mean, deviation, reading.decoded4, reading.decoded8, cells)
        return rendered

    def forward(self, lightness: Tensor, *given: Tensor | None) -> Tensor:
        """Maps L* (N,1,H,W), and hints, to a*b* (N,2,h,w) in Lab units: rendered if it can, else the mean colour."""
        if self.render_head is None:
            return super().forward(lightness, *given)
        reading = self.read(lightness, *given)
        return self.render(reading, *self.moments(reading.scores.float()), lightness)

    def _look(self, lightness: Tensor, hints: Tensor | None) -> tuple[list[Tensor], Tensor]:
        if hints is None:
            n, _, height, width = lightness.shape
            hints = lightness.new_zeros(n, 3, height // self.output_stride, width // self.output_stride)
        return self.encoder.features(as_unit_rgb(lightness)), hints

    def sampled_logits(self, lightness: Tensor, hints: Tensor | None, rows: slice, columns: slice) -> Tensor:
        """Scores every bin at some cells only: the classifier is a third of a training step's arithmetic.

        Args:
            lightness: as for :meth:`read`.
            hints: as for :meth:`read`.
            rows: which of the H/4 rows of cells.
            columns: which of the W/4 columns.

        Returns:
            (N,Q,h,w) for h rows and w columns.
        """
        decoded, _ = self._decode(*self._look(lightness, hints))
        logits: Tensor = self.classifier(decoded[:, :, rows, columns])
        return logits

    def _decode(self, found: list[Tensor], hints: Tensor) -> tuple[Tensor, Tensor]:
        _, f4, f8, f16, f32 = found
        context = self.context(self.normalize(self.encoder.context(f32)))[:, :, None, None]
        h4, h8, h16, h32 = self.hints(hints)
        y = self.d32(self.squeeze(f32) + context + self.inject32(h32))
        y = self.d16[0](join(y, f16)) + self.inject16(h16)
        if self.attention is not None:
            y = y + self.attention(f16, f32)
        y = self.d16[1](y)
        y = self.d8[1](self.d8[0](join(y, f8)) + self.inject8(h8))
        return self.d4[1](self.d4[0](join(y, f4)) + self.inject4(h4)), y

"""A network that looks at an enlarged picture: one that was taught on small ones may see more in it."""

from fractions import Fraction
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from photochrom.models.color_distribution import BinnedColors

__all__ = ["Enlarged"]


class Enlarged(BinnedColors):
    """Another network's answer to the picture enlarged, as one to the picture itself.

    Args:
        network: with a distribution and with hints, which it believes as far as they cover the picture
            (:meth:`photochrom.models.hint_transformer.HintTransformer.broad`).
        factor: over 1; sides are rounded to multiples of the network's stride.
    """

    takes_hints = True

    def __init__(self, network: nn.Module, factor: float) -> None:
        inner: Any = network
        super().__init__(inner.bins, inner.log_weight.exp())
        self.network = network
        # sides are whole numbers that an export does not know
        self._ratio = Fraction(factor).limit_denominator(16).as_integer_ratio()
        self.stride, self.output_stride = inner.stride, inner.output_stride

    def logits(self, lightness: Tensor, hints: Tensor | None = None) -> Tensor:
        """Scores (N,Q,h,w) of L* (N,1,H,W), and hints (N,3,h,w)."""
        inner: Any = self.network
        large = self._enlarge(lightness)
        return self._shrink(inner.logits(large, self._enlarge_hints(hints, large)), lightness)

    def broad(self, lightness: Tensor, hints: Tensor, hint_coverage: Tensor) -> Tensor:
        """Scores as :meth:`logits`, the hints believed as far as ``hint_coverage``, a scalar 0..1, says."""
        inner: Any = self.network
        large = self._enlarge(lightness)
        return self._shrink(inner.broad(large, self._enlarge_hints(hints, large), hint_coverage), lightness)

    def _enlarge(self, lightness: Tensor) -> Tensor:
        height, width = (self._round(side) for side in lightness.shape[2:])
        return F.interpolate(lightness, size=(height, width), mode="bicubic", align_corners=False).clamp(0.0, 100.0)

    def _round(self, side: int) -> int:
        above, below = self._ratio
        rounded: int = (side * above + below * self.stride // 2) // (below * self.stride) * self.stride
        return rounded

    def _enlarge_hints(self, hints: Tensor | None, large: Tensor) -> Tensor | None:
        if hints is None:
            return None
        height, width = (side // self.output_stride for side in large.shape[2:])
        # a cell has the colour of one hint, not a mixture
        return F.interpolate(hints, size=(height, width), mode="nearest")

    def _shrink(self, scores: Tensor, lightness: Tensor) -> Tensor:
        height, width = (side // self.output_stride for side in lightness.shape[2:])
        return F.interpolate(scores, size=(height, width), mode="bilinear", align_corners=False)

"""Several networks answering as one: the product of what they say, by shares.

Each network's true distribution is raised to its share and they are multiplied (Hinton, *Products of experts*, ICANN
1999, with exponents that sum to 1: a logarithmic opinion pool). It measures as well as their plain mean, and needs no
softmax before the one that follows.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from photochrom.models.color_distribution import BinnedColors, same_bins
from photochrom.models.photochrom_fast import Reading

__all__ = ["Ensemble"]


class Ensemble(BinnedColors):
    """Networks with a distribution over the same bins, as one such network; features and likeness are the first one's.

    Args:
        networks: of one output stride; the first with ``read``, the others of any kind. The first one's class weight
            is the prior correction's.
        shares: of each, positive.
        informed: of each where hints speak for the whole picture, as far as they do; None for the same shares.

    Raises:
        ValueError: they differ in their bins or output stride, or a share is missing or not positive.
    """

    takes_hints = True

    def __init__(
        self, networks: Sequence[nn.Module], shares: Sequence[float], informed: Sequence[float] | None = None
    ) -> None:
        members: list[Any] = list(networks)
        first = members[0]
        informed = shares if informed is None else informed
        for given in (shares, informed):
            if len(given) != len(members) or min(given) <= 0:
                raise ValueError(f"{len(members)} networks need as many positive shares, not {list(given)}")
        for other in members[1:]:
            if not same_bins(other.bins, first.bins):
                raise ValueError("the networks have other colour bins")
            if other.output_stride != first.output_stride:
                raise ValueError(f"the networks answer at strides {first.output_stride} and {other.output_stride}")
        super().__init__(first.bins, first.log_weight.exp())
        self.networks = nn.ModuleList(members)
        self.shares, self.informed = ([share / sum(given) for share in given] for given in (shares, informed))
        self.stride = max(member.stride for member in members)
        self.output_stride = first.output_stride

    @property
    def takes_hint_coverage(self) -> bool:
        """Whether it matters how far hints speak for the whole picture: to a member, or to the members' shares."""
        members: list[Any] = list(self.networks)
        return self.informed != self.shares or any(hasattr(member, "broad") for member in members)

    @property
    def render_head(self) -> nn.Module | None:
        """The first network's; None if it has none."""
        first: Any = self.networks[0]
        return getattr(first, "render_head", None)

    def read(self, lightness: Tensor, hints: Tensor | None = None, hint_coverage: Tensor | None = None) -> Reading:
        """Reads L* (N,1,H,W): the scores of all, weighted by the first one's ``loss_weight``, the rest of the first.

        Args and shapes are those of :meth:`photochrom.models.photochrom_fast.HintUNet.read`; ``hint_coverage`` is that
        of :meth:`photochrom.models.hint_transformer.HintTransformer.broad`, None to believe all hints, if there are
        any.
        """
        members: list[Any] = list(self.networks)
        first: Reading = members[0].read(lightness, hints)
        others = [
            member.scores(lightness, hints)
            if hints is None or hint_coverage is None or not hasattr(member, "broad")
            else member.broad(lightness, hints, hint_coverage)
            for member in members[1:]
        ]
        told: Tensor | float = 0.0 if hints is None else 1.0 if hint_coverage is None else hint_coverage
        parts = [
            (share + told * (informed - share)) * (logits - member.log_weight[:, None, None])
            for share, informed, logits, member in zip(
                self.shares, self.informed, [first.scores, *others], members, strict=True
            )
        ]
        return first._replace(scores=torch.stack(parts).sum(0) + self.log_weight[:, None, None])

    def render(self, reading: Reading, mean: Tensor, deviation: Tensor, lightness: Tensor) -> Tensor:
        """Makes a lively picture of the joint mean by the first one's render head, which it must have."""
        first: Any = self.networks[0]
        rendered: Tensor = first.render(reading, mean, deviation, lightness)
        return rendered

    def logits(self, lightness: Tensor, hints: Tensor | None = None) -> Tensor:
        """Returns the scores alone."""
        return self.read(lightness, hints).scores

"""From scores of colour bins to colours: annealing, prior correction and confidence, on rows of bins.

Rows have the bins last, (..., Q): there a softmax runs along memory, which is twenty times faster on a CPU than along
the channels of planes. The annealed mean follows Zhang, Isola & Efros, *Colorful Image Colorization* (ECCV 2016).
"""

import torch
from torch import Tensor, nn

__all__ = ["BinnedColors", "annealed_mean", "confidence", "deviation", "same_bins", "true_distribution"]

#: confidence is the probability that the true colour lies within this distance (a*b* units) of the mean
CONFIDENCE_RADIUS = 15.0
#: the circle's edge is softened over this distance (one bin)
CONFIDENCE_EDGE = 10.0


def true_distribution(scores: Tensor, log_weight: Tensor) -> Tensor:
    """Returns the probability (..., Q) of each bin, the loss's class weight (Q,) taken out of the scores (..., Q)."""
    return torch.softmax(scores - log_weight, -1)


def annealed_mean(
    scores: Tensor, bins: Tensor, log_weight: Tensor, temperature: Tensor | float, correction: Tensor | float
) -> Tensor:
    """Returns the mean colour of the distribution, corrected for the prior and annealed.

    Args:
        scores: (..., Q).
        bins: (Q,2) a*b* in Lab units.
        log_weight: (Q,) logarithm of the loss's class weight.
        temperature: over 0; 1 is the plain mean, lower sharpens towards the mode.
        correction: 0 keeps the true distribution, 1 the one rebalanced by the class weight.

    Returns:
        (..., 2) in Lab units.
    """
    return torch.softmax((scores - (1.0 - correction) * log_weight) / temperature, -1) @ bins


def confidence(probability: Tensor, bins: Tensor) -> Tensor:
    """Returns the probability of a colour near the mean, 0..1.

    "Near" is 15 units of a*b*, softened over one bin, so that the map does not jump where a bin enters the circle.

    Args:
        probability: (..., Q), sums to 1.
        bins: (Q,2) a*b* in Lab units.

    Returns:
        (..., 1).
    """
    mean = probability @ bins
    # |m - b|^2 multiplied out: one matrix product instead of two differences per bin
    squared = mean.square().sum(-1, keepdim=True) - 2.0 * (mean @ bins.T) + bins.square().sum(-1)
    distance = squared.clamp_min(0.0).sqrt()
    near = ((CONFIDENCE_RADIUS + CONFIDENCE_EDGE / 2 - distance) / CONFIDENCE_EDGE).clamp(0.0, 1.0)
    return (probability * near).sum(-1, keepdim=True)


def deviation(probability: Tensor, bins: Tensor) -> Tensor:
    """Returns how far colours lie from the mean: the root of the mean squared distance, a*b* in Lab units.

    Args:
        probability: (..., Q), sums to 1.
        bins: (Q,2) a*b* in Lab units.

    Returns:
        (..., 1).
    """
    mean = probability @ bins
    squared = probability @ bins.square().sum(-1, keepdim=True) - mean.square().sum(-1, keepdim=True)
    return squared.clamp_min(0.0).sqrt()


def same_bins(one: Tensor, other: Tensor) -> bool:
    """Returns whether two networks' bins (Q,2), a*b* in Lab units, are the same colours in the same order."""
    return one.shape == other.shape and torch.allclose(one, other, atol=1e-3)


class BinnedColors(nn.Module):
    """What every network has that answers with scores of colour bins; ``logits(lightness, ...)`` is its own.

    Args:
        bins: centres of the colour bins, (Q,2) a*b* in Lab units.
        loss_weight: the class weight of the training loss, (Q,), mean 1 under the prior. The distribution learned is
            the true one times this weight, so ``logits - log(loss_weight)`` is the true one again.
    """

    #: whether ``logits`` takes hints behind the lightness
    takes_hints = False
    bins: Tensor
    log_weight: Tensor

    def __init__(self, bins: Tensor, loss_weight: Tensor | None = None) -> None:
        super().__init__()
        weight = torch.ones(len(bins)) if loss_weight is None else loss_weight
        self.register_buffer("bins", bins.float())
        self.register_buffer("log_weight", weight.float().log())

    def scores(self, lightness: Tensor, hints: Tensor | None) -> Tensor:
        """Scores every bin, (N,Q,h,w), whether the network takes hints or cannot."""
        found: Tensor = self.logits(lightness, hints) if self.takes_hints else self.logits(lightness)  # type: ignore[operator]
        return found

    def colors(self, logits: Tensor, temperature: Tensor | float = 1.0, correction: Tensor | float = 0.0) -> Tensor:
        """Turns scores into colours: the mean of the distribution, corrected for the prior and annealed.

        Args:
            logits: (N,Q,h,w).
            temperature: over 0; 1 is the plain mean, lower sharpens towards the mode.
            correction: 0 keeps the true distribution, 1 the one rebalanced by the training's class weight.

        Returns:
            a*b* (N,2,h,w) in Lab units.
        """
        scores = logits.permute(0, 2, 3, 1)
        return annealed_mean(scores, self.bins, self.log_weight, temperature, correction).permute(0, 3, 1, 2)

    def confidence(self, logits: Tensor) -> Tensor:
        """Returns how sure the network is, 0..1 (N,1,h,w): the probability of a colour near the mean.

        "Near" is 15 units of a*b*, softened over one bin, so that the map does not jump where a bin enters the circle.
        """
        probability = true_distribution(logits.permute(0, 2, 3, 1), self.log_weight)
        return confidence(probability, self.bins).permute(0, 3, 1, 2)

    def moments(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the mean colour (N,2,h,w) and the deviation (N,1,h,w) of the true distribution, in Lab units.

        Args:
            logits: (N,Q,h,w), float32: half precision loses digits that matter.
        """
        rows = true_distribution(logits.permute(0, 2, 3, 1), self.log_weight)
        mean, spread = rows @ self.bins, deviation(rows, self.bins)
        return mean.permute(0, 3, 1, 2), spread.permute(0, 3, 1, 2)

    def forward(self, lightness: Tensor, *given: Tensor | None) -> Tensor:
        """Maps L* (N,1,H,W), and hints for networks that take them, to the mean colour: a*b* (N,2,h,w) in Lab units."""
        logits: Tensor = self.logits(lightness, *given)  # type: ignore[operator]
        return self.colors(logits)

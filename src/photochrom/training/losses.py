"""What a colour-distribution network minimises, on rows of (pixels, bins)."""

from torch import Tensor, nn

from photochrom.data.encoding import SoftEncoder
from photochrom.models.distribution import true_distribution

__all__ = ["DistributionLoss", "regression", "soft_cross_entropy"]

#: a*b* errors are measured in this many units, so that both losses are of one size
UNIT = 10.0


def soft_cross_entropy(scores: Tensor, bins: Tensor, weights: Tensor, class_weight: Tensor) -> Tensor:
    """Cross entropy against soft-encoded colours, rare ones counting more.

    Args:
        scores: (P,Q).
        bins: (P,4) the bins each true colour lies between.
        weights: (P,4) their shares, which sum to 1.
        class_weight: (Q,).

    Returns:
        The mean over pixels.
    """
    log_probability = scores.gather(1, bins) - scores.logsumexp(1, keepdim=True)
    return -(log_probability * weights * class_weight[bins]).sum(1).mean()


def regression(scores: Tensor, ab: Tensor, bins: Tensor, log_weight: Tensor) -> Tensor:
    """Mean squared error of the true distribution's mean colour.

    Args:
        scores: (P,Q).
        ab: (P,2) the true colours, Lab units.
        bins: (Q,2) the bins' colours.
        log_weight: (Q,) of the class weight.

    Returns:
        The mean over pixels and over a* and b*, in squares of ten Lab units.
    """
    mean = true_distribution(scores, log_weight) @ bins
    return ((mean - ab) / UNIT).square().mean()


class DistributionLoss(nn.Module):
    """The weighted sum of both.

    Args:
        bins: (Q,2) a*b*.
        cross_entropy: weight of :func:`soft_cross_entropy`.
        regression: weight of :func:`regression`.
    """

    def __init__(self, bins: Tensor, *, cross_entropy: float, regression: float) -> None:
        super().__init__()
        self.encode = SoftEncoder(bins.cpu())
        self.cross_entropy, self.regression = cross_entropy, regression

    def forward(self, logits: Tensor, ab: Tensor, bins: Tensor, log_weight: Tensor) -> dict[str, Tensor]:
        """Compare a network's answer with the truth.

        Args:
            logits: (N,Q,h,w), of any floating type.
            ab: (N,2,h,w) the truth.
            bins: (Q,2).
            log_weight: (Q,).

        Returns:
            ``cross_entropy``, ``regression`` and their weighted sum ``loss``, each a scalar.
        """
        # rows once, in float32: a half-precision logsumexp over hundreds of bins loses digits that matter
        scores = logits.permute(0, 2, 3, 1).reshape(-1, logits.shape[1]).float()
        truth = ab.permute(0, 2, 3, 1).reshape(-1, 2).float()
        found, weights = self.encode.to(truth.device)(truth)
        entropy = soft_cross_entropy(scores, found, weights, log_weight.exp())
        error = regression(scores, truth, bins, log_weight)
        total = self.cross_entropy * entropy + self.regression * error
        return {"loss": total, "cross_entropy": entropy, "regression": error}

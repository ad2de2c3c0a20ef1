"""What networks minimise: rows of (pixels, bins) for distributions, planes of a*b* for single colours."""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from photochrom.inference.hint_plane import hint_coverage
from photochrom.inference.propagation import NOISE, Cells, Change, cells_of
from photochrom.models.color_distribution import deviation, true_distribution
from photochrom.training.losses.soft_encoding import GaussianEncoder, SoftEncoder

__all__ = [
    "DistributionLoss",
    "color_error",
    "distillation_loss",
    "kl_divergence",
    "log_mse",
    "propagation_loss",
    "soft_cross_entropy",
]

#: a*b* errors are measured in this many units, so that both losses are of one size
UNIT = 10.0
#: a photo's hints' cells that are spread in training, at most
NODES = 200


def soft_cross_entropy(scores: Tensor, bins: Tensor, weights: Tensor, class_weight: Tensor) -> Tensor:
    """Cross entropy against soft-encoded colours, rare ones counting more.

    Args:
        scores: (P,Q).
        bins: (P,K) the bins each true colour is near.
        weights: (P,K) their shares, which sum to 1.
        class_weight: (Q,).

    Returns:
        The mean over pixels.
    """
    log_probability = scores.gather(1, bins) - scores.logsumexp(1, keepdim=True)
    return -(log_probability * weights * class_weight[bins]).sum(1).mean()


def distillation_loss(scores: Tensor, log_weight: Tensor, wanted: Tensor) -> Tensor:
    """Cross entropy against another network's answer.

    Following Hinton, Vinyals & Dean, *Distilling the Knowledge in a Neural Network* (2015).

    Args:
        scores: (P,Q).
        log_weight: (Q,) of the class weight in them.
        wanted: (P,Q) the other's true distribution.

    Returns:
        The mean over pixels.
    """
    return -(wanted * (scores - log_weight).log_softmax(1)).sum(1).mean()


def log_mse(errors: Tensor) -> Tensor:
    """Returns squared errors of photos (N,), in Lab units, as PSNR counts them: the mean of ``10 log10(1 + error)``.

    A photo that is nearly right counts as much as one of many colours.
    """
    return 10.0 * (1.0 + errors).log10().mean()


def color_error(ab: Tensor, truth: Tensor, *, huber: float = 0.0) -> Tensor:
    """Returns the error of single colours: squared, or squared near and linear far away (Huber, 1964).

    Args:
        ab: (N,2,h,w) a*b* in Lab units, of any floating type.
        truth: (N,2,h,w).
        huber: Lab units from which on the error grows linearly; 0 for squared everywhere.

    Returns:
        The mean over pixels and over a* and b*, in squares of ten Lab units.
    """
    difference = (ab.float() - truth.float()) / UNIT
    if not huber:
        return difference.square().mean()
    # torch halves the squared part
    return 2.0 * F.huber_loss(difference, torch.zeros_like(difference), delta=huber / UNIT)


def kl_divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Returns the Kullback-Leibler divergence of N(mean, exp(log_variance)) (N,Z) from N(0, 1): summed, mean over N."""
    each = mean.float().square() + log_variance.float().exp() - 1.0 - log_variance.float()
    return 0.5 * each.sum(1).mean()


def propagation_loss(
    scores: Tensor, ab: Tensor, bins: Tensor, log_weight: Tensor, *, lightness: Tensor, likeness: Tensor, hints: Tensor
) -> Tensor:
    """Returns what is left of the error when hints are spread as in :mod:`photochrom.inference.propagation`.

    Only ``likeness`` is taught by it: what is spread over is the distribution's mean, as it is.

    Args:
        scores: (N,Q,h,w), of the network that has read the hints.
        ab: (N,2,h,w) the true colours, Lab units.
        bins: (Q,2) the bins' colours.
        log_weight: (Q,) of the class weight.
        lightness: (N,1,H,W), L* 0..100, H and W multiples of h and w.
        likeness: (N,C,h,w), see :class:`photochrom.models.affinity.Affinity`.
        hints: (N,3,h,w) a*, b* and the mask.

    Returns:
        The mean over photos of the error in :func:`log_mse`.
    """
    n, _, height, width = ab.shape
    with torch.no_grad():
        probability = true_distribution(_rows(scores), log_weight)
        means = (probability @ bins).reshape(n, -1, 2).swapaxes(1, 2)
        deviations = deviation(probability, bins).reshape(n, height, width)
        light = F.adaptive_avg_pool2d(lightness.float(), (height, width))[:, 0]
    errors = []
    for index in range(n):
        cells: Cells = cells_of(light[index], likeness[index].float(), deviations[index])
        places = hints[index, 2].flatten().nonzero()[:, 0]
        if len(places) > NODES:
            places = places[torch.randperm(len(places), device=places.device)[:NODES]]
        made = means[index]
        if len(places):
            residual = hints[index, :2].flatten(1)[:, places].float() - made[:, places]
            noise = torch.full_like(residual[0], NOISE)
            common = hint_coverage((hints[index, 2] > 0).cpu().numpy())
            made = made + Change(residual, cells.at(places), noise, common).over(cells)
        errors.append((made - ab[index].flatten(1).float()).square().mean())
    return log_mse(torch.stack(errors))


class DistributionLoss(nn.Module):
    """The weighted sum of all.

    Args:
        bins: (Q,2) a*b*.
        cross_entropy: weight of :func:`soft_cross_entropy`.
        mse: weight of the squared error of the distribution's mean, in squares of ten Lab units.
        log_mse: weight of :func:`log_mse` of the same.
        distillation: weight of :func:`distillation_loss`, where there is a teacher.
        encoding: ``bilinear`` over four bins, or ``gaussian`` over the five nearest.
    """

    def __init__(
        self,
        bins: Tensor,
        *,
        cross_entropy: float,
        mse: float,
        log_mse: float = 0.0,
        distillation: float = 0.0,
        encoding: Literal["bilinear", "gaussian"] = "bilinear",
    ) -> None:
        super().__init__()
        self.encode: SoftEncoder | GaussianEncoder = (
            SoftEncoder(bins.cpu()) if encoding == "bilinear" else GaussianEncoder(bins.cpu())
        )
        self.cross_entropy, self.mse, self.log_mse = cross_entropy, mse, log_mse
        self.distillation = distillation

    def forward(
        self, logits: Tensor, ab: Tensor, bins: Tensor, log_weight: Tensor, wanted: Tensor | None = None
    ) -> dict[str, Tensor]:
        """Compares a network's answer with the truth, and with a teacher's.

        Args:
            logits: (N,Q,h,w), of any floating type.
            ab: (N,2,k*h,k*w) the truth, for a whole number k: each score answers for k x k colours, and between scores
                the mean goes over smoothly.
            bins: (Q,2).
            log_weight: (Q,).
            wanted: (N,Q,h,w) the teacher's scores, its class weight taken out; None without one.

        Returns:
            ``cross_entropy``, ``mse``, ``log_mse``, with a teacher ``distillation``, and their weighted sum
            ``loss``, each a scalar.
        """
        # rows once, in float32: a half-precision logsumexp over hundreds of bins loses digits that matter
        scores = _rows(logits)
        n, _, height, width = logits.shape
        each = ab.shape[2] // height
        found, weights = self.encode.to(ab.device)(_rows(ab))
        if each > 1:
            found, weights = (_together(rows, n, height, width, each) for rows in (found, weights / each**2))
        entropy = soft_cross_entropy(scores, found, weights, log_weight.exp())
        mean = (true_distribution(scores, log_weight) @ bins).reshape(n, height, width, 2).permute(0, 3, 1, 2)
        if each > 1:
            mean = F.interpolate(mean, scale_factor=float(each), mode="bilinear", align_corners=False)
        squared = (mean - ab.float()).square().mean((1, 2, 3))
        error, ratio = squared.mean() / UNIT**2, log_mse(squared)
        losses = {"cross_entropy": entropy, "mse": error, "log_mse": ratio}
        total = self.cross_entropy * entropy + self.mse * error + self.log_mse * ratio
        if wanted is not None:
            losses["distillation"] = distillation_loss(scores, log_weight, _rows(wanted).softmax(1))
            total = total + self.distillation * losses["distillation"]
        return {"loss": total, **losses}


def _together(rows: Tensor, n: int, height: int, width: int, each: int) -> Tensor:
    """Rows of n*height*each*width*each fine cells, K long, as rows of the coarse cells they lie in, K*each² long."""
    split = rows.reshape(n, height, each, width, each, -1)
    return split.permute(0, 1, 3, 2, 4, 5).reshape(n * height * width, -1)


def _rows(planes: Tensor) -> Tensor:
    return planes.permute(0, 2, 3, 1).reshape(-1, planes.shape[1]).float()

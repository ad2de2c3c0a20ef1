"""What a network is taught by: its batch in, its losses out; one objective for each kind of answer the zoo gives."""

from typing import Any, Protocol

import torch
from torch import Tensor, nn

from photochrom.data.samples import Batch
from photochrom.training.losses import DistributionLoss, divergence, penalty
from photochrom.training.options import LossOptions

__all__ = ["Objective", "choose_objective"]


class Objective(Protocol):
    """Compares a network's answer to a batch with the truth."""

    def __call__(self, network: Any, batch: Batch) -> dict[str, Tensor]:
        """Losses by name, scalars; ``loss`` is the weighted sum that is minimised."""


class Distribution:
    """For networks with ``logits``: soft-encoded cross entropy and the squared error of the mean."""

    def __init__(self, network: Any, options: LossOptions) -> None:
        self._loss = DistributionLoss(
            network.bins,
            cross_entropy=options.cross_entropy,
            regression=options.regression,
            encoding=options.encoding,
        )

    def __call__(self, network: Any, batch: Batch) -> dict[str, Tensor]:
        """Losses of the scores of every bin."""
        logits = (
            network.logits(batch.lightness, batch.hints) if takes_hints(network) else network.logits(batch.lightness)
        )
        with torch.autocast(logits.device.type, enabled=False):
            return self._loss(logits, batch.ab, network.bins, network.log_weight)  # type: ignore[no-any-return]


class Regression:
    """For networks with one colour as their answer: the error of that."""

    def __init__(self, options: LossOptions) -> None:
        self._options = options

    def __call__(self, network: Any, batch: Batch) -> dict[str, Tensor]:
        """The error of a*b*."""
        ab = network(batch.lightness)
        error = penalty(ab, batch.ab, huber=self._options.huber)
        return {"loss": self._options.regression * error, "regression": error}


class Variational:
    """For networks with a ``posterior``: reconstruction from a sample of it, and its distance from the prior."""

    def __init__(self, options: LossOptions) -> None:
        self._options = options

    def __call__(self, network: Any, batch: Batch) -> dict[str, Tensor]:
        """The evidence lower bound's two parts (Kingma & Welling, *Auto-Encoding Variational Bayes*, 2014)."""
        mean, log_variance = network.posterior(batch.lightness, batch.ab)
        sample = mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
        error = penalty(network(batch.lightness, sample), batch.ab, huber=self._options.huber)
        distance = divergence(mean, log_variance)
        total = self._options.regression * error + self._options.kl * distance
        return {"loss": total, "regression": error, "kl": distance}


def choose_objective(network: nn.Module, options: LossOptions) -> Objective:
    """The objective that fits what a network can do."""
    if hasattr(network, "logits"):
        return Distribution(network, options)
    if hasattr(network, "posterior"):
        return Variational(options)
    return Regression(options)


def takes_hints(network: Any) -> bool:
    """Whether a network is conditioned on hints."""
    return bool(getattr(network, "takes_hints", False))

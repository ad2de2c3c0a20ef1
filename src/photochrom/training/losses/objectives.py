"""What a network is taught by: its batch in, its losses out; one objective for each kind of answer the zoo gives."""

from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from photochrom.errors import CheckpointError, RecipeError
from photochrom.models.color_distribution import same_bins
from photochrom.training.checkpoints.initialize import read_network
from photochrom.training.data.dataset import Batch
from photochrom.training.losses.adversarial import Adversarial
from photochrom.training.losses.functional import DistributionLoss, color_error, kl_divergence, propagation_loss
from photochrom.training.schema import LossOptions

__all__ = ["Objective", "choose_objective"]


class Objective(Protocol):
    """Compares a network's answer to a batch with the truth."""

    def __call__(self, network: Any, batch: Batch) -> dict[str, Tensor]:
        """Returns losses by name, scalars; ``loss`` is the weighted sum that is minimised."""


class Distribution:
    """For networks with ``logits``: soft-encoded cross entropy, the squared error of the mean, a teacher's answer.

    For those that also tell what belongs together, the error that is left when hints are spread by it.
    """

    def __init__(self, network: Any, options: LossOptions) -> None:
        self._propagation = options.propagation
        self._unhinted = options.unhinted
        self._subsample = options.subsample if hasattr(network, "sampled_logits") else 1
        self._teacher = _open_teacher(network, options) if options.teacher else None
        self._loss = DistributionLoss(
            network.bins,
            cross_entropy=options.cross_entropy,
            mse=options.mse,
            log_mse=options.log_mse,
            distillation=options.distillation,
            encoding=options.encoding,
        )

    def __call__(self, network: Any, batch: Batch) -> dict[str, Tensor]:
        """Returns the losses of the scores of every bin, and of the likeness."""
        if self._unhinted:
            return self._judge_twice(network, batch)
        likeness, wanted, ab = None, None, batch.ab
        if self._propagation:
            logits, _, likeness, *_ = network.read(batch.lightness, batch.hints)
        elif batch.features:
            # as fine as they are made: a quarter of the work
            logits = network.judge(*batch.features, batch.lightness, batch.hints, fine=False)
        elif self._subsample > 1 and self._teacher is None and network.training:
            rows, columns = (slice(int(torch.randint(self._subsample, ())), None, self._subsample) for _ in range(2))
            logits = network.sampled_logits(batch.lightness, batch.hints, rows, columns)
            ab = ab[:, :, rows, columns]
        else:
            logits = network.scores(batch.lightness, batch.hints)
        if self._teacher is not None:
            teacher = self._teacher.to(logits.device)
            with torch.no_grad():
                wanted = teacher.scores(batch.lightness, batch.hints).float() - teacher.log_weight[:, None, None]
        losses = self._compare(network, logits, ab, wanted)
        if likeness is None:
            return losses
        with torch.autocast(logits.device.type, enabled=False):
            left = propagation_loss(
                logits,
                batch.ab,
                network.bins,
                network.log_weight,
                lightness=batch.lightness,
                likeness=likeness,
                hints=batch.hints,
            )
        return {**losses, "loss": losses["loss"] + self._propagation * left, "propagation": left}

    def _judge_twice(self, network: Any, batch: Batch) -> dict[str, Tensor]:
        """Returns the losses with the hints and, of the same features, without them."""
        features, light = batch.features, batch.lightness
        if not features:
            features, light = network.see(batch.lightness), network.light(batch.lightness)
        own = batch.ab if batch.photo_ab is None else batch.photo_ab
        hinted, plain = (
            self._compare(network, network.judge(*features, light, hints, fine=False), ab)
            for hints, ab in ((batch.hints, batch.ab), (None, own))
        )
        total = (hinted["loss"] + self._unhinted * plain["loss"]) / (1.0 + self._unhinted)
        return {**hinted, "loss": total, "unhinted": plain["loss"]}

    def _compare(self, network: Any, logits: Tensor, ab: Tensor, wanted: Tensor | None = None) -> dict[str, Tensor]:
        with torch.autocast(logits.device.type, enabled=False):
            losses: dict[str, Tensor] = self._loss(logits, ab, network.bins, network.log_weight, wanted)
        return losses


def _open_teacher(network: Any, options: LossOptions) -> Any:
    path = Path(options.teacher).expanduser()
    teacher: Any = read_network(path).eval().requires_grad_(False)
    fits = hasattr(teacher, "logits") and teacher.output_stride == network.output_stride
    if not fits or not same_bins(teacher.bins, network.bins):
        raise CheckpointError("checkpoint.teacher_mismatch", path=path)
    return teacher


class Regression:
    """For networks with one colour as their answer: the error of that."""

    def __init__(self, options: LossOptions) -> None:
        self._options = options

    def __call__(self, network: Any, batch: Batch) -> dict[str, Tensor]:
        """Returns the error of a*b*."""
        ab = network(batch.lightness)
        error = color_error(ab, batch.ab, huber=self._options.huber)
        return {"loss": self._options.mse * error, "mse": error}


class Variational:
    """For networks with a ``posterior``: reconstruction from a sample of it, and its distance from the prior."""

    def __init__(self, options: LossOptions) -> None:
        self._options = options

    def __call__(self, network: Any, batch: Batch) -> dict[str, Tensor]:
        """Returns the evidence lower bound's two parts (Kingma & Welling, *Auto-Encoding Variational Bayes*, 2014)."""
        mean, log_variance = network.posterior(batch.lightness, batch.ab)
        sample = mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
        error = color_error(network(batch.lightness, sample), batch.ab, huber=self._options.huber)
        distance = kl_divergence(mean, log_variance)
        total = self._options.mse * error + self._options.kl * distance
        return {"loss": total, "mse": error, "kl": distance}


def choose_objective(network: nn.Module, options: LossOptions) -> Objective:
    """Returns the objective that fits what a network can do; a likeness that it does not teach is kept from learning.

    Raises:
        CheckpointError: the teacher cannot be read, or does not fit.
        RecipeError: a teacher without a weight or the other way round, or for a network that cannot imitate one;
            spreading for a network without a likeness; a second look without hints for one that cannot take it, or
            beside a teacher.
    """
    if bool(options.teacher) != bool(options.distillation):
        raise RecipeError("recipe.teacher_incomplete")
    if options.teacher and not hasattr(network, "logits"):
        raise RecipeError("recipe.teacher_unsupported")
    if options.propagation and not hasattr(network, "likeness"):
        raise RecipeError("recipe.propagation_unsupported")
    if options.unhinted and not hasattr(network, "judge"):
        raise RecipeError("recipe.unhinted_unsupported")
    if options.unhinted and options.teacher:
        raise RecipeError("recipe.unhinted_teacher")
    if options.adversarial:
        return Adversarial(network, options)
    if hasattr(network, "likeness"):
        # what no loss teaches is not to learn: several processes would wait for its gradients
        network.likeness.requires_grad_(options.propagation > 0)
    if hasattr(network, "logits"):
        return Distribution(network, options)
    if hasattr(network, "posterior"):
        return Variational(options)
    return Regression(options)


def takes_hints(network: Any) -> bool:
    """Returns whether a network is conditioned on hints."""
    return bool(getattr(network, "takes_hints", False))

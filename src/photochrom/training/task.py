"""The training of a colour-distribution network, as Lightning asks for it."""

import copy
from typing import Any

import lightning.pytorch as pl
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from photochrom.color import lab_to_srgb, srgb_to_lab
from photochrom.data.samples import Batch
from photochrom.training.average import update_average
from photochrom.training.losses import DistributionLoss
from photochrom.training.options import Recipe
from photochrom.training.parameters import freeze, parameter_groups, set_training

__all__ = ["ColorizationTask"]


class ColorizationTask(pl.LightningModule):
    """Teaches one network, keeps the moving average of its weights, and measures that.

    Args:
        network: what learns, already initialised.
        recipe: how.
    """

    def __init__(self, network: nn.Module, recipe: Recipe) -> None:
        super().__init__()
        self.recipe = recipe
        self.network: Any = network
        #: the moving average of weights and buffers; what is validated and exported
        self.averaged: Any = None
        #: photos seen
        self.samples = 0
        self.configure_losses()
        if recipe.schedule.average > 0:
            self.averaged = copy.deepcopy(network).requires_grad_(False).eval()
        freeze(network, recipe.optimizer)
        if recipe.run.channels_last:
            self.to(memory_format=torch.channels_last)

    def configure_losses(self) -> None:
        """What is minimised."""
        options = self.recipe.loss
        self.loss = DistributionLoss(
            self.network.bins, cross_entropy=options.cross_entropy, regression=options.regression
        )

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """What moves the weights; the schedule (a callback) sets the rates."""
        options = self.recipe.optimizer
        return torch.optim.AdamW(
            parameter_groups(self.network, options), weight_decay=options.weight_decay, betas=options.betas
        )

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:
        """Make whatever chance a network uses depend on the step, not on what ran before."""
        torch.manual_seed((self.recipe.seed * 1_000_003 + self.global_step) % 2**63)
        if not self.network.training or batch_idx == 0:
            set_training(self.network, freeze_batch_norm=self.recipe.optimizer.freeze_batch_norm)

    def training_step(self, batch: Batch, batch_idx: int) -> dict[str, Tensor]:
        """One batch to its losses."""
        logits = self.network.logits(self._layout(batch.lightness), batch.hints)
        with torch.autocast(logits.device.type, enabled=False):
            losses: dict[str, Tensor] = self.loss(logits, batch.ab, self.network.bins, self.network.log_weight)
        self.samples += len(batch.lightness) * self.trainer.world_size
        return {name: value if name == "loss" else value.detach() for name, value in losses.items()}

    def on_validation_epoch_start(self) -> None:
        """Forget the last validation."""
        self._scores: list[Tensor] = []

    def validation_step(self, batch: Tensor, batch_idx: int) -> None:
        """Score truths (N,3,H,W) uint8: PSNR of the mean colour, 8-bit, as the benchmark has it."""
        truth = batch.float() / 255
        lab = srgb_to_lab(truth)
        network = self.network if self.averaged is None else self.averaged
        ab = network(self._layout(lab[:, :1])).float()
        ab = F.interpolate(ab, size=lab.shape[-2:], mode="bicubic", align_corners=False)
        result = (lab_to_srgb(torch.cat([lab[:, :1], ab], 1)).clamp(0, 1) * 255).round() / 255
        error = (result - truth).square().mean((1, 2, 3))
        self._scores += list(-10 * error.clamp_min(1e-10).log10())

    def on_validation_epoch_end(self) -> None:
        """Report the mean over photos."""
        if self._scores:
            self.log("psnr", torch.stack(self._scores).mean(), sync_dist=True)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add how many photos were seen."""
        checkpoint["samples"] = self.samples

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Take that up again."""
        self.samples = int(checkpoint["samples"])

    def optimizer_step(self, *arguments: Any, **options: Any) -> None:
        """Move the weights, then their average."""
        super().optimizer_step(*arguments, **options)
        if self.averaged is not None:
            step = self.trainer.global_step + 1
            # young weights change fast: an average that began with them would be late
            update_average(self.averaged, self.network, min(self.recipe.schedule.average, step / (step + 9)))

    def _layout(self, x: Tensor) -> Tensor:
        return x.contiguous(memory_format=torch.channels_last) if self.recipe.run.channels_last else x

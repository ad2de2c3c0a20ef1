"""The training of a network, as Lightning asks for it."""

import copy
from collections import defaultdict
from typing import Any

import lightning.pytorch as pl
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from photochrom.color.conversion import lab_to_srgb, srgb_to_lab
from photochrom.errors import CheckpointError
from photochrom.training.data.dataset import Batch
from photochrom.training.losses.objectives import choose_objective
from photochrom.training.optim.ema import update_average
from photochrom.training.optim.optimizer import freeze, make_optimizer, set_training
from photochrom.training.schema import Recipe
from photochrom.training.validation import most_common, plain_batch

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
        #: steps done according to the checkpoint gone on from
        self.resumed_step = 0
        #: what the last validation found, by name
        self.scores: dict[str, float] = {}
        self.configure_losses()
        if recipe.schedule.ema_decay > 0:
            self.averaged = copy.deepcopy(network).requires_grad_(False).eval()
        freeze(network, recipe.optimizer)
        if recipe.run.channels_last:
            self.to(memory_format=torch.channels_last)

    def configure_losses(self) -> None:
        """Chooses what is minimised."""
        self.objective = choose_objective(self.network, self.recipe.loss)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Returns what moves the weights; the budget (a callback) sets the rates."""
        discriminator = getattr(self.objective, "discriminator", None)
        return make_optimizer(self.network, self.recipe.optimizer, discriminator=discriminator)

    def on_train_start(self) -> None:
        """Sets every layer to learning or not.

        Raises:
            CheckpointError: the checkpoint gone on from does not agree with itself.
        """
        if self.global_step != self.resumed_step:
            raise CheckpointError(
                "checkpoint.steps_disagree",
                path=self.recipe.run.output_dir,
                resumed=self.resumed_step,
                counted=self.global_step,
            )
        if self.recipe.run.threads:
            # a launcher of several processes has set its own by now
            torch.set_num_threads(self.recipe.run.threads)
        set_training(self.network, freeze_batch_norm=self.recipe.optimizer.freeze_batch_norm)

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:
        """Makes whatever chance a network uses depend on the photos' turn, not on what ran before."""
        entropy = [self.recipe.seed, self.samples, self.global_rank]
        torch.manual_seed(int(np.random.SeedSequence(entropy).generate_state(1, np.uint64)[0] >> np.uint64(1)))

    def training_step(self, batch: Batch, batch_idx: int) -> dict[str, Tensor]:
        """Maps one batch to its losses."""
        losses = self.objective(self.network, batch._replace(lightness=self._layout(batch.lightness)))
        self.samples += len(batch.lightness) * self.trainer.world_size
        return {name: value if name == "loss" else value.detach() for name, value in losses.items()}

    def on_validation_epoch_start(self) -> None:
        """Forgets the last validation; the same chance for each."""
        self._measured: dict[str, list[float]] = defaultdict(list)
        torch.manual_seed(self.recipe.seed)

    def validation_step(self, batch: Tensor, batch_idx: int) -> dict[str, Tensor]:
        """Scores truths (N,3,H,W) uint8 as the benchmark does, and by the losses of training.

        The benchmark's score is PSNR of the mean colour, in 8 bits. The losses are those of photos of training's size
        with its hints but without its augmentation; only what learns, batch norm and averaging differ from training.

        Returns:
            ``truth`` and ``result``, (N,3,H,W) RGB in 0..1.
        """
        network = self.network if self.averaged is None else self.averaged
        truth = batch.float() / 255
        lab = srgb_to_lab(truth)
        ab = network(self._layout(lab[:, :1])).float()
        ab = F.interpolate(ab, size=lab.shape[-2:], mode="bicubic", align_corners=False)
        result = (lab_to_srgb(torch.cat([lab[:, :1], ab], 1)).clamp(0, 1) * 255).round() / 255
        error = (result - truth).square().mean((1, 2, 3))
        first = len(self._measured["psnr"])
        self._measured["psnr"] += (-10 * error.clamp_min(1e-10).log10()).tolist()
        plain = plain_batch(
            batch,
            image_size=most_common(self.recipe.data.batches),
            output_stride=int(network.output_stride),
            hints=self.recipe.hints,
            seeds=list(range(first, first + len(batch))),
        )
        losses = self.objective(network, plain._replace(lightness=self._layout(plain.lightness)))
        for name, value in losses.items():
            self._measured[f"val_{name}"] += [float(value)] * len(batch)
        return {"truth": truth, "result": result}

    def on_validation_epoch_end(self) -> None:
        """Keeps the means over photos."""
        self.scores = {name: sum(values) / len(values) for name, values in self._measured.items()}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Adds how many photos were seen."""
        checkpoint["samples"] = self.samples

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Takes that up again."""
        self.resumed_step = int(checkpoint["global_step"])
        self.samples = int(checkpoint["samples"])
        # another number of processes takes another number of batches each: a step must begin with its first
        batches = self.resumed_step * self.recipe.optimizer.accumulate_grad_batches
        progress = checkpoint["loops"].get("fit_loop", {}).get("epoch_loop.batch_progress", {})
        for part in ("total", "current"):
            for event in progress.get(part, {}):
                progress[part][event] = batches

    def optimizer_step(self, *arguments: Any, **options: Any) -> None:
        """Moves the weights, then their average."""
        super().optimizer_step(*arguments, **options)
        if self.averaged is not None:
            step = self.trainer.global_step + 1
            # young weights change fast: an average that began with them would be late
            update_average(self.averaged, self.network, min(self.recipe.schedule.ema_decay, step / (step + 9)))

    def _layout(self, x: Tensor) -> Tensor:
        return x.contiguous(memory_format=torch.channels_last) if self.recipe.run.channels_last else x

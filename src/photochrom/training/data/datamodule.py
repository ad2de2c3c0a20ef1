"""The data of one training, as Lightning asks for it."""

import gc
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import torch
from torch.utils.data import DataLoader, Dataset

from photochrom.datasets.sources.photo_set import open_photos
from photochrom.errors import DataError
from photochrom.training.data.batch_plan import BatchPlan
from photochrom.training.data.dataset import Samples, collate
from photochrom.training.data.device_cache import ResidentBatches, decode_all
from photochrom.training.data.feature_cache import StoredSamples, collate_stored
from photochrom.training.data.source_weights import weigh
from photochrom.training.schema import AugmentationOptions, DataOptions, HintOptions

__all__ = ["ColorData"]


class ColorData(pl.LightningDataModule):
    """Training batches in planned order from any batch on, and the truths to validate with.

    Args:
        options: which photos.
        augmentation: how they are changed.
        hints: how much of their colour is given away.
        output_stride: pixels to one cell of the network's output.
        seed: of order and chance.
        truths: validation photos as (3,H,W) uint8 tensors, or the DataErrors that stand for them; None for none.
        features: stores a frozen encoder's features of the photos where there is a folder for them; None for none.

    Raises:
        DataError: the photos cannot be found.
        RecipeError: the source weights do not fit the photos.
    """

    def __init__(
        self,
        options: DataOptions,
        *,
        augmentation: AugmentationOptions,
        hints: HintOptions,
        output_stride: int,
        seed: int,
        truths: Dataset[Any] | None = None,
        features: Callable[[Path], None] | None = None,
    ) -> None:
        super().__init__()
        self.options, self.seed = options, seed
        self.photos = open_photos(options.train)
        self.shares = weigh(self.photos, options.source_weights) if options.source_weights else []
        self.truths, self.features = truths, features
        self.augmentation, self.hints, self.output_stride = augmentation, hints, output_stride
        self._resident: torch.Tensor | None = None
        self.folder = Path(options.features).expanduser()
        self.samples: Samples | StoredSamples
        if features is not None:
            self.samples = StoredSamples(self.folder, hflip=augmentation.hflip, hints=hints, seed=seed)
        else:
            self.samples = Samples(
                self.photos,
                augmentation=augmentation,
                hints=hints,
                output_stride=output_stride,
                seed=seed,
                keep=options.cache == "ram",
            )

    def prepare_data(self) -> None:
        """Stores features, in one process of each machine, while the others wait.

        Raises:
            DataError: a photo cannot be read, or the folder holds features of something else.
            WriteError: the disk is full.
        """
        if self.features is not None:
            self.features(self.folder)

    def train_dataloader(self) -> Iterable[Any]:
        """Endless batches, from the one after the last that was trained on, by however many processes."""
        trainer = self.trainer
        start = trainer.global_step * trainer.accumulate_grad_batches * trainer.world_size if trainer else 0
        plan = BatchPlan(
            len(self.photos),
            self.options.batches,
            seed=self.seed,
            start=start,
            rank=trainer.global_rank if trainer else 0,
            world=trainer.world_size if trainer else 1,
            shares=self.shares,
        )
        if self.options.cache == "device":
            if self._resident is None:
                self._resident = decode_all(self.photos, self.options.cache_image_size)
            device = trainer.strategy.root_device if trainer else torch.device("cpu")
            return ResidentBatches(
                self._resident.to(device),
                plan,
                augmentation=self.augmentation,
                hints=self.hints,
                output_stride=self.output_stride,
                seed=self.seed,
            )
        workers = self.options.num_workers
        if workers:
            # what is garbage goes here, where its threads are: see _keep_inherited
            gc.collect()
        return DataLoader(
            self.samples,
            batch_sampler=plan,
            collate_fn=collate if isinstance(self.samples, Samples) else collate_stored,
            num_workers=workers,
            prefetch_factor=4 if workers else None,
            persistent_workers=workers > 0,
            worker_init_fn=_keep_inherited,
        )

    def val_dataloader(self) -> Iterable[Any]:
        """Returns the truths a few at a time; nothing where there are none."""
        if self.truths is None:
            return []
        return DataLoader(self.truths, batch_size=8, collate_fn=_stack, num_workers=0)

    def on_before_batch_transfer(self, batch: Any, dataloader_idx: int) -> Any:
        """Raises the error a worker met."""
        if isinstance(batch, DataError):
            raise batch
        return batch


def _stack(truths: list[Any]) -> Any:
    return next((truth for truth in truths if isinstance(truth, DataError)), None) or torch.stack(truths)


def _keep_inherited(worker: int) -> None:
    """Keeps a forked worker from collecting what its parent left: an ONNX session there would wait for its threads."""
    gc.freeze()

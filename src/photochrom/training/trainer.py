"""A recipe to a trained network: one run folder, one command, to be given again after any interruption."""

import contextlib
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import torch
from lightning.fabric.utilities.exceptions import MisconfigurationException

from photochrom.datasets.sources.photo_set import fingerprint, open_photos
from photochrom.errors import RecipeError
from photochrom.training.budget import TrainingBudget
from photochrom.training.callbacks.checkpointing import Checkpointing, FiniteLoss
from photochrom.training.callbacks.csv_logger import CsvLogger
from photochrom.training.callbacks.loss_plots import LossPlot
from photochrom.training.callbacks.progress_bar import ProgressReport
from photochrom.training.callbacks.sample_images import SampleImages
from photochrom.training.callbacks.tensorboard import TensorBoardLogger
from photochrom.training.checkpoints.initialize import initial_network
from photochrom.training.checkpoints.io import CheckpointFiles, description
from photochrom.training.checkpoints.resume import STEP_KEY, expect_fit, resume_network
from photochrom.training.checkpoints.run_record import conclude, open_folder
from photochrom.training.data.datamodule import ColorData
from photochrom.training.distributed import Processes, exchange_errors, find_processes, is_first_process, make_strategy
from photochrom.training.feature_setup import keep_features
from photochrom.training.lightning_module import ColorizationTask
from photochrom.training.precision import suit_precision
from photochrom.training.recipe import resolved
from photochrom.training.schema import Recipe
from photochrom.training.validation import Truths, most_common

__all__ = ["CHECKPOINT", "fit"]

CHECKPOINT = "last.ckpt"


def fit(recipe: Recipe, *, progress: bool = True) -> Path:
    """Trains as a recipe says, going on from the run folder's checkpoint if there is one.

    The run folder then holds ``last.ckpt``, ``recipe.yaml`` as resolved, ``metrics.csv``, ``curves.png``, and
    ``run.yaml`` with commit, data fingerprint, machine, speed and scores; with validation photos, ``samples/STEP.png``;
    if wanted, ``tensorboard/``.

    Args:
        recipe: what to do.
        progress: show a bar at a terminal, or lines in a log.

    Returns:
        The checkpoint.

    Raises:
        CheckpointError: the checkpoint to go on from, or the weights to start from, cannot be used.
        DataError: the photos cannot be used.
        MissingDependencyError: TensorBoard is wanted, or curves are to be drawn, and the library is not there.
        RecipeError: the run folder belongs to another recipe, or ``torchrun`` has started other processes.
        TrainingError: the loss stopped being a number, or another process of this training ended.
        WriteError: the run folder cannot be written.
        KeyboardInterrupt: Ctrl-C; the checkpoint is written before.
    """
    recipe = suit_precision(recipe)
    folder = Path(recipe.run.output_dir).expanduser()
    checkpoint = folder / CHECKPOINT
    resuming = recipe.run.resume and checkpoint.is_file()
    processes = find_processes(recipe.run)
    if recipe.run.threads:
        torch.set_num_threads(recipe.run.threads)
    photos = open_photos(recipe.data.train)
    mark = fingerprint(photos)
    if resuming:
        network = resume_network(recipe, checkpoint, mark, processes=processes.count)
    else:
        options = recipe.network
        network = initial_network(options, photos, prior_photos=recipe.data.prior_photos, seed=recipe.seed)
    task = ColorizationTask(network, recipe)
    data = ColorData(
        recipe.data,
        augmentation=recipe.augmentation,
        hints=recipe.hints,
        output_stride=int(network.output_stride),  # type: ignore[arg-type]
        seed=recipe.seed,
        truths=_truths(recipe),
        features=keep_features(task.network, recipe, photos, mark, progress=progress),
    )
    budget = TrainingBudget(recipe.schedule, len(photos))
    if is_first_process():
        open_folder(
            folder, recipe, mark=mark, photos=len(photos), network=network, processes=processes.count, resuming=resuming
        )
    callbacks = _callbacks(recipe, folder, budget, progress=progress)
    callbacks += [Checkpointing(checkpoint, recipe.run, _about(recipe, mark, processes), budget)]
    with _quiet(), expect_fit(checkpoint, budget) if resuming else contextlib.nullcontext(), exchange_errors(processes):
        trainer = _trainer(recipe, task, processes, callbacks, validate=data.truths is not None)
        trainer.fit(task, datamodule=data, ckpt_path=str(checkpoint) if resuming else None)
    if trainer.is_global_zero:
        conclude(folder, checkpoint, budget=budget, samples=task.samples, scores=task.scores)
        if budget.interrupted:
            raise KeyboardInterrupt
    return checkpoint


def _callbacks(recipe: Recipe, folder: Path, budget: TrainingBudget, *, progress: bool) -> list[pl.Callback]:
    """Returns all that happens beside the training; the order is that in which each needs the others' results."""
    board = TensorBoardLogger(folder / "tensorboard") if recipe.run.tensorboard else None
    rows, sheets = ((board.add_row,), (board.add_sheet,)) if board else ((), ())
    curves = CsvLogger(folder / "metrics.csv", budget, recipe.run.log_every_n_steps, rows)
    callbacks: list[pl.Callback] = [FiniteLoss(folder), budget, *([board] if board else []), curves]
    callbacks += [ProgressReport(budget, curves)] if progress else []
    callbacks += [SampleImages(folder / "samples", recipe.run.sheet_photos, budget, sheets)]
    return [*callbacks, LossPlot(folder / "curves.png", recipe.name, curves, budget)]


def _trainer(
    recipe: Recipe, task: ColorizationTask, processes: Processes, callbacks: list[pl.Callback], *, validate: bool
) -> pl.Trainer:
    run, accumulate = recipe.run, recipe.optimizer.accumulate_grad_batches
    strategy = make_strategy(processes, task.network, task.objective, image_size=most_common(recipe.data.batches))
    try:
        return pl.Trainer(
            accelerator=run.accelerator,
            devices=processes.devices,
            num_nodes=processes.nodes,
            strategy=strategy,
            precision=run.precision,
            callbacks=callbacks,
            plugins=[CheckpointFiles()],
            max_epochs=-1,  # one endless epoch: the budget ends it
            gradient_clip_val=recipe.optimizer.grad_clip_norm or None,
            accumulate_grad_batches=accumulate,
            check_val_every_n_epoch=None,
            val_check_interval=run.val_every_n_steps * accumulate or 2**62,
            limit_val_batches=None if validate else 0,
            num_sanity_val_steps=0,
            use_distributed_sampler=False,  # the plan shares the batches out itself
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
    except (MisconfigurationException, ValueError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise RecipeError("recipe.device_unavailable", reason=reason) from error


def _truths(recipe: Recipe) -> Truths | None:
    if not recipe.data.val:
        return None
    return Truths(open_photos([recipe.data.val]), recipe.data.validation_photos)


def _about(recipe: Recipe, mark: str, processes: Processes) -> dict[str, Any]:
    network = recipe.network
    about = description(network.architecture, tiny=network.tiny, options=network.options, recipe=resolved(recipe))
    return about | {"data": mark, STEP_KEY: processes.count * recipe.optimizer.accumulate_grad_batches}


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keeps Lightning from advertising hardware, logger and loader settings that are chosen on purpose here."""
    logs = [logging.getLogger(name) for name in ("lightning.pytorch", "lightning.fabric")]
    levels = [log.level for log in logs]
    for log in logs:
        log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"lightning\..*")
            warnings.filterwarnings("ignore", message=".*treespec.*", category=FutureWarning)
            yield
    finally:
        for log, level in zip(logs, levels, strict=True):
            log.setLevel(level)
